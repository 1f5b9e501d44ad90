"""The pages that a tablet or a phone keeps, attendance and the courier's: workers, empty pages,
scripts, and who is in.

A worker (templates/admin/kept/worker.js) has the scopes of its pages alone and keeps only what
names nobody; names and marks stand in the device's own database until staff sign out.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
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
from admin.courier_texts import RECEIVERS
from admin.courier_texts import TEXTS as COURIER_TEXTS
from admin.doors import public, staff
from admin.kept_texts import TEXTS
from admin.templating import vendored
from backend import clock
from backend.canteen.delivery.wording import REASONS
from backend.db import db
from backend.languages import CATALOGUES, LANGUAGES
from backend.night_school import classes
from backend.staff.access import Permission, SignedInStaff

HERE = Path(__file__).parent
SCRIPTS = HERE / "static" / "kept"


@dataclass(frozen=True, slots=True)
class Kept:
    """Pages that work without a network: their addresses, the empty page, and what it needs."""

    name: str
    addresses: str
    empty: str
    styles: tuple[str, ...]
    vendored: tuple[tuple[str, str], ...]


ATTENDANCE = Kept(
    "attendance", "^/admin/(scan|classes/lessons/[0-9]+)$", "admin.kept_page",
    ("theme.css", "classes.css", "attendance.css", "icon.svg"),
    (("bootstrap", "bootstrap.min.css"), ("qr-scanner", "qr-scanner.umd.min.js"),
     ("qr-scanner", "qr-scanner-worker.min.js")),
)  # fmt: skip
COURIER = Kept(
    "courier", "^/admin/courier(/runs/[0-9]+)?$", "admin.courier_kept",
    ("theme.css", "attendance.css", "courier.css", "icon.svg"),
    (("bootstrap", "bootstrap.min.css"),),
)  # fmt: skip
COUNTER = Kept(
    "counter", "^/admin/counter/[0-9]+$", "admin.counter_kept",
    ("theme.css", "attendance.css", "counter.css", "icon.svg"), ATTENDANCE.vendored,
)  # fmt: skip
KEPT = (ATTENDANCE, COURIER, COUNTER)


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
    """The service worker of the attendance pages, another one with every release."""
    return _worker(ATTENDANCE)


@pages.get("/courier-worker.js")
@public(why="a script that names nobody")
def courier_worker() -> Any:
    """That of the courier's pages."""
    return _worker(COURIER)


@pages.get("/counter-worker.js")
@public(why="a script that names nobody")
def counter_worker() -> Any:
    """That of a canteen's counter."""
    return _worker(COUNTER)


@pages.get("/classes/lessons/kept")
@public(why="an empty page that the tablet fills with what it keeps")
def kept_page() -> Any:
    """The page a tablet shows where there is no network."""
    return _empty("admin/kept/page.html")


@pages.get("/courier/kept")
@public(why="an empty page that the phone fills with what it keeps")
def courier_kept() -> Any:
    """The page a courier's phone shows where there is no network."""
    return _empty("admin/courier/kept.html")


@pages.get("/counter/kept")
@public(why="an empty page that the tablet fills with what it keeps")
def counter_kept() -> Any:
    """The page a counter's tablet shows where there is no network."""
    return _empty("admin/kept/counter.html")


@pages.get("/kept/<release>/<path:name>")
@public(why="the console's own scripts")
def kept_script(release: str, name: str) -> Response:
    """A script, under an address that changes with the release: no page gets one that is older."""
    return send_from_directory(SCRIPTS, name)


@pages.context_processor
def names() -> dict[str, Any]:
    """What the templates need to name the scripts and to hand them their sentences."""
    return {
        "kept_address": script, "kept_words": words_for_scripts, "kept_texts": TEXTS,
        "courier_texts": COURIER_TEXTS, "courier_words": words_for_couriers,
        "courier_reasons": REASONS, "courier_receivers": RECEIVERS,
    }  # fmt: skip


def words_for_scripts(rare: tuple[str, ...]) -> dict[str, Any]:
    """The sentences, and the presences with those that stand behind a button of their own."""
    return {
        "texts": {key: str(text) for key, text in TEXTS.items()},
        "presence": [[key, str(word)] for key, word in words.PRESENCE.items()],
        "rare": rare,
    }


def words_for_couriers() -> dict[str, Any]:
    """The sentences of the courier's pages."""
    return {"texts": {key: str(text) for key, text in COURIER_TEXTS.items()}}


def script(name: str) -> str:
    """The address of a script in this release."""
    return url_for("admin.kept_script", release=release(), name=name)


@cache
def release() -> str:
    """Changes whenever anything that a device keeps does."""
    found = hashlib.blake2b(digest_size=8)
    for file in _files():
        found.update(file.read_bytes())
    for kept in KEPT:
        for address in _vendored(kept):
            found.update(address.encode())
    return found.hexdigest()


def _files() -> Iterable[Path]:
    yield from sorted(SCRIPTS.iterdir())
    for shown in ("kept", "courier"):
        yield from sorted((HERE / "templates" / "admin" / shown).iterdir())
    yield from (HERE / "static" / name for kept in KEPT for name in kept.styles)
    yield from sorted(CATALOGUES.rglob("*.po"))
    yield from (HERE / "kept_texts.py", HERE / "courier_texts.py")


def _worker(kept: Kept) -> Response:
    response = make_response(
        render_template(
            "admin/kept/worker.js", release=release(), keeps=_keeps(kept), kept=kept,
            empty=url_for(kept.empty),
        )
    )  # fmt: skip
    response.content_type = "text/javascript; charset=utf-8"
    return response


def _empty(template: str) -> str:
    asked = request.args.get("language")
    g.language = asked if asked in LANGUAGES else None
    return render_template(template)


def _keeps(kept: Kept) -> list[str]:
    return [
        *(url_for(kept.empty, language=language) for language in LANGUAGES),
        *(script(file.name) for file in sorted(SCRIPTS.iterdir())),
        *(url_for("admin.static", filename=name) for name in kept.styles),
        *_vendored(kept),
    ]


def _vendored(kept: Kept) -> list[str]:
    return [vendored(*one) for one in kept.vendored]
