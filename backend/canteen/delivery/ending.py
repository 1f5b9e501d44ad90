"""An order that ends, or is no longer brought, is gone from its run; what is printed is old."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from backend.canteen.delivery.models import DeliveryRun, DeliveryStop, StopState
from backend.db import table_of

_run, _stop = table_of(DeliveryRun), table_of(DeliveryStop)


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
