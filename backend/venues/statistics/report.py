"""The use of a place's, a venue's or one room in a period: what page and sheets show."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend import clock
from backend.db import AnyRow
from backend.errors import NotFound
from backend.places.models import PlaceKind
from backend.staff import periods
from backend.staff.access import Permission, SignedInStaff
from backend.staff.figures import Line, Table
from backend.staff.periods import Period
from backend.staff.tree import Tree
from backend.venues.sheet import ROOMS, place, room, venue
from backend.venues.statistics import heat, measures, turned_away
from backend.venues.statistics.counting import Counts, count
from backend.venues.statistics.figures import Figures
from backend.venues.statistics.heat import Heat
from backend.venues.statistics.turned_away import TurnedAway

SEE = Permission.SEE_STATISTICS
NAME = Permission.SEE_PEOPLE
"""Who may read names may read who never gets in."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What it is about: a place, maybe one venue of it, maybe one room of that."""

    place: AnyRow
    rooms: Sequence[AnyRow]
    venue_id: int | None = None
    room_id: int | None = None

    @property
    def name(self) -> str:
        """As a heading."""
        if self.room_id is not None:
            return f"{self.rooms[0].venue_name} {self.rooms[0].room_name}"
        return str(self.rooms[0].venue_name if self.venue_id is not None else self.place.name)


@dataclass(frozen=True, slots=True)
class Report:
    """All of it. `places`, `venues` and `periods` are what can be chosen."""

    scope: Scope
    places: list[tuple[int, str]]
    venues: list[tuple[int, str]]
    periods: list[Period]
    period: Period
    total: Line
    tables: list[Table]
    heat: Heat
    turned_away: TurnedAway


def read(session: Session, me: SignedInStaff, asked: Mapping[str, Any], now: datetime) -> Report:
    """What `asked` is about: place_id, venue_id, room_id, period, since and until.

    What is left out is the top of one's reach and the past four weeks. Raises NotFound for what
    is out of reach, Invalid for days that are no span.
    """
    tree = Tree(session, me, SEE)
    today = clock.today(now)
    every = periods.list_periods(today)
    period = periods.choose(
        every, asked.get("period"), asked.get("since"), asked.get("until"), today
    )
    scope, venues = _scope(session, me, tree, asked)
    ids = [row.room_id for row in scope.rooms]
    counts = count(session, ids, period.since, period.until, now)
    since = datetime.combine(period.since, time(), clock.LOCAL)
    until = datetime.combine(period.until + timedelta(days=1), time(), clock.LOCAL)
    return Report(
        scope, tree.choices(), venues, every, period, _total(scope, counts),
        _tables(tree, scope, counts), heat.of(counts),
        turned_away.read(
            session, ids, since, until, now, names=me.may(NAME, scope.place.path)
        ),
    )  # fmt: skip


def _scope(
    session: Session, me: SignedInStaff, tree: Tree, asked: Mapping[str, Any]
) -> tuple[Scope, list[tuple[int, str]]]:
    """The scope, and the venues that its place has. A venue elsewhere is not asked for."""
    chosen, own = tree.choose(asked.get("place_id")), asked.get("place_id") is not None
    rows = session.execute(
        select(
            room.c.id.label("room_id"), room.c.name.label("room_name"), room.c.venue_id,
            venue.c.name.label("venue_name"), room.c.place_id,
            place.c.path.label("place_path"),
        )
        .select_from(ROOMS)
        .where(me.covers(SEE, place.c.path), place.c.path.like(f"{chosen.path}%"))
        .order_by(place.c.path, venue.c.id, room.c.id)
    ).all()  # fmt: skip
    venues = {row.venue_id: row.venue_name for row in rows}
    room_id, venue_id = asked.get("room_id"), asked.get("venue_id")
    if room_id is not None:
        found = [row for row in rows if row.room_id == room_id]
        if not found:
            raise NotFound()
        return Scope(chosen, found, found[0].venue_id, room_id), list(venues.items())
    if venue_id is not None and venue_id not in venues and not own:
        raise NotFound()
    if venue_id in venues:
        rows = [row for row in rows if row.venue_id == venue_id]
        return Scope(chosen, rows, venue_id), list(venues.items())
    return Scope(chosen, rows), list(venues.items())


def _total(scope: Scope, counts: Counts) -> Line:
    whole = Figures()
    for figures in counts.rooms.values():
        whole.add(figures)
    return Line(scope.name, measures.shown(whole, len(scope.rooms)))


def _tables(tree: Tree, scope: Scope, counts: Counts) -> list[Table]:
    if scope.room_id is not None:
        return []
    if scope.venue_id is not None:
        lines = _lines(
            scope.rooms, counts, lambda row: row.room_id,
            lambda row: (row.room_name, {"room_id": row.room_id}),
        )  # fmt: skip
        return [Table("rooms", _("房间"), lines)]
    tables = []
    if scope.place.kind == PlaceKind.DISTRICT:
        lines = _lines(
            scope.rooms, counts, lambda row: _street(tree, row).id,
            lambda row: _named(scope, _street(tree, row)),
        )  # fmt: skip
        tables.append(Table("streets", _("街道"), lines))
    lines = _lines(
        scope.rooms, counts, lambda row: row.venue_id,
        lambda row: (row.venue_name, {"venue_id": row.venue_id}),
        lambda row: str(_at(tree, row, PlaceKind.COMMUNITY).name),
    )  # fmt: skip
    return [*tables, Table("venues", _("场馆"), lines, _("所在地"))]


def _at(tree: Tree, row: AnyRow, kind: PlaceKind) -> AnyRow:
    found = tree.at(row.place_path, kind)
    assert found is not None  # it lies in reach, so what it lies in is known
    return found


def _street(tree: Tree, row: AnyRow) -> AnyRow:
    return _at(tree, row, PlaceKind.STREET)


def _named(scope: Scope, at: AnyRow) -> tuple[str, dict[str, int]]:
    if at.id == scope.place.id:
        return _("%(name)s本级", name=at.name), {}
    return str(at.name), {"place_id": at.id}


def _lines(
    rooms: Sequence[AnyRow], counts: Counts, key: Callable[[AnyRow], Any],
    named: Callable[[AnyRow], tuple[str, dict[str, int]]],
    above: Callable[[AnyRow], str] | None = None,
) -> list[Line]:  # fmt: skip
    """The rooms added up by `key`, in the order in which the keys come."""
    groups: dict[Any, list[AnyRow]] = {}
    for row in rooms:
        groups.setdefault(key(row), []).append(row)
    lines = []
    for rows in groups.values():
        figures = Figures()
        for row in rows:
            figures.add(counts.rooms.get(row.room_id, Figures()))
        name, asked = named(rows[0])
        shown = measures.shown(figures, len(rows))
        lines.append(Line(name, shown, asked, above(rows[0]) if above else None))
    return lines
