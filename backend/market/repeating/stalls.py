"""The stalls of a template: one more, another plan for one, one less; for what is made from now on.

A stall is named by its number in the list, from 1 on, and by what it was (`seen`): whoever was
quicker is noticed.
"""

from collections.abc import Sequence
from dataclasses import asdict
from hashlib import sha256
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from backend.db import AnyRow, table_of
from backend.errors import NotFound
from backend.market import fitting
from backend.market.errors import NoStalls, PlanChanged
from backend.market.fitting import StallPlan
from backend.market.repeating.models import MarketTemplate
from backend.market.repeating.service import access, plans_of
from backend.staff import audit
from backend.staff.access import SignedInStaff

_template = table_of(MarketTemplate)


def seen_of(plan: StallPlan) -> str:
    """What was on show: another one means that somebody changed it since."""
    return sha256(repr(plan).encode()).hexdigest()[:32]


def get_stall(
    session: Session, me: SignedInStaff, template_id: int, number: int
) -> tuple[AnyRow, StallPlan]:
    """The template, and the stall of that number. Raises NotFound."""
    template = access(session, me, template_id)
    plans = plans_of(template)
    if number > len(plans):
        raise NotFound()
    return template, plans[number - 1]


def add(session: Session, me: SignedInStaff, template_id: int, plan: StallPlan) -> None:
    """One more. Raises NotFound, Invalid by field."""
    template = access(session, me, template_id)
    fitting.check_plan(session, me, plan)
    _write(session, me, template, [*plans_of(template), plan])


def change(
    session: Session, me: SignedInStaff, template_id: int, number: int, plan: StallPlan,
    seen: str | None,
) -> None:  # fmt: skip
    """Another plan for one. Raises NotFound, Invalid by field, PlanChanged."""
    template, was = get_stall(session, me, template_id, number)
    if seen != seen_of(was):
        raise PlanChanged()
    fitting.check_plan(session, me, plan)
    plans = plans_of(template)
    plans[number - 1] = plan
    _write(session, me, template, plans)


def remove(
    session: Session, me: SignedInStaff, template_id: int, number: int, seen: str | None
) -> None:
    """Without it. Raises NotFound, PlanChanged, NoStalls for the last one."""
    template, was = get_stall(session, me, template_id, number)
    if seen != seen_of(was):
        raise PlanChanged()
    plans = plans_of(template)
    del plans[number - 1]
    if not plans:
        raise NoStalls()
    _write(session, me, template, plans)


def _write(
    session: Session, me: SignedInStaff, template: AnyRow, plans: Sequence[StallPlan]
) -> None:
    ordered = sorted(plans, key=lambda one: one.from_minute)
    kept: list[dict[str, Any]] = [
        asdict(one) | {"provider_ids": sorted(set(one.provider_ids))} for one in ordered
    ]
    session.execute(
        update(_template).where(_template.c.id == template.id).values(stalls=kept)
    )  # fmt: skip
    audit.record(
        session, me.staff_id, "market_template.stalls", "market_template", template.id,
        {"stalls": template.stalls}, {"stalls": kept}, place_id=template.place_id,
    )  # fmt: skip
