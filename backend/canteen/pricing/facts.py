"""What a price depends on, read for one person and day: rules, the eater, what they had before."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Select, and_, bindparam, func, or_, select
from sqlalchemy.orm import Session

from backend import clock
from backend.booking.models import HELD, Booking
from backend.booking.rules import age_on
from backend.canteen.eaters.models import PersonCategory
from backend.canteen.ordering.models import MealCut, MealLine, MealOrder, MealShare
from backend.canteen.pricing.engine import UsedParts
from backend.canteen.pricing.models import SubsidyRule, SubsidyVersion
from backend.canteen.pricing.rules import Eater, Part, Payer, Rule, Used
from backend.db import AnyRow, table_of
from backend.errors import NotFound
from backend.people.models import Person
from backend.places.models import Place

_rule, _version = table_of(SubsidyRule), table_of(SubsidyVersion)
_category, _person, _home = table_of(PersonCategory), table_of(Person), table_of(Place)
_booking, _order = table_of(Booking), table_of(MealOrder)
_line, _share, _cut = table_of(MealLine), table_of(MealShare), table_of(MealCut)


_PROVEN = and_(
    _category.c.person_id == _person.c.id,
    _category.c.starts_on <= bindparam("day"),
    or_(_category.c.ends_on.is_(None), bindparam("day") <= _category.c.ends_on),
    or_(_category.c.ended_at.is_(None), _category.c.ended_at >= bindparam("ends")),
)
_EATERS = (
    select(_person.c.id, _person.c.birth_date, _home.c.path, _category.c.category)
    .outerjoin(_home, _home.c.id == _person.c.home_place_id)
    .outerjoin(_category, _PROVEN)
    .where(_person.c.id.in_(bindparam("person_ids", expanding=True)))
)


def rules_for(session: Session, canteen_path: str, day: date) -> list[Rule]:
    """The rules in force on `day` at the canteen of a place, by its path; one read.

    Of a rule's published versions that have begun by then the newest counts, so that a later one
    ends those before it.
    """
    begun = published_at(canteen_path).where(_version.c.starts_on <= day)
    newest = {row.rule_id: row for row in session.execute(begun)}
    rules = [rule_of(row) for row in newest.values()]
    return [rule for rule in rules if rule.ends_on is None or day <= rule.ends_on]


def published_at(canteen_path: str) -> Select[*tuple[Any, ...]]:
    """Published versions that hold at the canteen of a place, of each rule the newest last."""
    above = [int(one) for one in canteen_path.strip("/").split("/")]
    return (
        select(
            *_version.c, _rule.c.name, _rule.c.ends_on.label("rule_ends_on"),
            _home.c.path.label("home_path"), _home.c.name.label("home_name"),
        )
        .join(_rule, _rule.c.id == _version.c.rule_id)
        .outerjoin(_home, _home.c.id == _version.c.home_place_id)
        .where(_rule.c.place_id.in_(above), _version.c.published_at.is_not(None))
        .order_by(_version.c.rule_id, _version.c.version)
    )  # fmt: skip


def rule_of(row: AnyRow) -> Rule:
    """A version as the engine reckons with it; the row has the rule's name and end, `home_path`."""
    ends = [day for day in (row.ends_on, row.rule_ends_on) if day is not None]
    return Rule(
        id=row.rule_id, version_id=row.id, version=row.version, name=row.name,
        starts_on=row.starts_on, ends_on=min(ends, default=None), min_age=row.min_age,
        max_age=row.max_age, home_path=row.home_path, categories=frozenset(row.categories),
        meals=frozenset(row.meals), modes=frozenset(row.modes), on_list=row.on_list,
        second_portion=row.second_portion, parts=[part_of(part) for part in row.parts],
    )  # fmt: skip


def part_of(stored: Mapping[str, Any]) -> Part:
    """A part as it is kept."""
    payers = {Payer(name): weight for name, weight in stored["payers"].items()}
    return Part(**{name: value for name, value in stored.items() if name != "payers"},
                payers={payer: payers[payer] for payer in Payer if payer in payers})  # fmt: skip


def eater_of(session: Session, person_id: int, day: date) -> Eater:
    """Whoever eats, as rules ask of them on `day`; one read. Raises NotFound."""
    found = eaters_of(session, [person_id], day)
    if not found:
        raise NotFound()
    return found[person_id]


def eaters_of(session: Session, person_ids: Collection[int], day: date) -> dict[int, Eater]:
    """The same for several at once: one read."""
    ends = clock.at_minute(day + timedelta(days=1))
    asked = {"person_ids": list(person_ids), "day": day, "ends": ends}
    rows = session.execute(_EATERS, asked).all()
    categories: dict[int, set[str]] = {}
    for row in rows:
        categories.setdefault(row.id, set()).update([row.category] if row.category else [])
    return {
        row.id: Eater(
            age=None if row.birth_date is None else age_on(row.birth_date, day),
            home_path=row.path, categories=frozenset(categories[row.id]),
        )
        for row in rows
    }  # fmt: skip


def used_by(
    session: Session, person_id: int, day: date, rules: Sequence[Rule],
    leaving: int | None = None,
) -> UsedParts:  # fmt: skip
    """What somebody had of each part on other meals of the day and its week; at most one read.

    Orders ahead in the week count, cancelled ones don't. `leaving`: a booking to leave out, since
    it is being amended.
    """
    return used_by_each(session, [person_id], day, rules, leaving).get(person_id, {})


def used_by_each(
    session: Session, person_ids: Collection[int], day: date, rules: Sequence[Rule],
    leaving: int | None = None,
) -> dict[int, UsedParts]:  # fmt: skip
    """The same for several at once, those who had something; at most one read."""
    limited = [rule.id for rule in rules if any(part.is_limited for part in rule.parts)]
    if not limited:
        return {}
    monday = day - timedelta(days=day.weekday())
    cut = (
        select(func.coalesce(func.sum(_cut.c.fen), 0))
        .where(_cut.c.booking_id == _booking.c.id, _cut.c.part == _share.c.part)
        .scalar_subquery()
    )
    meals = select(
        _booking.c.person_id,
        _version.c.rule_id,
        _share.c.part,
        _booking.c.starts_at,
        (func.sum(_share.c.fen) - cut).label("fen"),
    )
    meals = (
        meals.select_from(_booking)
        .join(_order, _order.c.booking_id == _booking.c.id)
        .join(_version, _version.c.id == _order.c.subsidy_version_id)
        .join(_line, _line.c.booking_id == _booking.c.id)
        .join(_share, _share.c.line_id == _line.c.id)
        .where(
            _booking.c.person_id.in_(person_ids), _booking.c.state.in_(HELD),
            _booking.c.starts_at >= clock.at_minute(monday),
            _booking.c.starts_at < clock.at_minute(monday + timedelta(days=7)),
            _version.c.rule_id.in_(limited),
        )
        .group_by(
            _booking.c.person_id, _version.c.rule_id, _share.c.part, _booking.c.id,
            _booking.c.starts_at,
        )
    )  # fmt: skip
    if leaving is not None:
        meals = meals.where(_booking.c.id != leaving)
    of_person: dict[int, list[AnyRow]] = {}
    for row in session.execute(meals):
        if row.fen:
            of_person.setdefault(row.person_id, []).append(row)
    return {one: _summed(rows, day) for one, rows in of_person.items()}


def _summed(meals: Collection[AnyRow], day: date) -> dict[tuple[int, int], Used]:
    of_parts: dict[tuple[int, int], list[AnyRow]] = {}
    for row in meals:
        of_parts.setdefault((row.rule_id, row.part), []).append(row)
    used = {}
    for part, rows in of_parts.items():
        of_day = [int(row.fen) for row in rows if clock.today(row.starts_at) == day]
        week = sum(int(row.fen) for row in rows)
        used[part] = Used(sum(of_day), len(of_day), week, len(rows))
    return used
