"""Sign-in."""

from typing import Any

from flask_babel import lazy_gettext as _
from marshmallow import Schema, fields, validate

from miniprogram_api.schemas.base import REQUIRED, Asked, Flag, IdField, Moment, Text
from miniprogram_api.schemas.people import Mobile


class CodeBody(Asked):
    """A code that WeChat gave the client: from `wx.login`, or from the phone number button."""

    code = Text(required=True, shortest=1, longest=256)


class PhoneBody(Asked):
    """The phone a sign-in code is to be sent to."""

    phone = Mobile(required=True, metadata={"example": "13812345678"})


class SixDigits(fields.String):
    """The six digits of a text message; blanks between them do no harm."""

    default_error_messages = REQUIRED | {"invalid": _("请填写短信里的 6 位数字。")}

    def __init__(self, **kwargs: Any) -> None:
        six = validate.Regexp(r"[0-9]{6}\Z", error=_("请填写短信里的 6 位数字。"))
        super().__init__(validate=six, **kwargs)

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        return "".join(super()._deserialize(value, attr, data, **kwargs).split())


class PhoneAndCodeBody(Asked):
    """The phone, and the code that arrived there."""

    phone = Mobile(required=True, metadata={"example": "13812345678"})
    code = SixDigits(required=True, metadata={"example": "042317"})


class CodeSentSchema(Schema):
    """For how many seconds the code is good, and after how many another may be asked for."""

    expires_in = fields.Integer(required=True, metadata={"example": 300})
    resend_after = fields.Integer(required=True, metadata={"example": 60})


class MaybeYouSchema(Schema):
    """Somebody the community has registered under this phone: ask “are you …?”, then `claim`."""

    name = fields.String(required=True, metadata={"example": "王*兰"})
    claim = fields.String(required=True, metadata={"description": "good for half an hour"})


class SignedInSchema(Schema):
    """The token is shown once; send it as `Authorization: Bearer …`."""

    token = fields.String(required=True)
    expires_at = Moment(required=True)
    account_id = IdField(required=True)
    person_id = IdField(required=True)
    is_new = fields.Boolean(required=True)
    maybe_you = fields.Nested(MaybeYouSchema, required=True, allow_none=True)


class PhoneBoundSchema(Schema):
    """The person the account belongs to now, and the number with its middle hidden."""

    person_id = IdField(required=True)
    phone = fields.String(required=True, metadata={"example": "138****5678"})
    maybe_you = fields.Nested(MaybeYouSchema, required=True, allow_none=True)


class ClaimBody(Asked):
    """The answer to “are you …?”."""

    claim = Text(required=True, shortest=1, longest=64)
    is_me = Flag(required=True)


class PersonIdSchema(Schema):
    """The person the account belongs to now."""

    person_id = IdField(required=True)
