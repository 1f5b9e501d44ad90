"""The waiting list: who is next, offers with a deadline, and what happens when one runs out.

Everything here runs under the bookable's row lock, in one pass: `lock()` first.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, insert, select, union_all, update
from sqlalchemy.orm import Session

from backend import clock, config
from backend.booking import kept, rivals
from backend.booking.models import Bookable, Booking, BookingEvent, State
from backend.db import AnyRow, db, table_of
from backend.errors import NotFound
from backend.reminders import outbox, quiet
from backend.reminders.models import Kind

SHORTEST_OFFER = timedelta(minutes=30)

TRANSFERRED = "transferred"
"""The reason in the history of a booking that was given back for another of the same kind."""

OFFER_EXPIRED = "offer_expired"
"""The reason in the history of whoever did not answer in time."""

WISH_CHANGED = "wish_changed"
"""The reason in the history of whoever said until when an offer is of use."""

WISH_OVER = "wish_over"
"""The reason in the history of whoever wanted an offer only before a moment that has passed."""


def lock(session: Session, bookable_id: int) -> AnyRow:
    """The bookable's counters, locked until the transaction ends. Raises NotFound."""
    row = session.execute(
        select(
            Bookable.id, Bookable.capacity, Bookable.taken, Bookable.overbooked, Bookable.waiting,
            Bookable.kept, Bookable.kept_taken, Bookable.starts_at, Bookable.promote_until,
            Bookable.cancelled_at,
        )
        .where(Bookable.id == bookable_id)
        .with_for_update()
    ).first()  # fmt: skip
    if row is None:
        raise NotFound()
    return row


def lock_all(session: Session, bookable_ids: Iterable[int]) -> dict[int, AnyRow]:
    """Several, locked in the order of their ids, so that nobody waits in a circle."""
    return {one: lock(session, one) for one in sorted(set(bookable_ids))}


def offer_deadline(now: datetime, promote_until: datetime) -> datetime:
    """How long an offered place is held: `OFFER_HOURS` of waking time, less as the start nears.

    Never more than half of the waking time left until promotion ends, so that a refused place can
    be offered once more; at least half an hour; the clock stands still at night.
    """
    hours = timedelta(hours=config.current().offer_hours)
    span = max(min(hours, quiet.awake_between(now, promote_until) / 2), SHORTEST_OFFER)
    return min(quiet.add_awake(now, span), promote_until)


def record(
    session: Session,
    booking_id: int,
    state: State,
    now: datetime,
    *,
    account_id: int | None = None,
    staff_id: int | None = None,
    reason: str | None = None,
    late_minutes: int | None = None,
) -> None:
    """One row of history; neither account nor staff means the system did it."""
    record_all(
        session, [booking_id], state, now, account_id=account_id, staff_id=staff_id,
        reason=reason, late_minutes=late_minutes,
    )  # fmt: skip


def record_all(
    session: Session, booking_ids: Sequence[int], state: State, now: datetime, **why: Any
) -> None:
    """The same row of history for each."""
    session.execute(
        insert(table_of(BookingEvent)),
        [{"booking_id": one, "at": now, "state": state} | why for one in booking_ids],
    )


def promote(
    session: Session, bookable_id: int, now: datetime, *, passing_over: bool = False
) -> list[int]:
    """Offer every free place to the head of the line; the ids of the bookings offered.

    Order: rank, then queue number. The head blocks until it fits, unless staff decided on
    `passing_over` whoever does not; people who go together are offered their places together or
    not at all. Where places are kept for a group, whoever of it sits elsewhere moves over to those
    first, and whoever waits for others does not hold back the group from those. Nothing is offered
    after `promote_until`, nor to whom a place elsewhere rules it out: they leave the line and are
    told.
    """
    place = lock(session, bookable_id)
    if kept.move_over(session, place):
        place = lock(session, bookable_id)
    ends = place.promote_until or place.starts_at
    offered: list[int] = []
    seats = kept.Seats.of(place)
    if place.cancelled_at is None and now < ends and place.waiting:
        if place.capacity is None or seats.free > 0:
            _end_ruled_out(session, bookable_id, now)
        whole_line = passing_over or place.kept or place.capacity is None
        for party in parties_in_line(session, bookable_id, None if whole_line else seats.free):
            on_kept = seats.give(party)
            if on_kept is None:
                if not passing_over:
                    seats.hold_back(party)
                if seats.all_held_back:
                    break
                continue
            _offer(session, party, offer_deadline(now, ends), now)
            offered += [member.id for member in party]
            wanted = sum(member.quantity for member in party)
            session.execute(
                update(Bookable)
                .where(Bookable.id == bookable_id)
                .values(taken=Bookable.taken + wanted, waiting=Bookable.waiting - len(party))
            )
            kept.seat(session, bookable_id, party, on_kept)
    _set_next_expiry(session, bookable_id)
    return offered


def parties_in_line(session: Session, bookable_id: int, free: int | None) -> list[list[AnyRow]]:
    """The head of the line, people who go together as one, each party at its first member's place.

    Everybody needs a place of their own, so nobody behind the first `free` in line leads a party
    that could be served: a long line costs no more than a short one.
    """
    line = (
        select(
            Booking.id,
            Booking.person_id,
            Booking.account_id,
            Booking.party_id,
            Booking.quantity,
            Booking.in_group,
        )
        .where(Booking.bookable_id == bookable_id, Booking.state == State.WAITING)
        .order_by(Booking.rank, Booking.queue_no)
    )
    heads = session.execute(line.limit(free)).all()
    led = {row.party_id for row in heads if row.party_id is not None}
    together = session.execute(line.where(Booking.party_id.in_(led))).all() if led else []
    parties: dict[object, list[AnyRow]] = {}
    for row in heads:
        parties.setdefault(row.party_id or ("alone", row.id), []).append(row)
    for party_id in led:
        parties[party_id] = [row for row in together if row.party_id == party_id]
    return list(parties.values())


def _offer(session: Session, party: list[AnyRow], until: datetime, now: datetime) -> None:
    for member in party:
        session.execute(
            update(Booking)
            .where(Booking.id == member.id)
            .values(state=State.OFFERED, offer_until=until)
        )
        record(session, member.id, State.OFFERED, now)
        outbox.tell(
            session, Kind.OFFERED, person_id=member.person_id, account_id=member.account_id,
            booking_id=member.id, now=now, concerns_today=False,
        )  # fmt: skip


def _set_next_expiry(session: Session, bookable_id: int) -> None:
    runs_out = union_all(
        select(func.min(Booking.offer_until).label("at")).where(
            Booking.bookable_id == bookable_id, Booking.state == State.OFFERED
        ),
        select(func.min(Booking.offer_before)).where(
            Booking.bookable_id == bookable_id,
            Booking.state == State.WAITING,
            Booking.offer_before.is_not(None),
        ),
        select(Bookable.kept_until).where(Bookable.id == bookable_id, Bookable.kept > 0),
    ).subquery()
    earliest = select(func.min(runs_out.c.at)).scalar_subquery()
    session.execute(
        update(Bookable).where(Bookable.id == bookable_id).values(next_expiry_at=earliest)
    )


def want_before(
    session: Session, bookable_id: int, booking_ids: Sequence[int], moment: datetime | None
) -> None:
    """Those of a locked line want an offer only before `moment`; None waits to the end."""
    session.execute(update(Booking).where(Booking.id.in_(booking_ids)).values(offer_before=moment))
    _set_next_expiry(session, bookable_id)


def others_of_party(session: Session, booking: AnyRow, states: Sequence[State]) -> list[AnyRow]:
    """Those who go together with a locked booking and are in one of `states`, locked too."""
    if booking.party_id is None:
        return []
    return list(
        session.execute(
            select(
                Booking.id, Booking.bookable_id, Booking.person_id, Booking.account_id,
                Booking.state, Booking.quantity, Booking.on_kept, Booking.starts_at,
                Booking.ends_at, Booking.cancel_until, Booking.transfer_from_id,
            )
            .where(
                Booking.party_id == booking.party_id,
                Booking.bookable_id == booking.bookable_id,
                Booking.id != booking.id,
                Booking.state.in_(states),
            )
            .order_by(Booking.id)
            .with_for_update()
        )
    )  # fmt: skip


def leave(
    session: Session, bookable_id: int, *, held: int = 0, on_kept: int = 0, waiting: int = 0
) -> None:
    """Give `held` places back, of them `on_kept` to the group they are kept for, and take
    `waiting` bookings out of the line.
    """
    session.execute(
        update(Bookable)
        .where(Bookable.id == bookable_id)
        .values(
            taken=Bookable.taken - held,
            kept_taken=Bookable.kept_taken - on_kept,
            waiting=Bookable.waiting - waiting,
        )
    )


def with_expired_offers(session: Session, now: datetime) -> list[int]:
    """The bookables where an offer or a wish has run out, or kept places come free: what the
    scheduler looks for.
    """
    due = select(Bookable.id).where(Bookable.next_expiry_at <= now).order_by(Bookable.id)
    return list(session.scalars(due))


def pass_on_expired(bookable_id: int, now: datetime) -> int:
    """End the offers of `bookable_id` whose deadline has passed and offer their places on.

    Whoever wanted an offer only before now leaves the line first; places that were kept until now
    come free. For the doors and the scheduler
    alike, inside a transaction of its own. Returns how many ended.
    """
    session = db.session()
    lock(session, bookable_id)
    over = _end_wishes(session, bookable_id, now)
    expired = session.execute(
        select(
            Booking.id, Booking.person_id, Booking.account_id, Booking.quantity, Booking.on_kept
        ).where(
            Booking.bookable_id == bookable_id,
            Booking.state == State.OFFERED,
            Booking.offer_until <= now,
        )
    ).all()  # fmt: skip
    for offer in expired:
        session.execute(update(Booking).where(Booking.id == offer.id).values(state=State.DECLINED))
        record(session, offer.id, State.DECLINED, now, reason=OFFER_EXPIRED)
        outbox.tell(
            session, Kind.OFFER_EXPIRED, person_id=offer.person_id, account_id=offer.account_id,
            booking_id=offer.id, now=now,
        )  # fmt: skip
    leave(
        session, bookable_id, held=sum(offer.quantity for offer in expired),
        on_kept=sum(offer.on_kept for offer in expired),
    )  # fmt: skip
    kept.release_if_due(session, bookable_id, now)
    promote(session, bookable_id, now)
    return len(expired) + over


def _end_ruled_out(session: Session, bookable_id: int, now: datetime) -> None:
    """Who has a place elsewhere that rules this one out does not hold up the line."""
    waits = (Booking.bookable_id == bookable_id, Booking.state == State.WAITING)
    over = rivals.ruled_out(session, *waits)
    for one in over:
        _end_wait(session, one.booking, now, rivals.RULED_OUT, one.facts())
    leave(session, bookable_id, waiting=len(over))


def _end_wishes(session: Session, bookable_id: int, now: datetime) -> int:
    over = session.execute(
        select(Booking.id, Booking.person_id, Booking.account_id, Booking.offer_before).where(
            Booking.bookable_id == bookable_id,
            Booking.state == State.WAITING,
            Booking.offer_before <= now,
        )
    ).all()
    for wish in over:
        said = {"wish_over": clock.rfc3339(wish.offer_before)}
        _end_wait(session, wish, now, WISH_OVER, said)
    leave(session, bookable_id, waiting=len(over))
    return len(over)


def _end_wait(
    session: Session, booking: AnyRow, now: datetime, reason: str, facts: dict[str, Any]
) -> None:
    session.execute(update(Booking).where(Booking.id == booking.id).values(state=State.CANCELLED))
    record(session, booking.id, State.CANCELLED, now, reason=reason)
    outbox.tell(
        session, Kind.CANCELLED, person_id=booking.person_id, account_id=booking.account_id,
        booking_id=booking.id, now=now, facts=facts,
    )  # fmt: skip
