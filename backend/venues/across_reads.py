"""What the search across rooms reads: three statements for all rooms, one for those on show."""

from collections.abc import Iterable
from datetime import UTC, datetime
from functools import lru_cache, reduce
from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Date,
    Integer,
    String,
    Subquery,
    and_,
    bindparam,
    cast,
    false,
    func,
    not_,
    select,
    union_all,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from backend.db import Prepared, UtcDateTime, table_of, unseen
from backend.places.models import Occupancy, Place, RoomAtom
from backend.venues import many, sheet
from backend.venues.asked import Use
from backend.venues.models import Reservation
from backend.venues.sheet import (
    BUFFERS,
    LET_GO,
    OF_RULES,
    WANTING,
    open_room,
    place,
    room,
    ruled,
    venue,
)

_atom, _occupancy = table_of(RoomAtom), table_of(Occupancy)
_reservation = table_of(Reservation)
_scope = table_of(Place).alias("scope")

_FROM, _UNTIL = bindparam("first", type_=Date()), bindparam("last", type_=Date())
RULES = Prepared(
    select(
        *(one.label(f"rules_{one.name}") for one in OF_RULES),
        ruled.c.id.label("rules_id"), _scope.c.path.label("rules_path"),
    ).select_from(ruled.outerjoin(_scope, _scope.c.id == ruled.c.place_id))
)  # fmt: skip
DAYS = sheet.gathered(*many.exceptions(_FROM, _UNTIL))
_SHOWN = (
    select(
        room.c.id.label("room_id"), room.c.name.label("room_name"), room.c.capacity,
        room.c.picture, venue.c.name.label("venue_name"), venue.c.address,
        place.c.id.label("place_id"), place.c.name.label("place_name"),
    )
    .select_from(
        room.join(venue, venue.c.id == room.c.venue_id).join(place, place.c.id == room.c.place_id)
    )
    .where(room.c.id.in_(bindparam("room_ids", expanding=True)))
)  # fmt: skip


def shown(session: Session, room_ids: Iterable[int]) -> dict[int, Any]:
    """What a page says of rooms, by their ids."""
    rows = session.execute(_SHOWN, {"room_ids": sorted(set(room_ids))})
    return {row.room_id: row for row in rows}


class _touch(FunctionElement[bool]):  # noqa: N801 - reads as the SQL function it stands for
    """Whether the time from a moment up to another touches that from a third up to a fourth."""

    type = Boolean()
    inherit_cache = True


@compiles(_touch, "postgresql")
def _on_postgresql(element: _touch, compiler: SQLCompiler, **options: Any) -> str:
    """As the index of uses has it, which finds them among years of others."""
    one, two, three, four = (compiler.process(each, **options) for each in element.clauses)
    return f"tstzrange({one}, {two}) && tstzrange({three}, {four})"


@compiles(_touch, "sqlite")
def _on_sqlite(element: _touch, compiler: SQLCompiler, **options: Any) -> str:
    one, two, three, four = (compiler.process(each, **options) for each in element.clauses)
    return f"({one} < {four} AND {three} < {two})"


def _during(since: str, to: str) -> ColumnElement[bool]:
    given = (unseen(name, UtcDateTime()) for name in (since, to))
    return _touch(_occupancy.c.starts_at, _occupancy.c.ends_at, *given)


def _lines() -> Subquery:
    """The uses of each room as one text, as `read_uses` takes it: rows would be three times as
    many, and rooms in use at the same times say the same.

    Uses as near as the gaps of today's rules matter; and those that want gaps of their own, as
    the rules were when they were made, as near as any gap can matter.
    """
    used = _atom.join(_occupancy, _occupancy.c.atom_id == _atom.c.atom_id)
    shown = [cast(_occupancy.c[name], String) for name in ("starts_at", "ends_at", "occupant_kind")]
    own = [_reservation.c.buffer_before, _reservation.c.buffer_after]
    rows = union_all(
        select(_atom.c.room_id, _joined(*shown).label("line")).select_from(used)
        .where(_during("near_since", "near_to"), not_(LET_GO)),
        select(_atom.c.room_id, _joined(*shown, *(cast(one, String) for one in own)))
        .select_from(used.join(_reservation, and_(BUFFERS, WANTING)))
        .where(_during("since", "to"), not_(LET_GO)),
    ).subquery()  # fmt: skip
    lines = func.aggregate_strings(rows.c.line, ";").label("uses")
    return select(rows.c.room_id, lines).group_by(rows.c.room_id).subquery("lines")


def _joined(first: ColumnElement[str], *rest: ColumnElement[str]) -> ColumnElement[str]:
    return reduce(lambda line, field: line + "|" + field, rest, first)


@lru_cache(maxsize=16_384)
def read_uses(text: str | None) -> tuple[Use, ...]:
    """The uses that a room's text says, their gaps as they were when made."""
    return tuple(_use(*line.split("|")) for line in text.split(";")) if text else ()


def _use(starts_at: str, ends_at: str, kind: str, before: str = "0", after: str = "0") -> Use:
    return Use(_moment(starts_at), _moment(ends_at), kind, 0, int(before), int(after))


def _moment(text: str) -> datetime:
    """As the column's type has it: SQLite keeps no zone."""
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


_used = _lines()
# What decides only: names and addresses are read of the rooms on show.
FITTING = Prepared(
    select(
        room.c.id.label("room_id"), room.c.venue_id, place.c.path.label("place_path"),
        cast(room.c.functions, String).label("functions"),
        cast(room.c.equipment, String).label("equipment"), room.c.step_free,
        venue.c.step_free.label("venue_step_free"), venue.c.latitude, venue.c.longitude,
        _used.c.uses,
    )
    .select_from(
        room.join(open_room, open_room.c.room_id == room.c.id)
        .join(venue, venue.c.id == room.c.venue_id)
        .join(place, place.c.id == room.c.place_id)
        .outerjoin(_used, _used.c.room_id == room.c.id)
    )
    .where(
        room.c.capacity >= unseen("headcount", Integer()),
        # Behind `coalesce` the planner does not take LIKE for a rare thing: mostly all are meant.
        func.coalesce(place.c.path.like(unseen("within", String())), false()),
    )
)  # fmt: skip
