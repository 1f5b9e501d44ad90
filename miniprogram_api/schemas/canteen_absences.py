"""Days on which somebody is not at home (不在家)."""

from marshmallow import Schema, fields

from miniprogram_api.schemas.base import Asked, IdField
from miniprogram_api.schemas.standing_orders import Day


class AbsenceSchema(Schema):
    """Somebody is out that day."""

    person_id = IdField(required=True)
    person_name = fields.String(required=True)
    day = fields.Date(required=True)


class AbsenceBody(Asked):
    """Who is out, or at home after all, and on which day."""

    person_id = IdField(required=True)
    day = Day(required=True)
