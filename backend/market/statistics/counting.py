"""The figures from the rows: stalls with their numbers, and how many waited how long, by a key.

Waits are counted by the whole minute in the database, so that medians come from a few rows.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Integer, case, func, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from backend.booking.models import Booking, State
from backend.db import AnyRow, table_of
from backend.market import fitting, working
from backend.market.models import (
    MarketDay,
    MarketSlot,
    Provider,
    Service,
    Stage,
    Stall,
    StallProvider,
    Ticket,
)
from backend.market.statistics.figures import Figures
from backend.places.models import Place

_slot = table_of(MarketSlot)
_FROM = (
    table_of(Stall)
    .join(table_of(MarketDay), MarketDay.id == Stall.market_day_id)
    .join(table_of(Place), Place.id == MarketDay.place_id)
)
_TICKETS = _FROM.join(table_of(Ticket), Ticket.stall_id == Stall.id)
_organisation = func.coalesce(Provider.organisation_id, Provider.id)


class _seconds(FunctionElement[int]):  # noqa: N801 - reads as the SQL function it stands for
    """A moment as whole seconds."""

    type = Integer()
    inherit_cache = True


@compiles(_seconds, "postgresql")
def _seconds_there(element: _seconds, compiler: SQLCompiler, **options: Any) -> str:
    return f"floor(extract(epoch FROM {compiler.process(element.clauses, **options)}))::bigint"


@compiles(_seconds, "sqlite")
def _seconds_here(element: _seconds, compiler: SQLCompiler, **options: Any) -> str:
    return f"CAST(strftime('%s', {compiler.process(element.clauses, **options)}) AS INTEGER)"


_since = func.coalesce(Ticket.due_at, Ticket.taken_at)
_waited = case(
    (Ticket.skipped_at.is_not(None), None),
    (Ticket.called_at < _since, 0),
    else_=(_seconds(Ticket.called_at) - _seconds(_since)) // 60,
)
HOUR = (_seconds(Ticket.called_at) // 3600 + 8) % 24
"""The local hour of the call."""


@dataclass(frozen=True, slots=True)
class Counted:
    """Stalls with their figures, waits left out; who stood there, by organisation."""

    stalls: Mapping[int, tuple[AnyRow, Figures]]
    organisations: Mapping[int, list[tuple[int, str]]]


def stalls(session: Session, which: ColumnElement[bool], now: datetime) -> Counted:
    """The stalls of the markets `which` picks that came, by day and place; three reads."""

    def counted(*stages: Stage) -> ColumnElement[int]:
        return func.count(case((Ticket.stage.in_(stages), 1)))

    rows = session.execute(
        select(
            Stall.id, Stall.market_day_id, Stall.service_id, Stall.from_minute,
            Stall.until_minute, Stall.breaks, Stall.closed_at, Service.name.label("service"),
            MarketDay.day, MarketDay.title, Place.path, Place.name.label("place_name"),
            working.FIRST_EVENT.label("first_event"),
            # Whoever was handed on to another stall counts there.
            func.count(case((Ticket.stage != Stage.MOVED, 1))).label("numbers"),
            counted(Stage.SERVED).label("served"), counted(Stage.NO_SHOW).label("no_show"),
            counted(Stage.LEFT).label("left"), counted(Stage.CLOSED).label("closed"),
            func.count(
                case(((Ticket.stage == Stage.SERVED) & Ticket.booking_id.is_not(None), 1))
            ).label("booked"),
        )
        .select_from(_FROM)
        .join(Service, Service.id == Stall.service_id)
        .outerjoin(Ticket, Ticket.stall_id == Stall.id)
        .where(which)
        .group_by(Stall.id, MarketDay.id, Place.id, Service.id)
        .order_by(MarketDay.day.desc(), Place.path, Stall.from_minute, Stall.id)
    ).all()  # fmt: skip
    booked = _bookings(session, which, now)
    found = {
        row.id: (row, _figures(row, *booked.get(row.id, (0, 0)), now))
        for row in rows if not fitting.called_off(row, row.day)
    }  # fmt: skip
    there = _organisations(session, which)
    return Counted(found, {one: there[one] for one in found if one in there})


def waits(
    session: Session, which: ColumnElement[bool], key: InstrumentedAttribute[int]
) -> dict[Any, Counter[int]]:
    """How many of those served waited how many minutes, by a key of the stall or the number."""
    rows = session.execute(
        select(key.label("key"), _waited.label("waited"), func.count())
        .select_from(_TICKETS)
        .where(which, Ticket.stage == Stage.SERVED)
        .group_by("key", "waited")
    )
    return _dealt(rows.all())


def waits_by_organisation(session: Session, which: ColumnElement[bool]) -> dict[Any, Counter[int]]:
    """The same by organisation: once for each that stood at the stall."""
    there = _at_stalls().subquery()
    rows = session.execute(
        select(there.c.organisation_id.label("key"), _waited.label("waited"), func.count())
        .select_from(_TICKETS.join(there, there.c.stall_id == Stall.id))
        .where(which, Ticket.stage == Stage.SERVED)
        .group_by("key", "waited")
    )
    return _dealt(rows.all())


def by_hour(session: Session, which: ColumnElement[bool]) -> dict[int, Figures]:
    """People served by the hour in which they were called."""
    rows = session.execute(
        select(
            HOUR.label("hour"), _waited.label("waited"), func.count().label("served"),
            func.count(Ticket.booking_id).label("booked"),
        )
        .select_from(_TICKETS)
        .where(which, Ticket.stage == Stage.SERVED)
        .group_by("hour", "waited")
        .order_by("hour")
    )  # fmt: skip
    found: dict[int, Figures] = {}
    for row in rows:
        figures = Figures(served=row.served, booked=row.booked)
        if row.waited is not None:
            figures.waits[row.waited] += row.served
        found.setdefault(row.hour, Figures()).add(figures)
    return found


def _dealt(rows: Any) -> dict[Any, Counter[int]]:
    found: dict[Any, Counter[int]] = defaultdict(Counter)
    for key, waited, count in rows:
        if waited is not None:
            found[key][waited] += count
    return found


def _figures(row: AnyRow, missed: int, visited: int, now: datetime) -> Figures:
    ends = now if row.closed_at is None else row.closed_at
    worked = working.spans(
        (row.from_minute, row.until_minute), row.breaks,
        working.minute_of(row.day, row.first_event), working.minute_of(row.day, ends),
    )  # fmt: skip
    return Figures(
        days={row.market_day_id}, stalls=1, minutes=working.minutes(worked), numbers=row.numbers,
        served=row.served + visited, booked=row.booked + visited, no_show=row.no_show,
        missed=missed, left=row.left, closed=row.closed,
    )  # fmt: skip


def _bookings(
    session: Session, which: ColumnElement[bool], now: datetime
) -> dict[int, tuple[int, int]]:
    """By stall, who kept a booking and was not there; and who was visited at home."""
    visited = Stall.at_home & (Booking.state == State.ATTENDED)
    # A visit is noted by whoever made it; a slot that is over says by itself that nobody came.
    missed = (Booking.state == State.MISSED) | (
        ~Stall.at_home & (Booking.state == State.CONFIRMED) & (Booking.ends_at <= now)
    )
    booked = _FROM.join(_slot, _slot.c.stall_id == Stall.id).join(
        table_of(Booking), Booking.bookable_id == _slot.c.id
    )
    rows = session.execute(
        select(Stall.id, func.count(case((missed, 1))), func.count(case((visited, 1))))
        .select_from(booked)
        .where(which)
        .group_by(Stall.id)
    )
    return {row[0]: (row[1], row[2]) for row in rows}


def _at_stalls() -> Any:
    return (
        select(StallProvider.stall_id, _organisation.label("organisation_id"))
        .join(Provider, Provider.id == StallProvider.provider_id)
        .distinct()
    )


def _organisations(
    session: Session, which: ColumnElement[bool]
) -> dict[int, list[tuple[int, str]]]:
    there, named = _at_stalls().subquery(), aliased(Provider)
    rows = session.execute(
        select(there.c.stall_id, named.id, named.name)
        .select_from(_FROM.join(there, there.c.stall_id == Stall.id))
        .join(named, named.id == there.c.organisation_id)
        .where(which)
        .order_by(named.kind, named.name)
    )
    found: dict[int, list[tuple[int, str]]] = defaultdict(list)
    for stall_id, ident, name in rows:
        found[stall_id].append((ident, name))
    return found
