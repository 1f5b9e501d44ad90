"""Claims as the accountant reads them: the list, one, and what changed since it was frozen."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.canteen.claims import document, drafting, service
from backend.canteen.claims.drafting import Draft, Line
from backend.canteen.claims.eaten import Scope
from backend.canteen.claims.models import MealClaim, MealClaimDay, MealClaimLine, Why
from backend.canteen.claims.proposing import SETTLE
from backend.canteen.models import Canteen
from backend.db import AnyRow, table_of
from backend.people.models import Person
from backend.places.models import Place
from backend.staff.access import SignedInStaff

SHOWN = 200
"""So many corrections stand on a page; the spreadsheet has them all."""

_claim, _line, _day = table_of(MealClaim), table_of(MealClaimLine), table_of(MealClaimDay)
_place, _canteen, _person = table_of(Place), table_of(Canteen), table_of(Person)


@dataclass(slots=True)
class Sum:
    """What a claim comes to at one canteen, in fen."""

    name: str
    meals: int = 0
    own_fen: int = 0
    correction_fen: int = 0

    @property
    def fen(self) -> int:
        """Both together."""
        return self.own_fen + self.correction_fen


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim for its page: sums by canteen, corrections with names, and the draft if it is one."""

    row: AnyRow
    sums: Sequence[Sum]
    corrections: Sequence[dict[str, Any]]
    draft: Draft | None
    total: Sum


def list_claims(session: Session, me: SignedInStaff) -> Sequence[AnyRow]:
    """The claims in reach, drafts first, then the latest."""
    canteens = (
        select(func.count(_day.c.canteen_id.distinct()))
        .where(_day.c.claim_id == _claim.c.id)
        .scalar_subquery()
    )
    return session.execute(
        select(*_claim.c, _place.c.name.label("place_name"), canteens.label("canteens"))
        .join(_place, _place.c.id == _claim.c.place_id)
        .where(me.covers(SETTLE, _place.c.path))
        .order_by(_claim.c.frozen_at.is_not(None), _claim.c.first_day.desc(), _claim.c.id.desc())
        .limit(SHOWN)
    ).all()


def get_claim(session: Session, me: SignedInStaff, claim_id: int) -> Claim:
    """One with its lines added up. Raises NotFound."""
    row = service.access(session, me, claim_id)
    scope = service.scope_of(session, row)
    if row.frozen_at is None:
        draft = drafting.read(session, scope)
        return _claim_of(session, row, scope, draft.lines, draft)
    found = session.execute(
        select(_line).where(_line.c.claim_id == claim_id, _line.c.why != Why.MEAL)
        .order_by(_line.c.seq)
    ).all()  # fmt: skip
    sums = _empty(session, scope)
    for one in session.execute(
        select(_line.c.canteen_id, _line.c.why, func.count().label("n"),
               func.sum(_line.c.fen).label("fen"))
        .where(_line.c.claim_id == claim_id)
        .group_by(_line.c.canteen_id, _line.c.why)
    ):  # fmt: skip
        _add(sums[one.canteen_id], one.why, one.n, int(one.fen))
    return Claim(row, list(sums.values()), _named(session, found), None, _total(sums.values()))


def since(
    session: Session, me: SignedInStaff, claim_id: int
) -> tuple[AnyRow, list[dict[str, Any]], list[dict[str, Any]]]:
    """(a claim, what later ones have corrected of its days, what the next one will).

    Raises NotFound, also for a draft.
    """
    row = service.access_frozen(session, me, claim_id)
    scope = service.scope_of(session, row)
    later = session.execute(
        select(_line)
        .join(_claim, _claim.c.id == _line.c.claim_id)
        .where(
            _claim.c.payer == scope.payer, _line.c.claim_id != claim_id,
            _line.c.canteen_id.in_(scope.canteen_ids),
            _line.c.day.between(scope.first, scope.last),
        )
        .order_by(_line.c.claim_id, _line.c.seq)
    ).all()  # fmt: skip
    coming = [
        _plain(one) | {"why": Why.LATE if one.why is Why.MEAL else one.why}
        for one in drafting.read(session, scope).lines
        if scope.has(one.day)
    ]
    return row, _named(session, later), _with_names(session, coming)


def matches(session: Session, claim: AnyRow) -> bool:
    """Whether a frozen claim, written again, has the SHA-256 it was frozen with."""
    return bool(document.digest(session, claim.id, claim.head) == claim.sha256)


def _claim_of(
    session: Session, row: AnyRow, scope: Scope, lines: Sequence[Line], draft: Draft
) -> Claim:
    sums = _empty(session, scope)
    for one in lines:
        _add(sums[one.canteen_id], one.why, 1, one.fen)
    corrections = [_plain(one) for one in lines if one.why is not Why.MEAL]
    return Claim(
        row, list(sums.values()), _with_names(session, corrections), draft, _total(sums.values())
    )


def _plain(line: Line) -> dict[str, Any]:
    names = ("person_id", "canteen_id", "day", "meal", "why", "fen")
    return {name: getattr(line, name) for name in names}


def _empty(session: Session, scope: Scope) -> dict[int, Sum]:
    canteens = session.execute(
        select(_canteen.c.id, _canteen.c.name)
        .where(_canteen.c.id.in_(scope.canteen_ids))
        .order_by(_canteen.c.name, _canteen.c.id)
    )
    return {row.id: Sum(row.name) for row in canteens}


def _add(to: Sum, why: str, meals: int, fen: int) -> None:
    if why == Why.MEAL:
        to.meals += meals
        to.own_fen += fen
    else:
        to.correction_fen += fen


def _total(sums: Iterable[Sum]) -> Sum:
    total = Sum("")
    for one in sums:
        total.meals += one.meals
        total.own_fen += one.own_fen
        total.correction_fen += one.correction_fen
    return total


def _named(session: Session, rows: Iterable[AnyRow]) -> list[dict[str, Any]]:
    return _with_names(session, [dict(row._mapping) for row in rows])


def _with_names(session: Session, lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The first of them with who ate and where, as they are called now."""
    shown = lines[:SHOWN]
    people = {
        row.id: row.name
        for row in session.execute(
            select(_person.c.id, _person.c.name).where(
                _person.c.id.in_({one["person_id"] for one in shown})
            )
        )
    }
    canteens = {
        row.id: row.name
        for row in session.execute(
            select(_canteen.c.id, _canteen.c.name).where(
                _canteen.c.id.in_({one["canteen_id"] for one in shown})
            )
        )
    }
    return [
        one | {"name": people.get(one["person_id"]), "canteen_name": canteens[one["canteen_id"]]}
        for one in shown
    ]
