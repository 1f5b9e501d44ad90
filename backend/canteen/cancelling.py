"""A meal, or a whole day, that is called off: look whom it hits, then once and for everybody."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from backend.booking import bookables
from backend.booking.models import LIVE, Bookable, Booking, State
from backend.booking.service import Actor
from backend.canteen import called_off
from backend.canteen.models import CanteenDay, MealService
from backend.canteen.ordering.models import MealOrder
from backend.canteen.planning import access_canteen
from backend.db import table_of
from backend.people.models import Person
from backend.staff import audit
from backend.staff.access import SignedInStaff

_bookable, _service = table_of(Bookable), table_of(MealService)
_booking, _order = table_of(Booking), table_of(MealOrder)
_day = table_of(CanteenDay)
_ENDS = [state for state in LIVE if state != State.ATTENDED]


def look(
    session: Session, me: SignedInStaff, canteen_id: int, day: date, now: datetime
) -> dict[str, Any]:
    """The meals of the day that can still be called off, with who has ordered; three reads.

    Raises NotFound.
    """
    canteen = access_canteen(session, me, canteen_id)
    meals = session.execute(_meals(canteen_id, day, now)).all()
    orders = session.execute(
        select(
            _booking.c.id, _booking.c.bookable_id, _booking.c.person_id, Person.name,
            _order.c.mode, _order.c.pays_fen,
        )
        .join(_order, _order.c.booking_id == _booking.c.id)
        .join(Person, Person.id == _booking.c.person_id)
        .where(
            _booking.c.bookable_id.in_([one.id for one in meals]), _booking.c.state.in_(_ENDS)
        )
        .order_by(_order.c.mode, Person.name, _booking.c.id)
    ).all()  # fmt: skip
    return {
        "canteen": canteen, "day": day,
        "meals": [
            {"meal": one.meal, "orders": [row for row in orders if row.bookable_id == one.id]}
            for one in meals
        ],
    }  # fmt: skip


def cancel(
    session: Session, me: SignedInStaff, canteen_id: int, day: date, meal: str | None, reason: str,
    now: datetime,
) -> int:  # fmt: skip
    """Call one meal of the day off, or all of it; how many orders ended.

    Each order ends, its money is free again or taken back, and everybody is told the reason, once
    for all they have ordered. Who presses second finds nothing left to do. Raises NotFound.
    """
    canteen = access_canteen(session, me, canteen_id, locked=True)
    noted = meal is None and _note_day(session, canteen_id, day, reason)
    found = session.execute(_meals(canteen_id, day, now, meal)).all()
    actor = Actor(staff_id=me.staff_id)
    ended = [row for one in found for row in bookables.call_off(session, one.id, actor, now)]
    called_off.tell(session, ended, reason, now)
    if not found and not noted:
        audit.unchanged(session)
        return 0
    audit.record(
        session, me.staff_id, "meal.cancel", "canteen", canteen_id,
        after={"day": day.isoformat(), "meals": [one.meal for one in found], "reason": reason,
               "orders": len(ended)},
        place_id=canteen.place_id,
    )  # fmt: skip
    return len(ended)


def _meals(
    canteen_id: int, day: date, now: datetime, meal: str | None = None
) -> Select[*tuple[Any, ...]]:
    """What of the day stands and is not over."""
    found = (
        select(_service.c.id, _service.c.meal)
        .join(_bookable, _bookable.c.id == _service.c.id)
        .where(
            _service.c.canteen_id == canteen_id, _service.c.day == day,
            _bookable.c.cancelled_at.is_(None), _bookable.c.ends_at > now,
        )
        .order_by(_bookable.c.starts_at)
    )  # fmt: skip
    return found if meal is None else found.where(_service.c.meal == meal)


def _note_day(session: Session, canteen_id: int, day: date, reason: str) -> bool:
    """The calendar says why nothing is cooked; False if it did so already."""
    known = session.execute(
        select(_day.c.serves).where(_day.c.canteen_id == canteen_id, _day.c.day == day)
    ).first()
    if known is not None and not known.serves:
        return False
    values = {"canteen_id": canteen_id, "day": day, "serves": False, "reason": reason}
    dialect = sqlite if session.connection().dialect.name == "sqlite" else postgresql
    session.execute(
        dialect.insert(_day)
        .values(values)
        .on_conflict_do_update(
            index_elements=["canteen_id", "day"], set_={"serves": False, "reason": reason}
        )
    )
    return True
