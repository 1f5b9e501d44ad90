"""What the lines of today's stalls have to tell: yours is next, in about ten minutes, a long pause.

A job looks at every line that somebody with a phone waits in, so that the desks' "next" waits for
nothing. Each number is told each of these once.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.dialects.postgresql import insert  # SQLite compiles it too
from sqlalchemy.orm import Session

from backend import clock
from backend.db import table_of
from backend.market import lines
from backend.market.grid import MINUTE
from backend.market.models import MarketDay, Stage, Stall, Ticket
from backend.reminders.models import Kind, Reminder

SOON = timedelta(minutes=10)
"""So long before their turn somebody is told to come back to the stall."""

WORTH_TELLING = timedelta(minutes=15)
"""Who waits less than that in all was told so when taking the number."""

LONG_PAUSE = timedelta(minutes=10)
"""After so long a pause everybody in line is told of it."""

_reminder = table_of(Reminder)
_write = insert(_reminder).on_conflict_do_nothing(
    index_elements=[_reminder.c.ticket_id, _reminder.c.kind],
    index_where=_reminder.c.ticket_id.is_not(None),
)


def derive(session: Session, now: datetime) -> int:
    """Write what is to be told and was not yet; how many. Running it twice changes nothing.

    Two reads, and two for each line.
    """
    rows = []
    waiting = _waiting(session, now)
    for stall_id, tickets in waiting.items():
        line = lines.of_stall(session, stall_id, now)
        paused_at = next(iter(tickets.values())).paused_at
        rows += [
            {
                "ticket_id": ticket.id, "person_id": ticket.person_id, "kind": kind,
                "account_id": ticket.account_id, "due_at": now, "created_at": now,
                "facts": {"minutes": minutes},
            }
            for number, kind, minutes in _news(line, paused_at, now)
            if (ticket := tickets.get(number)) is not None
            and _is_worth_it(ticket, kind, minutes, now)
        ]  # fmt: skip
    if rows:
        session.execute(_write, rows)
    return len(rows)


def _waiting(session: Session, now: datetime) -> Mapping[int, Mapping[int, Any]]:
    """Who stands behind today's waiting numbers, by stall and number; what they were told."""
    told = {
        kind: exists().where(Reminder.ticket_id == Ticket.id, Reminder.kind == kind).label(kind)
        for kind in (Kind.NUMBER_NEXT, Kind.NUMBER_SOON, Kind.NUMBER_PAUSED)
    }
    rows = session.execute(
        select(
            Ticket.id, Ticket.stall_id, Ticket.number, Ticket.person_id, Ticket.account_id,
            Ticket.taken_at, Stall.paused_at, *told.values(),
        )
        .join(Stall, Stall.id == Ticket.stall_id)
        .join(MarketDay, MarketDay.id == Stall.market_day_id)
        .where(
            MarketDay.day == clock.today(now), MarketDay.cancelled_at.is_(None),
            Ticket.stage == Stage.WAITING, Ticket.person_id.is_not(None),
        )
        .order_by(Ticket.stall_id, Ticket.number)
    )  # fmt: skip
    found: dict[int, dict[int, Any]] = defaultdict(dict)
    for row in rows:
        found[row.stall_id][row.number] = row
    return found


def _news(
    line: Mapping[str, Any], paused_at: datetime | None, now: datetime
) -> Iterator[tuple[int, Kind, int]]:
    """(number, what to tell, minutes left) for a line as it looks now."""
    if paused_at is not None:
        if now >= paused_at + LONG_PAUSE:
            for one in line["waiting"]:
                yield one["number"], Kind.NUMBER_PAUSED, one["minutes"]
        return
    for one in line["waiting"]:
        if one["minutes"] * MINUTE <= SOON:
            kind = Kind.NUMBER_NEXT if one["ahead"] == 0 else Kind.NUMBER_SOON
            yield one["number"], kind, one["minutes"]


def _is_worth_it(ticket: Any, kind: Kind, minutes: int, now: datetime) -> bool:
    if getattr(ticket, kind):
        return False
    if kind != Kind.NUMBER_SOON:
        return True
    in_all = now + minutes * MINUTE - ticket.taken_at
    return not ticket.number_next and in_all >= WORTH_TELLING
