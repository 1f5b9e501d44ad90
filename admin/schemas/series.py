"""The forms of recurring reservations."""

from typing import Any

from marshmallow import fields, validate

from admin.schemas.base import Asked, IdField, Text, Whole
from admin.schemas.venues import SpanForm
from backend.venues.series.dates import MOST_DATES

MOST_WEEKS = 4


class AgainForm(SpanForm):
    """The first time, and for whom or which group of theirs; how often it comes again, and when."""

    person_id = IdField(required=True)
    group_id = IdField(load_default=None)
    every_weeks = Whole(1, MOST_WEEKS, load_default=1)
    weekdays = fields.List(Whole(0, 6), validate=validate.Length(max=7))
    times = Whole(1, MOST_DATES, load_default=4)


class SeriesForm(AgainForm):
    """The same with what it is for; a reason sets rules aside that staff may set aside."""

    title = Text(longest=40, required=True)
    headcount = Whole(1, 2000, required=True)
    purpose = Text(longest=200, load_default=None)
    wishes = Text(longest=200, load_default=None)
    reason = Text(longest=60, load_default=None)


class CancelSeriesForm(Asked):
    """From which date on, or all; they are told why."""

    from_id = IdField(load_default=None)
    reason = Text(longest=60, required=True)


class MoveSeriesForm(SpanForm):
    """When the date that is picked is to be; all that are to come follow, or those behind it.

    A reason sets rules aside that staff may set aside.
    """

    everything = fields.Boolean(load_default=False)
    reason = Text(longest=60, load_default=None)


class PutBackForm(Asked):
    """A reason sets rules aside that staff may set aside."""

    reason = Text(longest=60, load_default=None)


def asked_of(room_id: int, form: dict[str, Any]) -> dict[str, Any]:
    """As the making of a series takes it: what cannot be is skipped."""
    given = {"title": "", "headcount": 1} | form
    return given | {"room_id": room_id, "until": None, "skip_clashes": True}
