"""Everybody whom a move concerns is told once, whatever they have booked or hold in their hand."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from backend import clock
from backend.market.moving.look import AGE, ONCE
from backend.reminders import outbox
from backend.reminders.models import Kind

SLOT, PLACE, WAIT, GONE, NUMBER = "slot", "place", "wait", "gone", "number"
"""What becomes of something: it comes along; only its place is another; it is waited or asked for
still; the stall does not come; the number ends. Besides ONCE and AGE: it no longer fits.
"""

FACT = "market_move"
_BEST_FIRST = (SLOT, PLACE, WAIT, GONE, ONCE, AGE, NUMBER)


@dataclass(frozen=True, slots=True)
class Piece:
    """Something somebody has at the market, and what becomes of it; `at` is when, as RFC 3339."""

    person_id: int | None
    account_id: int | None
    booking_id: int | None
    kind: str
    service: str
    at: str | None = None
    number: int | None = None


def tell(
    session: Session, move_id: int, pieces: Iterable[Piece], now: datetime, days: Iterable[date], *,
    moved: bool,
) -> None:  # fmt: skip
    """One row of the outbox per person and account; at any hour if it concerns today.

    `moved`: to another time, not to another place alone.
    """
    theirs: dict[tuple[int, int | None], list[Piece]] = {}
    for one in pieces:
        if one.person_id is not None:
            theirs.setdefault((one.person_id, one.account_id), []).append(one)
    for (person_id, account_id), own in theirs.items():
        own.sort(key=lambda one: (_BEST_FIRST.index(one.kind), one.number is not None))
        outbox.tell(
            session, Kind.CHANGED, person_id=person_id, account_id=account_id, now=now,
            booking_id=next((one.booking_id for one in own if one.booking_id), None),
            facts={
                FACT: move_id, "moved": moved,
                "pieces": [
                    {"kind": one.kind, "service": one.service, "at": one.at, "number": one.number}
                    for one in own
                ],
            },
            concerns_today=clock.today(now) in days,
        )  # fmt: skip
