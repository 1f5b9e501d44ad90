"""Many rooms at once: their rules and hours in force, and what uses them; four reads, however many.

Rooms under the same rules share what is worked out from them.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import Date, Integer, String, and_, bindparam, cast, func, or_, select, union_all
from sqlalchemy.orm import Session

from backend.db import Prepared, UtcDateTime, table_of
from backend.places.models import CalendarDay, Closure, Occupancy, Place, RoomAtom
from backend.venues import sheet, starts
from backend.venues.asked import MINUTE, RuleSet, Use
from backend.venues.errors import TooFarAhead
from backend.venues.hours import Span
from backend.venues.models import OpeningDay, Reservation
from backend.venues.sheet import BUFFERS, NOW, OF_RULES, ROOMS, place, room, ruled, venue
from backend.venues.starts import Slot

WIDEST_GAP = 240
"""Minutes that a buffer can have at most; no use reaches further."""

_atom, _occupancy = table_of(RoomAtom), table_of(Occupancy)
_before, _reservation = table_of(Occupancy).alias("before"), table_of(Reservation)
_opening_day, _closure = table_of(OpeningDay), table_of(Closure)
_calendar_day, _scope = table_of(CalendarDay), table_of(Place).alias("scope")

_FROM, _UNTIL = bindparam("first", type_=Date()), bindparam("last", type_=Date())
_SINCE = bindparam("since", type_=UtcDateTime())
_TO = bindparam("to", type_=UtcDateTime())
_FITTING = and_(
    room.c.capacity >= bindparam("headcount", type_=Integer()),
    place.c.path.like(bindparam("within", type_=String())),
)

_ROOMS = Prepared(
    select(
        room.c.id.label("room_id"), room.c.name.label("room_name"), room.c.capacity,
        cast(room.c.functions, String).label("functions"),
        cast(room.c.equipment, String).label("equipment"), room.c.step_free, room.c.picture,
        venue.c.id.label("venue_id"), venue.c.name.label("venue_name"), venue.c.address,
        venue.c.latitude, venue.c.longitude, venue.c.step_free.label("venue_step_free"),
        place.c.id.label("place_id"), place.c.name.label("place_name"),
        place.c.path.label("place_path"),
    )
    .select_from(ROOMS)
    .where(_FITTING)
)  # fmt: skip
_RULES = Prepared(
    select(
        *(one.label(f"rules_{one.name}") for one in OF_RULES),
        ruled.c.id.label("rules_id"), _scope.c.path.label("rules_path"),
    ).select_from(ruled.outerjoin(_scope, _scope.c.id == ruled.c.place_id))
)  # fmt: skip
_DAYS = sheet.gathered(
    sheet.part("day", day=_calendar_day.c.day, word=_calendar_day.c.kind, more=_calendar_day.c.name)
    .where(_calendar_day.c.day.between(_FROM, _UNTIL)),
    sheet.part("closed", day=_closure.c.starts_on, until=_closure.c.ends_on, word=_closure.c.reason,
               more=place.c.path)
    .join_from(_closure, place, place.c.id == _closure.c.place_id)
    .where(_closure.c.starts_on <= _UNTIL, _closure.c.ends_on >= _FROM),
    sheet.part("hours", n=_opening_day.c.room_id, day=_opening_day.c.day,
               word=_opening_day.c.hours, more=_opening_day.c.reason,
               before=_opening_day.c.venue_id)
    .where(_opening_day.c.day.between(_FROM, _UNTIL)),
)  # fmt: skip


def _uses() -> Prepared:
    """What begins within the window; and, of what began before, the last of each part.

    No two uses of a part overlap, so only the last can reach in: history costs nothing.
    """
    last = (
        select(func.max(_before.c.starts_at))
        .where(_before.c.atom_id == _atom.c.atom_id, _before.c.starts_at < _SINCE)
        .scalar_subquery()
    )
    shown = (
        _atom.c.room_id, _occupancy.c.starts_at, _occupancy.c.ends_at,
        _occupancy.c.occupant_kind.label("kind"), _occupancy.c.occupant_id,
        _reservation.c.buffer_before.label("before"), _reservation.c.buffer_after.label("after"),
    )  # fmt: skip
    rooms = room.join(place, place.c.id == room.c.place_id).join(
        _atom, _atom.c.room_id == room.c.id
    )
    coming = or_(_reservation.c.no_show_at.is_(None), _reservation.c.no_show_at > NOW)
    # By the gaps of today's rules only what lies near matters; what wants its own may lie further.
    touching = and_(
        _occupancy.c.starts_at < bindparam("near_to", type_=UtcDateTime()),
        _occupancy.c.ends_at > bindparam("near_since", type_=UtcDateTime()),
    )
    wanting = or_(_reservation.c.buffer_before > 0, _reservation.c.buffer_after > 0)
    both = [
        select(*shown)
        .select_from(rooms.join(_occupancy, found).outerjoin(_reservation, BUFFERS))
        .where(_FITTING, _occupancy.c.ends_at > _SINCE, coming, or_(touching, wanting))
        for found in (
            and_(
                _occupancy.c.atom_id == _atom.c.atom_id,
                _occupancy.c.starts_at >= _SINCE, _occupancy.c.starts_at < _TO,
            ),
            and_(_occupancy.c.atom_id == _atom.c.atom_id, _occupancy.c.starts_at == last),
        )
    ]  # fmt: skip
    rows = union_all(*both).subquery()
    return Prepared(select(*rows.c))


_USES = _uses()


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


@dataclass(frozen=True, slots=True)
class Offered:
    """What hours and rules say of a window: open at all, not to be booked yet, and which slots."""

    open: bool
    not_yet: bool
    slots: Sequence[Slot]


@dataclass(frozen=True, slots=True)
class RoomHours:
    """A room, its hours around the window, and what uses it then."""

    row: Any
    hours: Hours
    uses: Sequence[Use]


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
        self._rows = _ROOMS.all(session, values)
        self._rules = _RULES.all(session, {})
        self._days = _DAYS.all(session, values)
        gaps = [(row.rules_buffer_before, row.rules_buffer_after) for row in self._rules]
        widest = max((gap or 0 for both in gaps for gap in both), default=0) * MINUTE
        values |= {
            "near_since": window.starts_at - widest, "near_to": window.ends_at + widest,
        }  # fmt: skip
        self._uses: dict[int, dict[tuple[object, ...], Use]] = {}
        for row in _USES.all(session, values):
            use = Use(
                row.starts_at, row.ends_at, row.kind, row.occupant_id, row.before or 0,
                row.after or 0,
            )  # fmt: skip
            # A hall's two halves are in use by the same thing once.
            self._uses.setdefault(row.room_id, {})[row.kind, row.occupant_id, row.starts_at] = use
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
            uses = self._uses.get(row.room_id, {})
            yield RoomHours(row, self._hours_of(row), list(uses.values()))

    def _hours_of(self, row: Any) -> Hours:
        own = row.room_id in self._by["room_id"] or (row.venue_id, row.room_id) in self._departing
        key = (row.place_path, row.venue_id, row.room_id if own else None)
        if key not in self._hours:
            self._hours[key] = self._worked_out(row)
        return self._hours[key]

    def _worked_out(self, row: Any) -> Hours:
        applying = self._applying(row)
        days = [one for one in self._days if self._concerns(one, row)]
        like = (
            tuple(one.rules_id for one in applying),
            tuple((one.what, one.day, one.until, one.word, one.more) for one in days),
        )
        if like not in self._hours:
            opening, rules = sheet.in_force(applying, days, row.place_path)
            first, last = self._day - timedelta(days=1), self._day
            spans = (span for one in opening.between(first, last) for span in one.spans)
            self._hours[like] = Hours(rules, tuple(spans))
        return self._hours[like]

    def _applying(self, row: Any) -> list[Any]:
        """The rows of rules that speak of the room."""
        found = [self._by["room_id"].get(row.room_id), self._by["venue_id"].get(row.venue_id)]
        parts = row.place_path.split("/")
        paths = ("/".join(parts[:end]) + "/" for end in range(len(parts) - 1, 0, -1))
        return [one for one in (*found, *map(self._by["path"].get, paths)) if one is not None]

    @staticmethod
    def _concerns(day: Any, row: Any) -> bool:
        if day.what == "closed":
            return bool(row.place_path.startswith(day.more))
        return day.what == "day" or (day.before == row.venue_id and day.n in (None, row.room_id))

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
                bool(open_then),
                bool(inside) and all(isinstance(slot.why, TooFarAhead) for slot in inside),
                [slot for slot in inside if slot.why is None],
            )
        return self._offered[key]
