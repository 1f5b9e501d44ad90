"""Deciding on a series for a room that is given on request: all of its dates at once.

Single dates can still be decided by themselves.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.booking import service as booking
from backend.booking.models import Booking, State
from backend.booking.service import Actor
from backend.db import AnyRow, RunAgain
from backend.errors import Refusal
from backend.reminders import outbox
from backend.reminders.models import Kind
from backend.staff import audit
from backend.staff.access import SignedInStaff
from backend.venues import facts, requests
from backend.venues.errors import AlreadyDecided, RequestMoved
from backend.venues.series import finding, writing
from backend.venues.series.making import LONGEST_WHY
from backend.venues.series.models import SeriesDate
from backend.venues.sheet import place


@dataclass(frozen=True, slots=True)
class Decided:
    """How many dates are theirs, how many could not be, how many requests of others lost."""

    approved: int
    impossible: int
    lost: int


def mark(one: AnyRow) -> str:
    """Which date is asked for, and when and where it is to be."""
    return f"{one.id} {requests.mark(one)}"


def approve(
    session: Session, me: SignedInStaff, series_id: int, now: datetime, *,
    read: Collection[str] = (),
) -> Decided:  # fmt: skip
    """Every date that can be is theirs, the others are declined; they are told once.

    Requests that are ruled out by it are declined and told. `read`: the marks of the dates that
    were decided on. Raises NotFound outside my places, AlreadyDecided where nothing waits,
    RequestMoved, and what stands against the first date where none can be.
    """
    series, held = _hold(session, me, series_id, now)
    if read and not {mark(one) for one in held} <= set(read):
        raise RequestMoved()
    ours = {one.id for one in held}
    against: list[tuple[AnyRow, Refusal]] = []
    approved: list[int] = []
    lost: set[int] = set()
    for one in held:
        try:
            ruled_out = requests.give(session, me, one, now)
        except Refusal as refusal:
            against.append((one, refusal))
        else:
            approved.append(one.id)
            lost |= {other.id for other in ruled_out} - ours
    if not approved:
        raise against[0][1]
    actor = Actor(staff_id=me.staff_id)
    for one, why in against:
        _end(session, one.id, actor, now, str(why)[:LONGEST_WHY])
    today = requests.is_today(held[0], now)
    writing.tell(
        session, series, approved, Kind.BOOKED, now, concerns_today=today, skipped=len(against)
    )
    _turn_down_rivals(session, sorted(lost), actor, now)
    _audit(
        session, me, "series.approve", series,
        {"approved": approved, "impossible": [one.id for one, _ in against],
         "declined": sorted(lost)},
    )  # fmt: skip
    return Decided(len(approved), len(against), len(lost))


def decline(session: Session, me: SignedInStaff, series_id: int, reason: str, now: datetime) -> int:
    """They get none of the dates that wait, and read why, once; how many.

    Raises NotFound, AlreadyDecided.
    """
    series, held = _hold(session, me, series_id, now)
    for one in held:
        _end(session, one.id, Actor(staff_id=me.staff_id), now, reason)
    ids = [one.id for one in held]
    today = requests.is_today(held[0], now)
    writing.tell(session, series, ids, Kind.CANCELLED, now, concerns_today=today, reason=reason)
    _audit(session, me, "series.decline", series, {"declined": ids, "reason": reason})
    return len(ids)


def _hold(
    session: Session, me: SignedInStaff, series_id: int, now: datetime
) -> tuple[AnyRow, Sequence[AnyRow]]:
    """The series, and the dates that wait in rooms of my places, in the order of time; held."""
    series = finding.at_my_places(session, me, series_id)
    query = (
        select(*requests.OF_REQUEST)
        .select_from(requests.SOURCE.join(SeriesDate, SeriesDate.booking_id == Booking.id))
        .where(
            SeriesDate.series_id == series_id, Booking.state == State.REQUESTED,
            Booking.starts_at > now, me.covers(requests.DECIDE, place.c.path),
        )
        .order_by(Booking.starts_at, Booking.id)
    )  # fmt: skip
    rooms = {series.room_id, *(one.room_id for one in session.execute(query))}
    facts.lock_all(session, rooms, series.person_id, now, group_id=series.group_id)
    held = session.execute(query.with_for_update(of=Booking.__table__)).all()
    if not held:
        raise AlreadyDecided()
    if not {one.room_id for one in held} <= rooms:
        raise RunAgain()  # the resident moved one to another room meanwhile
    return series, held


def _turn_down_rivals(
    session: Session, booking_ids: Sequence[int], actor: Actor, now: datetime
) -> None:
    """Those that lost are told; the dates of another series in one message."""
    of_series: dict[int, list[int]] = {}
    found = session.execute(
        select(SeriesDate.booking_id, SeriesDate.series_id)
        .where(SeriesDate.booking_id.in_(booking_ids))
        .order_by(SeriesDate.starts_at)
    )
    for row in found:
        of_series.setdefault(row.series_id, []).append(row.booking_id)
    for dates in of_series.values():
        lost = [_end(session, one, actor, now, requests.COMPETING) for one in dates]
        outbox.tell(
            session, Kind.CANCELLED, person_id=lost[0].person_id, account_id=lost[0].account_id,
            booking_id=lost[0].id, now=now, concerns_today=requests.is_today(lost[0], now),
            facts={"dates": len(dates), "reason": requests.COMPETING},
        )  # fmt: skip
    in_series = {one for dates in of_series.values() for one in dates}
    for one in booking_ids:
        if one not in in_series:
            requests.turn_down(session, one, actor, now, requests.COMPETING)


def _end(session: Session, booking_id: int, actor: Actor, now: datetime, reason: str) -> AnyRow:
    held = booking.lock_row(session, booking_id)
    booking.end(session, held, State.DECLINED, actor, now, reason)
    return held


def _audit(
    session: Session, me: SignedInStaff, action: str, series: AnyRow, after: dict[str, Any]
) -> None:
    audit.record(
        session, me.staff_id, action, "series", series.id, {"person_id": series.person_id}, after,
        place_id=series.place_id,
    )  # fmt: skip
