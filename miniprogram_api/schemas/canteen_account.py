"""The meal account of one person. Sums are in fen."""

from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _
from marshmallow import Schema, post_load, validate
from webargs import fields

from backend.canteen.accounts.models import EntryKind
from miniprogram_api.schemas.base import Asked, Choice, IdField, IdInQuery, Moment

_MONTH = validate.Regexp(r"20[0-9]{2}-(0[1-9]|1[0-2])\Z", error=_("请写成 2026-03 这样的月份。"))


class MonthQuery(Asked):
    """Which month."""

    month = fields.String(validate=_MONTH, metadata={"example": "2026-03"})

    @post_load
    def first_day(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        """The month as its first day."""
        if "month" in data:
            data["month"] = date.fromisoformat(f"{data['month']}-01")
        return data


class AccountQuery(MonthQuery):
    """Whose account (default: mine), and which month (default: this one)."""

    person_id = IdInQuery()


class GrantLeftSchema(Schema):
    """What is left of a grant, for meals up to and with `expires_on`."""

    name = fields.String(required=True)
    fen = fields.Integer(required=True)
    expires_on = fields.Date(required=True, allow_none=True)


class AccountLineSchema(Schema):
    """Money that came (above nothing) or went; `about`: the grant or the meal it was for."""

    at = Moment(required=True)
    kind = Choice(EntryKind, required=True)
    name = fields.String(required=True)
    about = fields.String(required=True, allow_none=True)
    fen = fields.Integer(required=True)
    balance_fen = fields.Integer(required=True)


class AccountSchema(Schema):
    """`available_fen` is the number to show; `held_fen` more are kept for meals that are ordered.

    The month ties out: opening + in - out = closing, which counts what is held.
    """

    person_id = IdField(required=True)
    available_fen = fields.Integer(required=True)
    held_fen = fields.Integer(required=True)
    grants = fields.List(fields.Nested(GrantLeftSchema), required=True)
    month = fields.String(required=True)
    opening_fen = fields.Integer(required=True)
    in_fen = fields.Integer(required=True)
    out_fen = fields.Integer(required=True)
    closing_fen = fields.Integer(required=True)
    lines = fields.List(fields.Nested(AccountLineSchema), required=True)
