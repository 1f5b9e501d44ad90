"""The direct count: what rooms were open and used on some days, from hours, uses and reservations.

What is kept of days that are over is written by it, and the days nobody has added up it counts.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from backend import clock
from backend.booking.models import Booking, BookingEvent, State
from backend.db import AnyRow, table_of
from backend.places.models import Occupancy, OccupantKind, RoomAtom
from backend.venues import many
from backend.venues.models import Reservation
from backend.venues.sheet import BUFFERS, open_room
from backend.venues.statistics import spans
from backend.venues.statistics.figures import Figures
from backend.venues.statistics.spans import Cells, Spans

_atom, _occupancy = table_of(RoomAtom), table_of(Occupancy)
_booking, _reservation, _event = table_of(Booking), table_of(Reservation), table_of(BookingEvent)
_HELD = (State.CONFIRMED, State.ATTENDED, State.MISSED)


@dataclass(frozen=True, slots=True)
class Use:
    """A span in which a room is in use."""

    kind: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Opened:
    """When a room is open; those that the same rules speak of share it."""

    spans: Spans
    cells: Cells


@dataclass(slots=True)
class RoomUse:
    """A room's minutes by hour, and the counts of its reservations by day."""

    room_id: int
    venue_id: int
    open: Cells
    used: Cells = field(default_factory=dict)
    lessons: Cells = field(default_factory=dict)
    blocked: Cells = field(default_factory=dict)
    outside: Cells = field(default_factory=dict)
    counts: dict[date, Figures] = field(default_factory=dict)


def of_room(room_id: int, venue_id: int, opened: Opened, uses: Iterable[Use]) -> RoomUse:
    """The room's minutes. What staff block is closed; two halves in use at once are so once."""
    by_kind: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for use in uses:
        by_kind[use.kind].append((use.start, use.end))
    if not by_kind:
        return RoomUse(room_id, venue_id, opened.cells)
    blocks = spans.joined(by_kind.pop(OccupantKind.BLOCK, ()))
    blocked = spans.within(opened.spans, blocks)
    left = spans.without(opened.spans, blocks) if blocks else opened.spans
    used = spans.joined(span for kind in by_kind.values() for span in kind)
    lessons = spans.joined(by_kind.get(OccupantKind.LESSON, ()))
    return RoomUse(
        room_id, venue_id, spans.dealt(left) if blocks else opened.cells,
        spans.dealt(spans.within(left, used)), spans.dealt(spans.within(left, lessons)),
        spans.dealt(blocked), spans.dealt(spans.without(used, opened.spans)),
    )  # fmt: skip


def read(
    session: Session, room_ids: Sequence[int], first: date, last: date, now: datetime
) -> Iterator[RoomUse]:
    """Each room from the day `first` to the day `last`, as far as they are over; five reads."""
    rows = many.rows_of(session, room_ids)
    if not rows:
        return
    # The night before may reach into the first day.
    hours = many.hours_of(session, rows, first - timedelta(days=1), last)
    since = spans.midnight(first)
    until = min(spans.midnight(last + timedelta(days=1)), spans.minute(now))
    uses, counts = (
        _uses(session, room_ids, since, until, now),
        _counts(session, room_ids, first, last, now),
    )
    opened: dict[int, Opened] = {}
    for row in rows:
        found = hours.of(row)
        if id(found) not in opened:
            opened[id(found)] = _opened(found, since, until)
        made = of_room(row.room_id, row.venue_id, opened[id(found)], uses.get(row.room_id, ()))
        made.counts = counts.get(row.room_id, {})
        yield made


def _opened(found: many.InForce, since: int, until: int) -> Opened:
    every = spans.joined(
        (spans.minute(span.starts_at), spans.minute(span.ends_at))
        for day in found.days
        for span in day.spans
    )
    kept = spans.within(every, [(since, until)])
    return Opened(kept, spans.dealt(kept))


def _uses(
    session: Session, room_ids: Sequence[int], since: int, until: int, now: datetime
) -> dict[int, list[Use]]:
    """What used the rooms; not what was held for people who did not come."""
    rows = session.execute(
        select(
            _atom.c.room_id, _occupancy.c.starts_at, _occupancy.c.ends_at,
            _occupancy.c.occupant_kind,
        )
        .select_from(
            _atom.join(_occupancy, _occupancy.c.atom_id == _atom.c.atom_id)
            .outerjoin(_reservation, BUFFERS)
            .outerjoin(_booking, _booking.c.id == _reservation.c.booking_id)
        )
        .where(
            _atom.c.room_id.in_(room_ids),
            _occupancy.c.starts_at < _moment(until), _occupancy.c.ends_at > _moment(since),
            or_(
                _booking.c.id.is_(None),
                and_(_booking.c.state != State.MISSED, ~_not_come(now)),
            ),
        )
    )  # fmt: skip
    uses: dict[int, list[Use]] = defaultdict(list)
    for room_id, starts_at, ends_at, kind in rows:
        start, end = max(spans.minute(starts_at), since), min(spans.minute(ends_at), until)
        uses[room_id].append(Use(kind, start, end))
    return uses


def _not_come(now: datetime) -> ColumnElement[bool]:
    """They should have come by now and have not, whether or not a job ran."""
    return func.coalesce(_reservation.c.no_show_at <= now, False)


def _counts(
    session: Session, room_ids: Sequence[int], first: date, last: date, now: datetime
) -> dict[int, dict[date, Figures]]:
    late = (
        select(func.count())
        .where(_event.c.booking_id == _booking.c.id, _event.c.late_minutes.is_not(None))
        .scalar_subquery()
    )
    until = min(_moment(spans.midnight(last + timedelta(days=1))), now)
    rows = session.execute(
        select(
            open_room.c.room_id, _booking.c.starts_at, _booking.c.state,
            _reservation.c.early_minutes, _not_come(now).label("not_come"), late.label("late"),
        )
        .select_from(
            open_room.join(_booking, _booking.c.bookable_id == open_room.c.id)
            .join(_reservation, _reservation.c.booking_id == _booking.c.id)
        )
        .where(
            open_room.c.room_id.in_(room_ids),
            _booking.c.starts_at >= _moment(spans.midnight(first)), _booking.c.starts_at < until,
        )
    )  # fmt: skip
    counts: dict[int, dict[date, Figures]] = defaultdict(lambda: defaultdict(Figures))
    for row in rows:
        counts[row.room_id][clock.today(row.starts_at)].add(_counted(row))
    return counts


def _counted(row: AnyRow) -> Figures:
    missed = row.state == State.MISSED or (row.state == State.CONFIRMED and row.not_come)
    return Figures(
        reservations=int(row.state in _HELD), missed=int(missed),
        late=int(row.state == State.CANCELLED and row.late > 0),
        # What nobody decided before its start is as good as declined.
        declined=int(row.state in (State.DECLINED, State.REQUESTED)),
        early_minutes=row.early_minutes,
    )  # fmt: skip


def _moment(at: int) -> datetime:
    day, minutes = divmod(at, spans.DAY * spans.HOUR)
    midnight = datetime.combine(date.fromordinal(day), datetime.min.time(), clock.LOCAL)
    return midnight + timedelta(minutes=minutes)


def by_day(use: RoomUse) -> Iterator[tuple[date, dict[str, Any]]]:
    """The columns of `RoomDay` for each day on which there is anything to say."""
    days: dict[date, dict[str, Any]] = defaultdict(lambda: defaultdict(int))
    for name in ("open", "used", "lessons", "blocked", "outside"):
        for hour, minutes in getattr(use, name).items():
            number, of_day = divmod(hour, spans.DAY)
            found = days[date.fromordinal(number)]
            found[name] += minutes
            if name in ("open", "used"):
                found[f"{name}_{of_day:02}"] = minutes
    for day, figures in use.counts.items():
        for name in ("reservations", "missed", "late", "declined", "early_minutes"):
            days[day][name] = getattr(figures, name)
    yield from days.items()
