"""The attendance page that a tablet keeps: its worker, its empty page, its scripts, and who is in.

The worker (static/kept/worker.js) has the scopes of the attendance pages alone and keeps only what
names nobody; names and marks stand in the tablet's own database until staff sign out.
"""

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from flask import (
    Response,
    g,
    jsonify,
    make_response,
    render_template,
    request,
    send_from_directory,
    url_for,
)
from flask_wtf.csrf import generate_csrf

from admin import words
from admin.blueprint import pages
from admin.doors import public, staff
from admin.kept_texts import TEXTS
from admin.templating import vendored
from backend import clock
from backend.db import db
from backend.languages import CATALOGUES, LANGUAGES
from backend.night_school import classes
from backend.staff.access import Permission, SignedInStaff

HERE = Path(__file__).parent
SCRIPTS = HERE / "static" / "kept"
STYLES = ("theme.css", "classes.css", "attendance.css", "icon.svg")


@pages.get("/scan.json")
@staff(needs=Permission.TAKE_ATTENDANCE)
def kept_today(me: SignedInStaff) -> Any:
    """Who is signed in, a token for uploads, and the lessons a tablet should have with it."""
    now = clock.now()
    today = classes.lessons_today(db.session(), me, now)
    return jsonify(
        server_now=clock.rfc3339(now),
        me={"id": me.staff_id, "name": me.name},
        csrf=generate_csrf(),
        lessons=[lesson["id"] for lesson in today if not lesson["cancelled"]],
    )


@pages.get("/attendance-worker.js")
@public(why="a script that names nobody")
def kept_worker() -> Any:
    """The service worker, another one with every release."""
    response = make_response(
        render_template("admin/kept/worker.js", release=release(), keeps=_keeps())
    )
    response.content_type = "text/javascript; charset=utf-8"
    return response


@pages.get("/classes/lessons/kept")
@public(why="an empty page that the tablet fills with what it keeps")
def kept_page() -> Any:
    """The page a tablet shows where there is no network."""
    asked = request.args.get("language")
    g.language = asked if asked in LANGUAGES else None
    return render_template("admin/kept/page.html")


@pages.get("/kept/<release>/<path:name>")
@public(why="the console's own scripts")
def kept_script(release: str, name: str) -> Response:
    """A script, under an address that changes with the release: no page gets one that is older."""
    return send_from_directory(SCRIPTS, name)


@pages.context_processor
def names() -> dict[str, Any]:
    """What the templates need to name the scripts and to hand them their sentences."""
    return {"kept_address": script, "kept_words": words_for_scripts, "kept_texts": TEXTS}


def words_for_scripts(rare: tuple[str, ...]) -> dict[str, Any]:
    """The sentences, and the presences with those that stand behind a button of their own."""
    return {
        "texts": {key: str(text) for key, text in TEXTS.items()},
        "presence": [[key, str(word)] for key, word in words.PRESENCE.items()],
        "rare": rare,
    }


def script(name: str) -> str:
    """The address of a script in this release."""
    return url_for("admin.kept_script", release=release(), name=name)


@cache
def release() -> str:
    """Changes whenever anything that the tablet keeps does."""
    found = hashlib.blake2b(digest_size=8)
    shown = sorted((HERE / "templates" / "admin" / "kept").iterdir())
    styles = [HERE / "static" / name for name in STYLES]
    texts = [*sorted(CATALOGUES.rglob("*.po")), HERE / "kept_texts.py"]
    for file in [*sorted(SCRIPTS.iterdir()), *shown, *styles, *texts]:
        found.update(file.read_bytes())
    for address in _vendored():
        found.update(address.encode())
    return found.hexdigest()


def _keeps() -> list[str]:
    return [
        *(url_for("admin.kept_page", language=language) for language in LANGUAGES),
        *(script(file.name) for file in sorted(SCRIPTS.iterdir())),
        *(url_for("admin.static", filename=name) for name in STYLES),
        *_vendored(),
    ]


def _vendored() -> list[str]:
    return [
        vendored("bootstrap", "bootstrap.min.css"),
        vendored("qr-scanner", "qr-scanner.umd.min.js"),
        vendored("qr-scanner", "qr-scanner-worker.min.js"),
    ]
