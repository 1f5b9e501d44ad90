"""Templates for staff: which there are, and one with its coming months and what would clash."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend import clock
from backend.db import AnyRow, table_of
from backend.errors import Refusal
from backend.market import fitting
from backend.market.errors import DayTaken
from backend.market.fitting import RUN, StallPlan
from backend.market.grid import moment
from backend.market.models import MarketDay, Provider, Service
from backend.market.repeating.dates import ahead
from backend.market.repeating.models import MarketTemplate, TemplateMonth
from backend.market.repeating.service import access, plans_of, rule_of
from backend.places import holidays, occupancy
from backend.places.errors import RoomTaken
from backend.places.models import Place
from backend.staff.access import SignedInStaff

SHOWN = 6
_template = table_of(MarketTemplate)


def list_templates(session: Session, me: SignedInStaff) -> list[dict[str, Any]]:
    """The templates in reach, those that go on first."""
    rows = session.execute(
        select(*_template.c, Place.name.label("place_name"))
        .join(Place, Place.id == _template.c.place_id)
        .where(me.covers(RUN, Place.path))
        .order_by(_template.c.ended_at.is_not(None), Place.path, _template.c.id)
    )
    return [dict(row._mapping) | {"rule": rule_of(row)} for row in rows]


def get_template(
    session: Session, me: SignedInStaff, template_id: int, now: datetime
) -> dict[str, Any]:
    """One with its stalls, what was made, and the coming months: the holiday, and the clashes.

    Raises NotFound.
    """
    template = access(session, me, template_id)
    services = {
        row.id: row for row in session.execute(select(Service.id, Service.name, Service.papers))
    }
    people = {row.id: row.name for row in session.execute(select(Provider.id, Provider.name))}
    plans = plans_of(template)
    months = _months(session, template_id)
    days = ahead(rule_of(template), clock.today(now), SHOWN)
    calendar = holidays.calendar(session, days[0], days[-1])
    coming = []
    for day in days:
        made = months.get(day.replace(day=1))
        free = made is None or made.market_day_id is None
        coming.append(
            {
                "day": made.day if made is not None else day,
                "holiday": calendar.why_off(day, template.path),
                "made": made,
                "clashes": _clashes(session, template, plans, services, day) if free else [],
            }
        )
    return dict(template._mapping) | {
        "rule": rule_of(template), "coming": coming,
        "plans": [
            (plan, services[plan.service_id].name if plan.service_id in services else "",
             [people[one] for one in plan.provider_ids if one in people])
            for plan in plans
        ],
    }  # fmt: skip


def _months(session: Session, template_id: int) -> dict[date, AnyRow]:
    rows = session.execute(
        select(
            TemplateMonth.month, TemplateMonth.day, TemplateMonth.market_day_id,
            TemplateMonth.left_out, MarketDay.cancelled_at,
        )
        .outerjoin(MarketDay, MarketDay.id == TemplateMonth.market_day_id)
        .where(TemplateMonth.template_id == template_id)
    )  # fmt: skip
    return {row.month: row for row in rows}


def _clashes(
    session: Session, template: AnyRow, plans: Sequence[StallPlan], services: dict[int, AnyRow],
    day: date,
) -> list[str]:  # fmt: skip
    """What stands against the market of that day: the place, its people and papers, its rooms."""
    if session.execute(
        select(MarketDay.id).where(
            MarketDay.place_id == template.place_id, MarketDay.day == day,
            MarketDay.cancelled_at.is_(None),
        )
    ).first():  # fmt: skip
        return [str(DayTaken())]
    found = []
    for plan in plans:
        service = services.get(plan.service_id)
        if service is None:
            continue
        try:
            fitting.check_moved(session, day, 0, plan, service.papers)
            _check_room(session, plan, day)
        except Refusal as refusal:
            found.append(f"{service.name}：{refusal}")
    return found


def _check_room(session: Session, plan: StallPlan, day: date) -> None:
    span = (moment(day, plan.from_minute), moment(day, plan.until_minute))
    if plan.room_id is not None and occupancy.clashes(session, plan.room_id, [span]):
        raise RoomTaken()
