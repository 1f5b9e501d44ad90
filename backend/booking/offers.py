"""The line and its offers: accept, decline or release one, wait until a day, offer what is free."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from backend.booking import line, rivals
from backend.booking.errors import NotWaiting, OfferGone
from backend.booking.models import Booking, State
from backend.booking.service import Actor, end, lock_booking, lock_row, pass_on_first
from backend.booking.transfers import give_up
from backend.reminders import outbox
from backend.reminders.models import Kind


def accept(session: Session, booking_id: int, actor: Actor, now: datetime) -> None:
    """Take the offered place, and those of everybody who goes together.

    Who waited to change gives the earlier place back, each their own, which is never late: they
    asked in time. They leave the lines that the place rules out. Accepting twice changes nothing.
    Raises OfferGone, and what a place they have elsewhere says against it.
    """
    lines = rivals.lines(session, booking_id)
    place, booking = lock_booking(session, booking_id, now, lines)
    if booking.state == State.CONFIRMED:
        return
    if booking.state != State.OFFERED or place.cancelled_at is not None:
        raise OfferGone()
    accepted = (booking, *line.others_of_party(session, booking, [State.OFFERED]))
    for found in rivals.ruled_out(session, Booking.id.in_([one.id for one in accepted])):
        raise found.refusal
    for one in accepted:
        session.execute(
            update(Booking)
            .where(Booking.id == one.id)
            .values(state=State.CONFIRMED, offer_until=None)
        )
        line.record(
            session, one.id, State.CONFIRMED, now,
            account_id=actor.account_id, staff_id=actor.staff_id,
        )  # fmt: skip
        outbox.tell(
            session, Kind.BOOKED, person_id=one.person_id, account_id=one.account_id,
            booking_id=one.id, now=now,
        )  # fmt: skip
    line.promote(session, place.id, now)
    for one in accepted:
        if one.transfer_from_id is not None:
            left = lock_row(session, one.transfer_from_id)
            if left.state == State.CONFIRMED:
                give_up(session, left, one.id, actor, now)
    if lines:
        _leave_lines(session, [one.person_id for one in accepted], lines, now)


def _leave_lines(
    session: Session, people: Collection[int], lines: Collection[int], now: datetime
) -> None:
    """End what their new places rule out in these locked lines; offers among it go to the next."""
    theirs = (Booking.person_id.in_(people), Booking.bookable_id.in_(lines))
    over = rivals.ruled_out(session, *theirs)
    for found in over:
        one = found.booking
        end(session, one, State.CANCELLED, Actor(), now, rivals.RULED_OUT)
        outbox.tell(
            session, Kind.CANCELLED, person_id=one.person_id, account_id=one.account_id,
            booking_id=one.id, now=now, facts=found.facts(),
        )  # fmt: skip
    for bookable_id in sorted({found.booking.bookable_id for found in over}):
        line.promote(session, bookable_id, now)


def decline(session: Session, booking_id: int, actor: Actor, now: datetime) -> None:
    """Turn the offered place down, and those of everybody who goes together.

    They go to the next in line. Declining twice changes nothing. Raises OfferGone.
    """
    place, booking = lock_booking(session, booking_id, now)
    if booking.state == State.DECLINED:
        return
    if booking.state != State.OFFERED:
        raise OfferGone()
    for one in (booking, *line.others_of_party(session, booking, [State.OFFERED])):
        end(session, one, State.DECLINED, actor, now)
    line.promote(session, place.id, now)


def want_before(
    session: Session, booking_id: int, moment: datetime | None, actor: Actor, now: datetime
) -> None:
    """Whoever waits wants an offer only before `moment`, with everybody who goes together.

    None waits to the end. Raises NotWaiting.
    """
    place, booking = lock_booking(session, booking_id, now)
    if booking.state != State.WAITING:
        raise NotWaiting()
    party = [booking, *line.others_of_party(session, booking, [State.WAITING])]
    line.want_before(session, place.id, [one.id for one in party], moment)
    for one in party:
        line.record(
            session, one.id, State.WAITING, now,
            account_id=actor.account_id, staff_id=actor.staff_id, reason=line.WISH_CHANGED,
        )  # fmt: skip


def release(session: Session, booking_id: int, actor: Actor, reason: str, now: datetime) -> None:
    """Staff give an offered place free before its deadline, with those of everybody who goes
    together; they are told the reason and the next in line is asked. Raises OfferGone.
    """
    place, booking = lock_booking(session, booking_id, now)
    if booking.state != State.OFFERED:
        raise OfferGone()
    for one in (booking, *line.others_of_party(session, booking, [State.OFFERED])):
        end(session, one, State.DECLINED, actor, now, reason)
        outbox.tell(
            session, Kind.OFFER_EXPIRED, person_id=one.person_id, account_id=one.account_id,
            booking_id=one.id, now=now, facts={"reason": reason},
        )  # fmt: skip
    line.promote(session, place.id, now)


def push_line(session: Session, bookable_id: int, now: datetime) -> list[int]:
    """Offer what is free now to whoever is next; the ids of the bookings offered."""
    pass_on_first(session, bookable_id, now)
    return line.promote(session, bookable_id, now)
