"""A stall's line as its rows say it: who waits, and what was called so far."""

from collections.abc import Sequence
from typing import Any

from backend.market.line import Turns, Waiting
from backend.market.models import Stage, Ticket

COLUMNS = (
    Ticket.number, Ticket.stage, Ticket.due_at, Ticket.taken_at, Ticket.called_at,
    Ticket.skipped_at, Ticket.behind,
)  # fmt: skip


def waiting(tickets: Sequence[Any]) -> list[Waiting]:
    """Those who wait."""
    return [
        Waiting(row.number, row.due_at, row.skipped_at, row.behind, row.taken_at)
        for row in tickets
        if row.stage == Stage.WAITING
    ]


def turns(stall: Any, tickets: Sequence[Any]) -> Turns:
    """What was called; whoever was skipped passed nobody by their kind."""
    called = [row for row in tickets if row.called_at is not None and row.skipped_at is None]
    return Turns(
        stall.calls, stall.in_a_row,
        sorted(min(row.due_at, row.called_at) for row in called if row.due_at is not None),
        sorted(row.taken_at for row in called if row.due_at is None),
    )  # fmt: skip
