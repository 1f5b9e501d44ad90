"""The forms of a paper that proves somebody's circumstances, and of who is not here any more."""

from marshmallow import fields

from admin.schemas.base import Asked, Choice, Day, Flag, IdField, Text
from backend.canteen.eaters.models import Category, Leaving


class ProofForm(Asked):
    """What it proves, which paper it is, and how long it holds."""

    category = Choice(Category, required=True)
    proof = Text(longest=60, required=True)
    starts_on = Day(required=True)
    ends_on = Day(load_default=None)


class DepartureForm(Asked):
    """Somebody died or moved away, and when; which of their meals end."""

    left = Choice(Leaving, required=True)
    left_on = Day(required=True)
    standing = Flag(load_default=False)
    booking_ids = fields.List(IdField(), load_default=list)
