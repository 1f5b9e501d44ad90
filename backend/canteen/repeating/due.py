"""Which meals standing orders still have to be made for: published, open, not tried or tried long
ago, not skipped, not paused, on a weekday of the pattern."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, exists, or_, select
from sqlalchemy.orm import Session, aliased

from backend.booking.models import Bookable, Booking, BookingEvent, State
from backend.canteen.models import MealService
from backend.canteen.repeating.models import (
    Outcome,
    StandingMeal,
    StandingOrder,
    StandingPause,
    StandingSkip,
)
from backend.db import AnyRow, UtcDateTime, table_of
from backend.people.models import Account, Person

RESTED = "standing_rest"
"""The reason in the history of an order that went because its standing order rests or ended."""

AGAIN = timedelta(hours=6)
LAST_TRY = timedelta(minutes=30)
"""What was left out is tried again every so often, and once more so long before the cut-off."""

_so, _pause, _skip = table_of(StandingOrder), table_of(StandingPause), table_of(StandingSkip)
_sm, _service, _bookable = table_of(StandingMeal), table_of(MealService), table_of(Bookable)
_booking, _event, _person = table_of(Booking), table_of(BookingEvent), table_of(Person)
_account = aliased(table_of(Account))


def rests(person_id: Any, day: Any) -> ColumnElement[bool]:
    """Whether a person's standing orders rest on a day."""
    return exists().where(
        _pause.c.person_id == person_id, _pause.c.from_day <= day,
        or_(_pause.c.until_day.is_(None), _pause.c.until_day >= day),
    )  # fmt: skip


def _own() -> ColumnElement[bool]:
    """Whether the person ordered that meal before, whatever became of it, but for a rest."""
    rested = exists().where(
        _event.c.booking_id == _booking.c.id, _event.c.state == State.CANCELLED,
        _event.c.reason == RESTED,
    )  # fmt: skip
    return exists().where(
        _booking.c.person_id == _so.c.person_id, _booking.c.bookable_id == _service.c.id, ~rested
    )


def due(
    session: Session, now: datetime, *, canteen_id: int | None = None,
    person_id: int | None = None, at_once: bool = False,
) -> list[AnyRow]:  # fmt: skip
    """The meals to be made now, by person and day; with `at_once` those left out before, too.

    Each with the standing order's columns, `meal_service_id`, `day`, `closes_at`, `tried_at`,
    `own` (the person had an order), `birth_date`, `booker_id` (the human behind the account).
    """
    found = _MEALS
    if canteen_id is not None:
        found = found.where(_so.c.canteen_id == canteen_id)
    if person_id is not None:
        found = found.where(_so.c.person_id == person_id)
    rows = session.execute(found, {"now": now}).all()
    return [
        row for row in rows if row.day.weekday() in row.weekdays and (at_once or _is_time(row, now))
    ]


def _meals() -> Select[*tuple[Any, ...]]:
    now = bindparam("now", type_=UtcDateTime)
    skipped = exists().where(
        _skip.c.standing_order_id == _so.c.id, _skip.c.day == _service.c.day
    )  # fmt: skip
    return (
        select(
            *_so.c, _service.c.id.label("meal_service_id"), _service.c.day,
            _bookable.c.closes_at, _sm.c.at.label("tried_at"), _own().label("own"),
            _person.c.birth_date, _account.c.person_id.label("booker_id"),
        )
        .join(_person, _person.c.id == _so.c.person_id)
        .join(
            _service,
            and_(_service.c.canteen_id == _so.c.canteen_id, _service.c.meal == _so.c.meal),
        )
        .join(_bookable, _bookable.c.id == _service.c.id)
        .outerjoin(
            _sm, and_(_sm.c.person_id == _so.c.person_id, _sm.c.meal_service_id == _service.c.id)
        )
        .outerjoin(
            _account, and_(_account.c.id == _so.c.account_id, _account.c.closed_at.is_(None))
        )
        .where(
            _so.c.ended_at.is_(None), _bookable.c.published_at <= now,
            _bookable.c.closes_at > now, _bookable.c.cancelled_at.is_(None),
            _service.c.day >= _so.c.since, ~skipped, ~rests(_so.c.person_id, _service.c.day),
            or_(_sm.c.id.is_(None), _sm.c.outcome == Outcome.LEFT_OUT),
        )
        .order_by(_so.c.person_id, _bookable.c.starts_at)
    )  # fmt: skip


_MEALS = _meals()


def _is_time(row: AnyRow, now: datetime) -> bool:
    last_try = row.closes_at - LAST_TRY
    return (
        row.tried_at is None
        or row.tried_at <= now - AGAIN
        or (row.tried_at < last_try <= now)
    )  # fmt: skip


def people_of(rows: Sequence[AnyRow]) -> list[int]:
    """Whose they are, each once, in order."""
    return list(dict.fromkeys(row.person_id for row in rows))
