"""Certificates (结业证书)."""

from marshmallow import Schema, fields

from miniprogram_api.schemas.base import IdField


class CertifiedSchema(Schema):
    """Who came how often to which class, as the paper says it."""

    name = fields.String(required=True)
    title = fields.String(required=True)
    place_name = fields.String(required=True)
    starts_on = fields.Date(required=True)
    ends_on = fields.Date(required=True)
    lessons = fields.Integer(required=True)
    came = fields.Integer(required=True)


class CertificateSchema(CertifiedSchema):
    """How far an enrolment is: `came` of `lessons`, of which `needed` earn the certificate.

    `earned` is known once the class is `over`; `code` stands there once it is issued.
    """

    booking_id = IdField(required=True)
    person_id = IdField(required=True)
    term_name = fields.String(required=True)
    needed = fields.Integer(required=True)
    over = fields.Boolean(required=True)
    earned = fields.Boolean(required=True)
    code = fields.String(required=True, allow_none=True)
    issued_on = fields.Date(required=True, allow_none=True)


class CheckedSchema(CertifiedSchema):
    """What a code stands for; the name is hidden in part, to be compared with the paper."""

    code = fields.String(required=True, metadata={"example": "7K3M9QXA2BCD"})
    name = fields.String(required=True, metadata={"example": "王*英"})
    issued_on = fields.Date(required=True)
