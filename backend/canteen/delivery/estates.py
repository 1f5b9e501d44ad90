"""Which estate and building of the tree an address lies in, and what couriers know of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.canteen.delivery import address
from backend.canteen.delivery.address import Home
from backend.canteen.delivery.arranging import Bag, Ground
from backend.canteen.delivery.models import BuildingFacts
from backend.db import table_of
from backend.places.models import Place, PlaceKind

_place, _facts = table_of(Place), table_of(BuildingFacts)
CHUNK = 500


@dataclass(frozen=True, slots=True)
class Estate:
    """An estate of the tree; `plain` is its name as addresses are read."""

    id: int
    name: str
    path: str
    plain: str


@dataclass(frozen=True, slots=True)
class Drop:
    """An estate that is served at one point, from so many orders on."""

    least: int
    point: str


@dataclass(slots=True)
class Estates:
    """The estates of a canteen's district with their buildings by number, and the facts of both."""

    by_id: dict[int, Estate]
    path: str
    buildings: dict[int, dict[str, int]] = field(default_factory=dict)
    facts: dict[int, Any] = field(default_factory=dict)
    _known: dict[tuple[str, int | None], int | None] = field(default_factory=dict)

    def estate_of(self, home: Home, own_estate_id: int | None) -> int | None:
        """The estate an address names; one's own where it names none, None where nobody knows.

        Of several by that name one's own counts, else the one nearest to the canteen.
        """
        key = (home.before, own_estate_id)
        if key not in self._known:
            self._known[key] = self._find(*key)
        return self._known[key]

    def bag(self, booking_id: int, estate_id: int, home: Home) -> Bag:
        """An order that goes to an estate, in its building if the tree knows it."""
        place_id = self.buildings.get(estate_id, {}).get(home.building or "", estate_id)
        return Bag(booking_id, estate_id, place_id, home.building, home.unit, home.floor, home.flat)

    def drop(self, estate_id: int) -> Drop | None:
        """Where the bags of an estate are handed over, if they are not brought to the door."""
        known = self.facts.get(estate_id)
        if known is None or known.drop_from is None:
            return None
        return Drop(known.drop_from, known.drop_point)

    def ground(self) -> Ground:
        """What the arranging goes by. A building nobody knows about is as its estate is."""
        lifts = {one for one, known in self.facts.items() if known.has_lift}
        for estate_id, buildings in self.buildings.items():
            if estate_id in lifts:
                lifts |= {one for one in buildings.values() if one not in self.facts}
        turns = {one: known.turn for one, known in self.facts.items() if known.turn is not None}
        names = {one.id: one.name for one in self.by_id.values()}
        return Ground(names, turns, frozenset(lifts))

    def _find(self, before: str, own_estate_id: int | None) -> int | None:
        if not before:
            return own_estate_id if own_estate_id in self.by_id else None
        named = [one for one in self.by_id.values() if one.plain and one.plain in before]
        longest = max((len(one.plain) for one in named), default=0)
        named = [one for one in named if len(one.plain) == longest]
        if any(one.id == own_estate_id for one in named):
            return own_estate_id
        near = max((shared(one.path, self.path) for one in named), default=0)
        nearest = [one.id for one in named if shared(one.path, self.path) == near]
        return nearest[0] if len(nearest) == 1 else None


def read(session: Session, canteen_path: str) -> Estates:
    """The estates of the district; buildings and facts come with `read_buildings`."""
    top = "/".join(canteen_path.split("/")[:2]) + "/"
    rows = session.execute(
        select(_place.c.id, _place.c.name, _place.c.path).where(
            _place.c.kind == PlaceKind.ESTATE, _place.c.path.startswith(top)
        )
    )
    estates = {row.id: Estate(*row, address.plain(row.name)) for row in rows}
    return Estates(estates, canteen_path)


def read_buildings(session: Session, known: Estates, estate_ids: Iterable[int]) -> None:
    """The buildings of these estates, and the facts of both."""
    ids = sorted(set(estate_ids))
    for at in range(0, len(ids), CHUNK):
        part = ids[at : at + CHUNK]
        rows = session.execute(
            select(_place.c.id, _place.c.parent_id, _place.c.name)
            .where(_place.c.parent_id.in_(part), _place.c.kind == PlaceKind.BUILDING)
            .order_by(_place.c.id)
        )
        for row in rows:
            number = address.number_of(row.name)
            if number is not None:
                known.buildings.setdefault(row.parent_id, {}).setdefault(number, row.id)
        known.facts |= _facts_of(session, part)


def _facts_of(session: Session, estate_ids: Sequence[int]) -> dict[int, Any]:
    rows = session.execute(
        select(_facts)
        .join(_place, _place.c.id == _facts.c.place_id)
        .where(_place.c.id.in_(estate_ids) | _place.c.parent_id.in_(estate_ids))
    )
    return {row.place_id: row for row in rows}


def shared(one: str, other: str) -> int:
    """How many levels of the tree two paths share."""
    shared = 0
    for mine, theirs in zip(one.strip("/").split("/"), other.strip("/").split("/"), strict=False):
        if mine != theirs:
            break
        shared += 1
    return shared
