"""The form of a paper that proves somebody's circumstances."""

from admin.schemas.base import Asked, Choice, Day, Text
from backend.canteen.eaters.models import Category


class ProofForm(Asked):
    """What it proves, which paper it is, and how long it holds."""

    category = Choice(Category, required=True)
    proof = Text(longest=60, required=True)
    starts_on = Day(required=True)
    ends_on = Day(load_default=None)
