"""What was written about somebody who did not answer is forgotten when it has served its time."""

from datetime import datetime, timedelta

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from backend.canteen.welfare.models import WelfareAddition, WelfareCase, WelfareStep
from backend.db import table_of

KEPT = timedelta(days=365)
"""How long after a case its words are kept, for whoever asks what was done. Outcomes stay."""

_case, _step, _more = table_of(WelfareCase), table_of(WelfareStep), table_of(WelfareAddition)


def forget(session: Session, now: datetime) -> int:
    """Forget notes and which neighbour had the meal; of how many rows."""
    old = select(_case.c.id).where(_case.c.closed_at < now - KEPT)
    connection = session.connection()
    return sum(
        int(connection.execute(statement).rowcount)
        for statement in (
            update(_case)
            .where(
                _case.c.id.in_(old), or_(_case.c.note.is_not(None), _case.c.food_with.is_not(None))
            )
            .values(note=None, food_with=None),
            update(_step)
            .where(_step.c.case_id.in_(old), _step.c.note.is_not(None))
            .values(note=None),
            update(_more)
            .where(_more.c.case_id.in_(old), _more.c.note.is_not(None))
            .values(note=None),
        )
    )
