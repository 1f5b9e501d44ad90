"""The counter of the canteen: once lunch has begun, some have fetched theirs, one tap was wrong."""

from datetime import timedelta

from sqlalchemy import select

from backend.booking.models import Booking, State
from backend.canteen.models import Meal, MealService, Mode
from backend.canteen.ordering.models import MealOrder
from backend.canteen.serving import missing, service
from backend.canteen.serving.models import Proof, Way
from backend.db import table_of
from backend.demo.scenes import guests
from backend.demo.scenes.ground import Ground

_service = table_of(MealService)
EVERY = timedelta(minutes=4)
MISTAKE = 2
"""Which of them had not been at the counter at all."""


def play(ground: Ground) -> None:
    """As far as the lunch of today has come; what is over is seen to, as the scheduler does."""
    counter = ground.staff("counter").staff_id
    rows = ground.session.execute(
        select(Booking.id, Booking.starts_at)
        .join(_service, _service.c.id == Booking.bookable_id)
        .join(MealOrder, MealOrder.booking_id == Booking.id)
        .where(
            _service.c.day == ground.today, _service.c.meal == Meal.LUNCH,
            Booking.state == State.CONFIRMED, MealOrder.mode != Mode.DELIVERY,
        )
        .order_by(Booking.id)
    ).all()  # fmt: skip
    for number, row in enumerate(rows):
        at = row.starts_at + (number + 1) * EVERY
        if at > ground.now:
            break
        with ground.when(at):
            served = service.serve(
                ground.session, row.id, way=Way.COUNTER, proof=Proof.CODE, staff_id=counter,
                at=at, key=f"demo-{row.id}", now=at,
            )  # fmt: skip
        if number == MISTAKE:
            with ground.when(at + timedelta(seconds=50)) as later:
                service.undo(
                    ground.session, served.id, staff_id=counter, reason="点错了人", now=later
                )
    lunch = ground.session.scalar(
        select(_service.c.id).where(_service.c.day == ground.today, _service.c.meal == Meal.LUNCH)
    )
    if lunch is not None:
        guests.come(ground, lunch)
    for meal_id in missing.due(ground.session, ground.now):
        missing.mark(ground.session, meal_id, ground.now)
