"""The forms of a paper that proves somebody's circumstances, and of who is not here any more."""

from admin.schemas.base import Asked, Choice, Day, Text
from backend.canteen.eaters.models import Category, Leaving


class ProofForm(Asked):
    """What it proves, which paper it is, and how long it holds."""

    category = Choice(Category, required=True)
    proof = Text(longest=60, required=True)
    starts_on = Day(required=True)
    ends_on = Day(load_default=None)


class DepartureForm(Asked):
    """Somebody died or moved away, and when."""

    left = Choice(Leaving, required=True)
    left_on = Day(required=True)
