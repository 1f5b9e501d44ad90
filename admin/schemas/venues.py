"""The forms and questions of the pages about rooms."""

from datetime import date, datetime, time, timedelta
from typing import Any

from flask_babel import lazy_gettext as _
from marshmallow import fields, post_load, pre_load, validate

from admin.schemas.base import Asked, Day, IdField, Text, Whole
from backend import clock

_NIGHT = time(6)  # what ends before six in the morning began the evening before


class OnClock(fields.Time):
    """A time of day, as a browser's field writes it."""

    default_error_messages = {  # noqa: RUF012
        "required": _("请填写时间，例如 14:00。"),
        "invalid": _("请填写时间，例如 14:00。"),
    }

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(format="%H:%M", **kwargs)


class DayQuery(Asked):
    """Which day, or which week, is on show."""

    day = Day()


class BookQuery(Asked):
    """What is known so far of a reservation at the desk."""

    day = Day(load_default=None)
    start = OnClock(load_default=None)
    end = OnClock(load_default=None)
    person_id = IdField(load_default=None)
    group_id = IdField(load_default=None)


class SpanForm(Asked):
    """From when to when; it may reach past midnight."""

    day = Day(required=True)
    start = OnClock(required=True)
    end = OnClock(required=True)

    @post_load
    def moments(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        """As moments, in place of the three."""
        starts_at, ends_at = span(data.pop("day"), data.pop("start"), data.pop("end"))
        return data | {"starts_at": starts_at, "ends_at": ends_at}


class MoveForm(SpanForm):
    """Where a reservation moves to; a reason sets rules aside that staff may set aside."""

    room_id = IdField(required=True)
    reason = Text(longest=60, load_default=None)


class ReserveForm(SpanForm):
    """A reservation for somebody at the desk, or on the phone; for a group they are a member of."""

    person_id = IdField(required=True)
    group_id = IdField(load_default=None)
    title = Text(longest=40, required=True)
    headcount = Whole(1, 2000, required=True)
    purpose = Text(longest=200, load_default=None)
    wishes = Text(longest=200, load_default=None)
    reason = Text(longest=60, load_default=None)


class PartsForm(Asked):
    """The rooms that a room is made of; `shown`: what has the whole room still."""

    room_ids = fields.List(IdField(), load_default=list)
    shown = fields.List(fields.String(), load_default=list)


class FeedForm(Asked):
    """Whom a calendar link is for, of which room, and what it shows."""

    name = Text(longest=40, required=True)
    room_id = IdField(load_default=None)
    shows = fields.String(
        required=True, validate=validate.OneOf(("names", "busy"), error=_("请选择列出的一项。"))
    )

    @pre_load
    def whole_venue(self, data: Any, **_: Any) -> dict[str, Any]:
        """No room chosen: all of them."""
        return {name: value for name, value in data.items() if name != "room_id" or value}


def span(day: date, start: time, end: time) -> tuple[datetime, datetime]:
    """The moments of a span that begins on `day`."""
    starts_at = datetime.combine(day, start, clock.LOCAL)
    ends_at = datetime.combine(day, end, clock.LOCAL)
    overnight = end < start and end <= _NIGHT
    return starts_at, ends_at + timedelta(days=1) if overnight else ends_at


def span_of(one: dict[str, Any]) -> dict[str, str]:
    """The fields of a SpanForm, as something stands now."""
    starts_at, ends_at = clock.local(one["starts_at"]), clock.local(one["ends_at"])
    return {
        "day": starts_at.date().isoformat(), "start": f"{starts_at:%H:%M}",
        "end": f"{ends_at:%H:%M}",
    }  # fmt: skip
