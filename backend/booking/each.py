"""Booking for many at once: who simply gets a place does so in company, the rest go on alone."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from backend.booking.models import State
from backend.booking.service import Actor, Booked, Wish, values_of
from backend.booking.taking_each import take_each
from backend.reminders.models import Kind


def book_each(
    session: Session, wishes: Sequence[tuple[Wish, Actor]], now: datetime
) -> list[Booked | None]:
    """A place for every wish that there is room for, in one statement (PostgreSQL only).

    The caller has checked the rules; each wish is a resident's, for one place. None for those that
    `book` has to look into: no room, or the same person or key as somebody before them. A row that
    cannot be written fails all.
    """
    met: set[tuple[object, ...]] = set()
    chosen: list[int] = []
    for number, (wish, actor) in enumerate(wishes):
        own: set[tuple[object, ...]] = {("once", wish.person_id, wish.once_key)}
        if wish.idempotency_key is not None:
            own.add(("key", actor.account_id, wish.idempotency_key))
        if met.isdisjoint(own):
            chosen.append(number)
        met |= own
    booked: list[Booked | None] = [None] * len(wishes)
    same = {"state": State.CONFIRMED, "tells": Kind.BOOKED}
    asking = [values_of(*wishes[number], now) | same for number in chosen]
    for number, booking_id in zip(chosen, take_each(session, asking), strict=True):
        if booking_id is not None:
            booked[number] = Booked(booking_id, State.CONFIRMED)
    return booked
