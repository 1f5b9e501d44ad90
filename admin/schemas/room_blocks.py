"""The form of taking rooms out of use."""

from datetime import date, datetime, time, timedelta
from typing import Any

from flask_babel import lazy_gettext as _
from marshmallow import ValidationError, fields, post_load, validate

from admin.schemas.base import Asked, Day, Flag, IdField, Text
from admin.schemas.venues import OnClock
from backend import clock

_DAY = timedelta(days=1)


class BlockForm(Asked):
    """Which rooms from when to when, and why. Without times the days are meant from end to end.

    `shown` are the tokens of what the look beforehand listed; `phones`: with whole numbers;
    `around`: lessons and the like keep their time.
    """

    whole = Flag()
    room_ids = fields.List(IdField(), load_default=list)
    day = Day(required=True)
    start = OnClock(load_default=None)
    until_day = Day(load_default=None)
    end = OnClock(load_default=None)
    reason = Text(longest=60, required=True)
    note = Text(longest=200, load_default=None)
    shown = fields.List(fields.String(), load_default=list)
    phones = Flag()
    around = Flag()

    @post_load
    def moments(self, data: dict[str, Any], **_more: Any) -> dict[str, Any]:
        """As moments and a tuple of rooms; empty for the whole venue. Raises ValidationError."""
        whole, room_ids = data.pop("whole"), tuple(data.pop("room_ids"))
        if not whole and not room_ids:
            raise ValidationError({"room_ids": [str(_("请至少选一个房间。"))]})
        first, start = data.pop("day"), data.pop("start")
        last, end = data.pop("until_day") or first, data.pop("end")
        return data | {
            "room_ids": () if whole else room_ids,
            "starts_at": _at(first, start or time()),
            "ends_at": _at(last, end) if end else _at(last, time()) + _DAY,
        }


def _at(day: date, on_clock: time) -> datetime:
    return datetime.combine(day, on_clock, clock.LOCAL)


class EndForm(Asked):
    """Which of the reservations on show end, and why."""

    shown = fields.List(
        fields.String(), required=True,
        validate=validate.Length(min=1, error=_("请至少选一个预约。")),
    )  # fmt: skip
    reason = Text(longest=60, required=True)
