"""Slots of markets at the desk: book one for somebody who comes or calls, and change its time."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from backend import clock
from backend.booking.models import Bookable, Booking, State
from backend.booking.queries import POSITION
from backend.db import AnyRow, table_of
from backend.desk import find
from backend.desk.reach import access_person
from backend.desk.reservations import MOST_SHOWN
from backend.errors import Invalid, NotFound
from backend.market import facts, rules, service
from backend.market.fitting import RUN
from backend.market.models import MarketDay, MarketSlot, Provider, Service, Stall
from backend.market.numbers import open_stall
from backend.market.rules import DESK_MAY_OVERRULE, RULES
from backend.market.service import Wanted
from backend.market.visits import deciding
from backend.market.visits.details import Details
from backend.people.masking import mask_phone
from backend.people.models import Person
from backend.people.naming import shown_name
from backend.places.models import Place
from backend.staff import audit
from backend.staff.access import SignedInStaff

_bookable, _slot = table_of(Bookable), table_of(MarketSlot)
_FREE = case((_bookable.c.waiting > 0, 0), else_=_bookable.c.capacity - _bookable.c.taken)


def list_stalls(
    session: Session, me: SignedInStaff, now: datetime, market_day_id: int | None = None
) -> list[dict[str, Any]]:
    """The stalls of my markets that residents see, of all of them or of one day, the next first.

    `free`: places of slots that have not begun and that nobody has.
    """
    free = (
        select(func.coalesce(func.sum(_FREE), 0))
        .join_from(_slot, _bookable, _bookable.c.id == _slot.c.id)
        .where(
            _slot.c.stall_id == Stall.id,
            _bookable.c.starts_at > now,
            _bookable.c.cancelled_at.is_(None),
        )
        .scalar_subquery()
    )
    found = (
        select(
            Stall.id, Stall.from_minute, Stall.until_minute, Service.name.label("service"),
            MarketDay.id.label("market_day_id"), MarketDay.day, MarketDay.title, MarketDay.spot,
            Place.name.label("place_name"), Stall.at_home, free.label("free"),
        )
        .join(MarketDay, MarketDay.id == Stall.market_day_id)
        .join(Service, Service.id == Stall.service_id)
        .join(Place, Place.id == MarketDay.place_id)
        .where(
            me.covers(RUN, Place.path), MarketDay.opened_at.is_not(None),
            MarketDay.cancelled_at.is_(None), MarketDay.day >= clock.today(now),
            Stall.closed_at.is_(None),
        )
        .order_by(MarketDay.day, Place.path, Stall.from_minute, Stall.id)
    )  # fmt: skip
    if market_day_id is not None:
        found = found.where(MarketDay.id == market_day_id)
    return [dict(row._mapping) for row in session.execute(found)]


def access_stall(session: Session, me: SignedInStaff, stall_id: int) -> AnyRow:
    """A stall of my markets that can be booked at. Raises NotFound."""
    stall = open_stall(session, stall_id)
    if not me.may(RUN, stall.path):
        raise NotFound()
    return stall


def get_stall(
    session: Session, me: SignedInStaff, stall_id: int, now: datetime,
    provider_id: int | None = None,
) -> dict[str, Any]:  # fmt: skip
    """A stall in reach with the times that have not begun, with anybody or with one of its people.

    Raises NotFound.
    """
    stall = access_stall(session, me, stall_id)
    rows = session.execute(
        select(
            _slot.c.minute, _slot.c.provider_id, Provider.name, _FREE.label("free"),
            _bookable.c.waiting, _bookable.c.starts_at,
        )
        .join(_bookable, _bookable.c.id == _slot.c.id)
        .outerjoin(Provider, Provider.id == _slot.c.provider_id)
        .where(_slot.c.stall_id == stall_id, _bookable.c.cancelled_at.is_(None))
        .order_by(_slot.c.minute, _slot.c.provider_id)
    ).all()  # fmt: skip
    coming = [
        row for row in rows
        if row.starts_at > now and provider_id in (None, row.provider_id)
    ]  # fmt: skip
    return dict(stall._mapping) | {
        "people": sorted({(row.provider_id, row.name) for row in rows if row.provider_id}),
        "times": [
            _time(minute, list(of)) for minute, of in groupby(coming, lambda row: row.minute)
        ],
    }


def _time(minute: int, rows: Sequence[AnyRow]) -> dict[str, Any]:
    return {
        "minute": minute, "starts_at": rows[0].starts_at,
        "free": sum(max(row.free, 0) for row in rows), "waiting": sum(row.waiting for row in rows),
    }  # fmt: skip


def judge(
    session: Session, wanted: Wanted, now: datetime, *, leaving: int | None = None
) -> dict[str, Any]:
    """Whether the person can have it: `can` (yes, wait, overrule or no), `full`, `reasons`.

    Overrule: only rules that staff may set aside stand against it. Raises NotFound.
    """
    slots, day = facts.slots_for(session, wanted.stall_id, wanted.starts_at, wanted.provider_id)
    asked = facts.for_staff(session, slots[0], day, wanted.person_id, now, leaving=leaving)
    full = slots[0].taken >= slots[0].capacity or slots[0].waiting > 0
    against = rules.reasons(asked)
    if rules.reasons(asked, [rule for rule in RULES if rule not in DESK_MAY_OVERRULE]):
        can = "no"
    elif against:
        can = "overrule"
    else:
        can = "wait" if full else "yes"
    return {"can": can, "full": full, "reasons": [str(reason) for reason in against]}


def list_candidates(
    session: Session, me: SignedInStaff, text: str, stall_id: int, starts_at: datetime,
    now: datetime,
) -> list[dict[str, Any]]:  # fmt: skip
    """Residents found as the desk finds them, each with what stands against it."""
    return [
        one | {"judged": judge(session, Wanted(stall_id=stall_id, person_id=one["id"],
                                               starts_at=starts_at), now)}
        for one in find.find_people(session, me, text)[:MOST_SHOWN]
    ]  # fmt: skip


def book_for(
    session: Session, me: SignedInStaff, wanted: Wanted, now: datetime, reason: str | None = None
) -> int:
    """Book for somebody in reach; with a `reason` against rules that staff may set aside.

    The booking's id. Raises NotFound, the refusals of the rules and Full.
    """
    stall = access_stall(session, me, wanted.stall_id)
    access_person(session, me, RUN, wanted.person_id)
    booked = service.book_at_desk(session, me.staff_id, wanted, now, overruled_reason=reason)
    audit.record(
        session, me.staff_id, "slot.book", "booking", booked.booking_id,
        after=_told(wanted, booked.state, reason) | {"person_id": wanted.person_id},
        place_id=stall.place_id,
    )  # fmt: skip
    return booked.booking_id


def visit_for(
    session: Session, me: SignedInStaff, wanted: Wanted, said: Mapping[str, Any], now: datetime,
    *, checked: bool = False, reason: str | None = None,
) -> int:  # fmt: skip
    """Agree on a home visit for somebody in reach; the booking's id.

    Without a number the one on file is rung. Raises NotFound, Invalid where there is none, and what
    `deciding.book_for` does.
    """
    access_stall(session, me, wanted.stall_id)
    person = access_person(session, me, RUN, wanted.person_id)
    phone = said["phone"] or person.phone
    if phone is None:
        raise Invalid({"phone": [_("请填写打得通的电话号码。")]})
    where = Details(address=said["address"], phone=phone, note=said["note"])
    return deciding.book_for(session, me, wanted, where, now, checked=checked, reason=reason)


def change_for(
    session: Session, me: SignedInStaff, booking_id: int, wanted: Wanted, now: datetime,
    reason: str | None = None,
) -> int:  # fmt: skip
    """Another time at the same stall; the new booking's id.

    Nothing has changed where it is refused. Raises NotFound, NotLive, the refusals of the rules and
    Full.
    """
    before = get_booking(session, me, booking_id, now)
    booked = service.change_at_desk(
        session, me.staff_id, booking_id, wanted, now, overruled_reason=reason
    )
    audit.record(
        session, me.staff_id, "slot.change", "booking", booked.booking_id,
        {"booking_id": booking_id, "starts_at": clock.rfc3339(before["starts_at"]),
         "person_id": before["person_id"]},
        _told(wanted, booked.state, reason), place_id=before["place_id"],
    )  # fmt: skip
    return booked.booking_id


def get_booking(
    session: Session, me: SignedInStaff, booking_id: int, now: datetime
) -> dict[str, Any]:
    """A slot somebody has, or waits for, at my markets; the phone masked. Raises NotFound."""
    row = session.execute(
        select(
            Booking.id, Booking.state, Booking.starts_at, Booking.ends_at, Booking.short_code,
            Booking.cancel_until, Booking.offer_until, Booking.person_id,
            case((Booking.state == State.WAITING, POSITION)).label("position"),
            shown_name().label("person_name"), Person.phone, Service.name.label("service"),
            Service.bring, Provider.name.label("provider_name"), MarketDay.title, MarketDay.spot,
            MarketDay.id.label("market_day_id"), MarketDay.place_id, _slot.c.stall_id,
            Stall.at_home,
            Place.name.label("place_name"),
        )
        .join(_slot, _slot.c.id == Booking.bookable_id)
        .join(Stall, Stall.id == _slot.c.stall_id)
        .join(Service, Service.id == Stall.service_id)
        .join(MarketDay, MarketDay.id == Stall.market_day_id)
        .join(Place, Place.id == MarketDay.place_id)
        .join(Person, Person.id == Booking.person_id)
        .outerjoin(Provider, Provider.id == _slot.c.provider_id)
        .where(Booking.id == booking_id, me.covers(RUN, Place.path))
    ).first()  # fmt: skip
    if row is None:
        raise NotFound()
    live = row.state in (State.CONFIRMED, State.WAITING, State.OFFERED) and now < row.ends_at
    return dict(row._mapping) | {
        "phone": mask_phone(row.phone) if row.phone else None, "live": live,
        "can_change": live and now < row.starts_at,
    }  # fmt: skip


def _told(wanted: Wanted, state: str, reason: str | None) -> dict[str, Any]:
    return {
        "stall_id": wanted.stall_id, "starts_at": clock.rfc3339(wanted.starts_at),
        "provider_id": wanted.provider_id, "state": state, "reason": reason,
    }  # fmt: skip
