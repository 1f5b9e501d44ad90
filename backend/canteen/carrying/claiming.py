"""A courier takes a run: claims it, gives it back, leaves with its boxes, and comes back.

Of two who claim one run at the same moment one has it: each step is one conditional update.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import exists, func, or_, select, update
from sqlalchemy.orm import Session

from backend import clock
from backend.canteen.carrying.errors import NotAllSettled, NotThatFar, RunTaken, SkillMissing
from backend.canteen.delivery.models import (
    CourierSkill,
    DeliveryRun,
    DeliveryStop,
    Skill,
    StopState,
)
from backend.canteen.delivery.wording import SKILLS
from backend.canteen.models import Canteen, MealService
from backend.canteen.welfare import queries as welfare
from backend.db import AnyRow, table_of
from backend.errors import NotFound
from backend.places.models import Place
from backend.staff import audit
from backend.staff.access import Permission, SignedInStaff

CARRY = Permission.CARRY_MEALS
_run, _stop = table_of(DeliveryRun), table_of(DeliveryStop)
_service, _skill = table_of(MealService), table_of(CourierSkill)


def claim(session: Session, me: SignedInStaff, run_id: int, now: datetime) -> None:
    """The run is mine; once more changes nothing. Raises NotFound, RunTaken, SkillMissing."""
    run = _found(session, run_id, now, me.covers(CARRY, Place.path))
    if run.courier_id == me.staff_id:
        audit.unchanged(session)
        return
    if run.courier_id is not None:
        raise RunTaken()
    if run.skill is not None and not _has(session, me.staff_id, run.skill, clock.today(now)):
        raise SkillMissing(skill=SKILLS[Skill(run.skill)])
    free = (_run.c.courier_id.is_(None), _run.c.back_at.is_(None))
    if not _change(session, run_id, free, courier_id=me.staff_id, claimed_at=now):
        raise RunTaken()
    _note(session, me, run, "run.claim")


def give_back(session: Session, me: SignedInStaff, run_id: int, now: datetime) -> None:
    """Somebody else may have it; only before it is out. Raises NotFound, NotThatFar."""
    run = find_mine(session, me, run_id, now)
    if not _change(session, run_id, _mine(me, _run.c.out_at.is_(None)), courier_id=None,
                   claimed_at=None):  # fmt: skip
        raise NotThatFar(_("已经出发，不能退回。送不了请打电话给配送调度。"))
    _note(session, me, run, "run.give_back")


def leave(session: Session, me: SignedInStaff, run_id: int, boxes: int, now: datetime) -> None:
    """Out with so many boxes. Raises NotFound, NotThatFar."""
    run = find_mine(session, me, run_id, now)
    if not _change(session, run_id, _mine(me, _run.c.out_at.is_(None)), out_at=now,
                   boxes_out=boxes):  # fmt: skip
        raise NotThatFar(_("这一趟已经出发了。"))
    _note(session, me, run, "run.leave", boxes=boxes)


def back(session: Session, me: SignedInStaff, run_id: int, boxes: int, now: datetime) -> None:
    """Every bag is settled and nobody is still being looked for: closed, with so many boxes.

    Raises NotFound, NotThatFar, NotAllSettled.
    """
    run = find_mine(session, me, run_id, now)
    if run.out_at is None:
        raise NotThatFar(_("还没有出发。"))
    session.execute(select(_run.c.id).where(_run.c.id == run_id).with_for_update())
    _check_settled(session, run_id)  # locked: nobody opens a stop again meanwhile
    todo = exists().where(_stop.c.run_id == _run.c.id, _stop.c.state == StopState.TODO)
    if not _change(session, run_id, _mine(me, _run.c.back_at.is_(None), ~todo), back_at=now,
                   boxes_in=boxes):  # fmt: skip
        raise NotThatFar()
    _note(session, me, run, "run.back", boxes=boxes)


def find_mine(session: Session, me: SignedInStaff, run_id: int, now: datetime) -> AnyRow:
    """A run of mine, of today. Raises NotFound."""
    return _found(session, run_id, now, _run.c.courier_id == me.staff_id)


def _found(session: Session, run_id: int, now: datetime, whose: Any) -> AnyRow:
    row = session.execute(
        select(
            _run.c.id, _run.c.courier_id, _run.c.skill, _run.c.out_at, _run.c.back_at,
            _run.c.name, Canteen.place_id,
        )
        .join(_service, _service.c.id == _run.c.meal_service_id)
        .join(Canteen, Canteen.id == _service.c.canteen_id)
        .join(Place, Place.id == Canteen.place_id)
        .where(_run.c.id == run_id, _service.c.day == clock.today(now), whose)
    ).first()  # fmt: skip
    if row is None:
        raise NotFound()
    return row


def _has(session: Session, staff_id: int, skill: str, today: Any) -> bool:
    return (
        session.execute(
            select(_skill.c.id).where(
                _skill.c.staff_id == staff_id, _skill.c.skill == skill,
                or_(_skill.c.valid_until.is_(None), _skill.c.valid_until >= today),
            )
        ).first()
        is not None
    )  # fmt: skip


def _mine(me: SignedInStaff, *more: Any) -> tuple[Any, ...]:
    return (_run.c.courier_id == me.staff_id, *more)


def _change(session: Session, run_id: int, only: Sequence[Any], **values: Any) -> bool:
    return (
        session.execute(
            update(_run).where(_run.c.id == run_id, *only).values(**values).returning(_run.c.id)
        ).first()
        is not None
    )


def _check_settled(session: Session, run_id: int) -> None:
    left = session.scalar(
        select(func.count()).where(_stop.c.run_id == run_id, _stop.c.state == StopState.TODO)
    )
    if left:
        raise NotAllSettled(left=left)
    carried = session.scalars(select(_stop.c.booking_id).where(_stop.c.run_id == run_id)).all()
    if cases := welfare.open_of(session, carried):
        raise NotAllSettled(
            _("有 %(left)s 户没人应门，关爱核实还没有结束，结束以后才能交回。"), left=len(cases)
        )


def _note(session: Session, me: SignedInStaff, run: AnyRow, action: str, **after: Any) -> None:
    audit.record(
        session, me.staff_id, action, "delivery_run", run.id, place_id=run.place_id,
        after=after or None,
    )  # fmt: skip
