"""When two entries for one human become one, orders follow with their bookings."""

from sqlalchemy import delete
from sqlalchemy.orm import Session

from backend.canteen.ordering.models import MealChange
from backend.people.merging import Merge, follows


@follows
def keys_go(session: Session, done: Merge) -> None:
    """The closed account's keys are of no use to anybody."""
    if done.from_account_id is not None:
        session.execute(delete(MealChange).where(MealChange.account_id == done.from_account_id))
