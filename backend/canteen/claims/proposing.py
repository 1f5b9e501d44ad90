"""What could be claimed for a period: for each layer's body the canteens it pays for, and sums.

City and district are asked once; each street and each community for the canteens in it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.canteen.claims import drafting
from backend.canteen.claims.drafting import Draft
from backend.canteen.claims.eaten import Scope
from backend.canteen.claims.models import MealClaimDay
from backend.canteen.models import Canteen
from backend.canteen.pricing.rules import Payer
from backend.db import AnyRow, table_of
from backend.places.models import Place, PlaceKind
from backend.staff.access import Permission, SignedInStaff

SETTLE = Permission.SETTLE_MEALS
_LEVEL = {Payer.STREET: PlaceKind.STREET, Payer.COMMUNITY: PlaceKind.COMMUNITY}

_canteen, _place, _day = table_of(Canteen), table_of(Place), table_of(MealClaimDay)


@dataclass(frozen=True, slots=True)
class Group:
    """The canteens one body pays for."""

    scope: Scope
    place_id: int
    body: str
    canteens: Sequence[str]

    @property
    def key(self) -> str:
        """How a form names it."""
        return f"{self.scope.payer}:{min(self.scope.canteen_ids)}"


@dataclass(frozen=True, slots=True)
class Proposed:
    """A claim that could be made; `claim_id`: another one has some of these days."""

    group: Group
    draft: Draft
    claim_id: int | None


def list_canteens(session: Session, me: SignedInStaff) -> Sequence[AnyRow]:
    """The canteens in reach, with their place's path."""
    return session.execute(
        select(_canteen.c.id, _canteen.c.name, _place.c.path, _place.c.name.label("place_name"))
        .join(_place, _place.c.id == _canteen.c.place_id)
        .where(me.covers(SETTLE, _place.c.path))
        .order_by(_place.c.path, _canteen.c.name, _canteen.c.id)
    ).all()


def groups(session: Session, me: SignedInStaff, first: date, last: date) -> list[Group]:
    """Who would be asked for which canteens in reach; two reads."""
    places = {row.id: row for row in session.execute(select(*_place.c))}
    canteens = list_canteens(session, me)
    found = []
    for payer in Payer:
        by_body: dict[int | None, list[AnyRow]] = {}
        for row in canteens:
            by_body.setdefault(_body(payer, row.path, places), []).append(row)
        for body_id, rows in by_body.items():
            scope = Scope(payer, tuple(sorted(row.id for row in rows)), first, last)
            top = _shared([_ids(row.path) for row in rows])
            district = _ids(rows[0].path)[0]
            name = "" if payer is Payer.CITY else places[body_id or district].name
            found.append(Group(scope, top, name, [row.name for row in rows]))
    return found


def propose(session: Session, me: SignedInStaff, first: date, last: date) -> list[Proposed]:
    """Claims for which there is something to ask or to decide, or that are there, by layer."""
    every, found = groups(session, me, first, last), []
    for payer in Payer:
        mine = [one for one in every if one.scope.payer == payer]
        ids = tuple(sorted(ident for one in mine for ident in one.scope.canteen_ids))
        draft = drafting.read(session, Scope(payer, ids, first, last)) if ids else Draft([], [])
        for group in mine:
            part, other = _of(draft, group.scope), overlapping(session, group.scope)
            if part.lines or part.flagged or other:
                found.append(Proposed(group, part, other))
    return found


def overlapping(session: Session, scope: Scope) -> int | None:
    """A claim that has some of these days already."""
    return session.scalar(
        select(_day.c.claim_id)
        .where(
            _day.c.payer == scope.payer, _day.c.canteen_id.in_(scope.canteen_ids),
            _day.c.day.between(scope.first, scope.last),
        )
        .order_by(_day.c.claim_id)
        .limit(1)
    )  # fmt: skip


def _body(payer: Payer, path: str, places: dict[int, AnyRow]) -> int | None:
    """Who pays for the canteens of a place: its street, its community, or all of us together."""
    level = _LEVEL.get(payer)
    if level is None:
        return None
    above = _ids(path)
    return next((one for one in above if places[one].kind == level), above[-1])


def _ids(path: str) -> list[int]:
    return [int(one) for one in path.strip("/").split("/")]


def _shared(paths: Sequence[Sequence[int]]) -> int:
    """The lowest place that holds all of these."""
    levels: Iterable[tuple[int, ...]] = zip(*paths, strict=False)
    return [of_level[0] for of_level in levels if len(set(of_level)) == 1][-1]


def _of(draft: Draft, scope: Scope) -> Draft:
    ids = set(scope.canteen_ids)
    return Draft(
        [one for one in draft.lines if one.canteen_id in ids],
        [one for one in draft.flagged if one.row.canteen_id in ids],
    )
