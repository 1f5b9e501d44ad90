"""The live picture of a meal: what is out, delivered, failed, collected; who is looked for."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from backend.booking.models import HELD, Booking, State
from backend.canteen.delivery import queries as deliveries
from backend.canteen.guests import queries as guests
from backend.canteen.models import Mode
from backend.canteen.ordering.models import MealOrder
from backend.canteen.serving.models import MealServed, Way
from backend.canteen.welfare import queries as welfare
from backend.staff.access import SignedInStaff


@dataclass(frozen=True, slots=True)
class Counts:
    """Of those that are brought: `ready` in the canteen, `out`, `done`, `failed`, `waiting` for a
    run. Of the others: `left`. `collected` at the counter and `missed`, all in all. `guests`:
    people who bought a meal there without being on file.
    """

    ready: int
    out: int
    done: int
    failed: int
    waiting: int
    collected: int
    left: int
    missed: int
    guests: int


def get_live(
    session: Session, me: SignedInStaff, meal_service_id: int, now: datetime
) -> dict[str, Any]:
    """A meal with its counts, its runs and its open cases, for those who dispatch it.

    Raises NotFound.
    """
    meal = deliveries.find_meal(session, me, meal_service_id)
    runs = deliveries.runs_of(session, meal_service_id, now)
    cases = [
        one for one in welfare.list_open(session, me) if one["meal_service_id"] == meal_service_id
    ]
    return {
        "meal": meal, "runs": runs, "cases": cases,
        "counts": _counts(
            runs, meal.waiting, _states(session, meal_service_id),
            guests.people_of(session, meal_service_id),
        ),
    }  # fmt: skip


def _counts(
    runs: list[dict[str, Any]], waiting: int, states: Mapping[tuple[bool, str], int], came: int
) -> Counts:
    under_way = [one for one in runs if one["out_at"] is not None and one["back_at"] is None]
    return Counts(
        ready=sum(one["todo"] for one in runs if one["out_at"] is None),
        out=sum(one["todo"] for one in under_way), done=sum(one["done"] for one in runs),
        failed=sum(one["failed"] for one in runs), waiting=waiting,
        collected=states.get((False, State.ATTENDED), 0),
        left=states.get((False, State.CONFIRMED), 0),
        missed=sum(states.get((brought, State.MISSED), 0) for brought in (True, False)),
        guests=came,
    )  # fmt: skip


def _states(session: Session, meal_service_id: int) -> dict[tuple[bool, str], int]:
    """How many orders stand how, by whether they are brought; what was fetched is not."""
    fetched = func.coalesce(MealServed.way, "") == Way.COUNTER
    brought = and_(MealOrder.mode == Mode.DELIVERY, ~fetched).label("brought")
    rows = session.execute(
        select(brought, Booking.state, func.count().label("orders"))
        .join(Booking, Booking.id == MealOrder.booking_id)
        .outerjoin(
            MealServed, and_(MealServed.booking_id == Booking.id, MealServed.undone_at.is_(None))
        )
        .where(Booking.bookable_id == meal_service_id, Booking.state.in_(HELD))
        .group_by(brought, Booking.state)
    )
    return {(bool(row.brought), row.state): row.orders for row in rows}
