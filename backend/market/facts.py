"""What is looked at when somebody wants a slot: the slots that would do, and the rules' facts."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, select, true
from sqlalchemy.orm import Session

from backend import clock
from backend.booking.models import LIVE, Bookable, Booking
from backend.db import AnyRow, table_of
from backend.errors import NotFound
from backend.market.models import MarketDay, MarketSlot, Stall
from backend.market.rules import Asked
from backend.people.models import Person
from backend.people.queries import Resident, acts_for
from backend.places.models import Place

_bookable, _slot = table_of(Bookable), table_of(MarketSlot)


def once_key(service_id: int, day: object) -> str:
    """A person has one live booking per service and day."""
    return f"market:{service_id}:{day}"


def slots_for(
    session: Session, stall_id: int, starts_at: datetime, provider_id: int | None
) -> tuple[Sequence[AnyRow], AnyRow]:
    """The slots that would do, the best first, and their stall with its day. Raises NotFound.

    Of several people the one with most free time that day comes first; where nothing is free, the
    one with the shortest line.
    """
    day = session.execute(
        select(
            Stall.service_id, Stall.min_age, Stall.max_age, Stall.home_place_id, Stall.at_home,
            Stall.staff_check, MarketDay.day, MarketDay.books_from, MarketDay.cancelled_at,
        )
        .join(MarketDay, MarketDay.id == Stall.market_day_id)
        .where(Stall.id == stall_id, MarketDay.opened_at.is_not(None))
    ).first()  # fmt: skip
    rows = session.execute(
        select(
            _slot.c.id, _slot.c.provider_id, _bookable.c.starts_at, _bookable.c.capacity,
            _bookable.c.taken, _bookable.c.waiting, _bookable.c.cancelled_at,
        )
        .join(_bookable, _bookable.c.id == _slot.c.id)
        .where(_slot.c.stall_id == stall_id)
    ).all()  # fmt: skip
    free: dict[int | None, int] = {}
    for row in rows:
        free[row.provider_id] = free.get(row.provider_id, 0) + row.capacity - row.taken
    fitting = [
        row for row in rows
        if row.starts_at == starts_at
        and provider_id in (None, row.provider_id)
    ]  # fmt: skip
    if day is None or not fitting:
        raise NotFound()

    def liking(row: AnyRow) -> tuple[bool, bool, int, int, int]:
        full = row.taken >= row.capacity or row.waiting > 0
        return row.cancelled_at is not None, full, row.waiting, -free[row.provider_id], row.id

    return sorted(fitting, key=liking), day


def for_account(
    session: Session, me: Resident, slot: AnyRow, day: AnyRow, person_id: int, now: datetime, *,
    leaving: int | None = None,
) -> Asked:  # fmt: skip
    """What the rules look at. Raises NotFound for people the account may not act for."""
    allowed = acts_for(me, Person.id, clock.today(now))
    return _asked(session, slot, day, person_id, now, allowed, leaving)


def for_staff(
    session: Session, slot: AnyRow, day: AnyRow, person_id: int, now: datetime, *,
    leaving: int | None = None,
) -> Asked:  # fmt: skip
    """The same for anybody whom the desk has found to be in its reach."""
    return _asked(session, slot, day, person_id, now, true(), leaving)


def _asked(
    session: Session, slot: AnyRow, day: AnyRow, person_id: int, now: datetime,
    allowed: ColumnElement[bool], leaving: int | None,
) -> Asked:  # fmt: skip
    person = session.execute(
        select(Person.birth_date, Place.path, Booking.id.label("live_id"))
        .outerjoin(Place, Place.id == Person.home_place_id)
        .outerjoin(
            Booking,
            (Booking.person_id == Person.id) & Booking.state.in_(LIVE) & (Booking.id != leaving)
            & (Booking.once_key == once_key(day.service_id, day.day)),
        )
        .where(Person.id == person_id, Person.merged_into_id.is_(None), allowed)
    ).first()  # fmt: skip
    if person is None:
        raise NotFound()
    return Asked(
        now=now, starts_at=slot.starts_at, books_from=day.books_from,
        cancelled_at=day.cancelled_at, min_age=day.min_age, max_age=day.max_age,
        home_place_id=day.home_place_id, birth_date=person.birth_date, home_path=person.path,
        live_booking_id=person.live_id,
    )  # fmt: skip
