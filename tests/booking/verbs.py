"""The verbs of booking as a door calls them: in a transaction, again where they ask for it."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select

from backend import clock
from backend.booking import bookables, line, offers, parties, service
from backend.booking.models import Bookable, Booking, BookingEvent
from backend.booking.parties import Party, PartyWish
from backend.booking.service import Actor, Booked, Wish
from backend.db import db, transactional
from backend.night_school.facts import once_key
from backend.reminders.models import Reminder


@transactional
def book(
    run_id: int, person_id: int, *, account_id: int | None = None, staff_id: int | None = None,
    **given: Any,
) -> Booked:  # fmt: skip
    wish = Wish(
        **{"bookable_id": run_id, "person_id": person_id, "once_key": once_key(run_id)} | given
    )
    return service.book(db.session(), wish, Actor(account_id, staff_id), clock.now())


@transactional
def book_party(
    run_id: int, person_ids: Sequence[int], *, account_id: int, wait: bool = False,
    offer_before: datetime | None = None, in_group: Collection[int] = (),
) -> Party:  # fmt: skip
    wish = PartyWish(
        bookable_id=run_id, person_ids=person_ids, once_key=once_key(run_id), wait=wait,
        offer_before=offer_before, in_group=in_group,
    )  # fmt: skip
    return parties.book(db.session(), wish, Actor(account_id), clock.now())


@transactional
def pass_over(booking_id: int, staff_id: int | None = None, reason: str = "人数太多") -> list[int]:
    actor = Actor(staff_id=staff_id)
    return parties.pass_over(db.session(), booking_id, actor, reason, clock.now())


@transactional
def cancel(
    booking_id: int, actor: Actor | None = None, reason: str | None = None, *,
    whole_party: bool = False, late: bool = False,
) -> None:  # fmt: skip
    service.cancel(
        db.session(), booking_id, actor or _own(booking_id), clock.now(), reason,
        whole_party=whole_party, late=late,
    )  # fmt: skip


@transactional
def accept(booking_id: int) -> None:
    offers.accept(db.session(), booking_id, _own(booking_id), clock.now())


@transactional
def decline(booking_id: int) -> None:
    offers.decline(db.session(), booking_id, _own(booking_id), clock.now())


@transactional
def keep_places(
    run_id: int, places: int, until: datetime | None, people: Collection[int]
) -> None:  # fmt: skip
    """Keep places for these people."""
    group = db.session.scalars(
        select(Booking.id).where(Booking.bookable_id == run_id, Booking.person_id.in_(people))
    ).all()
    bookables.keep_places(db.session(), run_id, places, until, group, clock.now())


@transactional
def want_before(booking_id: int, moment: datetime | None) -> None:
    offers.want_before(db.session(), booking_id, moment, _own(booking_id), clock.now())


@transactional
def release(booking_id: int, staff_id: int | None = None, reason: str = "本人来电不来了") -> None:
    actor = Actor(staff_id=staff_id)
    offers.release(db.session(), booking_id, actor, reason, clock.now())


@transactional
def push(run_id: int) -> list[int]:
    return offers.push_line(db.session(), run_id, clock.now())


@transactional
def change_capacity(run_id: int, capacity: int, *, overbook: bool = False) -> None:
    bookables.change_capacity(db.session(), run_id, capacity, clock.now(), overbook=overbook)


@transactional
def change_deadline(run_id: int, until: datetime | None) -> None:
    bookables.change_deadline(db.session(), run_id, until)


@transactional
def cancel_run(run_id: int, staff_id: int | None = None) -> int:
    return bookables.cancel(db.session(), run_id, Actor(staff_id=staff_id), clock.now())


@transactional
def pass_on(run_id: int) -> int:
    return line.pass_on_expired(run_id, clock.now())


def _own(booking_id: int) -> Actor:
    account_id = db.session.scalars(
        select(Booking.account_id).where(Booking.id == booking_id)
    ).one_or_none()
    return Actor(account_id=account_id)


def state(booking_id: int) -> str:
    return db.session.scalars(select(Booking.state).where(Booking.id == booking_id)).one()


def states(run_id: int) -> list[str]:
    """Of all bookings, in the order they were made."""
    return list(
        db.session.scalars(
            select(Booking.state).where(Booking.bookable_id == run_id).order_by(Booking.id)
        )
    )


def counters(run_id: int) -> tuple[int, int, int]:
    """(taken, waiting, overbooked)."""
    return tuple(
        db.session.execute(
            select(Bookable.taken, Bookable.waiting, Bookable.overbooked).where(
                Bookable.id == run_id
            )
        ).one()
    )


def next_expiry(run_id: int) -> datetime | None:
    return db.session.scalars(select(Bookable.next_expiry_at).where(Bookable.id == run_id)).one()


def offer_until(booking_id: int) -> datetime | None:
    return db.session.scalars(select(Booking.offer_until).where(Booking.id == booking_id)).one()


def history(booking_id: int) -> list[tuple[str, int | None, int | None, str | None]]:
    """(state, account, staff, reason), oldest first."""
    rows = db.session.execute(
        select(
            BookingEvent.state, BookingEvent.account_id, BookingEvent.staff_id, BookingEvent.reason
        )
        .where(BookingEvent.booking_id == booking_id)
        .order_by(BookingEvent.id)
    )
    return [tuple(row) for row in rows]


def told(booking_id: int) -> list[str]:
    """Kinds of the reminders written for a booking, oldest first."""
    return list(
        db.session.scalars(
            select(Reminder.kind).where(Reminder.booking_id == booking_id).order_by(Reminder.id)
        )
    )
