"""A stop follows its order: gone when it ends, is fetched or not brought any more; open again when
that was a mistake. What is printed of the run is old then.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from backend.canteen.delivery.models import DeliveryRun, DeliveryStop, Reason, StopState
from backend.canteen.models import Mode
from backend.canteen.ordering.models import MealOrder
from backend.db import AnyRow, table_of

_run, _stop, _order = table_of(DeliveryRun), table_of(DeliveryStop), table_of(MealOrder)
_OPEN: dict[str, Any] = {"state": StopState.TODO, "reason": None, "at": None, "staff_id": None}


def leave(session: Session, booking_ids: Sequence[int], now: datetime) -> None:
    """Nothing is brought any more, if it was not yet; orders without a stop have none to lose."""
    left = session.execute(
        update(_stop)
        .where(_stop.c.booking_id.in_(booking_ids), _stop.c.state == StopState.TODO)
        .values(state=StopState.GONE)
        .returning(_stop.c.run_id)
    ).all()
    if runs := {row.run_id for row in left if row.run_id is not None}:
        session.execute(update(_run).where(_run.c.id.in_(sorted(runs))).values(changed_at=now))


def arrive(session: Session, booking_id: int, key: str, staff_id: int, now: datetime) -> None:
    """Somebody else than its courier has handed the bag over at the door, under `key`."""
    session.execute(
        update(_stop)
        .where(_stop.c.booking_id == booking_id, _stop.c.state == StopState.TODO)
        .values(state=StopState.DONE, at=now, staff_id=staff_id, key=key)
    )


def come_back(session: Session, booking_id: int, key: str, now: datetime) -> None:
    """What was noted under `key` was no handing over: while its run is open it is brought again.

    Of a run that is back nothing is brought: what was fetched stays gone, and a delivery that was
    none has failed. The run is locked, so that it does not come back meanwhile.
    """
    stop = session.execute(
        select(_stop.c.id, _stop.c.run_id, _stop.c.state, _stop.c.key, _stop.c.seq, _order.c.mode)
        .join(_order, _order.c.booking_id == _stop.c.booking_id)
        .where(_stop.c.booking_id == booking_id)
    ).first()
    if stop is None:
        return
    fetched = stop.state == StopState.GONE and stop.mode == Mode.DELIVERY
    handed = stop.state == StopState.DONE and stop.key == key
    this = update(_stop).where(_stop.c.id == stop.id)
    if (fetched or handed) and _carries_on(session, stop, now):
        session.execute(this.values(_OPEN))
    elif handed:
        session.execute(this.values(state=StopState.FAILED, reason=Reason.OTHER))


def _carries_on(session: Session, stop: AnyRow, now: datetime) -> bool:
    """Whether the stop's run, which has changed by it, is not back; an order that waits has none.

    What was gone and stands last may have been put there because nobody went to it.
    """
    if stop.run_id is None:
        return True
    this = _run.c.id == stop.run_id
    back_at = session.scalar(select(_run.c.back_at).where(this).with_for_update())
    if back_at is not None:
        return False
    values: dict[str, Any] = {"changed_at": now}
    end = select(func.max(_stop.c.seq)).where(_stop.c.run_id == stop.run_id)
    if stop.state == StopState.GONE and stop.seq > 1 and stop.seq == session.scalar(end):
        values["needs_ordering"] = True
    session.execute(update(_run).where(this).values(values))
    return True
