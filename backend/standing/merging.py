"""When two entries for one human become one, what was said about what they missed follows."""

from sqlalchemy import delete, exists, update
from sqlalchemy.orm import Session, aliased

from backend.people.merging import Merge, follows
from backend.standing.models import Appeal, AppealState, Waiver


@follows
def appeals_follow(session: Session, done: Merge) -> None:
    """They hang on bookings, which follow; only who wrote them changes."""
    if done.from_account_id is not None:
        session.execute(
            update(Appeal)
            .where(Appeal.account_id == done.from_account_id)
            .values(account_id=done.into_account_id)
            .execution_options(synchronize_session=False)
        )


def move(session: Session, from_id: int, to_id: int) -> None:
    """What a booking missed counts for the one that stands in its place: so does what was said.

    What is said there already holds.
    """
    kept, open_one = aliased(Waiver), aliased(Appeal)
    waived_there = exists().where(kept.booking_id == to_id, kept.occasion_id == Waiver.occasion_id)
    asked_there = exists().where(
        open_one.booking_id == to_id,
        open_one.occasion_id == Appeal.occasion_id,
        open_one.state == AppealState.ASKED,
    )
    for gives_way in (
        delete(Waiver).where(Waiver.booking_id == from_id, waived_there),
        delete(Appeal).where(
            Appeal.booking_id == from_id, Appeal.state == AppealState.ASKED, asked_there
        ),
        update(Waiver).where(Waiver.booking_id == from_id).values(booking_id=to_id),
        update(Appeal).where(Appeal.booking_id == from_id).values(booking_id=to_id),
    ):
        session.execute(gives_way.execution_options(synchronize_session=False))
