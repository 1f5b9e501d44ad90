"""Who carries a run by the dispatcher's word: called in, or in the place of somebody who cannot."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from backend import clock
from backend.canteen.delivery import moving
from backend.canteen.delivery.errors import CourierUnfit
from backend.canteen.delivery.models import CourierSkill, DeliveryRun
from backend.db import AnyRow, table_of
from backend.errors import NotFound
from backend.staff import audit
from backend.staff.access import REACH, Permission, Reach, SignedInStaff
from backend.staff.models import Role, Staff, StaffRole

_run, _skill = table_of(DeliveryRun), table_of(CourierSkill)
_CARRIERS = [one for one in Role if REACH[Permission.CARRY_MEALS, one] != Reach.NONE]


def carriers(session: Session, run: AnyRow) -> list[tuple[int, str]]:
    """Who may carry a run of that canteen and has what it asks for: (id, name), by name."""
    return [(row.id, row.name) for row in _carriers(session, run) if _is_fit(row, run)]


def assign(
    session: Session, me: SignedInStaff, run_id: int, staff_id: int | None, now: datetime
) -> None:
    """It is theirs, also where it was somebody else's; None: whoever comes first may claim it.

    Taken from somebody who was out, it has not left yet. Raises NotFound, RunClosed, CourierUnfit.
    """
    run = moving.check_open(session, moving.find_run(session, me, run_id))
    values = {"courier_id": staff_id, "claimed_at": None if staff_id is None else now}
    if staff_id is None:
        values["out_at"] = None
    else:
        known = {row.id: row for row in _carriers(session, run)}
        if staff_id not in known:
            raise NotFound()
        if not _is_fit(known[staff_id], run):
            raise CourierUnfit()
    if run.courier_id == staff_id:
        audit.unchanged(session)
        return
    # What the list names as its courier has changed.
    session.execute(update(_run).where(_run.c.id == run_id).values(values | {"changed_at": now}))
    audit.record(
        session, me.staff_id, "delivery.assign", "delivery_run", run_id,
        before={"courier_id": run.courier_id}, after={"courier_id": staff_id},
        place_id=run.place_id,
    )  # fmt: skip


def _carriers(session: Session, run: AnyRow) -> Sequence[AnyRow]:
    """Those who carry for the canteen's place, with until when what the run asks is valid."""
    above = [int(one) for one in run.path.strip("/").split("/")]
    return session.execute(
        select(Staff.id, Staff.name, _skill.c.id.label("skill_id"), _skill.c.valid_until)
        .outerjoin(_skill, (_skill.c.staff_id == Staff.id) & (_skill.c.skill == run.skill))
        .where(
            Staff.left_at.is_(None),
            Staff.id.in_(
                select(StaffRole.staff_id).where(
                    StaffRole.role.in_(_CARRIERS), StaffRole.place_id.in_(above)
                )
            ),
        )
        .order_by(Staff.name, Staff.id)
    ).all()


def _is_fit(carrier: AnyRow, run: AnyRow) -> bool:
    if run.skill is None:
        return True
    until: date | None = carrier.valid_until
    today = clock.today(run.starts_at)
    return carrier.skill_id is not None and (until is None or until >= today)
