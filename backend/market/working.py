"""When a stall really worked: its planned opening, cut by its first call and by its closing.

The rule: work begins at the planned opening, or with the first number called (the first visit,
of a stall that visits at home) where that came later; it ends at the planned closing, or when the
stall was closed early. Breaks do not count, short pauses do. Where nobody was called nothing shows
that anybody was there: no minutes.
"""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import case, func, select

from backend.booking.models import Booking, State
from backend.db import table_of
from backend.market.grid import MINUTE, Minutes, moment
from backend.market.models import MarketSlot, Stall, Ticket

_slot = table_of(MarketSlot)
VISITED = (State.ATTENDED, State.MISSED)
"""The states of a home visit that somebody went to."""

FIRST_EVENT = case(
    (
        Stall.at_home,
        select(func.min(Booking.starts_at))
        .join(_slot, _slot.c.id == Booking.bookable_id)
        .where(_slot.c.stall_id == Stall.id, Booking.state.in_(VISITED))
        .correlate(Stall)
        .scalar_subquery(),
    ),
    else_=select(func.min(Ticket.called_at))
    .where(Ticket.stall_id == Stall.id)
    .correlate(Stall)
    .scalar_subquery(),
)
"""When a stall called its first number, or made its first visit; for selects from `Stall`."""


def spans(
    opening: Minutes, breaks: Sequence[Sequence[int]], first_call: int | None, closed: int | None
) -> list[Minutes]:
    """The pieces of work, in minutes after midnight; `closed` may also be the present minute."""
    if first_call is None:
        return []
    begins = max(opening[0], first_call)
    ends = opening[1] if closed is None else min(opening[1], closed)
    found: list[Minutes] = []
    for first, last in sorted((a, b) for a, b in breaks):
        if begins < min(first, ends):
            found.append((begins, min(first, ends)))
        begins = max(begins, last)
    if begins < ends:
        found.append((begins, ends))
    return found


def minutes(pieces: Sequence[Minutes]) -> int:
    """How long that is together."""
    return sum(last - first for first, last in pieces)


def minute_of(day: date, at: datetime | None) -> int | None:
    """Whole minutes after the day's midnight."""
    return None if at is None else (at - moment(day, 0)) // MINUTE
