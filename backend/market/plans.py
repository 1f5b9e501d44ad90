"""Reads of the plan, for staff: market days, one with its stalls, what a stall can be made of."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend import clock
from backend.booking.models import Bookable, Booking, State
from backend.db import AnyRow, table_of
from backend.market import fitting, grid, papers
from backend.market.fitting import RUN
from backend.market.models import (
    MarketDay,
    MarketSlot,
    Provider,
    Service,
    Stall,
    StallProvider,
)
from backend.market.planning import access_day
from backend.people.models import Person
from backend.people.naming import shown_name
from backend.places.models import Place, PlaceKind, Room, Venue
from backend.staff.access import SignedInStaff

MOST_SHOWN = 50
_bookable, _slot = table_of(Bookable), table_of(MarketSlot)
_TAKEN = (
    select(func.coalesce(func.sum(_bookable.c.taken), 0))
    .join_from(_slot, _bookable, _bookable.c.id == _slot.c.id)
    .where(_slot.c.stall_id == Stall.id)
    .scalar_subquery()
)
_LISTED = (State.CONFIRMED, State.OFFERED, State.WAITING)
_KINDS = (PlaceKind.COMMUNITY, PlaceKind.ESTATE)


def list_days(
    session: Session, me: SignedInStaff, now: datetime, *, past: bool = False
) -> list[dict[str, Any]]:
    """The market days to come, the next first; or those that are over, the last first."""
    today = clock.today(now)
    stalls = (
        select(func.count()).where(Stall.market_day_id == MarketDay.id).scalar_subquery()
    )  # fmt: skip
    rows = session.execute(
        select(
            MarketDay.id, MarketDay.day, MarketDay.title, MarketDay.spot, MarketDay.cancelled_at,
            Place.name.label("place_name"), stalls.label("stalls"), MarketDay.opened_at,
        )
        .join(Place, Place.id == MarketDay.place_id)
        .where(
            me.covers(RUN, Place.path), MarketDay.day < today if past else MarketDay.day >= today
        )
        .order_by(MarketDay.day.desc() if past else MarketDay.day, Place.path)
        .limit(MOST_SHOWN)
    )  # fmt: skip
    return [dict(row._mapping) for row in rows]


def get_day(session: Session, me: SignedInStaff, market_day_id: int) -> dict[str, Any]:
    """One with its stalls, by when they open; what papers lack on the day is said. Raises NotFound.

    Four reads.
    """
    day = access_day(session, me, market_day_id)
    rows = session.execute(
        select(
            Stall.id, Stall.from_minute, Stall.until_minute, Stall.breaks, Stall.slot_minutes,
            Stall.closed_at,
            Stall.at_once, Stall.walk_up_percent, Stall.by_person, Stall.min_age, Stall.max_age,
            Stall.at_home, Service.name.label("service"), Service.papers,
            Room.name.label("room_name"), Place.name.label("home_name"), _TAKEN.label("taken"),
        )
        .join(Service, Service.id == Stall.service_id)
        .outerjoin(Room, Room.id == Stall.room_id)
        .outerjoin(Place, Place.id == Stall.home_place_id)
        .where(Stall.market_day_id == day.id)
        .order_by(Stall.from_minute, Stall.id)
    ).all()  # fmt: skip
    people = _people(session, [row.id for row in rows])
    known = papers.holders(session, {one for ids in people.values() for one in ids})
    stalls = []
    for row in rows:
        holders = [known[one] for one in people.get(row.id, ())]
        needed = [] if row.closed_at is not None else row.papers
        starts = grid.starts(row.from_minute, row.until_minute, row.breaks, row.slot_minutes)
        booked = sum(grid.bookable(len(starts), row.at_once, row.walk_up_percent))
        stalls.append(
            dict(row._mapping) | {
                "people": [one.name for one in holders],
                "called_off": fitting.called_off(row, day.day),
                "lacking": [str(one) for one in papers.lacking(needed, holders, day.day)],
                "slots": len(starts), "booked": booked,
                "walk_up": len(starts) * row.at_once - booked,
            }
        )  # fmt: skip
    return dict(day._mapping) | {"stalls": stalls}


def list_booked(session: Session, me: SignedInStaff, market_day_id: int) -> list[dict[str, Any]]:
    """Who comes when to which stall, or waits for a place. Raises NotFound."""
    day = access_day(session, me, market_day_id)
    rows = session.execute(
        select(
            Booking.id, Booking.state, Stall.id.label("stall_id"), Service.name.label("service"),
            Booking.starts_at, Booking.short_code, shown_name().label("person_name"), Person.phone,
            Provider.name.label("provider_name"),
        )
        .select_from(Booking)
        .join(_slot, _slot.c.id == Booking.bookable_id)
        .join(Stall, Stall.id == _slot.c.stall_id)
        .join(Service, Service.id == Stall.service_id)
        .join(Person, Person.id == Booking.person_id)
        .outerjoin(Provider, Provider.id == _slot.c.provider_id)
        .where(
            Stall.market_day_id == day.id, Booking.state.in_(_LISTED), Stall.at_home.is_(False)
        )
        .order_by(Stall.from_minute, Stall.id, Booking.starts_at, Booking.id)
    )  # fmt: skip
    return [
        dict(row._mapping) | {"last_four": row.phone and row.phone[-4:], "phone": None}
        for row in rows
    ]


def _people(session: Session, stall_ids: Sequence[int]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for row in session.execute(
        select(StallProvider.stall_id, StallProvider.provider_id)
        .where(StallProvider.stall_id.in_(stall_ids))
        .order_by(StallProvider.provider_id)
    ):
        found.setdefault(row.stall_id, []).append(row.provider_id)
    return found


def stalls_on_show(session: Session, day: AnyRow) -> Sequence[int]:
    """The stalls with a line of a market that residents see, in their order; none before."""
    if day.opened_at is None or day.cancelled_at is not None:
        return []
    return session.scalars(
        select(Stall.id)
        .where(Stall.market_day_id == day.id, Stall.at_home.is_(False))
        .order_by(Stall.from_minute, Stall.id)
    ).all()


def list_lacking(session: Session, me: SignedInStaff, today: date) -> list[dict[str, Any]]:
    """Today's markets at which somebody lacks a paper: what was planned well and is so no more.

    Three reads, however many markets there are.
    """
    stalls = session.execute(
        select(Stall.id, Stall.market_day_id, MarketDay.title, Service.papers)
        .join(MarketDay, MarketDay.id == Stall.market_day_id)
        .join(Place, Place.id == MarketDay.place_id)
        .join(Service, Service.id == Stall.service_id)
        .where(
            me.covers(RUN, Place.path),
            MarketDay.day == today,
            MarketDay.cancelled_at.is_(None),
            Stall.closed_at.is_(None),
        )
        .order_by(Place.path, Stall.from_minute, Stall.id)
    ).all()
    people = _people(session, [row.id for row in stalls if row.papers])
    known = papers.holders(session, {one for ids in people.values() for one in ids})
    found: dict[int, dict[str, Any]] = {}
    for row in stalls:
        holders = [known[one] for one in people.get(row.id, ())]
        if lacking := papers.lacking(row.papers, holders, today):
            market = {"id": row.market_day_id, "title": row.title, "lacking": []}
            listed = found.setdefault(row.market_day_id, market)["lacking"]
            listed += [str(one) for one in lacking]
    return list(found.values())


def places(session: Session, me: SignedInStaff) -> list[tuple[int, str]]:
    """Where a market can be: communities and estates in reach."""
    rows = session.execute(
        select(Place.id, Place.name)
        .where(Place.kind.in_(_KINDS), me.covers(RUN, Place.path))
        .order_by(Place.path)
    )
    return [(row.id, row.name) for row in rows]


def choices(session: Session, me: SignedInStaff, path: str) -> dict[str, Any]:
    """What a stall of a market at the place behind `path` can be put together from."""
    services = session.execute(
        select(Service.id, Service.name, Service.minutes).order_by(Service.name)
    )
    organisation = select(Provider.id, Provider.name).subquery()
    people = session.execute(
        select(Provider.id, Provider.name, organisation.c.name.label("of"))
        .outerjoin(organisation, organisation.c.id == Provider.organisation_id)
        .order_by(func.coalesce(organisation.c.name, Provider.name), Provider.id)
    )
    above = [int(one) for one in path.strip("/").split("/")]
    rooms = session.execute(
        select(Room.id, Room.name, Venue.name.label("venue_name"))
        .join(Venue, Venue.id == Room.venue_id)
        .join(Place, Place.id == Room.place_id)
        .where(
            me.covers(RUN, Place.path), Place.id.in_(above) | Place.path.startswith(path)
        )
        .order_by(Place.path, Room.name)
    )  # fmt: skip
    homes = session.execute(
        select(Place.id, Place.name).where(Place.id.in_(above)).order_by(Place.path)
    )
    return {
        "services": [(row.id, row.name) for row in services],
        "people": [(row.id, f"{row.name}（{row.of}）" if row.of else row.name) for row in people],
        "rooms": [(row.id, f"{row.venue_name} {row.name}") for row in rooms],
        "homes": [(row.id, row.name) for row in homes],
    }
