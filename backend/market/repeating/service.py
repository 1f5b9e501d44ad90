"""Setting templates up, changing and ending them; making a month's market as far as it can be."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from backend import clock
from backend.db import AnyRow, table_of
from backend.errors import NotFound, Refusal
from backend.market import planning
from backend.market.errors import DayTaken, MonthMade, NoStalls
from backend.market.fitting import RUN, StallPlan
from backend.market.models import Service
from backend.market.moving import look
from backend.market.repeating.dates import Rule, ahead
from backend.market.repeating.models import MarketTemplate, TemplateMonth
from backend.places.models import Place
from backend.staff import audit
from backend.staff.access import Scope, SignedInStaff
from backend.staff.models import Role, Staff

AHEAD = timedelta(days=45)
"""So long before its day a market is made by itself: time enough to look at it and open it."""

_template, _month, _place = table_of(MarketTemplate), table_of(TemplateMonth), table_of(Place)


def set_up(
    session: Session, me: SignedInStaff, market_day_id: int, rule: Rule, now: datetime
) -> int:
    """A template of a market as it stands, held every month; its id. Raises NotFound, NoStalls."""
    day = planning.access_day(session, me, market_day_id)
    stalls = [
        asdict(planning.plan_of(session, one)) for one in look.stalls_of(session, market_day_id)
    ]
    if not stalls:
        raise NoStalls()
    values = asdict(rule) | {
        "place_id": day.place_id, "title": day.title, "spot": day.spot, "stalls": stalls,
        "staff_id": me.staff_id, "created_at": now,
    }  # fmt: skip
    template_id = int(
        session.execute(insert(_template).values(values).returning(_template.c.id)).scalar_one()
    )
    _audit(session, me, "create", template_id, day.place_id, after=asdict(rule))
    month = day.day.replace(day=1)
    if day.cancelled_at is None and rule.in_month(month) == day.day:
        _write_month(session, template_id, day.day, day.id, [], now)
    return template_id


def change(
    session: Session, me: SignedInStaff, template_id: int, title: str, spot: str, rule: Rule
) -> None:
    """Another title, spot or day from now on; what is made already stays. Raises NotFound."""
    template = access(session, me, template_id)
    after = asdict(rule) | {"title": title, "spot": spot}
    session.execute(update(_template).where(_template.c.id == template_id).values(after))
    before = {name: getattr(template, name) for name in after}
    _audit(session, me, "change", template_id, template.place_id, before, after)


def end(session: Session, me: SignedInStaff, template_id: int, now: datetime) -> None:
    """Nothing is made of it any more; ending twice changes nothing. Raises NotFound."""
    template = access(session, me, template_id)
    if template.ended_at is not None:
        audit.unchanged(session)
        return
    session.execute(update(_template).where(_template.c.id == template_id).values(ended_at=now))
    _audit(session, me, "end", template_id, template.place_id)


def access(session: Session, me: SignedInStaff, template_id: int) -> AnyRow:
    """A template in reach, held until the transaction ends. Raises NotFound."""
    row = session.execute(
        select(*_template.c, _place.c.name.label("place_name"), _place.c.path)
        .join(_place, _place.c.id == _template.c.place_id)
        .where(_template.c.id == template_id, me.covers(RUN, _place.c.path))
        .with_for_update(of=_template)
    ).first()
    if row is None:
        raise NotFound()
    return row


def rule_of(template: AnyRow) -> Rule:
    """On which day it is held."""
    return Rule(template.week, template.weekday, template.day_of_month)


def plans_of(template: AnyRow) -> list[StallPlan]:
    """Its stalls, as they are planned."""
    return [_plan(one) for one in template.stalls]


def _plan(kept: Mapping[str, Any]) -> StallPlan:
    breaks = [(first, last) for first, last in kept["breaks"]]
    return StallPlan(**{**kept, "breaks": breaks})


def make(
    session: Session, me: SignedInStaff, template_id: int, day: date, now: datetime
) -> TemplateMonth:
    """Make a month's market as a draft; stalls that cannot come along are left out and named.

    Raises NotFound, Invalid for a day that is over, DayTaken, and MonthMade: what was made once,
    and cancelled since, is not made again.
    """
    template = access(session, me, template_id)
    if day not in {rule_of(template).in_month(day.replace(day=1))}:
        raise NotFound()
    stands = session.scalars(
        select(TemplateMonth).where(
            TemplateMonth.template_id == template_id, TemplateMonth.month == day.replace(day=1)
        )
    ).first()
    if stands is not None and stands.market_day_id is not None:
        raise MonthMade()
    return _make(session, me, template, day, now, stands)


def _make(
    session: Session, me: SignedInStaff, template: AnyRow, day: date, now: datetime,
    stands: TemplateMonth | None = None,
) -> TemplateMonth:  # fmt: skip
    ident = planning.plan_day(
        session, me, template.place_id, day, template.title, template.spot, now
    )
    names = {row.id: row.name for row in session.execute(select(Service.id, Service.name))}
    left_out = []
    for plan in plans_of(template):
        try:
            with session.begin_nested():
                planning.add_stall(session, me, ident, plan, now)
        except Refusal as refusal:
            left_out.append(f"{names.get(plan.service_id, '')}：{refusal}")
    if stands is not None:
        stands.market_day_id, stands.left_out, stands.made_at = ident, left_out, now
        session.flush()
        return stands
    return _write_month(session, template.id, day, ident, left_out, now)


def make_due(session: Session, template_id: int, now: datetime) -> int:
    """The scheduler's part: the markets of the coming weeks that are not made yet; how many.

    Each month is tried once; where the place has another market that day, that is noted.
    """
    row = session.execute(
        select(_template.c.staff_id, Staff.name, _place.c.id, _place.c.path,
               _place.c.name.label("place_name"))
        .join(_place, _place.c.id == _template.c.place_id)
        .join(Staff, Staff.id == _template.c.staff_id)
        .where(_template.c.id == template_id)
    ).one()  # fmt: skip
    whole = "/" + row.path.strip("/").split("/")[0] + "/"
    me = SignedInStaff(
        row.staff_id, row.name, (Scope(Role.MANAGER, row.id, whole, row.place_name),)
    )
    template, made = access(session, me, template_id), 0
    for day in _due_days(session, template, now):
        try:
            with session.begin_nested():
                _make(session, me, template, day, now)
            made += 1
        except DayTaken as refusal:
            _write_month(session, template_id, day, None, [str(refusal)], now)
    return made


def due(session: Session, now: datetime) -> list[int]:
    """The templates of which a market is to be made now."""
    rows = session.execute(select(_template).where(_template.c.ended_at.is_(None)))
    return [row.id for row in rows if _due_days(session, row, now)]


def _due_days(session: Session, template: AnyRow, now: datetime) -> list[date]:
    today = clock.today(now)
    made = set(
        session.scalars(select(_month.c.month).where(_month.c.template_id == template.id))
    )  # fmt: skip
    return [
        day for day in ahead(rule_of(template), today, 3)
        if day <= today + AHEAD and day.replace(day=1) not in made
    ]  # fmt: skip


def _write_month(
    session: Session, template_id: int, day: date, market_day_id: int | None,
    left_out: list[str], now: datetime,
) -> TemplateMonth:  # fmt: skip
    row = TemplateMonth(
        template_id=template_id, month=day.replace(day=1), day=day, market_day_id=market_day_id,
        left_out=left_out, made_at=now,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


def _audit(
    session: Session, me: SignedInStaff, what: str, template_id: int, place_id: int,
    before: dict[str, Any] | None = None, after: dict[str, Any] | None = None,
) -> None:  # fmt: skip
    audit.record(
        session, me.staff_id, f"market_template.{what}", "market_template", template_id,
        before, after, place_id=place_id,
    )  # fmt: skip
