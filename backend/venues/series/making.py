"""Making a series: all of its dates, or those that can be, or none."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from backend import clock
from backend.booking.models import Booking, State
from backend.booking.service import Actor
from backend.db import RunAgain
from backend.errors import KeyReused
from backend.people.queries import Resident
from backend.venues import facts, service, tries
from backend.venues.errors import NoDates, ReservationRefused
from backend.venues.facts import Known, Slot
from backend.venues.hours import Span
from backend.venues.series import judging, writing
from backend.venues.series.dates import Pattern, spans
from backend.venues.series.judging import Judged
from backend.venues.series.models import Series, SeriesDate
from backend.venues.series.writing import Made

LONGEST_WHY = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A room wanted again and again; `skip` names days that are left out by choice.

    `skip_clashes`: reserve the dates that can be; otherwise all, or nothing. With a `group_id`: for
    that group, by a member of it.
    """

    room_id: int
    person_id: int
    pattern: Pattern
    title: str
    headcount: int
    group_id: int | None = None
    purpose: str | None = None
    wishes: str | None = None
    skip: frozenset[date] = frozenset()
    skip_clashes: bool = False
    idempotency_key: str | None = None
    idempotency_hash: str | None = None

    def slots(self) -> list[Slot]:
        """Every date that is not left out. Raises EndsBeforeStart, NoDates, TooManyDates."""
        found = [
            Slot(
                room_id=self.room_id, person_id=self.person_id, starts_at=span.starts_at,
                ends_at=span.ends_at, headcount=self.headcount, group_id=self.group_id,
            )
            for span in spans(self.pattern)
            if not self._leaves_out(span)
        ]  # fmt: skip
        if not found:
            raise NoDates()
        return found

    def left_out(self) -> list[Span]:
        return [span for span in spans(self.pattern) if self._leaves_out(span)]

    def _leaves_out(self, span: Span) -> bool:
        return clock.today(span.starts_at) in self.skip


def wanted_of(asked: Mapping[str, Any]) -> Wanted:
    """From the fields of a form or a body, those of the pattern among them."""
    names = ("starts_at", "ends_at", "every_weeks", "until", "times")
    pattern = Pattern(
        weekdays=frozenset(asked.get("weekdays", ())), **{name: asked[name] for name in names}
    )
    rest = {name: asked[name] for name in asked if name not in (*names, "weekdays", "skip")}
    return Wanted(pattern=pattern, skip=frozenset(asked.get("skip", ())), **rest)


@dataclass(frozen=True, slots=True)
class SeriesMade:
    """The series, how many dates are reserved or asked for, how many were skipped."""

    series_id: int
    state: State
    dates: int
    skipped: int
    replayed: bool = False


def preview(session: Session, me: Resident, wanted: Wanted, now: datetime) -> list[Judged]:
    """Every date, and why it cannot be. Raises what stands against the series as a whole."""
    slots = wanted.slots()
    known = facts.all_for_account(session, slots, me.account_id, me.person_id, now)
    judging.check_count(known, slots)
    return judging.judge(known, slots, passing=frozenset())


def preview_at_desk(
    session: Session, wanted: Wanted, now: datetime, *, overruled_reason: str | None = None
) -> list[Judged]:
    """The same for staff, who keep to fewer rules, and to no number of dates but the greatest."""
    slots = wanted.slots()
    known = facts.all_for_staff(session, slots, now)
    return judging.judge(known, slots, passing=service.passing_at_desk(overruled_reason))


def reserve(session: Session, me: Resident, wanted: Wanted, now: datetime) -> SeriesMade:
    """Reserve the dates, or ask for them, for oneself, somebody of the household or a group.

    The same Idempotency-Key answers with the first series. Raises the refusals of the series, and
    DatesClash where a date cannot be and none is to be skipped.
    """
    slots = wanted.slots()
    facts.lock(session, wanted.room_id, wanted.person_id, now, group_id=wanted.group_id)
    if earlier := _earlier(session, me, wanted):
        return earlier
    known = facts.all_for_account(session, slots, me.account_id, me.person_id, now)
    try:
        judging.check_count(known, slots)
        judged = judging.judge(known, slots, passing=frozenset())
        return _write(session, known, wanted, judged, Actor(account_id=me.account_id))
    except ReservationRefused as refusal:
        tries.remember(refusal, slots[0], now)
        raise


def reserve_at_desk(
    session: Session, staff_id: int, wanted: Wanted, now: datetime, *,
    overruled_reason: str | None = None,
) -> SeriesMade:  # fmt: skip
    """Staff reserve for somebody; with a reason they may set hours, lengths and limits aside."""
    slots = wanted.slots()
    facts.lock(session, wanted.room_id, wanted.person_id, now, group_id=wanted.group_id)
    known = facts.all_for_staff(session, slots, now)
    passing = service.passing_at_desk(overruled_reason)
    judged = judging.judge(known, slots, passing=passing)
    return _write(session, known, wanted, judged, Actor(staff_id=staff_id), overruled_reason)


def _earlier(session: Session, me: Resident, wanted: Wanted) -> SeriesMade | None:
    """What the same key made before. Raises KeyReused if the body was another."""
    if wanted.idempotency_key is None:
        return None
    found = session.execute(
        select(Series.id, Series.idempotency_hash).where(
            Series.account_id == me.account_id, Series.idempotency_key == wanted.idempotency_key
        )
    ).first()
    if found is None:
        return None
    if found.idempotency_hash != wanted.idempotency_hash:
        raise KeyReused()
    return _made(session, found.id)


def _made(session: Session, series_id: int) -> SeriesMade:
    dates = session.execute(
        select(SeriesDate.booking_id, Booking.state)
        .outerjoin(Booking, Booking.id == SeriesDate.booking_id)
        .where(SeriesDate.series_id == series_id)
    ).all()
    states = [row.state for row in dates if row.booking_id is not None]
    return SeriesMade(
        series_id, State(states[0]), len(states), len(dates) - len(states), replayed=True
    )


def _write(
    session: Session, known: Known, wanted: Wanted, judged: Sequence[Judged], actor: Actor,
    reason: str | None = None,
) -> SeriesMade:  # fmt: skip
    taken = [one for one in judged if one.refusal is None]
    if not wanted.skip_clashes or not taken:
        judging.check_all(judged)
    service.let_go(known.stale, known.now)
    state = service.became(actor, known.sheet.rules)
    made = Made(actor=actor, now=known.now, state=state, reason=reason)
    series = _series(session, wanted, made)
    held = [Span(one.slot.starts_at, one.slot.ends_at) for one in taken]
    ids = writing.reserve_all(session, series, known.sheet, held, made)
    skipped = [
        (Span(one.slot.starts_at, one.slot.ends_at), str(one.refusal)[:LONGEST_WHY])
        for one in judged
        if one.refusal is not None
    ] + [(span, _("没有选这一次")) for span in wanted.left_out()]
    session.execute(
        insert(SeriesDate),
        [_date(series.id, span, one, None) for one, span in zip(ids, held, strict=True)]
        + [_date(series.id, span, None, why) for span, why in skipped],
    )
    writing.tell(session, series, ids, service.TELLS[state], known.now, skipped=len(skipped))
    return SeriesMade(series.id, state, len(ids), len(skipped))


def _series(session: Session, wanted: Wanted, made: Made) -> Any:
    values = {
        "room_id": wanted.room_id, "person_id": wanted.person_id,
        "account_id": made.actor.account_id, "staff_id": made.actor.staff_id,
        "group_id": wanted.group_id, "every_weeks": wanted.pattern.every_weeks,
        "title": wanted.title, "purpose": wanted.purpose, "headcount": wanted.headcount,
        "wishes": wanted.wishes,
        "idempotency_key": wanted.idempotency_key, "idempotency_hash": wanted.idempotency_hash,
        "created_at": made.now,
    }  # fmt: skip
    try:
        return session.execute(insert(Series).values(**values).returning(*Series.__table__.c)).one()
    except IntegrityError as error:
        raise RunAgain() from error  # the same key at the same moment: the next try sees it


def _date(series_id: int, span: Span, booking_id: int | None, why: str | None) -> dict[str, Any]:
    return {
        "series_id": series_id, "starts_at": span.starts_at, "ends_at": span.ends_at,
        "booking_id": booking_id, "why": why,
    }  # fmt: skip
