"""Reads of bookings: mine and my household's, one with its code, the position in a line."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from backend import clock
from backend.booking import lapsing
from backend.booking.models import LIVE, Bookable, Booking, BookingEvent, State
from backend.db import AnyRow
from backend.errors import NotFound
from backend.people.models import Person
from backend.people.queries import Resident, acts_for
from backend.places.models import Place

_ahead = aliased(Booking)
POSITION = (
    select(func.count())
    .where(
        _ahead.bookable_id == Booking.bookable_id,
        _ahead.state == State.WAITING,
        or_(
            _ahead.rank < Booking.rank,
            and_(_ahead.rank == Booking.rank, _ahead.queue_no <= Booking.queue_no),
        ),
    )
    .scalar_subquery()
)
"""Where a booking that waits stands in its line, from 1."""

_SHOWN = (
    Booking.id, Booking.bookable_id, Booking.person_id, Booking.starts_at,
    Booking.ends_at, Booking.cancel_until, Booking.offer_until, Booking.offer_before,
    Booking.queue_no,
    Booking.created_at, Bookable.kind, Bookable.title, Person.name.label("person_name"),
    Place.name.label("place_name"), POSITION.label("position"),
)  # fmt: skip


Opened = Callable[[Resident, date], ColumnElement[bool]]
_OPENED: list[Opened] = []


def opens(opened: Opened) -> Opened:
    """Register which bookings a service opens to an account beside those it may act for."""
    _OPENED.append(opened)
    return opened


def is_mine(me: Resident, today: date) -> ColumnElement[bool]:
    """Whether a booking is of somebody the account may act for, or opened to it by a service."""
    return or_(acts_for(me, Booking.person_id, today), *(opened(me, today) for opened in _OPENED))


def is_coming(now: datetime) -> ColumnElement[bool]:
    """What is live and not over; a request nobody decided in time, or what lapsed, is no more."""
    return and_(
        Booking.state.in_(LIVE), Booking.ends_at > now, ~_undecided(now), ~lapsing.missed(now)
    )


def state_at(now: datetime) -> ColumnElement[str]:
    """The state as it is to everybody, whether or not a job ran: declined once the start of a
    request has passed, missed where nobody came; `state` in a select."""
    return case(
        (_undecided(now), State.DECLINED.value), (lapsing.missed(now), State.MISSED.value),
        else_=Booking.state,
    ).label("state")  # fmt: skip


def _undecided(now: datetime) -> ColumnElement[bool]:
    return and_(Booking.state == State.REQUESTED, Booking.starts_at <= now)


def _shown(row: AnyRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "kind": row.kind,
        "bookable_id": row.bookable_id,
        "title": row.title,
        "place_name": row.place_name,
        "person_id": row.person_id,
        "person_name": row.person_name,
        "state": row.state,
        "starts_at": clock.rfc3339(row.starts_at),
        "ends_at": clock.rfc3339(row.ends_at),
        "cancel_until": clock.rfc3339(row.cancel_until),
        "offer_until": clock.rfc3339(row.offer_until),
        "offer_before": clock.rfc3339(row.offer_before) if row.state == State.WAITING else None,
        "position": row.position if row.state == State.WAITING else None,
        "created_at": clock.rfc3339(row.created_at),
    }


def list_mine(
    session: Session, me: Resident, now: datetime, *, past: bool = False
) -> list[dict[str, Any]]:
    """The bookings of everybody I may act for: what is live and to come, or the last 100 others."""
    coming = is_coming(now)
    rows = session.execute(
        select(*_SHOWN, state_at(now))
        .join(Bookable, Bookable.id == Booking.bookable_id)
        .join(Person, Person.id == Booking.person_id)
        .join(Place, Place.id == Bookable.place_id)
        .where(is_mine(me, clock.today(now)), ~coming if past else coming)
        .order_by(Booking.starts_at.desc() if past else Booking.starts_at, Booking.id)
        .limit(100)
    )
    return [_shown(row) for row in rows]


def get_mine(session: Session, me: Resident, booking_id: int, now: datetime) -> dict[str, Any]:
    """One booking with its codes, its place and who goes along.

    Raises NotFound, also for other people's.
    """
    row = session.execute(
        select(
            *_SHOWN, state_at(now), Booking.code, Booking.short_code, Booking.party_id,
            Place.address.label("place_address"), Place.phone.label("place_phone"),
            Booking.transfer_from_id, given_back_late(),
        )
        .join(Bookable, Bookable.id == Booking.bookable_id)
        .join(Person, Person.id == Booking.person_id)
        .join(Place, Place.id == Bookable.place_id)
        .where(Booking.id == booking_id, is_mine(me, clock.today(now)))
    ).first()  # fmt: skip
    if row is None:
        raise NotFound()
    return _shown(row) | {
        "cancelled_late": row.cancelled_late,
        "leaves": _leaves(session, row.transfer_from_id),
        "code": row.code,
        "short_code": row.short_code,
        "place_address": row.place_address,
        "place_phone": row.place_phone,
        "party": [] if row.party_id is None else _party(session, row.party_id),
    }


def _leaves(session: Session, booking_id: int | None) -> dict[str, Any] | None:
    """The place that is given back once an offer here is accepted."""
    row = session.execute(
        select(Booking.id.label("booking_id"), Bookable.title, Place.name.label("place_name"))
        .join(Bookable, Bookable.id == Booking.bookable_id)
        .join(Place, Place.id == Bookable.place_id)
        .where(Booking.id == booking_id, Booking.state == State.CONFIRMED)
    ).first()
    return None if row is None else dict(row._mapping)


def given_back_late() -> ColumnElement[bool]:
    """Whether a booking ended after its deadline for cancelling; `cancelled_late` in a select."""
    late = exists().where(
        BookingEvent.booking_id == Booking.id, BookingEvent.late_minutes.is_not(None)
    )
    return late.label("cancelled_late")


def _party(session: Session, party_id: int) -> list[dict[str, Any]]:
    """Everybody who goes together, in the order they were named."""
    rows = session.execute(
        select(
            Booking.id.label("booking_id"), Booking.person_id, Person.name.label("person_name"),
            Booking.state,
        )
        .join(Person, Person.id == Booking.person_id)
        .where(Booking.party_id == party_id)
        .order_by(Booking.id)
    )  # fmt: skip
    return [dict(row._mapping) for row in rows]


def check_mine(session: Session, me: Resident, booking_id: int, now: datetime) -> None:
    """Raise NotFound unless the booking is one the account may act on."""
    found = session.execute(
        select(Booking.id).where(Booking.id == booking_id, is_mine(me, clock.today(now)))
    ).first()
    if found is None:
        raise NotFound()
