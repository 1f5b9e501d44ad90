"""What the statistics of rooms are about."""

from flask_babel import lazy_gettext as _
from marshmallow import Schema, fields, validate

from admin.schemas.base import Asked, Day, IdField
from backend.staff.periods import KEYS


class PeriodFields(Schema):
    """A period by its name, or the days from and to."""

    period = fields.String(validate=validate.OneOf(("", *KEYS), error=_("请选择列出的一项。")))
    since = Day()
    until = Day()


class RoomStatisticsFilter(PeriodFields, Asked):
    """The place, a venue or a room of it, and the period or the days from and to."""

    place_id = IdField()
    venue_id = IdField()
    room_id = IdField()
