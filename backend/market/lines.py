"""Reads of a stall's line: for everybody (numbers alone), for its desks, for one's own numbers."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from backend import clock
from backend.booking.models import Booking, State
from backend.db import AnyRow, table_of
from backend.market import numbers, standing
from backend.market.grid import MINUTE, moment
from backend.market.line import (
    LATEST,
    Waiting,
    forecast,
    most_in_a_row,
    most_passing,
    pace,
)
from backend.market.models import (
    IN_LINE,
    MarketDay,
    MarketSlot,
    Service,
    Stage,
    Stall,
    Ticket,
)
from backend.market.outlook import outlook
from backend.people.models import Person
from backend.people.naming import shown_name
from backend.people.queries import Resident, acts_for
from backend.staff.access import SignedInStaff

_slot = table_of(MarketSlot)
_TICKET = (*standing.COLUMNS, Ticket.desk, Ticket.recalls, Ticket.ended_at)


def of_stall(session: Session, stall_id: int, now: datetime) -> dict[str, Any]:
    """The line as everybody may see it: two reads. Raises NotFound."""
    stall = numbers.on_the_day(session, stall_id)
    return _line(stall, _tickets(session, stall_id), now)


def at_desk(session: Session, me: SignedInStaff, stall_id: int, now: datetime) -> dict[str, Any]:
    """The same for its desks, with names, and who has booked and is not here yet."""
    stall = numbers.at_my_stall(session, me, stall_id)
    line = _line(stall, _tickets(session, stall_id), now)
    names = session.execute(
        select(Ticket.number, shown_name().label("name"))
        .join(Person, Person.id == Ticket.person_id)
        .where(Ticket.stall_id == stall_id, Ticket.stage.in_(IN_LINE))
    )
    booked = session.execute(
        select(Booking.id, Booking.starts_at, Booking.short_code, shown_name().label("name"))
        .join(_slot, _slot.c.id == Booking.bookable_id)
        .join(Person, Person.id == Booking.person_id)
        .where(_slot.c.stall_id == stall_id, Booking.state == State.CONFIRMED)
        .order_by(Booking.starts_at, Booking.id)
    )
    new = aliased(Ticket)
    moved = session.execute(
        select(Ticket.number, new.stall_id, new.number.label("to"), shown_name().label("name"))
        .join(new, new.id == Ticket.moved_to_id)
        .outerjoin(Person, Person.id == Ticket.person_id)
        .where(Ticket.stall_id == stall_id)
        .order_by(Ticket.number)
    )
    return line | {
        "names": {row.number: row.name for row in names},
        "booked": [dict(row._mapping) for row in booked],
        "moved": [dict(row._mapping) for row in moved],
        "desks": list(range(1, stall.at_once + 1)), "market": stall.market,
        "market_day_id": stall.market_day_id,
    }  # fmt: skip


def of_day(session: Session, stall_ids: Sequence[int], now: datetime) -> list[dict[str, Any]]:
    """The lines of several stalls, for the screen of a market."""
    return [of_stall(session, one, now) for one in stall_ids]


def list_mine(session: Session, me: Resident, now: datetime) -> list[dict[str, Any]]:
    """Today's numbers of everybody I may act for, the last taken first."""
    rows = session.execute(
        select(
            Ticket.id, Ticket.stall_id, Ticket.number, Ticket.stage, Ticket.desk,
            Ticket.person_id, Person.name.label("person_name"), Service.name.label("service"),
            Ticket.moved_to_id, MarketDay.spot,
        )
        .join(Stall, Stall.id == Ticket.stall_id)
        .join(MarketDay, MarketDay.id == Stall.market_day_id)
        .join(Service, Service.id == Stall.service_id)
        .join(Person, Person.id == Ticket.person_id)
        .where(
            MarketDay.day == clock.today(now), acts_for(me, Ticket.person_id, clock.today(now))
        )
        .order_by(Ticket.id.desc())
    )  # fmt: skip
    return [dict(row._mapping) for row in rows]


def _tickets(session: Session, stall_id: int) -> Sequence[AnyRow]:
    return session.execute(
        select(*_TICKET).where(Ticket.stall_id == stall_id).order_by(Ticket.number)
    ).all()


def _line(stall: AnyRow, tickets: Sequence[AnyRow], now: datetime) -> dict[str, Any]:
    served = sorted(
        (row for row in tickets if row.stage == Stage.SERVED), key=lambda row: row.ended_at
    )
    called = [row for row in tickets if row.stage == Stage.CALLED]
    each = pace(stall.minutes, [row.ended_at - row.called_at for row in served[-LATEST:]])
    closes_at = moment(stall.day, stall.until_minute)
    ordered, after_all = _forecast(stall, tickets, called, each, now)
    return {
        "stall_id": stall.id, "service": stall.service,
        "now": clock.rfc3339(now.replace(second=0, microsecond=0)),  # or no ETag would hold
        "opens_at": clock.rfc3339(moment(stall.day, stall.from_minute)),
        "closes_at": clock.rfc3339(closes_at),
        "paused": stall.paused_at is not None,
        "closed": stall.closed_at is not None or now >= closes_at,
        "called": [
            {"number": row.number, "desk": row.desk, "recalls": row.recalls,
             "minutes": (now - row.called_at) // MINUTE}
            for row in sorted(called, key=lambda row: row.desk)
        ],
        "waiting": [
            {"number": one.number, "booked": one.due_at is not None, "ahead": place,
             "minutes": _minutes(at - now)}
            for place, (one, at) in enumerate(ordered)
        ],
        "served": len(served), "minutes_each": _minutes(each),
        "minutes_new": _minutes(after_all - now), "in_vain": after_all >= closes_at,
    }  # fmt: skip


def _forecast(
    stall: AnyRow, tickets: Sequence[AnyRow], called: Sequence[AnyRow], each: timedelta,
    now: datetime,
) -> tuple[list[tuple[Waiting, datetime]], datetime]:  # fmt: skip
    """Everybody with when they can expect to be called, and when somebody new could."""
    ahead = outlook(stall, [row.called_at for row in called], each, now)
    ordered = list(
        forecast(
            standing.waiting(tickets), ahead.begins, ahead.step, standing.turns(stall, tickets),
            most_in_a_row(stall.walk_up_percent), ahead.skipping,
            most_passing(stall.slot_minutes, stall.at_once),
        )
    )  # fmt: skip
    return ordered, ahead.after(len(ordered))


def _minutes(span: timedelta) -> int:
    """Whole minutes, rounded up: nobody is told less than it will take."""
    return max(0, -(-span // MINUTE))
