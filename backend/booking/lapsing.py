"""Bookings that lapse where nobody comes: missed from a moment on, whether or not a job ran."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from backend.booking.models import Booking
from backend.db import RunAgain

Missed = Callable[[datetime], ColumnElement[bool]]
Note = Callable[[Sequence[int], datetime], object]
_LAPSING: list[tuple[Missed, Note]] = []


def lapse(missed: Missed, note: Note) -> None:
    """A kind of bookings lapses: `missed` tells which rows of `Booking` have by now, and `note`
    writes it down for those ids, in a transaction of its own."""
    _LAPSING.append((missed, note))


def missed(now: datetime) -> ColumnElement[bool]:
    """Whether nobody came for a row of `Booking`, and should have by now."""
    return or_(False, *(one(now) for one, _note in _LAPSING))


def note_first(session: Session, booking_id: int, now: datetime) -> None:
    """Where a booking has lapsed and no job has seen it, the door notes it and starts over."""
    for one, note in _LAPSING:
        if session.scalar(select(Booking.id).where(Booking.id == booking_id, one(now))):
            raise RunAgain(partial(note, [booking_id], now))
