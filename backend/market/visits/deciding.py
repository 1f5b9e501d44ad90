"""The verbs of staff: approve a visit, decline it, give it another time, note how it went."""

from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from backend import clock
from backend.booking import line, requests
from backend.booking import service as booking
from backend.booking.errors import Full, NotLive
from backend.booking.models import Booking, State
from backend.booking.service import Actor
from backend.db import AnyRow, RunAgain, table_of
from backend.errors import NotFound
from backend.market import facts, rules, service
from backend.market.errors import NotAtHome, NotChecked, VisitDecided
from backend.market.fitting import RUN
from backend.market.models import MarketDay, MarketSlot, Stall
from backend.market.service import Wanted
from backend.market.visits import details
from backend.market.visits.details import Details
from backend.market.visits.models import HomeVisit, Outcome
from backend.places.models import Place
from backend.staff import audit
from backend.staff.access import SignedInStaff

_slot = table_of(MarketSlot)
_TO_VISIT = (State.CONFIRMED, State.ATTENDED, State.MISSED)
_BECAME = {Outcome.DONE: State.ATTENDED, Outcome.NOBODY: State.MISSED}


def access(session: Session, me: SignedInStaff, booking_id: int) -> AnyRow:
    """A visit of a market of mine, without where it leads to. Raises NotFound."""
    row = session.execute(
        select(
            Booking.id, Booking.person_id, Booking.state, Booking.starts_at, Booking.ends_at,
            _slot.c.stall_id, Stall.staff_check, HomeVisit.checked, HomeVisit.outcome,
            MarketDay.place_id, MarketDay.day, Place.path,
        )
        .join(HomeVisit, HomeVisit.booking_id == Booking.id)
        .join(_slot, _slot.c.id == Booking.bookable_id)
        .join(Stall, Stall.id == _slot.c.stall_id)
        .join(MarketDay, MarketDay.id == Stall.market_day_id)
        .join(Place, Place.id == MarketDay.place_id)
        .where(Booking.id == booking_id, me.covers(RUN, Place.path))
    ).first()  # fmt: skip
    if row is None:
        raise NotFound()
    return row


def approve(
    session: Session, me: SignedInStaff, booking_id: int, now: datetime, *, checked: bool = False
) -> None:
    """Somebody comes at the time that was asked for; they are told.

    `checked`: staff know that the person cannot come down. Raises NotFound, VisitDecided,
    NotChecked where the stall asks for that, and Full.
    """
    visit = _open(session, me, booking_id, now)
    _check(session, visit, checked=checked)
    requests.grant(session, booking_id, Actor(staff_id=me.staff_id), now)
    _audit(session, me, "home_visit.approve", visit, {"state": State.CONFIRMED, "checked": checked})


def decline(
    session: Session, me: SignedInStaff, booking_id: int, reason: str, now: datetime
) -> None:
    """Nobody comes, and they read why. Raises NotFound, VisitDecided."""
    visit = _open(session, me, booking_id, now)
    booking.lock_booking(session, booking_id, now)
    requests.turn_down(session, booking_id, Actor(staff_id=me.staff_id), now, reason)
    _audit(session, me, "home_visit.decline", visit, {"state": State.DECLINED, "reason": reason})


def give_time(
    session: Session, me: SignedInStaff, booking_id: int, starts_at: datetime,
    provider_id: int | None, now: datetime, *, checked: bool = False, reason: str | None = None,
) -> int:  # fmt: skip
    """Another time than the one that was asked for or agreed on; they are told. The new booking's
    id.

    With a `reason` against rules that staff may set aside. Raises NotFound, NotLive, NotChecked,
    the refusals of the rules, and Full; then nothing has changed.
    """
    visit = access(session, me, booking_id)
    if visit.state == State.REQUESTED:
        _check(session, visit, checked=checked)
    wanted = Wanted(
        stall_id=visit.stall_id, person_id=visit.person_id, starts_at=starts_at,
        provider_id=provider_id,
    )  # fmt: skip
    booked = service.change_at_desk(
        session, me.staff_id, booking_id, wanted, now, overruled_reason=reason
    )
    told = {"starts_at": clock.rfc3339(starts_at), "booking_id": booked.booking_id}
    _audit(session, me, "home_visit.time", visit, told | {"reason": reason})
    return booked.booking_id


def book_for(
    session: Session, me: SignedInStaff, wanted: Wanted, said: Details, now: datetime, *,
    checked: bool = False, reason: str | None = None,
) -> int:  # fmt: skip
    """Agree on a visit with who calls or comes by for somebody; the booking's id.

    A time that is full is asked for, as residents do (`wanted.wait`). The caller has checked the
    reach. Raises NotFound, NotAtHome, NotChecked, the refusals of the rules and Full.
    """
    slots, day = facts.slots_for(session, wanted.stall_id, wanted.starts_at, wanted.provider_id)
    if not day.at_home:
        raise NotAtHome()
    if day.staff_check and not checked:
        raise NotChecked()
    asked = facts.for_staff(session, slots[0], day, wanted.person_id, now)
    rules.check(asked, overruled=reason is not None)
    actor, wish = Actor(staff_id=me.staff_id), service.wish_of(slots[0], day, wanted, reason)
    try:
        booked = booking.book(session, wish, actor, now)
    except Full:
        if not wanted.wait:
            raise
        booked = requests.ask(session, wish, actor, now)
    details.write(session, booked.booking_id, said, checked=checked)
    visit = access(session, me, booked.booking_id)
    told = {"state": booked.state, "starts_at": clock.rfc3339(wanted.starts_at), "reason": reason}
    _audit(session, me, "home_visit.book", visit, told)
    return booked.booking_id


def end(
    session: Session, me: SignedInStaff, booking_id: int, outcome: Outcome, minutes: int | None,
    remark: str | None, now: datetime,
) -> None:  # fmt: skip
    """It was done, or nobody was at home; said again, the last word counts.

    Raises NotFound, and NotLive before the day and for what was not agreed on.
    """
    visit = access(session, me, booking_id)
    _, held = booking.lock_booking(session, booking_id, now)
    if held.state not in _TO_VISIT or clock.today(now) < visit.day:
        raise NotLive()
    state = _BECAME[outcome]
    session.execute(update(Booking).where(Booking.id == booking_id).values(state=state))
    line.record(session, booking_id, state, now, staff_id=me.staff_id)
    ended = {"outcome": outcome, "minutes": minutes, "remark": remark, "ended_at": now}
    session.execute(update(HomeVisit).where(HomeVisit.booking_id == booking_id).values(ended))
    _audit(session, me, "home_visit.end", visit, {"outcome": outcome, "minutes": minutes})


def _open(session: Session, me: SignedInStaff, booking_id: int, now: datetime) -> AnyRow:
    """A request nobody has decided on. Raises NotFound, VisitDecided."""
    visit = access(session, me, booking_id)
    if visit.state == State.REQUESTED and visit.starts_at <= now:
        raise RunAgain(partial(requests.expire, [booking_id], now))
    if visit.state != State.REQUESTED:
        raise VisitDecided()
    return visit


def _check(session: Session, visit: AnyRow, *, checked: bool) -> None:
    """Keep that staff know it. Raises NotChecked."""
    if visit.staff_check and not (checked or visit.checked):
        raise NotChecked()
    if checked:
        session.execute(
            update(HomeVisit).where(HomeVisit.booking_id == visit.id).values(checked=True)
        )


def _audit(
    session: Session, me: SignedInStaff, action: str, visit: AnyRow, after: dict[str, Any]
) -> None:
    audit.record(
        session, me.staff_id, action, "booking", visit.id,
        {"state": visit.state, "person_id": visit.person_id}, after, place_id=visit.place_id,
    )  # fmt: skip
