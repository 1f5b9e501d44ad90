"""Everything the rules ask of a room in two reads: its rules, its hours, and its uses.

The second read is one statement over several tables, each row saying what it is: the round trips
cost more than the rows.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from operator import attrgetter
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Date,
    Integer,
    String,
    and_,
    bindparam,
    case,
    cast,
    exists,
    literal_column,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import Session
from sqlalchemy.sql.selectable import Select

from backend import clock
from backend.booking.models import Bookable
from backend.db import BigInt, Prepared, UtcDateTime, table_of, unseen
from backend.errors import NotFound
from backend.places.holidays import Closed, Entry, ServingCalendar
from backend.places.models import (
    CalendarDay,
    Closure,
    Occupancy,
    OccupantKind,
    Place,
    Room,
    RoomAtom,
    Venue,
)
from backend.venues.asked import RuleSet, Use
from backend.venues.blocks.models import RoomBlock
from backend.venues.hours import Departure, OpenDay, Opening
from backend.venues.models import OpeningDay, OpenRoom, Reservation, RoomRules

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
RULED = tuple(one.name for one in fields(RuleSet) if one.init)

room, venue, place = table_of(Room), table_of(Venue), table_of(Place)
open_room, bookable, ruled = table_of(OpenRoom), table_of(Bookable), table_of(RoomRules)
_above = table_of(Place).alias("above")
_atom, _occupancy = table_of(RoomAtom), table_of(Occupancy)
_reservation, _opening_day = table_of(Reservation), table_of(OpeningDay)
_calendar_day, _closure = table_of(CalendarDay), table_of(Closure)
_block = table_of(RoomBlock)

ROOM_ID: ColumnElement[int] = bindparam("room_id", type_=BigInt)

OF_ROOM = (
    room.c.id.label("room_id"), room.c.name.label("room_name"), room.c.capacity,
    room.c.venue_id, venue.c.name.label("venue_name"), bookable.c.id.label("bookable_id"),
    place.c.id.label("place_id"), place.c.path.label("place_path"),
)  # fmt: skip
OF_RULES = tuple(
    ruled.c[name]
    for name in ("room_id", "venue_id", "place_id", *WEEKDAYS, "holiday", *RULED)
)  # fmt: skip
_NAMED = tuple(one.label(f"rules_{one.name}") for one in OF_RULES)

ROOMS = (
    room.join(open_room, open_room.c.room_id == room.c.id)
    .join(bookable, bookable.c.id == open_room.c.id)
    .join(venue, venue.c.id == room.c.venue_id)
    .join(place, place.c.id == room.c.place_id)
)


def ruling(room_id: Any) -> ColumnElement[bool]:
    """Whether a row of rules speaks of the room: its own, its venue's, a place's above."""
    of_venue = select(room.c.venue_id).where(room.c.id == room_id).scalar_subquery()
    path = (
        select(place.c.path)
        .join(room, room.c.place_id == place.c.id)
        .where(room.c.id == room_id)
        .scalar_subquery()
    )
    above = (
        select(ruled.c.id)
        .join(_above, _above.c.id == ruled.c.place_id)
        .where(path.startswith(_above.c.path))
    )
    return or_(
        ruled.c.room_id == room_id, ruled.c.venue_id == of_venue, ruled.c.id.in_(above)
    )  # fmt: skip


def rules_of_room(*columns: Any) -> Select[*tuple[Any, ...]]:
    """The room, each row with one of the rows of rules that speak of it."""
    widest = _above.alias("of_rules")
    return (
        select(*OF_ROOM, *_NAMED, widest.c.path.label("rules_path"), *columns)
        .select_from(
            ROOMS.outerjoin(ruled, ruling(ROOM_ID)).outerjoin(
                widest, widest.c.id == ruled.c.place_id
            )
        )
        .where(room.c.id == ROOM_ID)
    )


def part(
    what: str | ColumnElement[str], *, n: Any = None, starts_at: Any = None, ends_at: Any = None,
    day: Any = None, until: Any = None, word: Any = None, more: Any = None, before: Any = None,
    after: Any = None,
) -> Select[*tuple[Any, ...]]:  # fmt: skip
    """One of the things around a room in the columns that all of them share."""
    given = (
        (n, "n", BigInt),
        (starts_at, "starts_at", UtcDateTime()), (ends_at, "ends_at", UtcDateTime()),
        (day, "day", Date()), (until, "until", Date()), (word, "word", String()),
        (more, "more", String()), (before, "before", Integer()), (after, "after", Integer()),
    )  # fmt: skip
    if isinstance(what, str):
        what = literal_column(f"'{what}'", String())
    return select(
        what.label("what"),
        *((cast(null(), kind) if one is None else one).label(name) for one, name, kind in given),
    )


FROM, UNTIL = unseen("first", Date()), unseen("last", Date())
NOW = unseen("now", UtcDateTime())
SINCE, TO = unseen("since", UtcDateTime()), unseen("to", UtcDateTime())
BUFFERS = and_(
    _occupancy.c.occupant_kind == OccupantKind.RESERVATION,
    _reservation.c.booking_id == _occupancy.c.occupant_id,
)
OF_BLOCK = and_(
    _occupancy.c.occupant_kind == OccupantKind.BLOCK, _block.c.id == _occupancy.c.occupant_id
)
WANTING = or_(_reservation.c.buffer_before > 0, _reservation.c.buffer_after > 0)
"""Few reservations want gaps of their own; an index knows which."""
_not_come = select(_reservation.c.booking_id).where(_reservation.c.no_show_at <= NOW)
LET_GO = and_(
    _occupancy.c.occupant_kind == OccupantKind.RESERVATION, _occupancy.c.occupant_id.in_(_not_come)
)
"""Whether nobody came, and the room is free again, whether or not a job ran."""
AROUND = (
    part("day", day=_calendar_day.c.day, word=_calendar_day.c.kind, more=_calendar_day.c.name)
    .where(_calendar_day.c.day.between(FROM, UNTIL)),
    part("closed", day=_closure.c.starts_on, until=_closure.c.ends_on, word=_closure.c.reason,
          more=place.c.path)
    .join_from(_closure, place, place.c.id == _closure.c.place_id)
    .where(_closure.c.starts_on <= UNTIL, _closure.c.ends_on >= FROM),
    part("hours", n=_opening_day.c.room_id, day=_opening_day.c.day, word=_opening_day.c.hours,
          more=_opening_day.c.reason)
    .where(
        _opening_day.c.venue_id
        == select(room.c.venue_id).where(room.c.id == ROOM_ID).scalar_subquery(),
        or_(_opening_day.c.room_id.is_(None), _opening_day.c.room_id == ROOM_ID),
        _opening_day.c.day.between(FROM, UNTIL),
    ),
    part(case((LET_GO, literal_column("'stale'")), else_=literal_column("'use'")),
          n=_occupancy.c.occupant_id, starts_at=_occupancy.c.starts_at,
          ends_at=_occupancy.c.ends_at, word=_occupancy.c.occupant_kind, more=_block.c.reason,
          before=_reservation.c.buffer_before, after=_reservation.c.buffer_after)
    .select_from(
        _atom.join(_occupancy, _occupancy.c.atom_id == _atom.c.atom_id)
        .outerjoin(_reservation, and_(BUFFERS, WANTING))
        .outerjoin(_block, OF_BLOCK)
    )
    .where(_atom.c.room_id == ROOM_ID, _occupancy.c.starts_at < TO, _occupancy.c.ends_at > SINCE)
    .distinct(),
)  # fmt: skip
"""Calendar, closures, other hours and uses of a room, in the columns of `part`.

Uses are `stale` where nobody came: they stand in the books only.
"""


def gathered(*parts: Select[*tuple[Any, ...]]) -> Prepared:
    """One statement of them all."""
    rows = union_all(*parts).subquery()
    return Prepared(select(*rows.c))


_own_part, _others_part = table_of(RoomAtom).alias("own"), table_of(RoomAtom).alias("others")
_shares = exists().where(
    _own_part.c.room_id == ROOM_ID,
    _others_part.c.atom_id == _own_part.c.atom_id,
    _others_part.c.room_id != ROOM_ID,
)
_ROOM = Prepared(rules_of_room(_shares.label("shares_parts")))
_AROUND = gathered(*AROUND)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A room with its rules in force, its open days and what uses it.

    `week` are its usual hours from Monday on, `holiday` those of public holidays, if they differ.
    """

    room: Any
    rules: RuleSet
    week: Sequence[str]
    holiday: str | None
    days: Sequence[OpenDay]
    uses: Sequence[Use]


def of_room(session: Session, room_id: int, first: date, last: date, now: datetime) -> Sheet:
    """The room from the day `first` to the day `last`, two reads. Raises NotFound.

    Who has not come by now, and should have, does not use it any more, whether or not a job ran.
    """
    rows = rows_of(session, room_id)
    around = _AROUND.all(session, window(room_id, first, last, now))
    return put_together(rows, around, first, last)


def rows_of(session: Session, room_id: int) -> Sequence[Any]:
    """The room with each row of rules that speaks of it. Raises NotFound."""
    rows = _ROOM.all(session, {"room_id": room_id})
    if not rows:
        raise NotFound()
    return rows


def window(room_id: int, first: date, last: date, now: datetime) -> dict[str, Any]:
    """The parameters of `AROUND`: a day further each way, since hours reach past midnight."""
    midnight = datetime.combine(first, time(), clock.LOCAL)
    return {
        "room_id": room_id, "now": now, "first": first, "last": last + timedelta(days=1),
        "since": midnight - timedelta(days=1),
        "to": midnight + timedelta(days=(last - first).days + 2),
    }  # fmt: skip


def put_together(rows: Sequence[Any], around: Sequence[Any], first: date, last: date) -> Sheet:
    """What the two reads say of the room."""
    opening, rules = in_force(rows, around, rows[0].place_path)
    uses = [
        Use(row.starts_at, row.ends_at, row.word, row.n, row.before or 0, row.after or 0, row.more)
        for row in around
        if row.what == "use"
    ]
    days = tuple(opening.between(first, last))
    return Sheet(rows[0], rules, opening.week, opening.holiday, days, uses)


def in_force(
    rows: Sequence[Any], around: Sequence[Any], place_path: str
) -> tuple[Opening, RuleSet]:
    """Hours and rules from the nearest row that sets each: room, venue, place upwards."""
    said = _said(tuple(rows))
    days: dict[date, Departure] = {}
    for row in sorted((one for one in around if one.what == "hours"), key=lambda one: one.n or 0):
        days[row.day] = Departure(row.word, row.more)  # a room's own comes after its venue's
    calendar = ServingCalendar(
        {row.day: Entry(row.word, row.more) for row in around if row.what == "day"},
        [Closed(row.more, row.day, row.until, row.word) for row in around if row.what == "closed"],
    )
    return Opening(said.week, said.holiday, calendar, days, place_path), said.rules


def concerns(day: Any, row: Any) -> bool:
    """Whether a row of the calendar, of closures or of other hours speaks of the room."""
    if day.what == "closed":
        return bool(row.place_path.startswith(day.more))
    return day.what == "day" or (day.before == row.venue_id and day.n in (None, row.room_id))


def is_plain(rows: Sequence[Any]) -> bool:
    """Whether only what uses the room itself can be in the way of a reservation of it.

    `rows` are those of `rows_of`: no gaps, no limits, no approval, no room that shares a part.
    """
    return not rows[0].shares_parts and _said(tuple(rows)).rules.is_plain


class _Said(NamedTuple):
    week: tuple[str, ...]
    holiday: str | None
    rules: RuleSet


@lru_cache(maxsize=4096)
def _said(rows: tuple[Any, ...]) -> _Said:
    """What the rows set, each from the nearest; kept, since they seldom say anything new."""
    found: dict[str, Any] = {}
    for row in sorted(rows, key=_distance, reverse=True):  # what is nearer goes over what is wider
        values = zip(_SET, _values_set(row), strict=True)
        found |= {name: value for name, value in values if value is not None}
    week = tuple(found.get(name) or "" for name in WEEKDAYS)
    rules = RuleSet(**{name: found[name] for name in RULED if name in found})
    return _Said(week, found.get("holiday"), rules)


_SET = (*WEEKDAYS, "holiday", *RULED)
_values_set = attrgetter(*(f"rules_{name}" for name in _SET))


def _distance(row: Any) -> int:
    if row.rules_room_id is not None:
        return -2
    if row.rules_venue_id is not None:
        return -1
    return 1000 - len(row.rules_path or "")
