"""Staff put right when somebody was at a stall, with a reason; and take that back."""

from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import delete, insert
from sqlalchemy.orm import Session

from backend.db import table_of
from backend.errors import Invalid
from backend.market.grid import Minutes
from backend.market.hours import reading
from backend.market.hours.models import StallHours
from backend.market.hours.reading import Turn
from backend.staff import audit
from backend.staff.access import SignedInStaff


def correct(
    session: Session, me: SignedInStaff, stall_id: int, provider_id: int, span: Minutes,
    reason: str, now: datetime,
) -> None:  # fmt: skip
    """They were there from then to then; both alike: not at all.

    Raises NotFound, also before the day, and Invalid for a span the wrong way round.
    """
    turn = reading.one(session, me, stall_id, provider_id, now)
    if span[1] < span[0]:
        raise Invalid({"until": [_("结束要晚于开始。")]})
    _drop(session, turn)
    session.execute(
        insert(StallHours).values(
            stall_id=stall_id, provider_id=provider_id, from_minute=span[0],
            until_minute=span[1], reason=reason, staff_id=me.staff_id, corrected_at=now,
        )
    )  # fmt: skip
    _audit(session, me, turn, {"spans": [list(span)], "reason": reason})


def take_back(
    session: Session, me: SignedInStaff, stall_id: int, provider_id: int, now: datetime
) -> None:
    """What the events say counts again. Doing so twice changes nothing. Raises NotFound."""
    turn = reading.one(session, me, stall_id, provider_id, now)
    if not turn.corrected:
        audit.unchanged(session)
        return
    _drop(session, turn)
    _audit(session, me, turn, {"spans": [list(one) for one in turn.measured]})


def _drop(session: Session, turn: Turn) -> None:
    hours = table_of(StallHours)
    session.execute(
        delete(hours).where(
            hours.c.stall_id == turn.row.stall_id, hours.c.provider_id == turn.row.provider_id
        )
    )


def _audit(session: Session, me: SignedInStaff, turn: Turn, after: dict[str, object]) -> None:
    audit.record(
        session, me.staff_id, "stall.hours", "stall", turn.row.stall_id,
        {"spans": [list(one) for one in turn.spans]}, {"provider": turn.row.name} | after,
        place_id=turn.row.place_id,
    )  # fmt: skip
