"""The forms about rooms: what residents ask for."""

from marshmallow import fields, validate

from admin.schemas.base import Asked, Text
from backend.venues.series.dates import MOST_DATES


class ApproveForm(Asked):
    """What was read before the decision."""

    read = Text(longest=100, load_default=None)


class ApproveSeriesForm(Asked):
    """Which dates were read before the decision, each as it was."""

    read = fields.List(Text(longest=120), validate=validate.Length(max=MOST_DATES))


class DeclineForm(Asked):
    """Why they do not get the room."""

    reason = Text(longest=100, required=True)
