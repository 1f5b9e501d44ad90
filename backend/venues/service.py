"""The verbs of reserving rooms, for residents and the desk: reserve, and change to another time.

Cancelling is that of every booking; the room comes free with it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from backend import clock
from backend.booking import lapsing, line
from backend.booking.codes import new_code, new_short_code
from backend.booking.errors import NotLive
from backend.booking.models import Booking, State
from backend.booking.queries import check_mine
from backend.booking.service import Actor, Booked, Replay
from backend.db import AnyRow, RunAgain, hold
from backend.errors import KeyReused, NotFound
from backend.people.queries import Resident
from backend.reminders import outbox
from backend.reminders.models import Kind
from backend.venues import coming, facts, holding, rules, sheet, tries, writing
from backend.venues.asked import Rule, RuleSet
from backend.venues.errors import AwaitsDecision, ChangeTooLate, ReservationRefused
from backend.venues.facts import Question, Slot
from backend.venues.models import OpenRoom, Reservation
from backend.venues.rules import DESK_MAY_OVERRULE, NOT_FOR_THE_DESK
from backend.venues.series.models import SeriesDate

CHANGED = "changed"
"""The reason in the history of a reservation that was moved."""

TELLS = {State.CONFIRMED: Kind.BOOKED, State.REQUESTED: Kind.WAITLISTED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A room wanted: when, by whom, what for, how many come, and what they need.

    With a `group_id`: for that group, by a member of it.
    """

    room_id: int
    person_id: int
    starts_at: datetime
    ends_at: datetime
    title: str
    headcount: int
    group_id: int | None = None
    purpose: str | None = None
    wishes: str | None = None
    idempotency_key: str | None = None
    idempotency_hash: str | None = None

    def slot(self) -> Slot:
        return Slot(
            room_id=self.room_id, person_id=self.person_id, starts_at=self.starts_at,
            ends_at=self.ends_at, headcount=self.headcount, group_id=self.group_id,
        )  # fmt: skip


def reserve(session: Session, me: Resident, wanted: Wanted, now: datetime) -> Booked:
    """Reserve a room for oneself or somebody of the household: three statements.

    The same Idempotency-Key answers with the first reservation. Raises the refusals of the rules,
    and NotFound for rooms that are not there and people the account may not act for.
    """
    question = _asked_by(session, me, wanted, now)
    if question.replay is not None:
        return _replayed(question.replay, wanted)
    try:
        rules.check(question.asked)
    except ReservationRefused as refusal:
        tries.remember(refusal, wanted.slot(), now)
        raise
    let_go(question.stale, now)
    return _write(session, question, wanted, Actor(account_id=me.account_id), now)


def _asked_by(session: Session, me: Resident, wanted: Wanted, now: datetime) -> Question:
    """The facts. Only where gaps, limits or other rooms come in is anything held before:
    elsewhere the database's own word against overlap is enough, and one statement writes.
    """
    rows = sheet.rows_of(session, wanted.room_id)
    plain = wanted.group_id is None and sheet.is_plain(rows)
    if not plain:
        hold(session)
        facts.lock(session, wanted.room_id, wanted.person_id, now, group_id=wanted.group_id)
    return facts.for_account(
        session, wanted.slot(), me.account_id, me.person_id, wanted.idempotency_key, now,
        rows=rows, limits=not plain,
    )  # fmt: skip


def reserve_at_desk(
    session: Session, staff_id: int, wanted: Wanted, now: datetime, *,
    overruled_reason: str | None = None,
) -> Booked:  # fmt: skip
    """Staff reserve for somebody; with a reason they may set hours, lengths and limits aside.

    Nobody sets aside that the room is in use, or how many it holds.
    """
    facts.lock(session, wanted.room_id, wanted.person_id, now, group_id=wanted.group_id)
    question = facts.for_staff(session, wanted.slot(), now)
    _check_at_desk(question, overruled_reason)
    let_go(question.stale, now)
    return _write(session, question, wanted, Actor(staff_id=staff_id), now, overruled_reason)


def let_go(stale: Sequence[int], now: datetime) -> None:
    """Whoever did not come is noted first, in a transaction of its own; then all starts over."""
    if stale:
        raise RunAgain(partial(coming.release, stale, now))


def _check_at_desk(question: Question, overruled_reason: str | None) -> None:
    rules.check(question.asked, passing=passing_at_desk(overruled_reason))


def passing_at_desk(overruled_reason: str | None) -> frozenset[Rule]:
    """The rules that staff need not keep to, with a reason or without one."""
    return NOT_FOR_THE_DESK if overruled_reason is None else DESK_MAY_OVERRULE


def _replayed(replay: Replay, wanted: Wanted) -> Booked:
    if replay.idempotency_hash != wanted.idempotency_hash:
        raise KeyReused()
    return Booked(replay.booking_id, State(replay.state), replayed=True)


def _write(
    session: Session, question: Question, wanted: Wanted, actor: Actor, now: datetime,
    reason: str | None = None,
) -> Booked:  # fmt: skip
    ruled = question.sheet.rules
    state = became(actor, ruled)
    values = {
        "row_id": question.sheet.room.bookable_id, "room_id": wanted.room_id, "now": now,
        "due_at": outbox.due(now), "tells": TELLS[state], "reason": reason,
        "person_id": wanted.person_id, "account_id": actor.account_id,
        "staff_id": actor.staff_id, "state": state, "starts_at": wanted.starts_at,
        "ends_at": wanted.ends_at, "cancel_until": holding.cancel_until(wanted.starts_at, ruled),
        "code": new_code(), "short_code": new_short_code(),
        "idempotency_key": wanted.idempotency_key, "idempotency_hash": wanted.idempotency_hash,
        "group_id": wanted.group_id, "title": wanted.title, "purpose": wanted.purpose,
        "headcount": wanted.headcount, "wishes": wanted.wishes,
        "buffer_before": ruled.buffer_before, "buffer_after": ruled.buffer_after,
        **holding.watched(wanted.starts_at, ruled, state),
    }  # fmt: skip
    try:
        write = writing.write if state == State.CONFIRMED else writing.request
        booking_id = write(session, values)
    except IntegrityError as error:
        # A lesson was planned there, or a double click: the next try sees it, and says why not.
        raise RunAgain() from error
    return Booked(booking_id, state)


def became(actor: Actor, ruled: RuleSet) -> State:
    """What residents reserve may have to be approved; what staff give stands at once."""
    if ruled.approval and actor.staff_id is None:
        return State.REQUESTED
    return State.CONFIRMED


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Where a reservation moves to; the room stays unless another is named."""

    starts_at: datetime
    ends_at: datetime
    room_id: int | None = None


def change(session: Session, me: Resident, booking_id: int, to: Change, now: datetime) -> None:
    """Move a reservation, by the rules that making one follows; it is not in its own way.

    The deadline is that of the old start; a request that holds nothing yet has none. Moving to
    where it is changes nothing. If the room is given on request it is asked for anew, and the old
    time is given back. Raises ChangeTooLate, NotLive, and NotFound for those of others.
    """
    check_mine(session, me, booking_id, now)
    held = _hold(session, booking_id, to, now)
    if held.state == State.CONFIRMED and held.cancel_until and now >= held.cancel_until:
        raise ChangeTooLate(cancel_until=held.cancel_until)
    slot = _slot(held, to)
    question = facts.for_account(
        session, slot, me.account_id, me.person_id, None, now, moving=booking_id,
        series_id=held.series_id,
    )  # fmt: skip
    rules.check(question.asked)
    _move(session, held, question, slot, Actor(account_id=me.account_id), now)


def change_at_desk(
    session: Session, staff_id: int, booking_id: int, to: Change, now: datetime, *,
    overruled_reason: str | None = None,
) -> None:  # fmt: skip
    """Staff move a reservation, up to its end; whoever made it is told. Raises AwaitsDecision."""
    held = _hold(session, booking_id, to, now)
    if held.state == State.REQUESTED:
        raise AwaitsDecision()
    slot = _slot(held, to)
    question = facts.for_staff(session, slot, now, moving=booking_id, series_id=held.series_id)
    _check_at_desk(question, overruled_reason)
    _move(session, held, question, slot, Actor(staff_id=staff_id), now, overruled_reason)


def _hold(session: Session, booking_id: int, to: Change, now: datetime) -> AnyRow:
    """The reservation as it stands, its old and new rooms held. Raises NotFound, NotLive."""
    query = (
        select(
            Booking.id, Booking.bookable_id, Booking.person_id, Booking.account_id, Booking.state,
            Booking.starts_at, Booking.ends_at, Booking.cancel_until, OpenRoom.room_id,
            Reservation.headcount, Reservation.group_id, SeriesDate.series_id,
        )
        .join_from(Booking, OpenRoom.__table__, OpenRoom.__table__.c.id == Booking.bookable_id)
        .join(Reservation, Reservation.booking_id == Booking.id)
        .outerjoin(SeriesDate, SeriesDate.booking_id == Booking.id)
        .where(Booking.id == booking_id)
    )  # fmt: skip
    found = session.execute(query).first()
    if found is None:
        raise NotFound()
    lapsing.note_first(session, booking_id, now)
    facts.lock(
        session, found.room_id, found.person_id, now, other_id=to.room_id or 0,
        group_id=found.group_id,
    )  # fmt: skip
    held = session.execute(query.with_for_update(of=Booking.__table__)).one()
    if held.room_id != found.room_id:
        raise RunAgain()  # somebody moved it meanwhile: other rooms are to be held
    if held.state not in (State.CONFIRMED, State.REQUESTED) or now >= held.ends_at:
        raise NotLive()
    if held.state == State.REQUESTED and now >= held.starts_at:
        raise NotLive()
    return held


def _slot(held: AnyRow, to: Change) -> Slot:
    return Slot(
        room_id=to.room_id or held.room_id, person_id=held.person_id, starts_at=to.starts_at,
        ends_at=to.ends_at, headcount=held.headcount, group_id=held.group_id,
    )  # fmt: skip


def _move(
    session: Session, held: AnyRow, question: Question, slot: Slot, actor: Actor, now: datetime,
    reason: str | None = None,
) -> None:  # fmt: skip
    if (slot.room_id, slot.starts_at, slot.ends_at) == (
        held.room_id, held.starts_at, held.ends_at,
    ):  # fmt: skip
        return
    let_go(question.stale, now)
    holding.give_back(session, held)
    settle(session, held, question, slot, actor, now, reason)
    if actor.account_id is None or actor.account_id != held.account_id:
        outbox.tell(
            session, Kind.CHANGED, person_id=held.person_id, account_id=held.account_id,
            booking_id=held.id, now=now, facts={"was_at": held.starts_at.isoformat()},
            concerns_today=clock.today(now) in (
                clock.today(held.starts_at), clock.today(slot.starts_at)
            ),
        )  # fmt: skip


def settle(
    session: Session, held: AnyRow, question: Question, slot: Slot, actor: Actor, now: datetime,
    reason: str | None = None,
) -> None:  # fmt: skip
    """A reservation that has given its room back has the new one, or asks for it."""
    ruled = question.sheet.rules
    state = became(actor, ruled)
    if state == State.CONFIRMED:
        holding.take(session, held.id, question, slot)
    session.execute(
        update(Booking)
        .where(Booking.id == held.id)
        .values(
            bookable_id=question.sheet.room.bookable_id, state=state, starts_at=slot.starts_at,
            ends_at=slot.ends_at, cancel_until=holding.cancel_until(slot.starts_at, ruled),
        )
    )  # fmt: skip
    session.execute(
        update(Reservation)
        .where(Reservation.booking_id == held.id)
        .values(
            buffer_before=ruled.buffer_before,
            buffer_after=ruled.buffer_after,
            **holding.watched(slot.starts_at, ruled, state),
        )
    )
    line.record(
        session, held.id, state, now, account_id=actor.account_id,
        staff_id=actor.staff_id, reason=reason or CHANGED,
    )  # fmt: skip
