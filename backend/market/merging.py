"""When two entries for one human become one, their queue numbers and wishes follow."""

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session, aliased

from backend.market.models import IN_LINE, Stage, Ticket
from backend.market.wishing.models import MarketWish
from backend.people.merging import Merge, follows


@follows
def tickets_follow(session: Session, done: Merge) -> None:
    """Who stood in one line under both entries keeps the number of the one that stays."""
    kept = aliased(Ticket)
    twice = (
        update(Ticket)
        .where(
            Ticket.person_id == done.from_id, Ticket.stage.in_(IN_LINE),
            Ticket.stall_id.in_(
                select(kept.stall_id).where(
                    kept.person_id == done.into_id, kept.stage.in_(IN_LINE)
                )
            ),
        )
        .values(stage=Stage.LEFT, ended_at=done.now)
    )  # fmt: skip
    moved = update(Ticket).where(Ticket.person_id == done.from_id).values(person_id=done.into_id)
    for statement in (twice, moved):
        session.execute(statement.execution_options(synchronize_session=False))
    if done.from_account_id is not None:
        session.execute(
            update(Ticket)
            .where(Ticket.account_id == done.from_account_id)
            .values(account_id=done.into_account_id)
            .execution_options(synchronize_session=False)
        )


@follows
def wishes_follow(session: Session, done: Merge) -> None:
    """What both wished for counts once; the words of the one that stays are kept."""
    kept = aliased(MarketWish)
    same = select(kept.id).where(
        kept.person_id == done.into_id,
        or_(
            kept.service_id == MarketWish.service_id,
            kept.service_id.is_(None) & MarketWish.service_id.is_(None),
        ),
    )
    for statement in (
        delete(MarketWish).where(MarketWish.person_id == done.from_id, same.exists()),
        update(MarketWish)
        .where(MarketWish.person_id == done.from_id)
        .values(person_id=done.into_id),
    ):
        session.execute(statement.execution_options(synchronize_session=False))
