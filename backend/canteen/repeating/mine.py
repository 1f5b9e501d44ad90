"""Standing orders by residents: for oneself, and those one may act for.

A rest may be begun and ended by anybody of the household: nobody shall cook for an empty bed.
"""

from datetime import date, datetime

from sqlalchemy import literal, select
from sqlalchemy.orm import Session

from backend import clock
from backend.booking.service import Actor
from backend.canteen.repeating import service
from backend.canteen.repeating.making import Made
from backend.canteen.repeating.models import StandingOrder
from backend.canteen.repeating.service import Plan, Rested
from backend.db import table_of
from backend.errors import NotFound
from backend.people.models import Person
from backend.people.queries import Resident, acts_for, check_acts_for, household_of

_so = table_of(StandingOrder)


def set_up(session: Session, me: Resident, plan: Plan, now: datetime) -> tuple[int, Made]:
    """As `service.set_up`. Raises NotFound for people the account may not act for."""
    check_acts_for(session, me, plan.person_id, clock.today(now))
    return service.set_up(session, plan, _actor(me), now)


def end(session: Session, me: Resident, standing_id: int, now: datetime) -> Rested:
    """Nothing more is ordered by it. Raises NotFound."""
    _access(session, me, standing_id, now)
    return service.end(session, standing_id, _actor(me), now)


def skip(session: Session, me: Resident, standing_id: int, day: date, now: datetime) -> None:
    """That day is left out. Raises NotFound, NotThatDay, TooLateToSkip."""
    _access(session, me, standing_id, now)
    service.skip(session, standing_id, day, _actor(me), now)


def put_back(session: Session, me: Resident, standing_id: int, day: date, now: datetime) -> Made:
    """That day after all. Raises NotFound, NotThatDay, TooLateToSkip."""
    _access(session, me, standing_id, now)
    return service.put_back(session, standing_id, day, now)


def pause(
    session: Session, me: Resident, person_id: int, from_day: date, until_day: date | None,
    why: str, now: datetime,
) -> Rested:  # fmt: skip
    """All of the person's rest; anybody of the household may say so. Raises NotFound, Invalid."""
    _check_household(session, me, person_id, now)
    return service.pause(session, person_id, from_day, until_day, why, _actor(me), now)


def resume(session: Session, me: Resident, person_id: int, from_day: date, now: datetime) -> Made:
    """They go on from that day. Raises NotFound, Invalid."""
    _check_household(session, me, person_id, now)
    return service.resume(session, person_id, from_day, now)


def _actor(me: Resident) -> Actor:
    return Actor(account_id=me.account_id)


def _access(session: Session, me: Resident, standing_id: int, now: datetime) -> None:
    found = select(_so.c.id).where(
        _so.c.id == standing_id, acts_for(me, _so.c.person_id, clock.today(now))
    )
    if session.execute(found).first() is None:
        raise NotFound()


def _check_household(session: Session, me: Resident, person_id: int, now: datetime) -> None:
    today = clock.today(now)
    found = select(Person.id).where(
        Person.id == person_id, Person.merged_into_id.is_(None),
        acts_for(me, Person.id, today) | Person.id.in_(household_of(literal(me.person_id), today)),
    )  # fmt: skip
    if session.execute(found).first() is None:
        raise NotFound()
