"""The forms of claims."""

from flask_babel import lazy_gettext as _
from marshmallow import fields, validate

from admin.schemas.base import Asked, Day, Flag, IdField, Text


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
