"""When two entries for one human become one, their series follow."""

from sqlalchemy import update
from sqlalchemy.orm import Session

from backend.people.merging import Merge, follows
from backend.venues.series.models import Series


@follows
def series_follow(session: Session, done: Merge) -> None:
    """Each keeps its dates; the closed account's keys are of no use to anybody."""
    session.execute(
        update(Series).where(Series.person_id == done.from_id).values(person_id=done.into_id)
    )
    if done.from_account_id is not None:
        session.execute(
            update(Series)
            .where(Series.account_id == done.from_account_id)
            .values(account_id=done.into_account_id, idempotency_key=None)
        )
