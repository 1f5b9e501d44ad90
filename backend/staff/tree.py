"""The tree of places as far as somebody's permission reaches, to choose from and to add up by."""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.db import AnyRow
from backend.errors import NotFound
from backend.places.models import Place, PlaceKind
from backend.staff.access import Permission, SignedInStaff, below

LEVELS = (PlaceKind.DISTRICT, PlaceKind.STREET, PlaceKind.COMMUNITY)


class Tree:
    """Districts, streets and communities where somebody may do something."""

    def __init__(self, session: Session, me: SignedInStaff, permission: Permission) -> None:
        self.session = session
        self.rows = session.execute(
            select(Place.id, Place.parent_id, Place.kind, Place.name, Place.path)
            .where(Place.kind.in_(LEVELS), below(Place.path, me.paths(permission)))
            .order_by(Place.path)
        ).all()
        self.known = {row.id: row for row in self.rows}

    def choose(self, place_id: int | None) -> AnyRow:
        """The place, or the first of the highest. Raises NotFound."""
        if place_id is None:
            found = min(self.rows, key=lambda row: row.path.count("/"), default=None)
        else:
            found = self.known.get(place_id)
        if found is None:
            raise NotFound()
        return found

    def choices(self) -> list[tuple[int, str]]:
        """All of them, those below others moved in by wide blanks."""
        top = min((row.path.count("/") for row in self.rows), default=0)
        return [(row.id, "\u3000" * (row.path.count("/") - top) + row.name) for row in self.rows]

    def paths(self, place_ids: Iterable[int]) -> dict[int, str]:
        """The paths of any places, also of those below a community."""
        found = {ident: self.known[ident].path for ident in place_ids if ident in self.known}
        others = [ident for ident in place_ids if ident not in found]
        if others:
            asked = select(Place.id, Place.path).where(Place.id.in_(others))
            found |= {row.id: row.path for row in self.session.execute(asked)}
        return found

    def at(self, path: str, kind: PlaceKind) -> AnyRow | None:
        """The place of that kind on the path, or else the nearest above it."""
        above = [
            self.known[int(ident)]
            for ident in path.split("/")
            if ident and int(ident) in self.known
        ]
        fitting = [row for row in above if LEVELS.index(row.kind) <= LEVELS.index(kind)]
        return fitting[-1] if fitting else None
