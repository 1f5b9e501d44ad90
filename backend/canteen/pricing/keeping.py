"""The verbs of keeping subsidy rules: a version is drafted, published, followed by the next."""

import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from backend import clock
from backend.canteen.pricing.errors import BeginsInPast, NothingDrafted, PayerAbove, RuleStops
from backend.canteen.pricing.facts import part_of
from backend.canteen.pricing.models import SubsidyRule, SubsidyVersion
from backend.canteen.pricing.rules import Part, Payer
from backend.canteen.pricing.wording import PAYERS, listed
from backend.db import AnyRow, table_of
from backend.errors import Invalid, NotFound
from backend.places.models import Place, PlaceKind
from backend.staff import audit
from backend.staff.access import Permission, SignedInStaff

SET = Permission.SET_SUBSIDIES

_rule, _version, _place = table_of(SubsidyRule), table_of(SubsidyVersion), table_of(Place)


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a version says; the fields of `SubsidyVersion`."""

    starts_on: date
    ends_on: date | None = None
    min_age: int | None = None
    max_age: int | None = None
    home_place_id: int | None = None
    categories: Sequence[str] = ()
    meals: Sequence[str] = ()
    modes: Sequence[str] = ()
    on_list: bool = True
    second_portion: bool = False
    parts: Sequence[Part]

    def columns(self) -> dict[str, Any]:
        """As they are kept."""
        plain = {one.name: getattr(self, one.name) for one in fields(self)}
        lists = {name: list(plain[name]) for name in ("categories", "meals", "modes")}
        return plain | lists | {"parts": [stored(part) for part in self.parts]}


def stored(part: Part) -> dict[str, Any]:
    """A part as it is kept: what it says, payers by name."""
    said = {name: value for name, value in asdict(part).items() if value not in (None, 0)}
    return said | {"payers": {str(payer): weight for payer, weight in part.payers.items()}}


def create(session: Session, me: SignedInStaff, place_id: int, name: str, terms: Terms) -> int:
    """A rule for the canteens of a place, its first version a draft; the rule's id. Raises Invalid.

    Also raises PayerAbove.
    """
    path = session.scalar(
        select(Place.path).where(Place.id == place_id, me.covers(SET, Place.path))
    )
    if path is None:
        raise Invalid({"place_id": [_("请选择您辖区内的地方。")]})
    _check(session, me, path, terms)
    rule_id = int(
        session.scalars(
            insert(_rule)
            .values(place_id=place_id, code=f"s-{secrets.token_hex(6)}", name=name)
            .returning(_rule.c.id)
        ).one()
    )
    _write(session, me, rule_id, terms)
    after = _shown(terms) | {"rule_name": name}
    _record(session, me, "subsidy.create", rule_id, place_id, after=after)
    return rule_id


def set_draft(session: Session, me: SignedInStaff, rule_id: int, terms: Terms) -> None:
    """The rule's next version says this; what is published stays as it is.

    Raises NotFound, Invalid, PayerAbove.
    """
    rule = access_rule(session, me, rule_id, locked=True)
    _check(session, me, rule.path, terms)
    before = draft_of(session, rule_id)
    _write(session, me, rule_id, terms)
    was = None if before is None else _shown(_terms_of(before))
    _record(session, me, "subsidy.draft", rule_id, rule.place_id, was, _shown(terms))


def discard(session: Session, me: SignedInStaff, rule_id: int) -> bool:
    """The draft goes, and a rule that never had another version with it; whether the rule is left.

    Raises NotFound, NothingDrafted.
    """
    rule = access_rule(session, me, rule_id, locked=True)
    draft = draft_of(session, rule_id)
    if draft is None:
        raise NothingDrafted()
    session.execute(delete(_version).where(_version.c.id == draft.id))
    is_left = bool(draft.version > 1)
    if not is_left:
        session.execute(delete(_rule).where(_rule.c.id == rule_id))
    _record(session, me, "subsidy.discard", rule_id, rule.place_id, _shown(_terms_of(draft)))
    return is_left


def publish(session: Session, me: SignedInStaff, rule_id: int, now: datetime) -> None:
    """The draft holds from its first day on, and ends the version before it.

    What was ordered before keeps its price. Raises NotFound, NothingDrafted, BeginsInPast,
    RuleStops, PayerAbove.
    """
    rule = access_rule(session, me, rule_id, locked=True)
    draft = draft_of(session, rule_id)
    if draft is None:
        raise NothingDrafted()
    if draft.starts_on < clock.today(now):
        raise BeginsInPast()
    if rule.ends_on is not None and rule.ends_on < draft.starts_on:
        raise RuleStops(day=rule.ends_on)
    terms = _terms_of(draft)
    _check_payers(me, rule.path, terms)
    session.execute(
        update(_version)
        .where(_version.c.id == draft.id)
        .values(published_at=now, staff_id=me.staff_id)
    )
    after = _shown(terms) | {"version": draft.version}
    _record(session, me, "subsidy.publish", rule_id, rule.place_id, after=after)


def stop(
    session: Session, me: SignedInStaff, rule_id: int, last_day: date | None, now: datetime
) -> None:
    """The rule's last day; None: it goes on. Raises NotFound, Invalid."""
    rule = access_rule(session, me, rule_id, locked=True)
    if last_day is not None and last_day < clock.today(now):
        raise Invalid({"ends_on": [_("请填写今天或以后的日期。")]})
    if last_day == rule.ends_on:
        audit.unchanged(session)
        return
    session.execute(update(_rule).where(_rule.c.id == rule_id).values(ends_on=last_day))
    before, after = ({"ends_on": day and day.isoformat()} for day in (rule.ends_on, last_day))
    _record(session, me, "subsidy.stop", rule_id, rule.place_id, before, after)


def access_rule(
    session: Session, me: SignedInStaff, rule_id: int, *, locked: bool = False
) -> AnyRow:
    """A rule they may change, with its place's `path`. Raises NotFound."""
    found = (
        select(*_rule.c, _place.c.path)
        .join(_place, _place.c.id == _rule.c.place_id)
        .where(_rule.c.id == rule_id, me.covers(SET, _place.c.path))
    )
    if locked:
        found = found.with_for_update(of=_rule)
    row = session.execute(found).first()
    if row is None:
        raise NotFound()
    return row


def draft_of(session: Session, rule_id: int) -> AnyRow | None:
    """The version that is not published yet."""
    return session.execute(
        select(_version).where(_version.c.rule_id == rule_id, _version.c.published_at.is_(None))
    ).first()


def payers_of(me: SignedInStaff, path: str) -> list[Payer]:
    """Whose money they decide on there: that of their own level and of those below.

    The district's managers enter what the city pays, too, since nobody above them is here.
    """
    depths = [one.count("/") - 2 for one in me.paths(SET) if path.startswith(one)]
    widest = min(depths, default=len(Payer))
    return list(Payer) if widest <= 0 else list(Payer)[widest + 1 :]


def places_for(session: Session, me: SignedInStaff) -> list[tuple[int, str]]:
    """Where they may make rules: at their places down to the communities."""
    rows = session.execute(
        select(Place.id, Place.name)
        .where(
            Place.kind.in_((PlaceKind.DISTRICT, PlaceKind.STREET, PlaceKind.COMMUNITY)),
            me.covers(SET, Place.path),
        )
        .order_by(Place.path)
    )
    return [(row.id, row.name) for row in rows]


def homes_for(session: Session, path: str) -> list[tuple[int, str]]:
    """The places that a rule at `path` may ask people to live in, from the district down.

    Estates only where it is a community's: a district has hundreds.
    """
    above = [int(one) for one in path.strip("/").split("/")]
    small = [PlaceKind.BUILDING, *([PlaceKind.ESTATE] if len(above) < 3 else [])]
    rows = session.execute(
        select(Place.id, Place.name)
        .where(Place.kind.not_in(small), Place.id.in_(above) | Place.path.startswith(path))
        .order_by(Place.path)
    )
    return [(row.id, row.name) for row in rows]


def _check(session: Session, me: SignedInStaff, path: str, terms: Terms) -> None:
    wrong: dict[str, list[str]] = {}
    if terms.ends_on is not None and terms.ends_on < terms.starts_on:
        wrong["ends_on"] = [_("结束日期不能早于生效日期。")]
    if None not in (terms.min_age, terms.max_age) and terms.max_age < terms.min_age:  # type: ignore[operator]
        wrong["max_age"] = [_("最大年龄不能小于最小年龄。")]
    homes = {ident for ident, _name in homes_for(session, path)}
    if terms.home_place_id is not None and terms.home_place_id not in homes:
        wrong["home_place_id"] = [_("请选择列出的一项。")]
    if wrong:
        raise Invalid(wrong)
    _check_payers(me, path, terms)


def _check_payers(me: SignedInStaff, path: str, terms: Terms) -> None:
    mine = payers_of(me, path)
    if any(payer not in mine for part in terms.parts for payer in part.payers):
        raise PayerAbove(payers=listed(mine, PAYERS))


def _write(session: Session, me: SignedInStaff, rule_id: int, terms: Terms) -> None:
    values = terms.columns() | {"staff_id": me.staff_id}
    if draft := draft_of(session, rule_id):
        session.execute(update(_version).where(_version.c.id == draft.id).values(values))
        return
    last = session.scalar(select(func.max(_version.c.version)).where(_version.c.rule_id == rule_id))
    version = (last or 0) + 1
    session.execute(insert(_version).values(rule_id=rule_id, version=version, **values))


def _terms_of(row: AnyRow) -> Terms:
    plain = {one.name: getattr(row, one.name) for one in fields(Terms)}
    return Terms(**plain | {"parts": [part_of(part) for part in row.parts]})


def _shown(terms: Terms) -> dict[str, Any]:
    """What the audit keeps: what is said, without what is left open."""
    days = {name: getattr(terms, name) for name in ("starts_on", "ends_on")}
    said = {name: value for name, value in terms.columns().items() if value not in (None, [])}
    return said | {name: day.isoformat() for name, day in days.items() if day is not None}


def _record(
    session: Session, me: SignedInStaff, action: str, rule_id: int, place_id: int,
    before: dict[str, Any] | None = None, after: dict[str, Any] | None = None,
) -> None:  # fmt: skip
    audit.record(
        session, me.staff_id, action, "subsidy_rule", rule_id, before, after, place_id=place_id
    )
