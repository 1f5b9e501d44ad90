"""Sign-in."""

from marshmallow import Schema, fields

from miniprogram_api.schemas.base import Asked, IdField, Moment, Text


class CodeBody(Asked):
    """A code that WeChat gave the client: from `wx.login`, or from the phone number button."""

    code = Text(required=True, shortest=1, longest=256)


class SignedInSchema(Schema):
    """The token is shown once; send it as `Authorization: Bearer …`."""

    token = fields.String(required=True)
    expires_at = Moment(required=True)
    account_id = IdField(required=True)
    person_id = IdField(required=True)
    is_new = fields.Boolean(required=True)


class PhoneBoundSchema(Schema):
    """The person the account belongs to now, and the number with its middle hidden."""

    person_id = IdField(required=True)
    phone = fields.String(required=True, metadata={"example": "138****5678"})
