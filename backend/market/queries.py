"""Reads of markets for residents: which there are, and one with its stalls and slots."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from backend import clock
from backend.booking.models import Bookable
from backend.db import AnyRow, table_of
from backend.errors import NotFound
from backend.market.grid import is_over, moment
from backend.market.models import (
    MarketDay,
    MarketSlot,
    Provider,
    Service,
    Stall,
    StallProvider,
)
from backend.market.moving import on_show
from backend.market.numbers import BEFORE
from backend.places.around import NOWHERE, around, positions
from backend.places.models import Place

AHEAD = timedelta(days=60)
MOST = 100

_bookable, _slot = table_of(Bookable), table_of(MarketSlot)
_organisation, _home = aliased(Provider), aliased(Place)
_DAY = (
    MarketDay.id, MarketDay.day, MarketDay.title, MarketDay.spot, MarketDay.books_from,
    MarketDay.cancelled_at, MarketDay.place_id, Place.name.label("place_name"), Place.path,
)  # fmt: skip
_DAYS = on_show.with_newest_move(
    select(*_DAY, *on_show.COLUMNS)
    .join(Place, Place.id == MarketDay.place_id)
    .where(MarketDay.opened_at.is_not(None))
)


def list_days(session: Session, asked: Mapping[str, Any], now: datetime) -> list[dict[str, Any]]:
    """The markets of today and of two months ahead, the next first; four reads.

    Each with the street and community it is in and, for "near me", the position of the first of the
    place's venues that is on the map. `place_id`: those at the place, below it, or above it.
    A market that moved stands at its old date, too, with where it went. Raises NotFound for no such
    place.
    """
    today = clock.today(now)
    found = _DAYS.where(MarketDay.day.between(today, today + AHEAD))
    there = []
    if (place_id := asked.get("place_id")) is not None:
        path = session.scalar(select(Place.path).where(Place.id == place_id))
        if path is None:
            raise NotFound()
        above = [int(one) for one in path.strip("/").split("/")]
        found = found.where(Place.path.startswith(path) | Place.id.in_(above))
        there = [on_show.WAS.path.startswith(path) | on_show.WAS.id.in_(above)]
    days = session.execute(found.order_by(MarketDay.day, Place.path).limit(MOST)).all()
    named = session.execute(
        select(Stall.market_day_id, Service.name, func.min(Stall.from_minute).label("opens"),
               func.max(Stall.until_minute).label("closes"))
        .join(Service, Service.id == Stall.service_id)
        .join(MarketDay, MarketDay.id == Stall.market_day_id)
        .where(
            MarketDay.id.in_([day.id for day in days]),
            Stall.closed_at.is_(None) | (MarketDay.day <= today),  # it does not come
        )
        .group_by(Stall.market_day_id, Service.name)
        .order_by(func.min(Stall.id))
    ).all()  # fmt: skip
    at = positions(session, [day.place_id for day in days])
    shown = []
    for day in days:
        own = [row for row in named if row.market_day_id == day.id]
        opens = min((row.opens for row in own), default=0)
        closes = max((row.closes for row in own), default=0)
        hours = {"starts_at": _at(day, opens), "ends_at": _at(day, closes)}
        where = around(day.path) | at.get(day.place_id, NOWHERE)
        shown.append(_shown(day) | hours | where | {"services": [row.name for row in own]})
    for row in on_show.old_dates(session, _DAY, today, today + AHEAD, *there):
        shown.append(_shown(row) | on_show.at_old_date(row) | around(row.was_path) | NOWHERE)
    return sorted(shown, key=lambda one: (one["day"], one["moved_to"] is not None))


def get_day(session: Session, market_day_id: int, now: datetime) -> dict[str, Any]:
    """One market with its stalls and their slots: three reads. Raises NotFound."""
    day = session.execute(_DAYS.where(MarketDay.id == market_day_id)).first()
    if day is None:
        raise NotFound()
    people = session.execute(
        select(
            Stall.id, Stall.from_minute, Stall.until_minute, Stall.breaks, Stall.by_person,
            Stall.min_age, Stall.max_age, Stall.home_place_id, Stall.closed_at,
            Stall.at_home, Stall.staff_check,
            Service.name.label("service"), Service.minutes, Service.bring,
            Provider.id.label("provider_id"), Provider.name,
            _organisation.name.label("organisation"), _home.name.label("home_place_name"),
        )
        .join(Service, Service.id == Stall.service_id)
        .join(StallProvider, StallProvider.stall_id == Stall.id)
        .join(Provider, Provider.id == StallProvider.provider_id)
        .outerjoin(_organisation, _organisation.id == Provider.organisation_id)
        .outerjoin(_home, _home.id == Stall.home_place_id)
        .where(Stall.market_day_id == day.id)
        .order_by(Stall.from_minute, Stall.id, Provider.id)
    ).all()  # fmt: skip
    slots = session.execute(
        select(
            _slot.c.stall_id, _slot.c.id, _slot.c.provider_id, _bookable.c.starts_at,
            _bookable.c.ends_at, _bookable.c.capacity, _bookable.c.taken, _bookable.c.waiting,
        )
        .join(_bookable, _bookable.c.id == _slot.c.id)
        .where(
            _slot.c.stall_id.in_({row.id for row in people}), _bookable.c.cancelled_at.is_(None)
        )
        .order_by(_bookable.c.starts_at, _slot.c.id)
    ).all()  # fmt: skip
    stalls: dict[int, dict[str, Any]] = {}
    for row in people:
        stall = stalls.setdefault(row.id, _stall(day, row))
        stall["people"].append(
            {"id": row.provider_id, "name": row.name, "organisation": row.organisation}
        )
    for slot in slots:
        stalls[slot.stall_id]["slots"].append(_slot_shown(slot))
    over = [is_over(day.day, row.until_minute, row.closed_at, now) for row in people]
    ended = day.cancelled_at is None and bool(over) and all(over)
    return _shown(day) | {"over": ended, "stalls": list(stalls.values())}


def _shown(day: AnyRow) -> dict[str, Any]:
    return {
        "id": day.id, "day": day.day.isoformat(), "title": day.title, "spot": day.spot,
        "place_id": day.place_id, "place_name": day.place_name,
        "books_from": clock.rfc3339(day.books_from), "cancelled": day.cancelled_at is not None,
        "moved_from": on_show.moved_from(day), "moved_to": None,
    }  # fmt: skip


def _stall(day: AnyRow, row: AnyRow) -> dict[str, Any]:
    names = (
        "id", "service", "minutes", "bring", "by_person", "min_age", "max_age", "at_home",
        "staff_check",
    )  # fmt: skip
    return {name: getattr(row, name) for name in names} | {
        "home_place_id": row.home_place_id, "home_place_name": row.home_place_name,
        "numbers_from": clock.rfc3339(moment(day.day, row.from_minute) - BEFORE),
        "closed": row.closed_at is not None,
        "starts_at": _at(day, row.from_minute), "ends_at": _at(day, row.until_minute),
        "breaks": [
            {"starts_at": _at(day, first), "ends_at": _at(day, last)} for first, last in row.breaks
        ],
        "people": [], "slots": [],
    }  # fmt: skip


def _slot_shown(row: AnyRow) -> dict[str, Any]:
    free = 0 if row.waiting else max(row.capacity - row.taken, 0)
    return {
        "id": row.id, "provider_id": row.provider_id, "free": free, "waiting": row.waiting,
        "starts_at": clock.rfc3339(row.starts_at), "ends_at": clock.rfc3339(row.ends_at),
    }  # fmt: skip


def _at(day: AnyRow, minute: int) -> str | None:
    return clock.rfc3339(moment(day.day, minute))
