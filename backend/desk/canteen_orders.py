"""Meals at the desk: staff order for somebody who comes or calls, amend, and give back."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.booking import service as booking
from backend.booking.models import HELD, Bookable, Booking, State
from backend.booking.service import Actor
from backend.canteen.accounts.till import access_canteen
from backend.canteen.models import Canteen, CanteenMeal, Dish, MealService, MenuItem
from backend.canteen.ordering import facts, mine, service
from backend.canteen.ordering.asked import Wanted
from backend.canteen.ordering.models import MealOrder
from backend.canteen.ordering.service import Ordered
from backend.canteen.serving import refunding
from backend.db import AnyRow, table_of
from backend.desk.reach import access_person
from backend.errors import NotFound, Refusal
from backend.people.masking import mask_phone
from backend.people.models import Person
from backend.people.naming import shown_name
from backend.places.models import Place
from backend.staff import audit
from backend.staff.access import Permission, SignedInStaff

ORDER = Permission.ORDER_MEALS

_bookable, _service = table_of(Bookable), table_of(MealService)
_MEAL = (
    _service.c.id, _service.c.day, _service.c.meal, _service.c.canteen_id,
    Canteen.name.label("canteen_name"), Canteen.place_id, Canteen.delivery_fen,
    Canteen.free_from_fen, CanteenMeal.modes, CanteenMeal.most, _bookable.c.closes_at,
    _bookable.c.ends_at, _bookable.c.cancelled_at,
)  # fmt: skip


def list_meals(session: Session, me: SignedInStaff, now: datetime) -> list[dict[str, Any]]:
    """The meals of my canteens that can be ordered now, the next first."""
    rows = session.execute(
        _meals(me)
        .where(
            _bookable.c.published_at <= now, _bookable.c.closes_at > now,
            _bookable.c.cancelled_at.is_(None),
        )
        .order_by(_bookable.c.starts_at, Place.path)
    )  # fmt: skip
    return [dict(row._mapping) for row in rows]


def get_meal(
    session: Session, me: SignedInStaff, meal_service_id: int, now: datetime
) -> dict[str, Any]:
    """A meal that was shown to residents, with the dishes on its menu. Raises NotFound."""
    meal = _access_meal(session, me, meal_service_id)
    is_open = meal.cancelled_at is None and now < meal.closes_at
    return dict(meal._mapping) | {
        "is_open": is_open, "dishes": list_dishes(session, meal_service_id),
    }  # fmt: skip


def list_dishes(session: Session, meal_service_id: int) -> list[dict[str, Any]]:
    """The dishes on the menu of a meal, those for children last; the caller checked the reach."""
    rows = session.execute(
        select(
            MenuItem.id, Dish.name, Dish.for_children, MenuItem.list_fen, MenuItem.discount_fen,
            MenuItem.capacity, MenuItem.taken, MenuItem.overbooked,
        )
        .join(Dish, Dish.id == MenuItem.dish_id)
        .where(MenuItem.meal_service_id == meal_service_id)
        .order_by(Dish.for_children, MenuItem.id)
    )  # fmt: skip
    return [dict(row._mapping) for row in rows]


def list_orders(session: Session, meal_service_id: int) -> list[dict[str, Any]]:
    """The orders of a meal that stand, by name; the caller has checked the reach. Two reads."""
    rows = session.execute(
        select(
            Booking.id.label("booking_id"), Booking.person_id, Booking.state,
            shown_name().label("name"), Person.phone, MealOrder.mode, MealOrder.pays_fen,
            MealOrder.note,
        )
        .join(MealOrder, MealOrder.booking_id == Booking.id)
        .join(Person, Person.id == Booking.person_id)
        .where(Booking.bookable_id == meal_service_id, Booking.state.in_(HELD))
        .order_by(Person.name, Booking.id)
    ).all()  # fmt: skip
    dishes = mine.dishes_of(session, [row.booking_id for row in rows])
    return [
        dict(row._mapping)
        | {"phone": row.phone and mask_phone(row.phone), "dishes": dishes[row.booking_id]}
        for row in rows
    ]


def ordered_of(session: Session, meal_ids: Sequence[int], person_id: int) -> set[int]:
    """Which of these meals the person has ordered."""
    return set(
        session.scalars(
            select(Booking.bookable_id).where(
                Booking.person_id == person_id, Booking.bookable_id.in_(meal_ids),
                Booking.state == State.CONFIRMED,
            )
        )
    )  # fmt: skip


def had_of(session: Session, meal_service_id: int, person_id: int) -> dict[str, Any] | None:
    """What the person has ordered of the meal: its booking, how it is eaten, portions by item."""
    row = session.execute(
        select(Booking.id, MealOrder.mode, MealOrder.note)
        .join(MealOrder, MealOrder.booking_id == Booking.id)
        .where(
            Booking.person_id == person_id, Booking.bookable_id == meal_service_id,
            Booking.state == State.CONFIRMED,
        )
    ).first()  # fmt: skip
    if row is None:
        return None
    return dict(row._mapping) | {"portions": facts.portions_of(session, row.id)}


def judge(session: Session, me: SignedInStaff, wanted: Wanted, now: datetime) -> dict[str, Any]:
    """What it would come to (`bill`), or what stands `against` it. Raises NotFound."""
    _access_meal(session, me, wanted.meal_service_id)
    access_person(session, me, ORDER, wanted.person_id)
    try:
        return {"bill": service.quote_at_desk(session, wanted, now), "against": None}
    except Refusal as refusal:
        return {"bill": None, "against": str(refusal)}


def order_for(session: Session, me: SignedInStaff, wanted: Wanted, now: datetime) -> Ordered:
    """Order for somebody in reach, by the same rules as residents; a second order amends the first.

    Raises NotFound, the refusals of the rules, PriceChanged and BalanceShort.
    """
    meal = _access_meal(session, me, wanted.meal_service_id)
    access_person(session, me, ORDER, wanted.person_id)
    ordered = service.order_for(session, Actor(staff_id=me.staff_id), wanted, now)
    action = "meal_order.create" if ordered.is_new else "meal_order.change"
    audit.record(
        session, me.staff_id, action, "booking", ordered.booking_id, place_id=meal.place_id,
        after={
            "person_id": wanted.person_id, "meal_service_id": meal.id, "mode": wanted.mode,
            "pays_fen": ordered.pays_fen, "dishes": [
                f"{one['name']} × {one['portions']}"
                for one in mine.dishes_of(session, [ordered.booking_id])[ordered.booking_id]
            ],
        },
    )  # fmt: skip
    return ordered


def get_order(
    session: Session, me: SignedInStaff, booking_id: int, now: datetime
) -> dict[str, Any]:
    """An order at one of my canteens, whoever made it; `paid_fen`: less what was given back.

    Raises NotFound.
    """
    meal_service_id = session.scalar(
        select(Booking.bookable_id)
        .join(MealOrder, MealOrder.booking_id == Booking.id)
        .where(Booking.id == booking_id)
    )
    if meal_service_id is None:
        raise NotFound()
    meal = _access_meal(session, me, meal_service_id)
    shown = mine.get_one(session, booking_id, now)
    live = shown["state"] == State.CONFIRMED and now < meal.ends_at
    return shown | {
        "can_amend": shown["may_change"], "can_cancel": live, "starts_on": meal.day,
        "is_over": shown["state"] in refunding.OVER,
        "paid_fen": refunding.paid_fen(session, booking_id),
    }  # fmt: skip


def cancel_for(
    session: Session, me: SignedInStaff, booking_id: int, reason: str, now: datetime
) -> None:
    """Give an order back, also after the cut-off; the money is back on the account.

    Done twice, it changes nothing more. Raises NotFound, NotLive.
    """
    before = get_order(session, me, booking_id, now)
    if before["state"] == State.CANCELLED:
        audit.unchanged(session)
        return
    place_id = _access_meal(session, me, before["meal_service_id"]).place_id
    booking.cancel(session, booking_id, Actor(staff_id=me.staff_id), now, reason)
    audit.record(
        session, me.staff_id, "meal_order.cancel", "booking", booking_id, place_id=place_id,
        before={"state": before["state"], "pays_fen": before["pays_fen"]},
        after={"state": State.CANCELLED, "reason": reason},
    )  # fmt: skip


def refund_for(
    session: Session, me: SignedInStaff, booking_id: int, reason: str, now: datetime
) -> int:
    """Give back the price of a meal that was taken, or missed; the fen, none the second time.

    Raises NotFound, NotOverYet.
    """
    before = get_order(session, me, booking_id, now)
    meal = _access_meal(session, me, before["meal_service_id"])
    access_canteen(session, me, meal.canteen_id)
    fen = refunding.refund(session, booking_id, staff_id=me.staff_id, reason=reason, now=now)
    if fen <= 0:
        audit.unchanged(session)
        return fen
    audit.record(
        session, me.staff_id, "meal_order.refund", "booking", booking_id, place_id=meal.place_id,
        before={"state": before["state"], "paid_fen": fen}, after={"paid_fen": 0, "reason": reason},
    )  # fmt: skip
    return fen


def _access_meal(session: Session, me: SignedInStaff, meal_service_id: int) -> AnyRow:
    row: AnyRow | None = session.execute(
        _meals(me).where(_service.c.id == meal_service_id, _bookable.c.published_at.is_not(None))
    ).first()
    if row is None:
        raise NotFound()
    return row


def _meals(me: SignedInStaff) -> Any:
    return (
        select(*_MEAL)
        .select_from(_service)
        .join(_bookable, _bookable.c.id == _service.c.id)
        .join(Canteen, Canteen.id == _service.c.canteen_id)
        .join(Place, Place.id == Canteen.place_id)
        .join(
            CanteenMeal,
            (CanteenMeal.canteen_id == Canteen.id) & (CanteenMeal.meal == _service.c.meal),
        )
        .where(me.covers(ORDER, Place.path))
    )
