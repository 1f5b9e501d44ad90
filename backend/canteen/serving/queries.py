"""Reads for the counter: today's meals, and who has ordered what of one, with what they need."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, or_, select
from sqlalchemy.orm import Session

from backend import clock
from backend.booking.models import HELD, Bookable, Booking, State
from backend.canteen.accounts.ledger import FREE
from backend.canteen.accounts.models import Entry, EntryKind, MealAccount, Purse
from backend.canteen.kitchen import lines, wording
from backend.canteen.models import Canteen, CanteenMeal, MealService
from backend.canteen.ordering.models import MealCut, MealOrder
from backend.canteen.serving.models import MealServed, ServingConflict
from backend.canteen.welfare import queries as welfare
from backend.db import AnyRow, table_of
from backend.errors import NotFound
from backend.people.models import Person
from backend.people.naming import shown_name
from backend.places.models import Place
from backend.staff.access import Permission, SignedInStaff
from backend.staff.models import Staff

SERVE = Permission.SERVE_MEALS

_bookable, _service, _booking = table_of(Bookable), table_of(MealService), table_of(Booking)
_order, _served, _purse = table_of(MealOrder), table_of(MealServed), table_of(Purse)
_conflict = table_of(ServingConflict)


def list_meals(session: Session, me: SignedInStaff, now: datetime) -> Sequence[AnyRow]:
    """Today's meals in reach and yesterday's, which may still be put right; today's first."""
    today = clock.today(now)
    return session.execute(
        _meals(me)
        .where(_service.c.day.between(today - timedelta(days=1), today))
        .order_by(_service.c.day.desc(), _bookable.c.starts_at, Canteen.name)
    ).all()


def find_meal(session: Session, me: SignedInStaff, meal_service_id: int) -> AnyRow:
    """One of them, of any day. Raises NotFound."""
    row = session.execute(_meals(me).where(_service.c.id == meal_service_id)).first()
    if row is None:
        raise NotFound()
    return row


def find_served(session: Session, me: SignedInStaff, served_id: int) -> AnyRow:
    """What was handed over in reach, with its meal and whether it is a walk-in. Raises NotFound."""
    row = session.execute(
        select(
            _served.c.id, _served.c.booking_id, _served.c.at, _served.c.undone_at, _served.c.key,
            _served.c.recorded_at, _booking.c.bookable_id, _booking.c.person_id,
            _bookable.c.ends_at, shown_name().label("name"), _order.c.pays_fen,
            (_booking.c.created_at >= _bookable.c.closes_at).label("is_walk_in"),
        )
        .join(_booking, _booking.c.id == _served.c.booking_id)
        .join(_order, _order.c.booking_id == _booking.c.id)
        .join(Person, Person.id == _booking.c.person_id)
        .join(_bookable, _bookable.c.id == _booking.c.bookable_id)
        .join(Place, Place.id == _bookable.c.place_id)
        .where(_served.c.id == served_id, me.covers(SERVE, Place.path))
    ).first()  # fmt: skip
    if row is None:
        raise NotFound()
    return row


def is_order_of(session: Session, meal_service_id: int, booking_id: int) -> bool:
    """Whether a booking is one of that meal."""
    found = select(_booking.c.id).where(
        _booking.c.id == booking_id, _booking.c.bookable_id == meal_service_id
    )
    return session.execute(found).first() is not None


def booking_of(session: Session, key: str) -> int | None:
    """What was handed over under a device's key."""
    return session.scalar(select(_served.c.booking_id).where(_served.c.key == key))


_CUT: ColumnElement[int] = (
    select(func.coalesce(func.sum(MealCut.fen), 0))
    .where(MealCut.booking_id == _order.c.booking_id)
    .scalar_subquery()
)
_BACK: ColumnElement[int] = (
    select(func.coalesce(func.sum(Entry.fen), 0))
    .where(
        Entry.booking_id == _order.c.booking_id, Entry.kind == EntryKind.CREDIT,
        Entry.reversed_by_id.is_(None),
    )
    .scalar_subquery()
)  # fmt: skip
"""What something cheaper that was cooked leaves to the layers, and what came back for a meal."""


def version(session: Session, meal_service_id: int, now: datetime) -> str:
    """Another one as soon as an order of the meal, or what was handed over of it, is another; at
    dinner, whose lunch was not taken, too.
    """
    row = session.execute(
        select(
            func.count(), func.sum(case((_booking.c.state.in_(HELD), 1), else_=0)),
            func.sum(_order.c.revision), func.max(_served.c.id), func.count(_served.c.undone_at),
            func.count(_conflict.c.id), func.count(_conflict.c.settled_at),
        )
        .join(_order, _order.c.booking_id == _booking.c.id)
        .outerjoin(_served, _served.c.booking_id == _booking.c.id)
        .outerjoin(_conflict, _conflict.c.booking_id == _booking.c.id)
        .where(_booking.c.bookable_id == meal_service_id)
    ).one()  # fmt: skip
    meal = session.execute(
        select(_service.c.meal, _service.c.day).where(_service.c.id == meal_service_id)
    ).one()
    hungry = welfare.lunch_not_taken(
        session, meal.meal, _eaters_of(meal_service_id), meal.day, now
    )  # fmt: skip
    return "-".join(str(one or 0) for one in (*row, len(hungry)))


def list_orders(session: Session, meal: AnyRow) -> list[dict[str, Any]]:
    """The orders of a meal that stand, those nobody has taken first, then by name.

    With the dishes that are cooked, what each needs, who pays how much by now and what is left on
    the meal account. Whole telephone numbers and codes stay here: a tablet can compare, not show
    them.
    """
    rows = session.execute(
        select(
            _booking.c.id.label("booking_id"), _booking.c.person_id, _booking.c.state,
            _booking.c.short_code, _booking.c.code, shown_name().label("name"), Person.phone,
            _order.c.mode, _order.c.note, (_order.c.subsidy_fen - _CUT).label("subsidy_fen"),
            (_order.c.pays_fen - _BACK).label("pays_fen"),
            _served.c.id.label("served_id"), _served.c.at.label("served_at"),
            _served.c.way.label("served_way"), Staff.name.label("served_by"),
        )
        .join(_order, _order.c.booking_id == _booking.c.id)
        .join(Person, Person.id == _booking.c.person_id)
        .outerjoin(
            _served, (_served.c.booking_id == _booking.c.id) & _served.c.undone_at.is_(None)
        )
        .outerjoin(Staff, Staff.id == _served.c.staff_id)
        .where(_booking.c.bookable_id == meal.id, _booking.c.state.in_(HELD))
        .order_by(case((_served.c.id.is_(None), 0), else_=1), Person.name, _booking.c.id)
    ).all()  # fmt: skip
    dishes = _dishes_of(session, meal.id)
    left = _left_on(session, meal)
    return [_shown(row, dishes, left) for row in rows]


def _shown(
    row: AnyRow, dishes: Mapping[int, list[dict[str, Any]]], left: Mapping[int, int]
) -> dict[str, Any]:
    one = dict(row._mapping)
    phone, code = one.pop("phone"), one.pop("code")
    return one | {
        "last_four": phone[-4:] if phone else None,
        "code_hash": hashlib.sha256(code.encode()).hexdigest(),
        "dishes": dishes.get(row.booking_id, []),
        "left_fen": left.get(row.person_id, 0),
    }


def _dishes_of(session: Session, meal_service_id: int) -> dict[int, list[dict[str, Any]]]:
    found: dict[int, list[dict[str, Any]]] = {}
    for one in lines.current(session, meal_service_id):
        needs = wording.needs(one.texture, one.marks)
        dish = {"name": one.dish, "portions": one.portions, "needs": needs}
        found.setdefault(one.booking_id, []).append(dish)
    return found


def _left_on(session: Session, meal: AnyRow) -> dict[int, int]:
    """What can still be spent, by person, of everybody with an order of the meal."""
    rows = session.execute(
        select(MealAccount.person_id, func.sum(FREE).label("fen"))
        .join(_purse, _purse.c.account_id == MealAccount.id)
        .where(
            MealAccount.person_id.in_(_eaters_of(meal.id)),
            or_(_purse.c.expires_on.is_(None), _purse.c.expires_on >= meal.day),
        )
        .group_by(MealAccount.person_id)
    )
    return {row.person_id: int(row.fen) for row in rows}


def _eaters_of(meal_service_id: int) -> Select[tuple[int]]:
    return select(_booking.c.person_id).where(
        _booking.c.bookable_id == meal_service_id, _booking.c.state.in_(HELD)
    )


def _meals(me: SignedInStaff) -> Select[*tuple[Any, ...]]:
    """Meals that residents could order, with how many have and how many were handed over."""
    served = (
        select(func.count())
        .select_from(_booking)
        .where(_booking.c.bookable_id == _service.c.id, _booking.c.state == State.ATTENDED)
        .scalar_subquery()
    )
    return (
        select(
            _service.c.id, _service.c.day, _service.c.meal, _service.c.canteen_id,
            Canteen.name.label("canteen"), Canteen.place_id, _bookable.c.starts_at,
            _bookable.c.ends_at, _bookable.c.closes_at, _bookable.c.cancelled_at,
            _bookable.c.taken, served.label("served"), CanteenMeal.modes, CanteenMeal.most,
        )
        .join(_bookable, _bookable.c.id == _service.c.id)
        .join(Canteen, Canteen.id == _service.c.canteen_id)
        .join(Place, Place.id == Canteen.place_id)
        .join(
            CanteenMeal,
            (CanteenMeal.canteen_id == Canteen.id) & (CanteenMeal.meal == _service.c.meal),
        )
        .where(_bookable.c.published_at.is_not(None), me.covers(SERVE, Place.path))
    )  # fmt: skip
