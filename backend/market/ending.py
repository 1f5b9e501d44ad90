"""Numbers that will not be called: those who hold them are told, each once."""

from datetime import datetime

from sqlalchemy import ColumnElement, update
from sqlalchemy.orm import Session

from backend.market.models import Stage, Ticket
from backend.reminders import outbox
from backend.reminders.models import Kind


def close(
    session: Session, which: ColumnElement[bool], now: datetime, reason: str | None = None
) -> int:
    """End these numbers and tell whoever stands behind them, and why; how many there were."""
    ended = session.execute(
        update(Ticket)
        .where(which)
        .values(stage=Stage.CLOSED, ended_at=now)
        .returning(Ticket.id, Ticket.person_id, Ticket.account_id)
        .execution_options(synchronize_session=False)
    ).all()
    for one in sorted(ended, key=lambda row: row.id):
        if one.person_id is not None:
            outbox.tell(
                session, Kind.NUMBER_CLOSED, person_id=one.person_id, account_id=one.account_id,
                now=now, ticket_id=one.id, concerns_today=True,
                facts={"reason": reason} if reason else None,
            )  # fmt: skip
    return len(ended)
