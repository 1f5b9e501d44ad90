"""The verbs of what was really eaten: a meal is handed over, once; a mistake is taken back.

Whom a member of staff reaches is for the doors. Locked in one order: the meal (shared, so that
tablets do not wait for each other), the order; whoever locks more does so afterwards.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from flask_babel import format_date
from sqlalchemy import and_, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from backend import clock
from backend.booking import line
from backend.booking.models import Bookable, Booking, State
from backend.canteen.delivery import ending as delivery
from backend.canteen.models import MealService
from backend.canteen.serving import missing
from backend.canteen.serving.errors import AlreadyServed, GivenBack, NotToday
from backend.canteen.serving.models import MealServed, Proof, Way
from backend.db import AnyRow, RunAgain, table_of
from backend.errors import KeyReused, NotFound
from backend.reminders import moments
from backend.staff import audit
from backend.staff.models import Staff

LATEST = timedelta(days=7)
"""How long after its meal a device may still tell what it has noted."""

SERVE, SUBJECT = "meal.serve", "booking"
"""What the audit calls it."""

UNSERVED = (State.CONFIRMED, State.MISSED)

_bookable, _booking = table_of(Bookable), table_of(Booking)
_service, _served, _staff = table_of(MealService), table_of(MealServed), table_of(Staff)


@dataclass(frozen=True, slots=True)
class Served:
    """A meal that was handed over. `is_new`: just now, not under the same key before."""

    id: int
    is_new: bool


def serve(
    session: Session, booking_id: int, *, way: Way, proof: Proof, staff_id: int, at: datetime,
    key: str, now: datetime, received_by: str | None = None, photo_id: int | None = None,
) -> Served:  # fmt: skip
    """Somebody got what was ordered for them, `at` a moment that a device may tell later.

    What is fetched is not brought any more; at a door the stop is for whoever was there.
    The same `key` answers the same row, taken back or not. `at` is put between the beginning of the
    meal's day and `now`. Raises NotFound, GivenBack, NotToday, AlreadyServed, KeyReused.
    """
    if (earlier := _by_key(session, key)) is not None:
        if earlier.booking_id != booking_id:
            raise KeyReused()
        audit.unchanged(session)
        return Served(earlier.id, is_new=False)
    meal = _locked(session, booking_id)
    if meal.key == key:  # sent twice, and the first came through while this one waited
        audit.unchanged(session)
        return Served(meal.served_id, is_new=False)
    _check(meal, now)
    values = {
        "booking_id": booking_id, "way": way, "proof": proof, "staff_id": staff_id, "key": key,
        "at": noted_at(meal.day, at, now), "recorded_at": now, "received_by": received_by,
        "photo_id": photo_id,
    }  # fmt: skip
    _move(session, booking_id, UNSERVED, State.ATTENDED)
    try:
        ident = session.scalars(insert(_served).values(values).returning(_served.c.id)).one()
    except IntegrityError as error:
        raise RunAgain() from error  # the same key at the same moment: the next try sees its row
    if meal.state == State.MISSED:
        missing.take_credit_back(session, booking_id, now)
    if way == Way.COUNTER:
        delivery.leave(session, [booking_id], now)
    line.record(session, booking_id, State.ATTENDED, now, staff_id=staff_id, reason=way)
    audit.record(
        session, staff_id, SERVE, SUBJECT, booking_id, place_id=meal.place_id,
        before={"state": meal.state}, after=told(way, proof, at),
    )  # fmt: skip
    return Served(int(ident), is_new=True)


def told(way: Way, proof: Proof, at: datetime) -> dict[str, Any]:
    """How it stands afterwards, for the audit."""
    return {"state": State.ATTENDED, "way": way, "proof": proof, "at": clock.rfc3339(at)}


def noted_at(day: date, at: datetime, now: datetime) -> datetime:
    """When a meal of that day was handed over, if a device says `at`."""
    return min(max(at, clock.at_minute(day)), now)


def is_open(day: date, ends_at: datetime, now: datetime) -> bool:
    """Whether it can be noted of a meal that it was handed over."""
    return clock.at_minute(day) <= now < ends_at + LATEST


def undo(
    session: Session, served_id: int, *, staff_id: int, reason: str, now: datetime
) -> None:  # fmt: skip
    """It was not handed over after all: the row stays, with who says so and why.

    The order stands as before, and is brought again while its run is open; done twice, it changes
    nothing more. Raises NotFound.
    """
    served = session.execute(
        select(_served.c.booking_id, _served.c.key).where(_served.c.id == served_id)
    ).first()
    if served is None:
        raise NotFound()
    booking_id = served.booking_id
    meal = _locked(session, booking_id)
    done = session.execute(
        update(_served)
        .where(_served.c.id == served_id, _served.c.undone_at.is_(None))
        .values(undone_at=now, undone_by_id=staff_id, undone_reason=reason)
        .returning(_served.c.id)
    ).first()
    if done is None:
        audit.unchanged(session)
        return
    _move(session, booking_id, (State.ATTENDED,), State.CONFIRMED)
    delivery.come_back(session, booking_id, served.key, now)
    line.record(session, booking_id, State.CONFIRMED, now, staff_id=staff_id, reason=reason)
    audit.record(
        session, staff_id, "meal.unserve", "booking", booking_id, place_id=meal.place_id,
        before={"state": State.ATTENDED}, after={"state": State.CONFIRMED, "reason": reason},
    )  # fmt: skip


def _by_key(session: Session, key: str) -> AnyRow | None:
    return session.execute(
        select(_served.c.id, _served.c.booking_id).where(_served.c.key == key)
    ).first()


def _locked(session: Session, booking_id: int) -> AnyRow:
    """The order and its meal, with who has handed it over; the meal cannot be called off now."""
    stands = and_(_served.c.booking_id == _booking.c.id, _served.c.undone_at.is_(None))
    row = session.execute(
        select(
            _booking.c.state, _service.c.day, _bookable.c.place_id, _bookable.c.ends_at,
            _served.c.id.label("served_id"), _served.c.key, _served.c.at, _staff.c.name,
        )
        .join(_service, _service.c.id == _booking.c.bookable_id)
        .join(_bookable, _bookable.c.id == _service.c.id)
        .outerjoin(_served, stands)
        .outerjoin(_staff, _staff.c.id == _served.c.staff_id)
        .where(_booking.c.id == booking_id)
        .with_for_update(read=True, of=_bookable)
    ).first()  # fmt: skip
    if row is None:
        raise NotFound()
    return row


def _check(meal: AnyRow, now: datetime) -> None:
    if meal.at is not None:
        time = moments.time_of_day(meal.at)
        raise AlreadyServed(at=meal.at, time=time, by=meal.name)
    if meal.state not in UNSERVED:
        raise GivenBack()
    if not is_open(meal.day, meal.ends_at, now):
        raise NotToday(day=format_date(meal.day, "M月d日"))


def _move(
    session: Session, booking_id: int, before: tuple[State, ...], state: State
) -> None:  # fmt: skip
    """From one state to another; whoever came first meanwhile is seen by the next try."""
    done = session.execute(
        update(_booking)
        .where(_booking.c.id == booking_id, _booking.c.state.in_(before))
        .values(state=state)
        .returning(_booking.c.id)
    ).first()
    if done is None:
        raise RunAgain()
