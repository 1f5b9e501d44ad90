"""The bags of past lunches, brought by two people in runs that are long closed."""

from datetime import datetime, timedelta

from sqlalchemy import select

from backend.booking.models import Booking
from backend.canteen.carrying import claiming, ticking
from backend.canteen.carrying.ticking import Outcome, Tick
from backend.canteen.delivery import planning
from backend.canteen.delivery.models import DeliveryRun, DeliveryStop, Reason
from backend.db import AnyRow
from backend.demo.scenes.ground import Ground
from backend.staff.access import SignedInStaff

_COURIERS = ("courier", "dispatcher")
_DOOR, _WAY_BACK = timedelta(minutes=3), timedelta(minutes=9)


def carry(ground: Ground, meal_id: int, came: set[int], closed_at: datetime) -> None:
    """Plan the runs of a lunch and play them; whoever is not in `came` did not want it."""
    with ground.when(closed_at):
        planning.plan(ground.session, meal_id, closed_at)
    runs = ground.session.execute(
        select(DeliveryRun.id, DeliveryRun.number, DeliveryRun.leaves_at)
        .where(DeliveryRun.meal_service_id == meal_id)
        .order_by(DeliveryRun.number)
    ).all()
    for run in runs:
        _bring(ground, ground.staff(_COURIERS[run.number % len(_COURIERS)]), run, came)


def _bring(ground: Ground, me: SignedInStaff, run: AnyRow, came: set[int]) -> None:
    session = ground.session
    with ground.when(run.leaves_at - timedelta(minutes=12)) as at:
        claiming.claim(session, me, run.id, at)
    with ground.when(run.leaves_at) as at:
        claiming.leave(session, me, run.id, 2, at)
    stops = session.execute(
        select(DeliveryStop.id, DeliveryStop.booking_id, Booking.short_code)
        .join(Booking, Booking.id == DeliveryStop.booking_id)
        .where(DeliveryStop.run_id == run.id)
        .order_by(DeliveryStop.seq)
    ).all()
    done = run.leaves_at + _WAY_BACK
    for stop in stops:
        done += _DOOR
        with ground.when(done) as at:
            ticking.tick(session, me, run.id, stop.id, _tick(stop, stop.booking_id in came, at), at)
    with ground.when(done + _WAY_BACK) as at:
        claiming.back(session, me, run.id, 2, at)


def _tick(stop: AnyRow, is_in: bool, at: datetime) -> Tick:
    key = f"demo-stop-{stop.id}"
    if is_in:
        return Tick(outcome=Outcome.DONE, key=key, at=at, code=stop.short_code)
    return Tick(outcome=Outcome.FAILED, key=key, at=at, reason=Reason.REFUSED)
