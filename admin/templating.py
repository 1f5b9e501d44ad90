"""What templates may use: icons, moments in words, the menu, the words for states and roles."""

from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask, g, url_for
from flask_babel import get_locale
from markupsafe import Markup

from admin import navigation, words
from admin.blueprint import pages
from admin.forms import form_of
from backend import clock
from backend.money import in_yuan
from backend.staff.access import Permission

VENDOR = Path(__file__).parent / "static" / "vendor"
_ICONS = next(VENDOR.glob("bootstrap-icons-*"))
_WEEKDAYS = {"zh": "一二三四五六日", "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")}


@cache
def icon(name: str) -> Markup:
    """One of the vendored icons, inline, for the eye only."""
    drawn = (_ICONS / f"{name}.svg").read_text(encoding="utf-8")
    return Markup(drawn.replace("<svg ", '<svg aria-hidden="true" focusable="false" ', 1))  # noqa: S704


@cache
def vendored(name: str, file: str) -> str:
    """The address of a vendored file, whatever its version."""
    folder = next(VENDOR.glob(f"{name}-[0-9]*"))
    return url_for("admin.static", filename=f"vendor/{folder.name}/{file}")


def _language() -> str:
    return str(get_locale() or "zh")[:2]


def day(value: datetime | date | str | None, *, year: bool = False) -> str:
    """3月11日 周三, or Wed 11 Mar."""
    if value is None:
        return ""
    on = _day_of(value)
    if _language() == "zh":
        before = f"{on.year}年" if year else ""
        return f"{before}{on.month}月{on.day}日 周{_WEEKDAYS['zh'][on.weekday()]}"
    after = f" {on.year}" if year else ""
    return f"{_WEEKDAYS['en'][on.weekday()]} {on.day} {on.strftime('%b')}{after}"


def last_day(value: datetime | str) -> date:
    """The last day of a span that ends then; midnight is the end of the day before."""
    return clock.local(_moment(value) - timedelta(microseconds=1)).date()


def hour(value: datetime | str | None) -> str:
    """19:00, on the residents' wall."""
    return "" if value is None else f"{clock.local(_moment(value)):%H:%M}"


def moment(value: datetime | str | None) -> str:
    """3月11日 周三 19:00."""
    return "" if value is None else f"{day(value)} {hour(value)}"


def stamp(value: datetime | str | None) -> str:
    """2026-03-11 19:00, for lists that are read as records."""
    return "" if value is None else f"{clock.local(_moment(value)):%Y-%m-%d %H:%M}"


def _moment(value: datetime | str) -> datetime:
    return datetime.fromisoformat(value) if isinstance(value, str) else value


def _day_of(value: datetime | date | str) -> date:
    if isinstance(value, str) and len(value) == 10:
        return date.fromisoformat(value)
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    return clock.local(_moment(value)).date()


@pages.context_processor
def names() -> dict[str, Any]:
    """What every template may name."""
    return {
        "bar": navigation.bar,
        "menu": navigation.menu,
        "is_here": navigation.is_here,
        "me": g.get("me"),
        "language": _language(),
        "form_of": form_of,
        "Permission": Permission,
        "now": clock.rfc3339(clock.now()),
        "today": clock.today(),
    }


def register(app: Flask) -> None:
    """Hand filters, and names that macros use too, to the templates."""
    app.jinja_env.filters.update(
        day=day, hour=hour, last_day=last_day, moment=moment, stamp=stamp, money=in_yuan
    )
    app.jinja_env.globals.update(icon=icon, vendored=vendored, words=words)
