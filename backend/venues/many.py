"""Several rooms at once: the rules and hours in force for each, and what uses them.

Four reads, however many rooms. Rooms that the same rules speak of share what is worked out.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import not_, or_, select, union_all
from sqlalchemy.orm import Session

from backend.db import table_of
from backend.places.models import CalendarDay, Closure, Occupancy, RoomAtom
from backend.venues import sheet
from backend.venues.asked import RuleSet, Use
from backend.venues.blocks.models import RoomBlock
from backend.venues.hours import OpenDay, Opening
from backend.venues.models import OpeningDay, Reservation
from backend.venues.sheet import (
    BUFFERS,
    OF_BLOCK,
    OF_ROOM,
    OF_RULES,
    ROOMS,
    Sheet,
    part,
    place,
    room,
    ruled,
)

_atom, _occupancy, _reservation = table_of(RoomAtom), table_of(Occupancy), table_of(Reservation)
_opening_day, _closure = table_of(OpeningDay), table_of(Closure)
_calendar_day, _scope = table_of(CalendarDay), place.alias("scope")
_block = table_of(RoomBlock)


@dataclass(frozen=True, slots=True, eq=False)
class InForce:
    """What holds for rooms that the same rules and exceptions speak of; each is itself alone."""

    opening: Opening
    rules: RuleSet
    days: Sequence[OpenDay]


def of_rooms(
    session: Session, room_ids: Iterable[int], first: date, last: date, now: datetime
) -> dict[int, Sheet]:
    """The sheets of these rooms from the day `first` to the day `last`."""
    rows = rows_of(session, room_ids)
    hours = hours_of(session, rows, first, last)
    uses = _uses(session, rows, first, last, now)
    sheets = {}
    for row in rows:
        found = hours.of(row)
        week, holiday = found.opening.week, found.opening.holiday
        own = uses.get(row.room_id, ())
        sheets[row.room_id] = Sheet(row, found.rules, week, holiday, found.days, own)
    return sheets


def rows_of(session: Session, room_ids: Iterable[int]) -> Sequence[Any]:
    """The rooms with their venues and places."""
    return session.execute(select(*OF_ROOM).select_from(ROOMS).where(room.c.id.in_(room_ids))).all()


def hours_of(session: Session, rows: Sequence[Any], first: date, last: date) -> "Hours":
    """The hours and rules of the rooms: two reads."""
    rules = session.execute(_rules(rows)).all()
    return Hours(rules, session.execute(_around(rows, first, last)).all(), first, last)


class Hours:
    """The hours and rules of rooms on the days from `first` to `last`.

    `days` are the calendar, the closures and other hours, a day further than `last`.
    """

    def __init__(self, rules: Sequence[Any], days: Sequence[Any], first: date, last: date) -> None:
        self._first, self._last = first, last
        self._rules: dict[tuple[str, int], Any] = {}
        for row in rules:
            of = next(name for name in LEVELS if getattr(row, f"rules_{name}") is not None)
            self._rules[of, getattr(row, f"rules_{of}")] = row
        self._days = days
        self._worked_out: dict[Any, InForce] = {}

    def of(self, row: Any) -> InForce:
        """What holds for the room."""
        ruling = [
            found
            for key in (
                ("room_id", row.room_id), ("venue_id", row.venue_id),
                *(("place_id", ident) for ident in above(row.place_path)),
            )
            if (found := self._rules.get(key)) is not None
        ]  # fmt: skip
        around = [day for day in self._days if sheet.concerns(day, row)]
        like = (tuple(map(id, ruling)), tuple(map(id, around)))
        if like not in self._worked_out:
            found = self._work_out(ruling, around, row.place_path, self._first, self._last)
            self._worked_out[like] = found
        return self._worked_out[like]

    @staticmethod
    def _work_out(
        ruling: Sequence[Any], around: Sequence[Any], path: str, first: date, last: date
    ) -> InForce:
        opening, rules = sheet.in_force(ruling, around, path)
        return InForce(opening, rules, tuple(opening.between(first, last)))


LEVELS = ("room_id", "venue_id", "place_id")


def above(path: str) -> list[int]:
    """The places of a path, the widest first."""
    return [int(ident) for ident in path.split("/") if ident]


def _rules(rows: Sequence[Any]) -> Any:
    """The rows of rules that speak of any of the rooms."""
    places = {ident for path in {row.place_path for row in rows} for ident in above(path)}
    return (
        select(
            *(one.label(f"rules_{one.name}") for one in OF_RULES),
            _scope.c.path.label("rules_path"),
        )
        .select_from(ruled.outerjoin(_scope, _scope.c.id == ruled.c.place_id))
        .where(
            or_(
                ruled.c.room_id.in_({row.room_id for row in rows}),
                ruled.c.venue_id.in_({row.venue_id for row in rows}),
                ruled.c.place_id.in_(places),
            )
        )
    )  # fmt: skip


def exceptions(first: Any, last: Any, *of_venues: Any) -> tuple[Any, Any, Any]:
    """The calendar, closures, and other hours `of_venues`, from a day to a day, for `Hours`."""
    return (
        part("day", day=_calendar_day.c.day, word=_calendar_day.c.kind, more=_calendar_day.c.name)
        .where(_calendar_day.c.day.between(first, last)),
        part("closed", day=_closure.c.starts_on, until=_closure.c.ends_on, word=_closure.c.reason,
             more=place.c.path)
        .join_from(_closure, place, place.c.id == _closure.c.place_id)
        .where(_closure.c.starts_on <= last, _closure.c.ends_on >= first),
        part("hours", n=_opening_day.c.room_id, day=_opening_day.c.day,
             word=_opening_day.c.hours, more=_opening_day.c.reason,
             before=_opening_day.c.venue_id)
        .where(_opening_day.c.day.between(first, last), *of_venues),
    )  # fmt: skip


def _around(rows: Sequence[Any], first: date, last: date) -> Any:
    """What differs at the rooms' venues; a night ends as the next day's hours begin."""
    of_venues = _opening_day.c.venue_id.in_({row.venue_id for row in rows})
    return union_all(*exceptions(first, last + timedelta(days=1), of_venues))


def _uses(
    session: Session, rows: Sequence[Any], first: date, last: date, now: datetime
) -> dict[int, list[Use]]:
    """What uses each room; one whose people should have come and have not does not any more."""
    found = sheet.window(0, first, last, now)
    asked = (
        select(
            _atom.c.room_id, _occupancy.c.starts_at, _occupancy.c.ends_at,
            _occupancy.c.occupant_kind, _occupancy.c.occupant_id,
            _reservation.c.buffer_before, _reservation.c.buffer_after, _block.c.reason,
        )
        .select_from(
            _atom.join(_occupancy, _occupancy.c.atom_id == _atom.c.atom_id)
            .outerjoin(_reservation, BUFFERS)
            .outerjoin(_block, OF_BLOCK)
        )
        .where(
            _atom.c.room_id.in_([row.room_id for row in rows]),
            _occupancy.c.starts_at < found["to"], _occupancy.c.ends_at > found["since"],
            not_(sheet.LET_GO),
        )
        .distinct()
    )  # fmt: skip
    uses: dict[int, list[Use]] = defaultdict(list)
    for row in session.execute(asked, {"now": now}):
        uses[row.room_id].append(
            Use(row.starts_at, row.ends_at, row.occupant_kind, row.occupant_id,
                row.buffer_before or 0, row.buffer_after or 0, row.reason)
        )  # fmt: skip
    return uses
