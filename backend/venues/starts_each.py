"""The starts of several rooms for all who ask at the same moment: three reads for all of them.

PostgreSQL only. A room comes with its uses as one text, which costs less than rows of them; and its
days are kept for as long as text, hours and rules say the same: mostly nothing is to be worked out.
"""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any, NamedTuple

from flask_babel import force_locale
from sqlalchemy import ColumnElement, String, cast, func, literal_column, not_, select
from sqlalchemy.orm import Session

from backend.arrays import Rows
from backend.db import BigInt, Prepared, table_of
from backend.places.models import Occupancy, Place, RoomAtom
from backend.venues import many, sheet, starts, strips
from backend.venues.asked import Use
from backend.venues.blocks.models import RoomBlock
from backend.venues.models import OpeningDay, Reservation
from backend.venues.sheet import open_room, place, room, ruled

_atom, _occupancy, _block = table_of(RoomAtom), table_of(Occupancy), table_of(RoomBlock)
_reservation, _scope = table_of(Reservation), table_of(Place).alias("scope")

_asked = Rows("asked", {"room_id": BigInt})
_places = Rows("places", {"id": BigInt})
_room_ids = select(_asked.table.c.room_id)
_venue_ids = select(room.c.venue_id).where(room.c.id.in_(_room_ids))


def _line() -> ColumnElement[str]:
    """A use as `_read` takes it; as JSON a reason has no line of its own."""
    reason = cast(func.to_json(_block.c.reason), String)
    fields: tuple[Any, ...] = (
        _occupancy.c.starts_at, _occupancy.c.ends_at, _occupancy.c.occupant_kind,
        _occupancy.c.occupant_id, _reservation.c.buffer_before, _reservation.c.buffer_after, reason,
    )  # fmt: skip
    return func.concat_ws("|", *(func.coalesce(cast(one, String), "") for one in fields))


_uses = (
    select(func.string_agg(_line(), literal_column("E'\\n'")))
    .select_from(
        _atom.join(_occupancy, _occupancy.c.atom_id == _atom.c.atom_id)
        .outerjoin(_reservation, sheet.BUFFERS & sheet.WANTING)
        .outerjoin(_block, sheet.OF_BLOCK)
    )
    .where(
        _atom.c.room_id == room.c.id, _occupancy.c.starts_at < sheet.TO,
        _occupancy.c.ends_at > sheet.SINCE, not_(sheet.LET_GO),
    )
    .scalar_subquery()
)  # fmt: skip
_ROOMS = Prepared(
    select(
        _asked.table.c.no, room.c.id.label("room_id"), room.c.venue_id,
        place.c.path.label("place_path"), _uses.label("uses"),
    ).select_from(
        _asked.table.join(room, room.c.id == _asked.table.c.room_id)
        .join(open_room, open_room.c.room_id == room.c.id)
        .join(place, place.c.id == room.c.place_id)
    )
)  # fmt: skip
_NAMED = (
    *(one.label(f"rules_{one.name}") for one in sheet.OF_RULES), _scope.c.path.label("rules_path")
)  # fmt: skip
_RULES = sheet.gathered(
    *(
        select(*_NAMED)
        .select_from(ruled.outerjoin(_scope, _scope.c.id == ruled.c.place_id))
        .where(of.in_(ids))
        for of, ids in (
            (ruled.c.room_id, _room_ids), (ruled.c.venue_id, _venue_ids),
            (ruled.c.place_id, select(_places.table.c.id)),
        )
    )
)  # fmt: skip
_DAYS = sheet.gathered(
    *many.exceptions(sheet.FROM, sheet.UNTIL, table_of(OpeningDay).c.venue_id.in_(_venue_ids))
)


class Wanted(NamedTuple):
    """The days of a room that somebody asks for."""

    room_id: int
    first: date
    last: date


class Found(NamedTuple):
    """A room as it was read."""

    room_id: int
    hours: many.InForce
    uses: str | None


def read_each(session: Session, wanted: Sequence[Wanted], now: datetime) -> list[Found | None]:
    """What decides the starts of each; None for rooms that cannot be reserved.

    Three reads for all who ask for the same days, as nearly all do.
    """
    found: list[Found | None] = [None] * len(wanted)
    by_days: dict[tuple[date, date], list[int]] = defaultdict(list)
    for number, one in enumerate(wanted):
        by_days[one.first, one.last].append(number)
    with force_locale("zh"):  # kept for everybody: the names of holidays are not translated
        for (first, last), numbers in by_days.items():
            asked = _asked.values([(wanted[number].room_id,) for number in numbers])
            asked |= sheet.window(0, first, last, now)
            for no, room_as_read in _read_rooms(session, asked, first, last):
                found[numbers[no - 1]] = room_as_read
    return found


def _read_rooms(
    session: Session, asked: Mapping[str, Any], first: date, last: date
) -> list[tuple[int, Found]]:
    rows = _ROOMS.all(session, asked)
    places = {ident for row in rows for ident in many.above(row.place_path)}
    if not rows:
        return []
    rules = _RULES.all(session, {**asked, **_places.values([(ident,) for ident in places])})
    hours = _Kept(rules, _DAYS.all(session, asked), first, last)
    return [(row.no, Found(row.room_id, hours.of(row), row.uses)) for row in rows]


class _Kept(many.Hours):
    """What is in force, the same object from one batch to the next while all says the same."""

    @staticmethod
    def _work_out(
        ruling: Sequence[Any], around: Sequence[Any], path: str, first: date, last: date
    ) -> many.InForce:
        return _in_force(tuple(ruling), tuple(around), path, first, last)


@lru_cache(maxsize=1024)
def _in_force(
    ruling: tuple[Any, ...], around: tuple[Any, ...], path: str, first: date, last: date
) -> many.InForce:
    return many.Hours._work_out(ruling, around, path, first, last)


def shown(found: Found, minutes: int | None, now: datetime) -> dict[str, Any]:
    """The starts of the room as answers have them."""
    days = _strip(found.hours, found.uses, starts.within_the_minute(now), minutes)
    return strips.shown(found.room_id, found.hours.rules, days)


@lru_cache(maxsize=1024)
def _strip(
    hours: many.InForce, uses: str | None, now: datetime, minutes: int | None
) -> list[dict[str, Any]]:
    """The days of a room; each of them is kept besides, for when only one is another."""
    return strips.days(hours.days, _read(uses), hours.rules, now, minutes)


def _read(uses: str | None) -> list[Use]:
    """The uses that a room's text says; of several parts the same use says it as often."""
    lines = sorted(set(uses.split("\n"))) if uses else []
    return [_use(*line.split("|", 6)) for line in lines]


def _use(
    starts_at: str, ends_at: str, kind: str, ident: str, before: str, after: str, why: str
) -> Use:
    moments = datetime.fromisoformat(starts_at), datetime.fromisoformat(ends_at)
    gaps = int(before or 0), int(after or 0)
    return Use(*moments, kind, int(ident), *gaps, json.loads(why) if why else None)
