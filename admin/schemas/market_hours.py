"""Whose hours at markets are asked for, and how they are put right."""

from datetime import time
from typing import Any

from flask_babel import lazy_gettext as _
from marshmallow import ValidationError, post_load

from admin.schemas.base import Asked, Flag, IdField, Text
from admin.schemas.room_statistics import PeriodFields
from admin.schemas.venues import OnClock


class HoursFilter(PeriodFields, Asked):
    """The place and the period or the days from and to; one provider."""

    place_id = IdField()
    provider_id = IdField()


class CorrectionForm(Asked):
    """From when to when somebody was really there, or that they were not; and why."""

    since = OnClock(load_default=None)
    until = OnClock(load_default=None)
    absent = Flag()
    reason = Text(longest=60, required=True)

    @post_load
    def as_span(self, data: dict[str, Any], **_kwargs: Any) -> dict[str, Any]:
        """As the span that the verb takes."""
        if data["absent"]:
            return {"span": (0, 0), "reason": data["reason"]}
        missing = [name for name in ("since", "until") if data[name] is None]
        if missing:
            raise ValidationError({name: [str(_("请填写这一项。"))] for name in missing})
        span = (_minute(data["since"]), _minute(data["until"]))
        return {"span": span, "reason": data["reason"]}


def _minute(at: time) -> int:
    return at.hour * 60 + at.minute
