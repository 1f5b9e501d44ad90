"""Reads about cases: which are open, which are due, whose lunch was not taken."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, exists, or_, select
from sqlalchemy.orm import Session, aliased

from backend.booking.models import Bookable, Booking, State
from backend.canteen.delivery.models import DeliveryStop
from backend.canteen.models import Canteen, Meal, MealService
from backend.canteen.ordering.models import MealOrder
from backend.canteen.serving.models import MealServed
from backend.canteen.welfare.absent import is_out
from backend.canteen.welfare.models import WelfareCase, WelfareStep
from backend.db import AnyRow, table_of
from backend.people.models import Person
from backend.people.naming import shown_name
from backend.places.models import Place
from backend.staff.access import Permission, SignedInStaff

CARE = Permission.CARE

_case, _step = table_of(WelfareCase), table_of(WelfareStep)
_booking, _bookable, _service = table_of(Booking), table_of(Bookable), table_of(MealService)
_order = table_of(MealOrder)
_there, _home, _door = aliased(Place), aliased(Place), aliased(Place)
_stop, _served = table_of(DeliveryStop), table_of(MealServed)


def open_of(session: Session, booking_ids: Collection[int]) -> set[int]:
    """Which of these bookings have an open case: their run is not closed."""
    found = select(_case.c.booking_id).where(
        _case.c.booking_id.in_(booking_ids), _case.c.closed_at.is_(None)
    )
    return set(session.scalars(found))


def is_open(booking_id: Any) -> ColumnElement[bool]:
    """Whether a booking has an open case, as a condition."""
    return exists().where(_case.c.booking_id == booking_id, _case.c.closed_at.is_(None))


def lunch_not_taken(
    session: Session, meal: str, person_ids: Collection[int] | Select[tuple[int]], day: date,
    now: datetime,
) -> set[int]:  # fmt: skip
    """Who of these ordered that day's lunch and did not have it, when it is over; asked at dinner,
    at any other `meal` nobody.

    Whose absence was announced is not among them.
    """
    if meal != Meal.DINNER:
        return set()
    return set(
        session.scalars(
            select(_booking.c.person_id)
            .join(_service, _service.c.id == _booking.c.bookable_id)
            .where(
                _booking.c.person_id.in_(person_ids), _service.c.day == day,
                _service.c.meal == Meal.LUNCH, ~is_out(_booking.c.person_id, day),
                or_(
                    _booking.c.state == State.MISSED,
                    and_(_booking.c.state == State.CONFIRMED, _booking.c.ends_at <= now),
                ),
            )
        )
    )  # fmt: skip


def due(session: Session, now: datetime) -> Sequence[int]:
    """Open cases with a rung to be raised."""
    return session.scalars(
        select(_step.c.case_id)
        .join(_case, _case.c.id == _step.c.case_id)
        .where(
            _step.c.due_at <= now, _step.c.raised_at.is_(None), _step.c.done_at.is_(None),
            _case.c.closed_at.is_(None),
        )
        .distinct()
        .order_by(_step.c.case_id)
    ).all()  # fmt: skip


def list_open(session: Session, me: SignedInStaff) -> list[dict[str, Any]]:
    """Open cases in reach, the oldest first, each with its `steps`. Two reads."""
    rows = session.execute(
        cases(me).where(_case.c.closed_at.is_(None)).order_by(_case.c.opened_at, _case.c.id)
    ).all()
    steps = steps_of(session, [row.id for row in rows])
    return [dict(row._mapping) | {"steps": steps[row.id]} for row in rows]


def list_closed(session: Session, me: SignedInStaff, since: datetime) -> list[dict[str, Any]]:
    """Those closed since then, the last first; at most 100."""
    rows = session.execute(
        cases(me).where(_case.c.closed_at >= since).order_by(_case.c.closed_at.desc()).limit(100)
    )
    return [dict(row._mapping) for row in rows]


def steps_of(session: Session, case_ids: Collection[int]) -> dict[int, list[AnyRow]]:
    """What was done about these cases, and is still to be done, as rows in the ladder's order."""
    found: dict[int, list[AnyRow]] = {ident: [] for ident in case_ids}
    for row in session.execute(
        select(_step)
        .where(_step.c.case_id.in_(case_ids))
        .order_by(_step.c.rung.is_(None), _step.c.rung, _step.c.done_at, _step.c.id)
    ):
        found[row.case_id].append(row)
    return found


def cases(me: SignedInStaff) -> Select[*tuple[Any, ...]]:
    """Cases of canteens in reach, of people who live there, and of doors there.

    `address`: where somebody knocked, as long as the case is open; `served_at`: when the meal was
    handed over meanwhile.
    """
    return (
        select(
            _case.c.id, _case.c.booking_id, _case.c.person_id, _case.c.opened_at,
            _case.c.closed_at, _case.c.outcome, _service.c.meal, _service.c.day,
            _service.c.id.label("meal_service_id"), _bookable.c.place_id,
            Canteen.name.label("canteen_name"), shown_name().label("person_name"),
            _home.name.label("home_name"),
            case((_case.c.closed_at.is_(None), _order.c.address)).label("address"),
            _served.c.at.label("served_at"),
        )
        .select_from(_case)
        .join(_booking, _booking.c.id == _case.c.booking_id)
        .join(_bookable, _bookable.c.id == _booking.c.bookable_id)
        .join(_service, _service.c.id == _booking.c.bookable_id)
        .join(Canteen, Canteen.id == _service.c.canteen_id)
        .join(_there, _there.id == _bookable.c.place_id)
        .join(Person, Person.id == _case.c.person_id)
        .outerjoin(_order, _order.c.booking_id == _booking.c.id)
        .outerjoin(_home, _home.id == Person.home_place_id)
        .outerjoin(_stop, _stop.c.booking_id == _booking.c.id)
        .outerjoin(_door, _door.id == _stop.c.place_id)
        .outerjoin(
            _served, and_(_served.c.booking_id == _booking.c.id, _served.c.undone_at.is_(None))
        )
        .where(in_reach(me))
    )  # fmt: skip


def in_reach(me: SignedInStaff) -> ColumnElement[bool]:
    """Who cooks for them, whose neighbours they are, or where somebody knocks, looks after them."""
    return or_(*(me.covers(CARE, one.path) for one in (_there, _home, _door)))
