"""Meals that somebody has to look at before they are claimed, and what was decided of them.

The same person ate the same meal at two canteens; had died, or moved away, by then; lives outside
the rule's area now; has no proof for that day any more. Whoever deleted their account has left
nothing to judge by.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, literal, or_, select
from sqlalchemy.orm import Session

from backend.booking.models import Booking
from backend.canteen.claims import eaten
from backend.canteen.claims.eaten import Scope, booking, canteen, order, service
from backend.canteen.claims.models import Flag, MealJudgement
from backend.canteen.eaters.models import Departure, PersonCategory
from backend.canteen.pricing.models import SubsidyRule, SubsidyVersion
from backend.db import AnyRow, table_of
from backend.people.models import Person
from backend.places.models import Place

_person, _place = table_of(Person), table_of(Place)
_version, _rule, _category = (
    table_of(SubsidyVersion),
    table_of(SubsidyRule),
    table_of(PersonCategory),
)
_departure, _judgement = table_of(Departure), table_of(MealJudgement)


@dataclass(frozen=True, slots=True)
class Flagged:
    """A meal with what is odd about it, and the decision, if there is one that holds."""

    row: AnyRow
    flags: tuple[str, ...]
    claims: bool | None
    reason: str | None

    @property
    def is_open(self) -> bool:
        """Nobody has decided, or something was found since."""
        return self.claims is None


def read(session: Session, scope: Scope) -> list[Flagged]:
    """The meals of a claim that have flags, those to be decided first. Three reads or more."""
    found: dict[int, list[str]] = {}
    for flag, booking_ids in _found(session, scope):
        for one in booking_ids:
            found.setdefault(one, []).append(flag)
    if not found:
        return []
    judged = {
        row.booking_id: row
        for row in session.execute(select(_judgement).where(_judgement.c.booking_id.in_(found)))
    }
    rows = session.execute(
        select(
            booking.c.id.label("booking_id"), booking.c.person_id, _person.c.name, service.c.day,
            service.c.meal, canteen.c.name.label("canteen_name"), service.c.canteen_id,
            order.c.subsidy_fen, _rule.c.name.label("rule"), _departure.c.left_on,
        )
        .select_from(
            eaten.orders()
            .join(_person, _person.c.id == booking.c.person_id)
            .outerjoin(_version, _version.c.id == order.c.subsidy_version_id)
            .outerjoin(_rule, _rule.c.id == _version.c.rule_id)
            .outerjoin(_departure, _departure.c.person_id == booking.c.person_id)
        )
        .where(booking.c.id.in_(found))
        .order_by(service.c.day, service.c.meal, _person.c.name, booking.c.id)
    )  # fmt: skip
    every = [_flagged(row, found[row.booking_id], judged) for row in rows]
    return sorted(every, key=lambda one: not one.is_open)


def _flagged(row: AnyRow, flags: Sequence[str], judged: Mapping[int, AnyRow]) -> Flagged:
    was = judged.get(row.booking_id)
    listed = tuple(flag for flag in Flag if flag in flags)
    if was is None or not set(listed) <= set(was.flags):
        return Flagged(row, listed, None, None)
    return Flagged(row, listed, was.claims, was.reason)


def _found(session: Session, scope: Scope) -> Iterator[tuple[Flag, Sequence[int]]]:
    yield Flag.TWO_CANTEENS, session.scalars(_two_canteens(scope)).all()
    for row in session.execute(
        _standing(scope, booking.c.id, _departure.c.kind)
        .join(_departure, _departure.c.person_id == booking.c.person_id)
        .where(_departure.c.left_on <= service.c.day)
    ):
        yield Flag(row.kind), [row.id]
    yield Flag.OUTSIDE, session.scalars(_outside(scope)).all()
    yield Flag.OUTSIDE, _left_out_for_their_address(session, scope)
    asking = session.execute(
        select(_version.c.id, _version.c.categories).where(_version.c.published_at.is_not(None))
    )
    versions = {row.id: row.categories for row in asking if row.categories}
    if versions:
        yield Flag.NO_PROOF, session.scalars(_without_proof(scope, versions)).all()


def _standing(scope: Scope, *columns: ColumnElement[Any]) -> Select[Any]:
    """Meals the claim is about and the layer pays something for."""
    return (
        select(*columns)
        .select_from(eaten.orders())
        .where(eaten.meals(scope), eaten.stands(), eaten.pays(scope.payer))
    )


def _two_canteens(scope: Scope) -> Select[Any]:
    twice = twice_eaten().where(
        service.c.day >= scope.first - eaten.REACH
    ).subquery()  # fmt: skip
    return _standing(scope, booking.c.id).join(
        twice,
        and_(
            twice.c.person_id == booking.c.person_id, twice.c.day == service.c.day,
            twice.c.meal == service.c.meal,
        ),
    )  # fmt: skip


def twice_eaten() -> Select[Any]:
    """Whoever ate a meal more than once, by person, day and meal."""
    who = (booking.c.person_id, service.c.day, service.c.meal)
    return (
        select(*who)
        .select_from(eaten.orders())
        .where(eaten.stands())
        .group_by(*who)
        .having(func.count() > 1)
    )


def _outside(scope: Scope) -> Select[Any]:
    """Addresses have no dates: only the claim's own meals are held against today's."""
    home, asked = _place.alias("home"), _place.alias("asked")
    return (
        _standing(scope, booking.c.id)
        .join(_version, _version.c.id == order.c.subsidy_version_id)
        .join(asked, asked.c.id == _version.c.home_place_id)
        .join(_person, _person.c.id == booking.c.person_id)
        .outerjoin(home, home.c.id == _person.c.home_place_id)
        .where(
            service.c.day.between(scope.first, scope.last), _person.c.deleted_at.is_(None),
            or_(home.c.id.is_(None), ~home.c.path.startswith(asked.c.path)),
        )
    )  # fmt: skip


def _left_out_for_their_address(session: Session, scope: Scope) -> list[int]:
    """What was decided of earlier meals by the address of then stays decided."""
    rows = session.execute(
        _standing(scope, booking.c.id, _judgement.c.flags)
        .join(_judgement, _judgement.c.booking_id == booking.c.id)
        .where(~_judgement.c.claims, ~service.c.day.between(scope.first, scope.last))
    )
    return [row.id for row in rows if Flag.OUTSIDE in row.flags]


def _without_proof(scope: Scope, versions: Mapping[int, Sequence[str]]) -> Select[Any]:
    proof = (
        select(literal(1))
        .select_from(_category)
        .where(
            _category.c.person_id == booking.c.person_id,
            _category.c.starts_on <= service.c.day,
            or_(_category.c.ends_on.is_(None), service.c.day <= _category.c.ends_on),
            or_(_category.c.ended_at.is_(None), _category.c.ended_at >= booking.c.starts_at),
        )
    )
    lacking = [
        and_(
            order.c.subsidy_version_id == version_id,
            ~exists(proof.where(_category.c.category.in_(categories))),
        )
        for version_id, categories in versions.items()
    ]
    return (
        _standing(scope, booking.c.id)
        .join(_person, _person.c.id == booking.c.person_id)
        .where(_person.c.deleted_at.is_(None), or_(*lacking))
    )


def siblings(session: Session, booking_id: int) -> Sequence[AnyRow]:
    """The other orders that the same person ate as the same meal, and what was decided of each."""
    mine = select(Booking.person_id, service.c.day, service.c.meal).join(
        service, service.c.id == Booking.bookable_id
    )
    mine_row = mine.where(Booking.id == booking_id).subquery()
    return session.execute(
        select(
            booking.c.id.label("booking_id"), canteen.c.name.label("canteen_name"),
            _judgement.c.claims,
        )
        .select_from(
            eaten.orders()
            .join(
                mine_row,
                and_(
                    mine_row.c.person_id == booking.c.person_id, mine_row.c.day == service.c.day,
                    mine_row.c.meal == service.c.meal,
                ),
            )
            .outerjoin(_judgement, _judgement.c.booking_id == booking.c.id)
        )
        .where(eaten.stands(), booking.c.id != booking_id)
    ).all()  # fmt: skip
