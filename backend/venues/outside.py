"""Reservations that no longer lie within the opening hours, because those were changed since.

What staff gave outside the hours on purpose, with their reason, is none of them.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from backend import clock
from backend.booking import line
from backend.booking.models import Booking, BookingEvent, State
from backend.staff import audit
from backend.staff.access import SignedInStaff
from backend.venues import endings, many
from backend.venues.endings import Hit
from backend.venues.errors import ListChanged
from backend.venues.hours import OpenDay
from backend.venues.reach import RUN, access_venue
from backend.venues.service import CHANGED
from backend.venues.sheet import open_room, place, room

_DAY = timedelta(days=1)


def count(session: Session, me: SignedInStaff, now: datetime) -> Counter[int]:
    """How many lie outside, by venue of my places that has any."""
    found = _find(session, now, me.covers(RUN, place.c.path))
    return Counter(row.venue_id for row, _day in found)


def ids(session: Session, me: SignedInStaff, now: datetime) -> set[int]:
    """All that lie outside at my places."""
    return {row.id for row, _day in _find(session, now, me.covers(RUN, place.c.path))}


def list_outside(
    session: Session, me: SignedInStaff, venue_id: int, now: datetime
) -> tuple[list[Hit], str | None]:
    """Those of one venue by time; and why it is closed then, where all have the same reason.

    Raises NotFound.
    """
    access_venue(session, me, venue_id)
    found = _find(session, now, room.c.venue_id == venue_id)
    hits = endings.list_by_id(session, now, {row.id for row, _day in found})
    reasons = {day.why for _row, day in found}
    return hits, reasons.pop() if len(reasons) == 1 else None


def end(
    session: Session, me: SignedInStaff, venue_id: int, chosen: Collection[str], reason: str,
    now: datetime,
) -> int:  # fmt: skip
    """End those that were chosen and tell them why; how many.

    Raises NotFound, and ListChanged where one of them is not on the list any more.
    """
    ending = _chosen(session, me, venue_id, chosen, now)
    endings.end_all(session, ending, me.staff_id, reason, now)
    _audit(session, me, "reservation.end_outside", venue_id, ending, reason)
    return len(ending)


def keep(
    session: Session, me: SignedInStaff, venue_id: int, chosen: Collection[str], reason: str,
    now: datetime,
) -> int:  # fmt: skip
    """Those that were chosen stand, somebody opens the door for them; how many.

    A request cannot stand: it is approved within the hours or not at all. Raises what `end` does.
    """
    kept = [hit for hit in _chosen(session, me, venue_id, chosen, now)
            if hit.state == State.CONFIRMED]  # fmt: skip
    for hit in kept:
        line.record(
            session, hit.booking_id, State.CONFIRMED, now, staff_id=me.staff_id, reason=reason
        )
    _audit(session, me, "reservation.keep_outside", venue_id, kept, reason)
    return len(kept)


def _chosen(
    session: Session, me: SignedInStaff, venue_id: int, chosen: Collection[str], now: datetime
) -> list[Hit]:
    """Those on the list, their rooms held."""
    access_venue(session, me, venue_id)
    rooms = session.scalars(select(room.c.id).where(room.c.venue_id == venue_id)).all()
    endings.lock_rooms(session, rooms)
    hits, _why = list_outside(session, me, venue_id, now)
    found = [hit for hit in hits if hit.token in chosen]
    if len(found) < len(set(chosen)):
        raise ListChanged()
    return found


def _audit(
    session: Session, me: SignedInStaff, action: str, venue_id: int, hits: Sequence[Hit],
    reason: str,
) -> None:  # fmt: skip
    audit.record(
        session, me.staff_id, action, "venue", venue_id,
        after={"reason": reason, "bookings": [hit.booking_id for hit in hits]},
        place_id=access_venue(session, me, venue_id).place_id,
    )  # fmt: skip


def _find(session: Session, now: datetime, where: ColumnElement[bool]) -> list[tuple[Any, OpenDay]]:
    """What is still to come and lies outside, each with the day it begins on."""
    rows = session.execute(
        select(
            Booking.id, Booking.starts_at, Booking.ends_at, room.c.id.label("room_id"),
            room.c.venue_id,
        )
        .join(open_room, open_room.c.id == Booking.bookable_id)
        .join(room, room.c.id == open_room.c.room_id)
        .join(place, place.c.id == room.c.place_id)
        .where(
            Booking.state.in_((State.REQUESTED, State.CONFIRMED)), Booking.starts_at > now, where
        )
    ).all()  # fmt: skip
    if not rows:
        return []
    days = _days(session, rows)
    outside = []
    for row in rows:
        open_days, today = days[row.room_id], clock.today(row.starts_at)
        around = (open_days[today - _DAY], open_days[today])  # a night reaches into the next day
        spans = (span for day in around for span in day.spans)
        if not any(one.starts_at <= row.starts_at and row.ends_at <= one.ends_at for one in spans):
            outside.append((row, open_days[today]))
    meant = _meant(session, [row.id for row, _day in outside])
    return [one for one in outside if one[0].id not in meant]


def _days(session: Session, rows: Sequence[Any]) -> dict[int, dict[Any, OpenDay]]:
    """The days of each room; rooms under the same rules share them."""
    first = clock.today(min(row.starts_at for row in rows)) - _DAY
    last = clock.today(max(row.ends_at for row in rows))
    there = many.rows_of(session, {row.room_id for row in rows})
    hours = many.hours_of(session, there, first, last)
    known: dict[int, dict[Any, OpenDay]] = {}
    found = {}
    for one in there:
        days = hours.of(one).days
        if id(days) not in known:
            known[id(days)] = {day.day: day for day in days}
        found[one.room_id] = known[id(days)]
    return found


def _meant(session: Session, booking_ids: Sequence[int]) -> set[int]:
    """Those that staff put there with a reason, setting the hours aside."""
    if not booking_ids:
        return set()
    last = (
        select(func.max(BookingEvent.id))
        .where(BookingEvent.booking_id.in_(booking_ids))
        .group_by(BookingEvent.booking_id)
    )
    return set(
        session.scalars(
            select(BookingEvent.booking_id).where(
                BookingEvent.id.in_(last), BookingEvent.staff_id.is_not(None),
                BookingEvent.state == State.CONFIRMED, BookingEvent.reason.is_not(None),
                BookingEvent.reason != CHANGED,
            )
        )
    )  # fmt: skip
