"""Standing orders as people read them: what there is, and what becomes of the coming days."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from backend import clock
from backend.booking.models import LIVE, Bookable, Booking
from backend.canteen.models import Canteen, Dish, MealService
from backend.canteen.repeating.models import (
    Outcome,
    StandingMeal,
    StandingOrder,
    StandingPause,
    StandingSkip,
)
from backend.db import AnyRow, table_of
from backend.people.models import Person
from backend.people.naming import shown_name
from backend.people.queries import Resident, acted_for

AHEAD = 14
"""So many days are told what becomes of them, from today on."""

_so, _pause, _skip = table_of(StandingOrder), table_of(StandingPause), table_of(StandingSkip)
_sm, _service, _bookable = table_of(StandingMeal), table_of(MealService), table_of(Bookable)
_booking = table_of(Booking)


def list_mine(session: Session, me: Resident, now: datetime) -> list[dict[str, Any]]:
    """The live standing orders of everybody I may act for: six reads."""
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


def _listed(session: Session, which: Any, now: datetime) -> list[dict[str, Any]]:
    rows = session.execute(_orders().where(which, _so.c.ended_at.is_(None))).all()
    if not rows:
        return []
    today = clock.today(now)
    last = today + timedelta(days=AHEAD - 1)
    dishes = _dish_names(session, rows)
    services = _services(session, rows, today, last)
    became = _became(session, rows, list(services.values()))
    skips = _skips(session, rows)
    pauses = pauses_of(session, [row.person_id for row in rows], today)
    found = []
    for row in rows:
        days = []
        for number in range(AHEAD):
            day = today + timedelta(days=number)
            if day.weekday() not in row.weekdays or day < row.since:
                continue
            service = services.get((row.canteen_id, row.meal, day))
            meal = service and became.get((row.person_id, service.id))
            rests = any(
                one["person_id"] == row.person_id
                and one["from_day"] <= day
                and (one["until_day"] is None or day <= one["until_day"])
                for one in pauses
            )
            state, why = _state(meal, skipped=(row.id, day) in skips, rests=rests)
            days.append(
                {
                    "day": day, "state": state, "why": why,
                    "booking_id": meal.booking_id if meal and state == "made" else None,
                    "closes_at": clock.rfc3339(service.closes_at) if service else None,
                    "closed": service is not None and service.closes_at <= now,
                }
            )  # fmt: skip
        shown = {name: value for name, value in row._mapping.items() if name != "dish_ids"}
        chosen = [dishes[ident] for ident in row.dish_ids]
        found.append(shown | {"dishes": chosen, "days": days})
    return found


def _state(meal: AnyRow | None, *, skipped: bool, rests: bool) -> tuple[str, str | None]:
    """made, given_back, own, left_out (why), skipped, rests; coming: not made yet."""
    if meal is not None and meal.outcome == Outcome.MADE:
        return ("made" if meal.state in LIVE else "given_back"), None
    if skipped:
        return "skipped", None
    if rests:
        return "rests", None
    if meal is None:
        return "coming", None
    return meal.outcome, meal.why


def _orders() -> Select[*tuple[Any, ...]]:
    return (
        select(
            _so.c.id, _so.c.person_id, _so.c.canteen_id, _so.c.meal, _so.c.weekdays,
            _so.c.dish_ids, _so.c.otherwise, _so.c.portions, _so.c.mode, _so.c.since,
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


def _services(
    session: Session, rows: Sequence[AnyRow], first: date, last: date
) -> dict[tuple[int, str, date], AnyRow]:
    """The meals on show of those days, by canteen, meal and day."""
    found = session.execute(
        select(
            _service.c.id, _service.c.canteen_id, _service.c.meal, _service.c.day,
            _bookable.c.closes_at,
        )
        .join(_bookable, _bookable.c.id == _service.c.id)
        .where(
            _service.c.canteen_id.in_({row.canteen_id for row in rows}),
            _service.c.day.between(first, last), _bookable.c.published_at.is_not(None),
        )
    )  # fmt: skip
    return {(row.canteen_id, row.meal, row.day): row for row in found}


def _became(
    session: Session, rows: Sequence[AnyRow], services: Sequence[AnyRow]
) -> dict[tuple[int, int], AnyRow]:
    found = session.execute(
        select(
            _sm.c.person_id, _sm.c.meal_service_id, _sm.c.outcome, _sm.c.why, _sm.c.booking_id,
            _booking.c.state,
        )
        .outerjoin(_booking, _booking.c.id == _sm.c.booking_id)
        .where(
            _sm.c.person_id.in_({row.person_id for row in rows}),
            _sm.c.meal_service_id.in_([one.id for one in services]),
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
