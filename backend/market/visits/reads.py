"""Reads of home visits for staff: what is asked for, one visit, the route of a day.

Where a visit leads to, and which number to ring, is shown to staff of that street alone.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from backend import clock
from backend.booking.models import Bookable, Booking, State
from backend.booking.queries import state_at
from backend.db import AnyRow, table_of
from backend.errors import NotFound
from backend.market.fitting import RUN
from backend.market.models import MarketDay, MarketSlot, Provider, Service, Stall
from backend.market.visits.models import HomeVisit
from backend.market.visits.service import AHEAD, IS_FULL
from backend.people.masking import mask_phone
from backend.people.models import Person
from backend.people.naming import shown_name
from backend.places.models import Place
from backend.staff import audit
from backend.staff.access import REACH, Reach, SignedInStaff

_slot = table_of(MarketSlot)
_OF_STREET = 3
"""So many slashes has the path of a street: /district/street/."""

_SHOWN = (
    Booking.id, Booking.starts_at, Booking.ends_at, Booking.person_id, Booking.short_code,
    shown_name().label("person_name"), Person.birth_date, Service.name.label("service"),
    Provider.name.label("provider_name"), _slot.c.stall_id, _slot.c.minute,
    Stall.staff_check, HomeVisit.checked, HomeVisit.address,
    HomeVisit.phone, HomeVisit.note, HomeVisit.outcome, HomeVisit.minutes, HomeVisit.remark,
    MarketDay.id.label("market_day_id"), MarketDay.day, MarketDay.title, MarketDay.place_id,
    Place.path, IS_FULL.label("full"), case((IS_FULL, AHEAD)).label("ahead"),
)  # fmt: skip
_SOURCE = (
    Booking.__table__.join(table_of(Bookable), table_of(Bookable).c.id == Booking.bookable_id)
    .join(_slot, _slot.c.id == Booking.bookable_id)
    .join(table_of(HomeVisit), table_of(HomeVisit).c.booking_id == Booking.id)
    .join(table_of(Stall), table_of(Stall).c.id == _slot.c.stall_id)
    .join(table_of(Service), table_of(Service).c.id == table_of(Stall).c.service_id)
    .join(table_of(MarketDay), table_of(MarketDay).c.id == table_of(Stall).c.market_day_id)
    .join(table_of(Place), table_of(Place).c.id == table_of(MarketDay).c.place_id)
    .join(table_of(Person), table_of(Person).c.id == Booking.person_id)
    .outerjoin(table_of(Provider), table_of(Provider).c.id == _slot.c.provider_id)
)
_ON_THE_ROUTE = (State.CONFIRMED, State.ATTENDED, State.MISSED)


def is_near(me: SignedInStaff, path: str) -> bool:
    """Whether they work in the street of a place, and not for the whole district."""
    return any(
        scope.reaches(path) and scope.path.count("/") >= _OF_STREET
        and REACH[RUN, scope.role] == Reach.PLACE
        for scope in me.roles
    )  # fmt: skip


def count_open(session: Session, me: SignedInStaff, now: datetime) -> list[dict[str, Any]]:
    """The markets to come at which visits wait for a decision, and how many."""
    rows = session.execute(
        select(MarketDay.id, MarketDay.title, MarketDay.day, func.count().label("count"))
        .select_from(_SOURCE)
        .where(
            me.covers(RUN, Place.path), Booking.state == State.REQUESTED, Booking.starts_at > now
        )
        .group_by(MarketDay.id, MarketDay.title, MarketDay.day)
        .order_by(MarketDay.day, MarketDay.id)
    )
    return [dict(row._mapping) for row in rows]


def list_visits(
    session: Session, me: SignedInStaff, market_day_id: int, now: datetime
) -> dict[str, list[dict[str, Any]]]:
    """The visits of a market: `open` ones in the order of asking, then `agreed` by time, `over`."""
    rows = session.execute(
        select(*_SHOWN, state_at(now))
        .select_from(_SOURCE)
        .where(MarketDay.id == market_day_id, me.covers(RUN, Place.path))
        .order_by(Booking.starts_at, Booking.id)
    ).all()
    found: dict[str, list[dict[str, Any]]] = {"open": [], "agreed": [], "over": []}
    for row in rows:
        if row.state == State.REQUESTED:
            found["open"].append(_shown(me, row))
        elif row.state in _ON_THE_ROUTE:
            found["agreed"].append(_shown(me, row))
        else:
            found["over"].append(_shown(me, row))
    found["open"].sort(key=lambda one: one["id"])
    return found


def get_visit(
    session: Session, me: SignedInStaff, booking_id: int, now: datetime
) -> dict[str, Any]:
    """One of them, its number masked. Raises NotFound."""
    row = session.execute(
        select(*_SHOWN, state_at(now))
        .select_from(_SOURCE)
        .where(Booking.id == booking_id, me.covers(RUN, Place.path))
    ).first()
    if row is None:
        raise NotFound()
    agreed = row.state in _ON_THE_ROUTE
    shown = _shown(me, row)
    return shown | {
        "phone": shown["phone"] and mask_phone(shown["phone"]),
        "can_decide": row.state == State.REQUESTED,
        "can_change": row.state in (State.REQUESTED, State.CONFIRMED) and now < row.starts_at,
        "can_cancel": row.state in (State.REQUESTED, State.CONFIRMED) and now < row.ends_at,
        "can_end": agreed and clock.today(now) >= row.day,
    }


def reveal_phone(session: Session, me: SignedInStaff, booking_id: int) -> str:
    """The number to ring for a visit, whole, once; that it was looked at stands in the audit.

    Raises NotFound, also for who does not work in that street.
    """
    row = session.execute(
        select(HomeVisit.phone, MarketDay.place_id, Place.path)
        .select_from(_SOURCE)
        .where(Booking.id == booking_id, me.covers(RUN, Place.path))
    ).first()
    if row is None or row.phone is None or not is_near(me, row.path):
        raise NotFound()
    audit.record(
        session, me.staff_id, "home_visit.show_phone", "booking", booking_id,
        place_id=row.place_id,
    )  # fmt: skip
    return str(row.phone)


def list_routes(session: Session, me: SignedInStaff, market_day_id: int) -> list[dict[str, Any]]:
    """The stalls of a market whose people go out."""
    rows = session.execute(
        select(Stall.id, Service.name.label("service"))
        .join(Service, Service.id == Stall.service_id)
        .join(MarketDay, MarketDay.id == Stall.market_day_id)
        .join(Place, Place.id == MarketDay.place_id)
        .where(MarketDay.id == market_day_id, Stall.at_home, me.covers(RUN, Place.path))
        .order_by(Stall.from_minute, Stall.id)
    )
    return [dict(row._mapping) for row in rows]


def route(session: Session, me: SignedInStaff, stall_id: int, now: datetime) -> dict[str, Any]:
    """Whom the people of a stall visit that day; noted as looked at.

    One after the other for each of them; at the same time, neighbours follow each other.

    Raises NotFound, also for who does not work in that street.
    """
    stall = session.execute(
        select(
            Stall.id, Service.name.label("service"), MarketDay.id.label("market_day_id"),
            MarketDay.day, MarketDay.title, MarketDay.place_id,
            Place.name.label("place_name"), Place.path,
        )
        .join(Service, Service.id == Stall.service_id)
        .join(MarketDay, MarketDay.id == Stall.market_day_id)
        .join(Place, Place.id == MarketDay.place_id)
        .where(Stall.id == stall_id, Stall.at_home, me.covers(RUN, Place.path))
    ).first()  # fmt: skip
    if stall is None or not is_near(me, stall.path):
        raise NotFound()
    rows = session.execute(
        select(*_SHOWN, state_at(now))
        .select_from(_SOURCE)
        .where(_slot.c.stall_id == stall_id, Booking.state.in_(_ON_THE_ROUTE))
        .order_by(Booking.starts_at, Booking.id)
    ).all()
    audit.record(
        session, me.staff_id, "home_visit.route", "stall", stall_id, after={"count": len(rows)},
        place_id=stall.place_id,
    )  # fmt: skip
    visits = [_shown(me, row) | {"provider_name": row.provider_name or ""} for row in rows]
    visits.sort(key=_on_the_way)
    return dict(stall._mapping) | {"visits": visits}


def _on_the_way(visit: dict[str, Any]) -> tuple[object, ...]:
    return visit["provider_name"], visit["starts_at"], visit["address"] or "", visit["id"]


def _shown(me: SignedInStaff, row: AnyRow) -> dict[str, Any]:
    shown = dict(row._mapping) | {"near": is_near(me, row.path)}
    if not shown["near"]:
        shown |= {"address": None, "phone": None, "note": None}
    return shown
