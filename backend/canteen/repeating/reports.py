"""What staff look at: runs, who was left out and why, and meals with far fewer than last week."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import Session

from backend import clock
from backend.booking.models import HELD, Bookable, Booking
from backend.canteen.models import Canteen, MealService
from backend.canteen.repeating.due import rests
from backend.canteen.repeating.models import (
    Outcome,
    StandingMeal,
    StandingOrder,
    StandingRun,
    StandingSkip,
)
from backend.db import AnyRow, table_of
from backend.people.models import Person
from backend.people.naming import shown_name
from backend.places.models import Place
from backend.staff.access import Permission, SignedInStaff

WEEK = timedelta(days=7)
SETTLED = timedelta(minutes=15)
"""So long after its menu is shown a meal's standing orders are made, or something is wrong."""

FEWER = 0.7
LEAST = 3
"""Far fewer: less than this share of last week's, and at least so many less."""

LAST_RUNS = 20

_sm, _so, _run = table_of(StandingMeal), table_of(StandingOrder), table_of(StandingRun)
_service, _bookable, _booking = table_of(MealService), table_of(Bookable), table_of(Booking)
_skip = table_of(StandingSkip)


@dataclass(frozen=True, slots=True)
class Fewer:
    """A meal that far fewer standing orders were made for than a week before.

    `last_week`: of those that stood then, the ones that are wanted again.
    """

    canteen_id: int
    canteen_name: str
    day: date
    meal: str
    made: int
    last_week: int


def fewer(session: Session, me: SignedInStaff, now: datetime) -> list[Fewer]:
    """Such meals of the coming week at canteens in reach, the first one first.

    However it came about: a run that died or never was, an empty menu. Who rests, leaves out the
    day, or has ended it wanted nothing, and is missed by nobody. Two reads, and one for each meal
    that looks like it.
    """
    rows = session.execute(
        select(
            _service.c.id, _service.c.canteen_id, _service.c.meal, _service.c.day,
            _bookable.c.published_at, _bookable.c.ends_at, Canteen.name.label("canteen_name"),
        )
        .join(_bookable, _bookable.c.id == _service.c.id)
        .join(Canteen, Canteen.id == _service.c.canteen_id)
        .join(Place, Place.id == Canteen.place_id)
        .where(
            me.covers(Permission.ORDER_MEALS, Place.path), _bookable.c.cancelled_at.is_(None),
            _service.c.day.between(clock.today(now) - WEEK, clock.today(now) + WEEK),
            _bookable.c.published_at <= now - SETTLED,
        )
        .order_by(_service.c.day, _bookable.c.starts_at)
    ).all()  # fmt: skip
    made = _made(session, _service.c.id.in_([row.id for row in rows]))
    meals = {(row.canteen_id, row.meal, row.day): row.id for row in rows}
    found = []
    for row in rows:
        before = meals.get((row.canteen_id, row.meal, row.day - WEEK))
        stand = made.get(row.id, 0)
        if row.ends_at <= now or before is None or not is_far_fewer(stand, made.get(before, 0)):
            continue
        if is_far_fewer(stand, wanted := _still_wanted(session, before, row)):
            one = Fewer(row.canteen_id, row.canteen_name, row.day, row.meal, stand, wanted)
            found.append(one)
    return found


def is_far_fewer(made: int, last_week: int) -> bool:
    """Whether staff have to look."""
    return made < last_week * FEWER and last_week - made >= LEAST


def _made(session: Session, which: ColumnElement[bool]) -> dict[int, int]:
    """How many standing orders stand, by meal."""
    rows = session.execute(
        select(_sm.c.meal_service_id, func.count())
        .join(_service, _service.c.id == _sm.c.meal_service_id)
        .join(_booking, _booking.c.id == _sm.c.booking_id)
        .where(which, _booking.c.state.in_(HELD))
        .group_by(_sm.c.meal_service_id)
    ).all()
    return {row[0]: row[1] for row in rows}


def _still_wanted(session: Session, before_id: int, meal: AnyRow) -> int:
    """How many of those that stood at the meal a week before are wanted at `meal`, too."""
    skipped = exists().where(_skip.c.standing_order_id == _so.c.id, _skip.c.day == meal.day)
    weekdays = session.scalars(
        select(_so.c.weekdays)
        .join(_sm, _sm.c.person_id == _so.c.person_id)
        .join(_booking, _booking.c.id == _sm.c.booking_id)
        .where(
            _sm.c.meal_service_id == before_id, _booking.c.state.in_(HELD),
            _so.c.canteen_id == meal.canteen_id, _so.c.meal == meal.meal,
            _so.c.ended_at.is_(None), _so.c.since <= meal.day,
            ~rests(_so.c.person_id, meal.day), ~skipped,
        )
    )  # fmt: skip
    return sum(meal.day.weekday() in one for one in weekdays)


def runs_of(session: Session, canteen_id: int) -> Sequence[AnyRow]:
    """The last runs at a canteen, the newest first."""
    return session.execute(
        select(_run)
        .where(_run.c.canteen_id == canteen_id)
        .order_by(_run.c.id.desc())
        .limit(LAST_RUNS)
    ).all()


def count_live(session: Session, canteen_id: int) -> int:
    """How many standing orders there are at a canteen."""
    live = select(func.count()).where(_so.c.canteen_id == canteen_id, _so.c.ended_at.is_(None))
    return int(session.scalars(live).one())


def left_out(session: Session, canteen_id: int, now: datetime) -> list[dict[str, Any]]:
    """Who is left out of meals that are still to come, and why, the first meal first."""
    rows = session.execute(
        select(
            _sm.c.person_id, _sm.c.why, _sm.c.at, _service.c.day, _service.c.meal,
            _bookable.c.closes_at, shown_name().label("person_name"),
        )
        .join(_service, _service.c.id == _sm.c.meal_service_id)
        .join(_bookable, _bookable.c.id == _service.c.id)
        .join(Person, Person.id == _sm.c.person_id)
        .where(
            _service.c.canteen_id == canteen_id, _sm.c.outcome == Outcome.LEFT_OUT,
            _bookable.c.starts_at > now,
        )
        .order_by(_bookable.c.starts_at, _sm.c.id)
    )  # fmt: skip
    return [dict(row._mapping) for row in rows]
