"""Many rooms at once: their rules and hours in force, and what uses them; three reads for all.

Rooms under the same rules share what is worked out from them.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from backend.places.models import OccupantKind
from backend.venues import across_reads, rules, sheet, starts
from backend.venues.asked import MINUTE, RuleSet, Use
from backend.venues.errors import TooFarAhead
from backend.venues.grid import Slot
from backend.venues.hours import Span

WIDEST_GAP = 240
"""Minutes that a buffer can have at most; no use reaches further."""


@lru_cache(maxsize=1024)
def words(text: str) -> frozenset[str]:
    """A list of words as it is kept."""
    return frozenset(json.loads(text))


@dataclass(frozen=True, slots=True)
class Window:
    """A day, from a moment up to a moment."""

    day: date
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Scope:
    """Which rooms are looked at: those for so many, behind a place."""

    headcount: int = 1
    path: str = "/"


@dataclass(frozen=True, slots=True)
class Hours:
    """What the rooms of one kind have in common: their rules, and when they are open."""

    rules: RuleSet
    spans: tuple[Span, ...]


class Outcome(NamedTuple):
    """The slots of a room that are free; or why there are none."""

    slots: Sequence[Slot]
    state: str
    """`free`, `blocked` by staff, `full`, `closed`, or `not_yet` to be booked."""


class Offered:
    """What hours and rules say of a window: open at all, not to be booked yet, and which slots."""

    def __init__(self, ruled: RuleSet, is_open: bool, not_yet: bool, slots: Sequence[Slot]) -> None:
        self._ruled, self._slots = ruled, slots
        self._without = "not_yet" if not_yet else "full" if is_open else "closed"
        self._outcomes: dict[str | None, Outcome] = {}

    def outcome(self, uses: str | None) -> Outcome:
        """What uses (as `across_reads` tells them) leave, once for rooms with the same."""
        if uses not in self._outcomes:
            self._outcomes[uses] = self._beside(across_reads.read_uses(uses))
        return self._outcomes[uses]

    def _beside(self, uses: Sequence[Use]) -> Outcome:
        taken = [_reach(use, self._ruled) for use in uses]
        free = [slot for slot in self._slots if not any(_touches(slot, one) for one in taken)]
        blocks = [one for one, use in zip(taken, uses, strict=True) if use.kind == _BLOCK]
        if free or not self._slots:
            return Outcome(free, "free" if free else self._without)
        blocked = all(any(_touches(slot, one) for one in blocks) for slot in self._slots)
        return Outcome((), "blocked" if blocked else self._without)


_BLOCK = OccupantKind.BLOCK
_Reach = tuple[datetime, datetime]


def _touches(slot: Slot, reach: _Reach) -> bool:
    return reach[0] < slot.ends_at and slot.starts_at < reach[1]


def _reach(use: Use, ruled: RuleSet) -> _Reach:
    """From when to when nothing fits beside the use."""
    before = rules.gap_minutes(ruled, use, earlier=False)
    after = rules.gap_minutes(ruled, use, earlier=True)
    return use.starts_at - before * MINUTE, use.ends_at + after * MINUTE


class RoomHours(NamedTuple):
    """A room with what uses it around the window (a row of `FITTING`), and its hours."""

    row: Any
    hours: Hours


class Rooms:
    """The rooms of a scope around one window."""

    def __init__(self, session: Session, scope: Scope, window: Window, now: datetime) -> None:
        values = {
            "headcount": scope.headcount, "within": f"{scope.path}%", "now": now,
            "since": window.starts_at - WIDEST_GAP * MINUTE,
            "to": window.ends_at + WIDEST_GAP * MINUTE,
            # A night's hours reach into the window, and end as the next day's begin.
            "first": window.day - timedelta(days=1), "last": window.day + timedelta(days=1),
        }  # fmt: skip
        self._day, self._now = window.day, now
        self._rules = across_reads.RULES.all(session, {})
        self._days = across_reads.DAYS.all(session, values)
        gaps = [(row.rules_buffer_before, row.rules_buffer_after) for row in self._rules]
        widest = max((gap or 0 for both in gaps for gap in both), default=0) * MINUTE
        values |= {
            "near_since": window.starts_at - widest, "near_to": window.ends_at + widest,
        }  # fmt: skip
        self._rows = across_reads.FITTING.all(session, values)
        self._by: dict[str, dict[Any, Any]] = {
            name: {
                getattr(row, f"rules_{name}"): row
                for row in self._rules
                if getattr(row, f"rules_{name}") is not None
            }
            for name in ("room_id", "venue_id", "path")
        }
        self._hours: dict[Any, Hours] = {}
        self._offered: dict[Any, Offered] = {}
        self._departing = {(one.before, one.n) for one in self._days if one.what == "hours"}

    def __iter__(self) -> Iterator[RoomHours]:
        for row in self._rows:
            yield RoomHours(row, self._hours_of(row))

    def _hours_of(self, row: Any) -> Hours:
        own = row.room_id in self._by["room_id"] or (row.venue_id, row.room_id) in self._departing
        key = (row.place_path, row.venue_id, row.room_id if own else None)
        if key not in self._hours:
            self._hours[key] = self._worked_out(row)
        return self._hours[key]

    def _worked_out(self, row: Any) -> Hours:
        """The same object for rooms whose rules, hours and days say the same."""
        applying = self._applying(row)
        days = [one for one in self._days if sheet.concerns(one, row)]
        said = tuple((one.what, one.day, one.until, one.word, one.more) for one in days)
        like: Any = (tuple(one.rules_id for one in applying), said)
        if like not in self._hours:
            opening, ruled = sheet.in_force(applying, days, row.place_path)
            same = (ruled, tuple(opening.week), opening.holiday, said)
            if same not in self._hours:
                first, last = self._day - timedelta(days=1), self._day
                spans = (span for one in opening.between(first, last) for span in one.spans)
                self._hours[same] = Hours(ruled, tuple(spans))
            self._hours[like] = self._hours[same]
        return self._hours[like]

    def _applying(self, row: Any) -> list[Any]:
        """The rows of rules that speak of the room."""
        found = [self._by["room_id"].get(row.room_id), self._by["venue_id"].get(row.venue_id)]
        parts = row.place_path.split("/")
        paths = ("/".join(parts[:end]) + "/" for end in range(len(parts) - 1, 0, -1))
        return [one for one in (*found, *map(self._by["path"].get, paths)) if one is not None]

    def offered(self, hours: Hours, minutes: int | None, window: Window) -> Offered:
        """What the hours allow within the window, worked out once for rooms that share them."""
        key = (id(hours), minutes, window.starts_at)
        if key not in self._offered:
            open_then = [
                span
                for span in hours.spans
                if span.starts_at < window.ends_at and window.starts_at < span.ends_at
            ]
            inside = [
                slot
                for span in open_then
                for slot in starts.slots(span, hours.rules, self._now, minutes)
                if window.starts_at <= slot.starts_at and slot.ends_at <= window.ends_at
            ]
            self._offered[key] = Offered(
                hours.rules,
                bool(open_then),
                bool(inside) and all(isinstance(slot.why, TooFarAhead) for slot in inside),
                [_in_utc(slot) for slot in inside if slot.why is None],
            )
        return self._offered[key]


def _in_utc(slot: Slot) -> Slot:
    """In the zone of what the database says: moments of two zones compare slowly."""
    return Slot(slot.starts_at.astimezone(UTC), slot.ends_at.astimezone(UTC))
