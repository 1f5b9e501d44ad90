"""The residents' phones as web pages: what arrived, what is allowed, and a way to sign in."""

import re
import zlib
from datetime import datetime, timedelta
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from backend import clock
from backend.wechat.standin.residents import Resident
from backend.wechat.standin.world import world

pages = Blueprint("pages", __name__)

HIGHLIGHTED = 20
FOUND_AT_MOST = 60
COLOURS = 8
OTHER_NUMBERS = 3


@pages.after_request
def keep_to_ourselves(response: Response) -> Response:
    """Nothing on these pages comes from elsewhere."""
    response.headers["Content-Security-Policy"] = "default-src 'self'; frame-ancestors 'none'"
    response.headers["Cache-Control"] = "no-store"
    return response


@pages.get("/")
def phones() -> str:
    """The first residents of the file, or those a search finds."""
    here = world()
    text = request.args.get("q", "").strip()
    everyone = here.residents.all()
    found = here.residents.find(text) if text else list(everyone.values())[:HIGHLIGHTED]
    return render_template(
        "standin/phones.html",
        residents=found[:FOUND_AT_MOST],
        found=len(found),
        total=len(everyone),
        text=text,
        arrived={someone.openid: _arrived(someone) for someone in found},
        numbers=_numbers(text),
    )


@pages.get("/phone/<openid>")
def phone(openid: str) -> str:
    """One resident's phone."""
    return render_template(
        "standin/phone.html",
        resident=_owner(openid),
        can_sign_in=bool(world().settings.return_url),
        at=world().now(),
        **_screen(openid),
    )


@pages.get("/phone/<openid>/screen")
def screen(openid: str) -> str:
    """The part of the phone that changes, for the page's own refresh."""
    return render_template("standin/_screen.html", resident=_owner(openid), **_screen(openid))


@pages.get("/number/<phone>")
def number(phone: str) -> str:
    """The phone of a number, whoever has it: its text messages."""
    return render_template("standin/number.html", at=world().now(), **_texts(phone))


@pages.get("/number/<phone>/screen")
def number_screen(phone: str) -> str:
    """The part of it that changes."""
    return render_template("standin/_texts.html", **_texts(phone))


@pages.post("/phone/<openid>/answer")
def answer(openid: str) -> AnyResponse:
    """A tap in the popup (`accept`, `reject`), or a template switched off in settings (`off`)."""
    _owner(openid)
    template_id, tap = request.form.get("template_id", ""), request.form.get("tap", "")
    if template_id not in world().templates:
        abort(404)
    if tap in ("accept", "reject"):
        world().answer_popup(openid, {template_id: tap})
    elif tap == "off":
        world().switch_off(openid, template_id)
    else:
        abort(400)
    return redirect(url_for("pages.phone", openid=openid), 303)


@pages.post("/phone/<openid>/sign-in")
def sign_in(openid: str) -> AnyResponse:
    """Issue a login code and go to the residents' app with it, as that resident."""
    _owner(openid)
    address = world().settings.return_url
    if not address:
        abort(404)
    return redirect(_with_code(address, world().state.new_login_code(openid)), 303)


def _with_code(address: str, code: str) -> str:
    """`address` with the code: in place of `{code}` if it has that, else in its query."""
    if "{code}" in address:
        return address.replace("{code}", code)
    parts = urlsplit(address)
    query = urlencode([*parse_qsl(parts.query), ("code", code)])
    return urlunsplit(parts._replace(query=query))


def _owner(openid: str) -> Resident:
    on_file = world().residents.all().get(openid)
    if on_file is not None:
        return on_file
    if not world().state.is_user(openid):
        abort(404)
    return Resident(openid, name="未登记的居民")


def _arrived(someone: Resident) -> int:
    """How many messages and texts there are on somebody's phone."""
    here = world()
    return len(here.state.messages(someone.openid)) + len(here.texts.of(someone.phone))


def _numbers(text: str) -> list[str]:
    """Numbers of nobody on file: the one that was typed, else those that texts arrived at."""
    here = world()
    typed = re.sub(r"[\s-]", "", text)
    on_file = {someone.phone for someone in here.residents.all().values()}
    if text:
        return [typed] if re.fullmatch(r"\+?\d{7,15}", typed) and typed not in on_file else []
    return [phone for phone in here.texts.phones() if phone not in on_file][:OTHER_NUMBERS]


def _texts(phone: str) -> dict[str, object]:
    return {"phone": phone, "texts": world().texts.of(phone)[::-1]}


def _screen(openid: str) -> dict[str, object]:
    here = world()
    return {
        "texts": here.texts.of(_owner(openid).phone)[::-1],
        "messages": here.state.messages(openid)[::-1],
        "templates": list(here.templates.values()),
        "grants": here.state.grants(openid),
    }


@pages.app_template_filter("moment")
def moment(at: datetime) -> str:
    """A moment as WeChat writes it above a message: 今天 19:00, 昨天 19:00, 11月22日 19:00."""
    here = clock.local(at)
    today = clock.today(world().now())
    days = {today: "今天", today - timedelta(days=1): "昨天"}
    return f"{days.get(here.date(), f'{here.month}月{here.day}日')} {here:%H:%M}"


@pages.app_template_filter("wall_clock")
def wall_clock(at: datetime) -> str:
    """Hours and minutes, as on a phone's top line."""
    return f"{clock.local(at):%H:%M}"


@pages.app_template_filter("colour")
def colour(openid: str) -> int:
    """The number of the colour an avatar has; the same on every visit."""
    return zlib.crc32(openid.encode()) % COLOURS


@pages.app_template_filter("phone_groups")
def phone_groups(phone: str) -> str:
    """A mobile number in groups, as people read it aloud: 138 0000 0001."""
    return f"{phone[:3]} {phone[3:7]} {phone[7:]}" if len(phone) == 11 else phone
