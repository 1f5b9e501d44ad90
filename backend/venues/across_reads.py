"""What the search across rooms reads: four statements for all rooms, one for those on show."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Date,
    Integer,
    String,
    and_,
    bindparam,
    cast,
    literal_column,
    not_,
    or_,
    select,
    union_all,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from backend.db import Prepared, UtcDateTime, table_of
from backend.places.models import CalendarDay, Closure, Occupancy, OccupantKind, Place, RoomAtom
from backend.venues import sheet
from backend.venues.models import OpeningDay, Reservation
from backend.venues.sheet import BUFFERS, NOW, OF_RULES, open_room, place, room, ruled, venue

_atom, _occupancy = table_of(RoomAtom), table_of(Occupancy)
_reservation = table_of(Reservation)
_opening_day, _closure = table_of(OpeningDay), table_of(Closure)
_calendar_day, _scope = table_of(CalendarDay), table_of(Place).alias("scope")

_FROM, _UNTIL = bindparam("first", type_=Date()), bindparam("last", type_=Date())
_FITTING = and_(
    room.c.capacity >= bindparam("headcount", type_=Integer()),
    place.c.path.like(bindparam("within", type_=String())),
)

# What decides only: names and addresses are read of the rooms on show.
FITTING = Prepared(
    select(
        room.c.id.label("room_id"), room.c.venue_id, place.c.path.label("place_path"),
        cast(room.c.functions, String).label("functions"),
        cast(room.c.equipment, String).label("equipment"), room.c.step_free,
        venue.c.step_free.label("venue_step_free"), venue.c.latitude, venue.c.longitude,
    )
    .select_from(
        room.join(open_room, open_room.c.room_id == room.c.id)
        .join(venue, venue.c.id == room.c.venue_id)
        .join(place, place.c.id == room.c.place_id)
    )
    .where(_FITTING)
)  # fmt: skip
RULES = Prepared(
    select(
        *(one.label(f"rules_{one.name}") for one in OF_RULES),
        ruled.c.id.label("rules_id"), _scope.c.path.label("rules_path"),
    ).select_from(ruled.outerjoin(_scope, _scope.c.id == ruled.c.place_id))
)  # fmt: skip
DAYS = sheet.gathered(
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
    given = (bindparam(name, type_=UtcDateTime()) for name in (since, to))
    return _touch(_occupancy.c.starts_at, _occupancy.c.ends_at, *given)


def _uses() -> Prepared:
    """Uses as near as the gaps of today's rules matter; and those that want gaps of their own,
    as the rules were when they were made, as near as any gap can matter.
    """
    used = (
        room.join(place, place.c.id == room.c.place_id)
        .join(_atom, _atom.c.room_id == room.c.id)
        .join(_occupancy, _occupancy.c.atom_id == _atom.c.atom_id)
    )
    not_come = select(_reservation.c.booking_id).where(_reservation.c.no_show_at <= NOW)
    let_go = and_(
        _occupancy.c.occupant_kind == OccupantKind.RESERVATION,
        _occupancy.c.occupant_id.in_(not_come),
    )
    shown = (
        _atom.c.room_id, _occupancy.c.starts_at, _occupancy.c.ends_at,
        _occupancy.c.occupant_kind.label("kind"),
    )  # fmt: skip
    none = [literal_column("0", Integer()).label(name) for name in ("before", "after")]
    own = [_reservation.c.buffer_before, _reservation.c.buffer_after]
    wanting = and_(BUFFERS, or_(*(one > 0 for one in own)))
    rows = union_all(
        select(*shown, *none).select_from(used)
        .where(_FITTING, _during("near_since", "near_to"), not_(let_go)),
        select(*shown, *own).select_from(used.join(_reservation, wanting))
        .where(_FITTING, _during("since", "to"), not_(let_go)),
    ).subquery()  # fmt: skip
    return Prepared(select(*rows.c))


USES = _uses()
