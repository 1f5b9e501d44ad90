"""The forms of claims, and of the months that are published."""

from typing import Any

from flask_babel import lazy_gettext as _
from marshmallow import fields, validate

from admin.schemas.base import Asked, Day, Flag, IdField, Text
from admin.schemas.canteen import Yuan


class FirstDay(Day):
    """A month: its first day, whichever of its days is given."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        return super()._deserialize(value, attr, data, **kwargs).replace(day=1)


class PeriodQuery(Asked):
    """From which day up to and with which; without them the month before this one."""

    first = Day(load_default=None)
    last = Day(load_default=None)


class MakeForm(Asked):
    """Which of the claims that were shown for a period."""

    first = Day(required=True)
    last = Day(required=True)
    keys = fields.List(
        Text(longest=40), required=True,
        validate=validate.Length(1, error=_("请至少勾选一张结算单。")),
    )  # fmt: skip


class JudgeForm(Asked):
    """A meal is claimed, or not, and why."""

    booking_id = IdField(required=True)
    claims = Flag()
    reason = Text(longest=80, required=True)


class VerifyQuery(Asked):
    """Whether the text is to be written again and held against its SHA-256."""

    verify = Flag()


class MonthForm(Asked):
    """A canteen's month, by its first day."""

    canteen_id = IdField(required=True)
    month = FirstDay(required=True)


class CostForm(MonthForm):
    """What it cost, and a word about it for everybody."""

    cost_fen = Yuan(data_key="cost", required=True)
    note = Text(longest=80, load_default=None)
