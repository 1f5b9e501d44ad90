"""Standing orders as people read them: what there is, and what becomes of the coming days."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Select, exists, literal, select
from sqlalchemy.orm import Session

from backend import clock
from backend.booking.models import Booking
from backend.canteen.models import Canteen, Dish
from backend.canteen.repeating.days import DayState, plans_of, state_of
from backend.canteen.repeating.models import (
    StandingMeal,
    StandingOrder,
    StandingPause,
    StandingSkip,
)
from backend.db import AnyRow, table_of
from backend.people.models import Person
from backend.people.naming import shown_name
from backend.people.queries import Resident, acted_for, household_of

AHEAD = 14
"""So many days are told what becomes of them, from today on."""

_so, _pause, _skip = table_of(StandingOrder), table_of(StandingPause), table_of(StandingSkip)
_HIDDEN = ("dish_ids", "created_at")

_sm, _booking = table_of(StandingMeal), table_of(Booking)


def list_mine(session: Session, me: Resident, now: datetime) -> list[dict[str, Any]]:
    """The live standing orders of everybody I may act for: seven reads, and three a canteen."""
    return _listed(session, _so.c.person_id.in_(acted_for(me, clock.today(now))), now)


def of_person(session: Session, person_id: int, now: datetime) -> list[dict[str, Any]]:
    """Those of one person."""
    return _listed(session, _so.c.person_id == person_id, now)


def pauses_of(
    session: Session, people: Iterable[int] | Select[tuple[int]], today: date
) -> list[dict[str, Any]]:
    """When standing orders rest, now or later, the earliest first."""
    rows = session.execute(
        select(_pause.c.id, _pause.c.person_id, _pause.c.from_day, _pause.c.until_day, _pause.c.why)
        .where(
            _pause.c.person_id.in_(people),
            _pause.c.until_day.is_(None) | (_pause.c.until_day >= today),
        )
        .order_by(_pause.c.from_day, _pause.c.id)
    )
    return [dict(row._mapping) for row in rows]


def pauses_of_mine(session: Session, me: Resident, now: datetime) -> list[dict[str, Any]]:
    """Of everybody I may act for."""
    today = clock.today(now)
    return pauses_of(session, acted_for(me, today), today)


def household_of_mine(session: Session, me: Resident, now: datetime) -> list[dict[str, Any]]:
    """Those of my household with standing orders whom I may not act for, but may let rest: who they
    are and whether they rest, now or later; not what they eat, nor why they rest.
    """
    today = clock.today(now)
    resting = exists().where(
        _pause.c.person_id == Person.id,
        _pause.c.until_day.is_(None) | (_pause.c.until_day >= today),
    )
    rows = session.execute(
        select(
            Person.id.label("person_id"), shown_name().label("person_name"), resting.label("rests")
        )
        .where(
            Person.id.in_(household_of(literal(me.person_id), today)),
            Person.id.not_in(acted_for(me, today)),
            exists().where(_so.c.person_id == Person.id, _so.c.ended_at.is_(None)),
        )
        .order_by(Person.id)
    )
    return [dict(row._mapping) for row in rows]


def _listed(session: Session, which: Any, now: datetime) -> list[dict[str, Any]]:
    rows = session.execute(_orders().where(which, _so.c.ended_at.is_(None))).all()
    if not rows:
        return []
    today = clock.today(now)
    ahead = [today + timedelta(days=number) for number in range(AHEAD)]
    dishes = _dish_names(session, rows)
    plans = plans_of(session, sorted({row.canteen_id for row in rows}), today, ahead[-1], now)
    became = _became(session, rows, [one.id for one in plans.shown.values()])
    skips = _skips(session, rows)
    pauses = pauses_of(session, [row.person_id for row in rows], today)

    def shown_day(row: AnyRow, day: date) -> dict[str, Any] | None:
        """None: it was closed when the standing order was set up, and nobody expects it."""
        served = plans.served(row.canteen_id, row.meal, day)
        meal = served.service and became.get((row.person_id, served.service.id))
        state = state_of(
            served, meal, now,
            skipped=(row.id, day) in skips, rests=_rests(pauses, row.person_id, day),
        )  # fmt: skip
        if state == DayState.TOO_LATE and served.is_closed(row.created_at):
            return None
        return {
            "day": day, "state": state, "closed": served.is_closed(now),
            "why": meal.why if meal and state == DayState.LEFT_OUT else None,
            "booking_id": meal.booking_id if meal and state == DayState.MADE else None,
            "closes_at": clock.rfc3339(served.service.closes_at) if served.service else None,
        }  # fmt: skip

    found = []
    for row in rows:
        shown = {name: value for name, value in row._mapping.items() if name not in _HIDDEN}
        wanted = [one for one in ahead if one.weekday() in row.weekdays and one >= row.since]
        days = [shown_day(row, day) for day in wanted]
        found.append(
            shown
            | {
                "dishes": [dishes[ident] for ident in row.dish_ids],
                "days": [one for one in days if one is not None],
            }
        )
    return found


def _rests(pauses: Sequence[Mapping[str, Any]], person_id: int, day: date) -> bool:
    return any(
        one["person_id"] == person_id
        and one["from_day"] <= day
        and (one["until_day"] is None or day <= one["until_day"])
        for one in pauses
    )


def _orders() -> Select[*tuple[Any, ...]]:
    return (
        select(
            _so.c.id, _so.c.person_id, _so.c.canteen_id, _so.c.meal, _so.c.weekdays,
            _so.c.dish_ids, _so.c.otherwise, _so.c.portions, _so.c.mode, _so.c.since,
            _so.c.created_at,
            Canteen.name.label("canteen_name"), shown_name().label("person_name"),
        )
        .join(Canteen, Canteen.id == _so.c.canteen_id)
        .join(Person, Person.id == _so.c.person_id)
        .order_by(_so.c.person_id, _so.c.id)
    )  # fmt: skip


def _dish_names(session: Session, rows: Sequence[AnyRow]) -> Mapping[int, dict[str, Any]]:
    ids = {ident for row in rows for ident in row.dish_ids}
    found = session.execute(select(Dish.id, Dish.name).where(Dish.id.in_(ids)))
    return {row.id: {"id": row.id, "name": row.name} for row in found}


def _became(
    session: Session, rows: Sequence[AnyRow], service_ids: Sequence[int]
) -> dict[tuple[int, int], AnyRow]:
    found = session.execute(
        select(
            _sm.c.person_id, _sm.c.meal_service_id, _sm.c.outcome, _sm.c.why, _sm.c.booking_id,
            _booking.c.state,
        )
        .outerjoin(_booking, _booking.c.id == _sm.c.booking_id)
        .where(
            _sm.c.person_id.in_({row.person_id for row in rows}),
            _sm.c.meal_service_id.in_(service_ids),
        )
    )  # fmt: skip
    return {(row.person_id, row.meal_service_id): row for row in found}


def _skips(session: Session, rows: Sequence[AnyRow]) -> set[tuple[int, date]]:
    found = session.execute(
        select(_skip.c.standing_order_id, _skip.c.day).where(
            _skip.c.standing_order_id.in_([row.id for row in rows])
        )
    )
    return {(row.standing_order_id, row.day) for row in found}
