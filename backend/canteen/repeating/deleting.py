"""When somebody's facts are deleted, their standing orders end; when they rested is forgotten."""

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from backend.canteen.repeating.models import StandingOrder, StandingPause
from backend.people.deleting import Deletion, forgets


@forgets
def standing_orders_end(session: Session, done: Deletion) -> None:
    """What is ordered is given back with their other bookings.

    Those that the account made for others stay: each meal is then left out, and staff are told to
    call, so that nobody goes hungry unnoticed.
    """
    for statement in (
        update(StandingOrder)
        .where(StandingOrder.person_id.in_(done.person_ids), StandingOrder.ended_at.is_(None))
        .values(ended_at=done.now),
        delete(StandingPause).where(StandingPause.person_id.in_(done.person_ids)),
    ):
        session.execute(statement.execution_options(synchronize_session=False))
