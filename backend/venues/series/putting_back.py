"""Putting back a date that was skipped, or whose reservation was cancelled."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from backend.booking.models import LIVE, Booking, State
from backend.booking.queries import state_at
from backend.booking.service import Actor
from backend.db import AnyRow
from backend.errors import NotFound
from backend.people.queries import Resident
from backend.reminders import outbox
from backend.venues import facts, rules, service
from backend.venues.errors import NotSkipped
from backend.venues.facts import Question, Slot
from backend.venues.hours import Span
from backend.venues.series import finding, writing
from backend.venues.series.models import SeriesDate
from backend.venues.series.writing import Made


def put_back(session: Session, me: Resident, series_id: int, date_id: int, now: datetime) -> int:
    """Reserve that date after all, or ask for it; the booking's id.

    The rules of today hold for it. Raises them, NotFound, NotSkipped.
    """
    series = finding.mine(session, me, series_id, now)
    slot = _hold(session, series, date_id, now)
    if slot.group_id is None:
        question = facts.for_account(
            session, slot, me.account_id, me.person_id, None, now, series_id=series_id
        )
    else:
        question = facts.for_staff(session, slot, now, series_id=series_id)
    rules.check(question.asked)
    return _write(session, series, date_id, question, Actor(account_id=me.account_id), now)


def put_back_at_desk(
    session: Session, staff_id: int, series: AnyRow, date_id: int, now: datetime, *,
    overruled_reason: str | None = None,
) -> int:  # fmt: skip
    """Staff do the same, keeping to fewer rules; whoever asked for the series is told."""
    slot = _hold(session, series, date_id, now)
    question = facts.for_staff(session, slot, now, series_id=series.id)
    rules.check(question.asked, passing=service.passing_at_desk(overruled_reason))
    actor = Actor(staff_id=staff_id)
    return _write(session, series, date_id, question, actor, now, overruled_reason)


def _hold(session: Session, series: AnyRow, date_id: int, now: datetime) -> Slot:
    """The room and the date are held. Raises NotFound, NotSkipped."""
    facts.lock(session, series.room_id, series.person_id, now, group_id=series.group_id)
    finding.check_unchanged(session, series)
    query = select(SeriesDate.__table__).where(
        SeriesDate.id == date_id, SeriesDate.series_id == series.id
    )
    found = session.execute(query.with_for_update()).first()
    if found is None:
        raise NotFound()
    if found.starts_at <= now or _is_reserved(session, found.booking_id, now):
        raise NotSkipped()
    return Slot(
        room_id=series.room_id, person_id=series.person_id, starts_at=found.starts_at,
        ends_at=found.ends_at, headcount=series.headcount, group_id=series.group_id,
    )  # fmt: skip


def _is_reserved(session: Session, booking_id: int | None, now: datetime) -> bool:
    state = session.scalar(select(state_at(now)).where(Booking.id == booking_id))
    return state in (*LIVE, State.MISSED)


def _write(
    session: Session, series: AnyRow, date_id: int, question: Question, actor: Actor,
    now: datetime, reason: str | None = None,
) -> int:  # fmt: skip
    service.let_go(question.stale, now)
    asked, state = question.asked, service.became(actor, question.sheet.rules)
    made = Made(actor=actor, now=now, state=state, reason=reason)
    span = Span(asked.starts_at, asked.ends_at)
    [booking_id] = writing.reserve_all(session, series, question.sheet, [span], made)
    session.execute(
        update(SeriesDate).where(SeriesDate.id == date_id).values(booking_id=booking_id, why=None)
    )
    outbox.tell(
        session, service.TELLS[state], person_id=series.person_id, account_id=series.account_id,
        booking_id=booking_id, now=now,
    )  # fmt: skip
    return booking_id
