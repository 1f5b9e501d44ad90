"""A market once more on another day: the same place, stalls and people, as far as they can."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.db import table_of
from backend.errors import Refusal
from backend.market import planning
from backend.market.models import Service, Stall
from backend.staff.access import SignedInStaff


@dataclass(frozen=True, slots=True)
class Copied:
    """The new market day, and for each stall that could not come along: which, and why."""

    market_day_id: int
    left_out: list[tuple[str, Refusal]]


def copy_day(
    session: Session, me: SignedInStaff, market_day_id: int, day: date, now: datetime
) -> Copied:
    """Plan the market again on that day; residents do not see it before it is opened.

    A stall whose people are busy, whose papers end, or whose room is taken by then is left out.
    Raises NotFound, Invalid, DayTaken.
    """
    was = planning.access_day(session, me, market_day_id)
    new_id = planning.plan_day(session, me, was.place_id, day, was.title, was.spot, now)
    left_out: list[tuple[str, Refusal]] = []
    stalls = session.execute(
        select(*table_of(Stall).c, Service.name.label("service"))
        .join(Service, Service.id == Stall.service_id)
        .where(Stall.market_day_id == was.id)
        .order_by(Stall.id)
    ).all()
    for stall in stalls:
        try:
            with session.begin_nested():
                planning.add_stall(session, me, new_id, planning.plan_of(session, stall), now)
        except Refusal as refusal:
            left_out.append((stall.service, refusal))
    return Copied(new_id, left_out)
