"""When two entries for one human become one, their standing orders are one, and rest together."""

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session, aliased

from backend.canteen.repeating.models import StandingMeal, StandingOrder, StandingPause
from backend.people.merging import Merge, follows


@follows
def standing_orders_follow(session: Session, done: Merge) -> None:
    """Of two for the same meal the one of the entry that stays goes on; so for each meal made."""
    kept, had = aliased(StandingOrder), aliased(StandingMeal)
    stands = select(kept.id).where(
        kept.person_id == done.into_id, kept.ended_at.is_(None),
        kept.canteen_id == StandingOrder.canteen_id, kept.meal == StandingOrder.meal,
    )  # fmt: skip
    there = select(had.id).where(
        had.person_id == done.into_id, had.meal_service_id == StandingMeal.meal_service_id
    )
    gone = done.from_id
    for statement in (
        update(StandingOrder)
        .where(
            StandingOrder.person_id == gone, StandingOrder.ended_at.is_(None), stands.exists()
        )
        .values(ended_at=done.now),
        update(StandingOrder).where(StandingOrder.person_id == gone).values(person_id=done.into_id),
        update(StandingPause).where(StandingPause.person_id == gone).values(person_id=done.into_id),
        delete(StandingMeal).where(StandingMeal.person_id == gone, there.exists()),
        update(StandingMeal).where(StandingMeal.person_id == gone).values(person_id=done.into_id),
    ):  # fmt: skip
        session.execute(statement.execution_options(synchronize_session=False))
    if done.from_account_id is not None:
        for table in (StandingOrder, StandingPause):
            session.execute(
                update(table)
                .where(table.account_id == done.from_account_id)
                .values(account_id=done.into_account_id)
                .execution_options(synchronize_session=False)
            )
