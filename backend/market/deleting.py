"""When somebody's facts are deleted, queue numbers stay as numbers alone, and wishes go."""

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from backend.market.models import Ticket
from backend.market.wishing.models import MarketWish
from backend.people.deleting import Deletion, forgets


@forgets
def tickets_are_nobodys(session: Session, done: Deletion) -> None:
    """That somebody was served stays; who it was, and what was noted, goes."""
    session.execute(
        update(Ticket)
        .where(Ticket.person_id.in_(done.person_ids))
        .values(person_id=None, account_id=None, note=None)
        .execution_options(synchronize_session=False)
    )
    session.execute(
        update(Ticket)
        .where(Ticket.account_id == done.account_id)
        .values(account_id=None)
        .execution_options(synchronize_session=False)
    )


@forgets
def wishes_go(session: Session, done: Deletion) -> None:
    """Nobody who is gone wishes for anything."""
    session.execute(delete(MarketWish).where(MarketWish.person_id.in_(done.person_ids)))
