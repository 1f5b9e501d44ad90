"""The verbs of planning: market days and stalls; clashes of people and places are refused."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from backend import clock
from backend.db import AnyRow, table_of
from backend.errors import Invalid, NotFound
from backend.market import fitting, slots
from backend.market.errors import DayClosed, DayTaken, NotReady, StallBooked, StallClosed
from backend.market.fitting import RUN, StallPlan
from backend.market.models import MarketDay, Service, Stall, StallProvider
from backend.market.rehoming import look
from backend.market.rehoming import service as rehoming
from backend.market.rehoming.look import Hit
from backend.places.models import Place
from backend.staff import audit
from backend.staff.access import SignedInStaff

_FIXED = ("service_id", "slot_minutes", "by_person", "at_home")
"""What a stall keeps once it is booked or numbers are given: residents chose by it."""


def access_day(
    session: Session, me: SignedInStaff, market_day_id: int, *, locked: bool = False
) -> AnyRow:
    """A market day in reach. Raises NotFound."""
    found = select(
        MarketDay.id, MarketDay.place_id, MarketDay.day, MarketDay.title, MarketDay.spot,
        MarketDay.opened_at, MarketDay.books_from, MarketDay.cancelled_at,
        Place.name.label("place_name"), Place.path,
    ).join(Place, Place.id == MarketDay.place_id)  # fmt: skip
    found = found.where(MarketDay.id == market_day_id, me.covers(RUN, Place.path))
    if locked:
        found = found.with_for_update(of=MarketDay.__table__)
    row = session.execute(found).first()
    if row is None:
        raise NotFound()
    return row


def plan_day(
    session: Session, me: SignedInStaff, place_id: int, day: date, title: str, spot: str,
    now: datetime,
) -> int:  # fmt: skip
    """A market day without stalls yet; its id. Raises NotFound, Invalid, DayTaken."""
    if not session.execute(
        select(Place.id).where(Place.id == place_id, me.covers(RUN, Place.path))
    ).first():
        raise NotFound()
    if day < clock.today(now):
        raise Invalid({"day": [_("请选择今天或以后的日期。")]})
    values = {"place_id": place_id, "day": day, "title": title, "spot": spot}
    try:
        with session.begin_nested():
            ident = session.execute(
                insert(MarketDay).values(values).returning(MarketDay.id)
            ).scalar_one()
    except IntegrityError as error:
        raise DayTaken() from error
    _audit(session, me, "market_day.create", ident, place_id, after=values)
    return int(ident)


def change_day(
    session: Session, me: SignedInStaff, market_day_id: int, title: str, spot: str, now: datetime
) -> None:
    """Its title, and where exactly it is. Raises NotFound, DayClosed."""
    day = open_day_of(session, me, market_day_id, now)
    after = {"title": title, "spot": spot}
    session.execute(update(MarketDay).where(MarketDay.id == day.id).values(after))
    before = {"title": day.title, "spot": day.spot}
    _audit(session, me, "market_day.change", day.id, day.place_id, before, after)


def open_day(
    session: Session, me: SignedInStaff, market_day_id: int, books_from: datetime | None,
    now: datetime,
) -> None:  # fmt: skip
    """Residents see the market from now on, and book slots from `books_from` on, or at once.

    Raises NotFound, DayClosed, NotReady.
    """
    day = open_day_of(session, me, market_day_id, now)
    stalls = session.scalars(select(Stall.id).where(Stall.market_day_id == day.id)).all()
    if day.opened_at is not None or not stalls:
        raise NotReady()
    opened = {"opened_at": now, "books_from": max(books_from or now, now)}
    session.execute(update(MarketDay).where(MarketDay.id == day.id).values(opened))
    day = access_day(session, me, market_day_id)
    for stall_id in stalls:
        _make_slots(session, day, stall_id)
    _audit(session, me, "market_day.open", day.id, day.place_id)


def add_stall(
    session: Session, me: SignedInStaff, market_day_id: int, plan: StallPlan, now: datetime
) -> int:
    """One more stall; its id.

    Raises NotFound, Invalid by field, and what stands against it: PapersLacking, ProviderBusy,
    RoomTaken; DayClosed.
    """
    day = open_day_of(session, me, market_day_id, now)
    fitting.check(session, me, day, plan, 0)
    stall_id = session.execute(
        insert(Stall).values({"market_day_id": day.id} | plan.columns()).returning(Stall.id)
    ).scalar_one()
    _write_people(session, stall_id, plan.provider_ids)
    fitting.occupy(session, day.id, day.day, now)
    _make_slots(session, day, stall_id)
    after = _told(plan)
    _audit(session, me, "stall.create", stall_id, day.place_id, after=after, kind="stall")
    return int(stall_id)


def change_stall(
    session: Session, me: SignedInStaff, stall_id: int, plan: StallPlan, now: datetime, *,
    reason: str | None = None, seen: str | None = None,
) -> int:  # fmt: skip
    """The stall as it is to be; the id of its market day.

    Once it is booked, or numbers are given, its service and the length of its slots stay. Whoever
    loses a slot by it is moved or told (`rehoming`), once staff have `seen` exactly whom that hits
    and given a `reason`. Raises what `add_stall` does, StallClosed, StallBooked, and SlotsHit.
    """
    stall = access_stall(session, me, stall_id)
    day = open_day_of(session, me, stall.market_day_id, now)
    slots.hold(session, day.id)
    if stall.closed_at is not None:
        raise StallClosed()
    fitting.check(session, me, day, plan, stall_id)
    used = slots.is_used(session, stall_id)
    if used and any(getattr(stall, name) != getattr(plan, name) for name in _FIXED):
        raise StallBooked()
    if not used:
        slots.drop(session, stall_id)
    session.execute(update(Stall).where(Stall.id == stall_id).values(plan.columns()))
    session.execute(delete(StallProvider).where(StallProvider.stall_id == stall_id))
    _write_people(session, stall_id, plan.provider_ids)
    fitting.occupy(session, day.id, day.day, now)
    hits: list[Hit] = []
    if used and day.books_from is not None:
        changed = _stall(session, stall_id)
        people = set(plan.provider_ids)
        lost = slots.reshape(session, day, changed, changed.name, people, now)
        hits = look.hits(session, changed, lost, now)
        rehoming.confirm(hits, reason, seen)
        rehoming.rehome(session, me, hits, reason, now)
    else:
        _make_slots(session, day, stall_id)
    after = _told(plan) | ({"reason": reason, "bookings": len(hits)} if hits else {})
    _audit(session, me, "stall.change", stall_id, day.place_id, after=after, kind="stall")
    return int(day.id)


def remove_stall(session: Session, me: SignedInStaff, stall_id: int, now: datetime) -> int:
    """Take a stall out of the plan; the id of its market day.

    Raises NotFound, DayClosed, StallBooked.
    """
    stall = access_stall(session, me, stall_id)
    day = open_day_of(session, me, stall.market_day_id, now)
    slots.drop(session, stall_id)
    session.execute(delete(table_of(Stall)).where(Stall.id == stall_id))
    fitting.occupy(session, day.id, day.day, now)
    _audit(session, me, "stall.remove", stall_id, day.place_id, kind="stall")
    return int(day.id)


def access_stall(session: Session, me: SignedInStaff, stall_id: int) -> AnyRow:
    """A stall in reach. Raises NotFound."""
    row = session.execute(
        select(*table_of(Stall).c, MarketDay.place_id, MarketDay.day)
        .join(MarketDay, MarketDay.id == Stall.market_day_id)
        .join(Place, Place.id == MarketDay.place_id)
        .where(Stall.id == stall_id, me.covers(RUN, Place.path))
    ).first()
    if row is None:
        raise NotFound()
    return row


def people_of(session: Session, stall_id: int) -> list[int]:
    """The ids of who is at a stall."""
    of_stall = StallProvider.stall_id == stall_id
    return list(session.scalars(select(StallProvider.provider_id).where(of_stall)))


def plan_of(session: Session, stall: AnyRow) -> StallPlan:
    """A stall that stands, as it was planned."""
    return StallPlan(
        service_id=stall.service_id, provider_ids=people_of(session, stall.id),
        from_minute=stall.from_minute, until_minute=stall.until_minute,
        breaks=[(first, last) for first, last in stall.breaks], slot_minutes=stall.slot_minutes,
        at_once=stall.at_once, walk_up_percent=stall.walk_up_percent, by_person=stall.by_person,
        at_home=stall.at_home, staff_check=stall.staff_check,
        room_id=stall.room_id, min_age=stall.min_age, max_age=stall.max_age,
        home_place_id=stall.home_place_id,
    )  # fmt: skip


def open_day_of(session: Session, me: SignedInStaff, market_day_id: int, now: datetime) -> AnyRow:
    """A market in reach that takes place and is not over; held. Raises NotFound, DayClosed."""
    day = access_day(session, me, market_day_id, locked=True)
    if day.cancelled_at is not None or day.day < clock.today(now):
        raise DayClosed()
    return day


def _make_slots(session: Session, day: AnyRow, stall_id: int) -> None:
    """Nothing, as long as residents do not see the market."""
    if day.books_from is None:
        return
    stall = _stall(session, stall_id)
    slots.make(session, day, stall, stall.name, day.books_from)


def _stall(session: Session, stall_id: int) -> AnyRow:
    """A stall with the name of its service."""
    return session.execute(
        select(*table_of(Stall).c, Service.name)
        .join(Service, Service.id == Stall.service_id)
        .where(Stall.id == stall_id)
    ).one()


def _write_people(session: Session, stall_id: int, provider_ids: Iterable[int]) -> None:
    session.execute(
        insert(StallProvider),
        [{"stall_id": stall_id, "provider_id": one} for one in sorted(set(provider_ids))],
    )


def _told(plan: StallPlan) -> dict[str, Any]:
    return plan.columns() | {"provider_ids": sorted(set(plan.provider_ids))}


def _audit(
    session: Session, me: SignedInStaff, action: str, ident: int, place_id: int,
    before: dict[str, Any] | None = None, after: dict[str, Any] | None = None, *,
    kind: str = "market_day",
) -> None:  # fmt: skip
    plain = {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in (after or {}).items()
    }
    audit.record(
        session, me.staff_id, action, kind, ident, before, plain or None, place_id=place_id
    )
