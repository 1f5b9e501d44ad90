"""Moving a series to another time of day or another weekday: from one date on, or all to come.

Every date moves as far as the one that was picked. A date that was moved by itself keeps its time,
and one that cannot be at the new time stays where it is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from backend import clock
from backend.booking.errors import NotLive
from backend.booking.models import Booking, State
from backend.booking.queries import state_at
from backend.booking.service import Actor
from backend.db import AnyRow, RunAgain
from backend.errors import NotFound, Refusal
from backend.people.queries import Resident
from backend.reminders.models import Kind
from backend.venues import facts, holding, service
from backend.venues.asked import Rule
from backend.venues.errors import AwaitsDecision, ChangeTooLate, DatesClash, EndsBeforeStart
from backend.venues.facts import Known, Slot
from backend.venues.models import OpenRoom, Reservation
from backend.venues.series import finding, judging, writing
from backend.venues.series.judging import Judged
from backend.venues.series.models import SeriesDate


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """The date that is picked, and when it is to be; the others follow.

    `everything`: those before it that are to come as well. `skip_clashes`: who cannot follow
    stays; otherwise all move, or none.
    """

    date_id: int
    starts_at: datetime
    ends_at: datetime
    everything: bool = False
    skip_clashes: bool = False


@dataclass(frozen=True, slots=True)
class Moving:
    """A date with its reservation, where it would go, and why it cannot."""

    held: AnyRow
    slot: Slot
    judged: Judged | None
    refusal: Refusal | None


def preview(
    session: Session, me: Resident, series_id: int, shift: Shift, now: datetime
) -> list[Moving]:
    """Each date that would move, and why it cannot. Raises NotFound, NotLive."""
    series = finding.mine(session, me, series_id, now)
    found = _following(session, series, shift, now)
    known = _known_to(session, me, series, found, now)
    return _judge(series, known, found, Actor(account_id=me.account_id), frozenset())


def move(session: Session, me: Resident, series_id: int, shift: Shift, now: datetime) -> int:
    """Move them; how many moved. The deadline of each is that of its old start.

    Where the room is given on request they are asked for anew. Raises NotFound, NotLive,
    DatesClash, and the refusal that stands against every date.
    """
    series = finding.mine(session, me, series_id, now)
    found = _hold(session, series, shift, now)
    known = _known_to(session, me, series, found, now)
    return _write(session, series, known, found, shift, Actor(account_id=me.account_id))


def preview_at_desk(
    session: Session, staff_id: int, series: AnyRow, shift: Shift, now: datetime, *,
    overruled_reason: str | None = None,
) -> list[Moving]:  # fmt: skip
    """The same for staff, who keep to fewer rules and to no deadline."""
    found = _following(session, series, shift, now)
    known = facts.all_for_staff(session, [one.slot for one in found], now)
    passing = service.passing_at_desk(overruled_reason)
    return _judge(series, known, found, Actor(staff_id=staff_id), passing)


def move_at_desk(
    session: Session, staff_id: int, series: AnyRow, shift: Shift, now: datetime, *,
    overruled_reason: str | None = None,
) -> int:  # fmt: skip
    """Staff move them, with a reason against rules that they may set aside; whoever asked for the
    series is told once."""
    found = _hold(session, series, shift, now)
    known = facts.all_for_staff(session, [one.slot for one in found], now)
    actor = Actor(staff_id=staff_id)
    return _write(session, series, known, found, shift, actor, overruled_reason)


def _known_to(
    session: Session, me: Resident, series: AnyRow, found: Sequence[Moving], now: datetime
) -> Known:
    """What is a group's every member moves, also in another's name."""
    slots = [one.slot for one in found]
    if series.group_id is not None:
        return facts.all_for_staff(session, slots, now)
    return facts.all_for_account(session, slots, me.account_id, me.person_id, now)


def _hold(session: Session, series: AnyRow, shift: Shift, now: datetime) -> list[Moving]:
    """Those that follow, with their rooms held: read before, and once more."""
    before = _following(session, series, shift, now)
    rooms = {series.room_id, *(one.held.room_id for one in before)}
    facts.lock_all(session, rooms, series.person_id, now, group_id=series.group_id)
    finding.check_unchanged(session, series)
    found = _following(session, series, shift, now)
    if not {one.held.room_id for one in found} <= rooms:
        raise RunAgain()  # somebody moved one to another room meanwhile
    return found


def _following(session: Session, series: AnyRow, shift: Shift, now: datetime) -> list[Moving]:
    """What moves, in the order of time. Raises NotFound, NotLive where nothing is left."""
    if shift.ends_at <= shift.starts_at:
        raise EndsBeforeStart()
    rows = _rows(session, series.id, now)
    picked = next((row for row in rows if row.date_id == shift.date_id), None)
    if picked is None:
        raise NotFound()
    by, length = shift.starts_at - picked.planned_at, shift.ends_at - shift.starts_at
    found = [
        Moving(
            row,
            Slot(
                room_id=series.room_id, person_id=series.person_id,
                group_id=series.group_id, headcount=row.headcount,
                starts_at=row.planned_at + by, ends_at=row.planned_at + by + length,
            ),
            None, None,
        )
        for row in rows
        if _follows(row, picked, shift, now)
    ]  # fmt: skip
    if not found:
        raise NotLive()
    return found


def _follows(row: AnyRow, picked: AnyRow, shift: Shift, now: datetime) -> bool:
    if row.state not in (State.CONFIRMED, State.REQUESTED) or row.starts_at <= now:
        return False
    if row.date_id == picked.date_id:
        return True
    alone = (row.starts_at, row.ends_at) != (row.planned_at, row.planned_until)
    return not alone and (shift.everything or row.planned_at >= picked.planned_at)


def _rows(session: Session, series_id: int, now: datetime) -> Sequence[AnyRow]:
    return session.execute(
        select(
            SeriesDate.id.label("date_id"), SeriesDate.starts_at.label("planned_at"),
            SeriesDate.ends_at.label("planned_until"), Booking.id, Booking.bookable_id,
            Booking.person_id, Booking.account_id, state_at(now), Booking.starts_at,
            Booking.ends_at, Booking.cancel_until, OpenRoom.room_id, Reservation.headcount,
        )
        .join(Booking, Booking.id == SeriesDate.booking_id)
        .join(OpenRoom.__table__, OpenRoom.__table__.c.id == Booking.bookable_id)
        .join(Reservation, Reservation.booking_id == Booking.id)
        .where(SeriesDate.series_id == series_id)
        .order_by(SeriesDate.starts_at, SeriesDate.id)
    ).all()  # fmt: skip


def _judge(
    series: AnyRow, known: Known, found: Sequence[Moving], actor: Actor, passing: frozenset[Rule]
) -> list[Moving]:
    """Who stays is in the way of the others, so it is gone through until nobody else stays."""
    stays = {
        one.held.id: (None, refusal)
        for one in found
        if (refusal := _too_late(one.held, actor, known.now))
    }
    while True:
        goes = [one for one in found if one.held.id not in stays]
        judged = judging.judge(
            known, [one.slot for one in goes], passing=passing, series_id=series.id,
            leaving=[one.held.id for one in goes],
        )  # fmt: skip
        refused = {
            one.held.id: (seen, seen.refusal)
            for one, seen in zip(goes, judged, strict=True)
            if seen.refusal is not None
        }
        if not refused:
            break
        stays |= refused
    moves = {one.held.id: (seen, None) for one, seen in zip(goes, judged, strict=True)}
    return [Moving(one.held, one.slot, *(stays | moves)[one.held.id]) for one in found]


def _too_late(held: AnyRow, actor: Actor, now: datetime) -> Refusal | None:
    if actor.staff_id is not None:
        return AwaitsDecision() if held.state == State.REQUESTED else None
    if held.cancel_until is not None and now >= held.cancel_until:
        return ChangeTooLate(cancel_until=held.cancel_until)
    return None


def _write(
    session: Session, series: AnyRow, known: Known, found: Sequence[Moving], shift: Shift,
    actor: Actor, reason: str | None = None,
) -> int:  # fmt: skip
    passing = frozenset() if actor.staff_id is None else service.passing_at_desk(reason)
    judged = _judge(series, known, found, actor, passing)
    moves = [one for one in judged if one.refusal is None]
    _check(judged, moves, skip_clashes=shift.skip_clashes)
    service.let_go(known.stale, known.now)
    for one in moves:
        holding.give_back(session, one.held)
    for one in moves:
        assert one.judged is not None
        question = one.judged.question
        service.settle(session, one.held, question, one.slot, actor, known.now, reason)
        session.execute(
            update(SeriesDate)
            .where(SeriesDate.id == one.held.date_id)
            .values(starts_at=one.slot.starts_at, ends_at=one.slot.ends_at)
        )
    if actor.account_id is None or actor.account_id != series.account_id:
        _tell(session, series, moves, known.now)
    return len(moves)


def _check(judged: Sequence[Moving], moves: Sequence[Moving], *, skip_clashes: bool) -> None:
    """Raises DatesClash, or the refusal that stands against every date."""
    against = [one for one in judged if one.refusal is not None]
    if not moves and len({type(one.refusal) for one in against}) == 1:
        raise against[0].refusal  # type: ignore[misc]
    if against and not (skip_clashes and moves):
        raise DatesClash(count=len(against), dates=shown(against)["dates"])


def _tell(session: Session, series: AnyRow, moves: Sequence[Moving], now: datetime) -> None:
    first, today = moves[0], clock.today(now)
    days = {clock.today(one) for one in (first.held.starts_at, first.slot.starts_at)}
    writing.tell(
        session, series, [one.held.id for one in moves], Kind.CHANGED, now,
        concerns_today=today in days, was_at=first.held.starts_at.isoformat(),
    )  # fmt: skip


def shown(moving: Sequence[Moving]) -> dict[str, Any]:
    """The dates as a preview shows them: from when to when."""
    return {
        "possible": sum(one.refusal is None for one in moving),
        "dates": [
            {
                "id": one.held.date_id,
                "was_at": clock.rfc3339(one.held.starts_at),
                "starts_at": clock.rfc3339(one.slot.starts_at),
                "ends_at": clock.rfc3339(one.slot.ends_at),
                "errcode": 0 if one.refusal is None else one.refusal.errcode,
                "errmsg": "" if one.refusal is None else str(one.refusal),
            }
            for one in moving
        ],
    }
