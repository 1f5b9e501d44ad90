"""What is read before a meal is ordered: who eats, the meal, its dishes, an order there is."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Date,
    Select,
    String,
    bindparam,
    case,
    cast,
    func,
    literal,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import Session, aliased

from backend import clock
from backend.booking.models import LIVE, Bookable, Booking
from backend.booking.service import Replay
from backend.canteen.accounts.models import Hold, HoldState, MealAccount, Purse
from backend.canteen.eaters.models import Diet
from backend.canteen.models import Canteen, CanteenDay, CanteenMeal, Dish, MealService, MenuItem
from backend.canteen.ordering.asked import Asked, Wanted
from backend.canteen.ordering.models import MealChange, MealLine, MealOrder
from backend.db import AnyRow, table_of
from backend.errors import NotFound
from backend.people.models import Person
from backend.people.queries import Resident, may_act_for
from backend.places.models import Closure, Place

WORD = "meal"
"""What the `once_key` of an order begins with."""

_bookable, _service, _booking = table_of(Bookable), table_of(MealService), table_of(Booking)
_canteen, _meal, _day = table_of(Canteen), table_of(CanteenMeal), table_of(CanteenDay)
_item, _dish = table_of(MenuItem), table_of(Dish)
_order, _line, _change = table_of(MealOrder), table_of(MealLine), table_of(MealChange)
_place, _closed_at = table_of(Place), aliased(Place)

_WHY_CLOSED = (
    select(Closure.reason)
    .join(_closed_at, _closed_at.id == Closure.place_id)
    .where(
        Closure.starts_on <= _service.c.day, Closure.ends_on >= _service.c.day,
        _place.c.path.startswith(_closed_at.path),
    )
    .limit(1)
    .correlate(_service, _place)
    .scalar_subquery()
)  # fmt: skip
_WHY_NOT = case(
    (_day.c.serves, None), (~_day.c.serves, _day.c.reason), else_=_WHY_CLOSED
).label("why_not")  # fmt: skip


def once_key(meal_service_id: int) -> str:
    """A person has one live order per meal."""
    return f"{WORD}:{meal_service_id}"


EATER: Sequence[Any] = (
    Person.id, Person.birth_date, Person.address, Person.phone, Place.name.label("home_name"),
    Diet.allergens, Diet.avoids, Diet.traits, Diet.texture, Diet.note,
)  # fmt: skip
"""Who eats, with their home and their diet."""


_ANYBODY = (
    select(*EATER)
    .outerjoin(Place, Place.id == Person.home_place_id)
    .outerjoin(Diet, Diet.person_id == Person.id)
    .where(Person.id == bindparam("person_id"), Person.merged_into_id.is_(None))
)  # fmt: skip
_MINE = _ANYBODY.where(
    may_act_for(
        Person.id, bindparam("account_id"), bindparam("self_id"), bindparam("today", type_=Date)
    )
)
_LOCKED = {
    found: found.with_for_update(of=Person.__table__, key_share=True) for found in (_ANYBODY, _MINE)
}


def eater_for(
    session: Session, me: Resident | None, person_id: int, now: datetime, *, locked: bool
) -> AnyRow:
    """Who eats, with their diet; locked, so that nobody else orders for them meanwhile.

    `me` None: staff ask, who have found the person to be in their reach. Raises NotFound for people
    the account may not act for.
    """
    asked: dict[str, Any] = {"person_id": person_id}
    found = _ANYBODY
    if me is not None:
        found = _MINE
        asked |= {"account_id": me.account_id, "self_id": me.person_id, "today": clock.today(now)}
    row = session.execute(_LOCKED[found] if locked else found, asked).first()
    if row is None:
        raise NotFound()
    return row


def _meal_read() -> Select[*tuple[Any, ...]]:
    live = (
        (_booking.c.bookable_id == _service.c.id)
        & (_booking.c.person_id == bindparam("person_id"))
        & _booking.c.state.in_(LIVE)
        & (_booking.c.once_key == literal(f"{WORD}:").concat(cast(_service.c.id, String)))
    )
    return (
        select(
            _service.c.id, _service.c.day, _service.c.meal, _service.c.canteen_id,
            _bookable.c.published_at, _bookable.c.cancelled_at, _bookable.c.closes_at,
            _canteen.c.delivery_fen, _canteen.c.free_from_fen, _place.c.path,
            _meal.c.most, _meal.c.modes, _WHY_NOT, _booking.c.id.label("booking_id"),
        )
        .join(_bookable, _bookable.c.id == _service.c.id)
        .join(_canteen, _canteen.c.id == _service.c.canteen_id)
        .join(_place, _place.c.id == _canteen.c.place_id)
        .join(
            _meal, (_meal.c.canteen_id == _service.c.canteen_id) & (_meal.c.meal == _service.c.meal)
        )
        .outerjoin(
            _day, (_day.c.canteen_id == _service.c.canteen_id) & (_day.c.day == _service.c.day)
        )
        .outerjoin(_booking, live)
        .where(_service.c.id == bindparam("meal_service_id"))
    )  # fmt: skip


_MEAL = _meal_read()


def meal_for(session: Session, meal_service_id: int, person_id: int) -> AnyRow:
    """The meal as it is served, with its canteen, and the person's order if there is one.

    Raises NotFound.
    """
    asked = {"meal_service_id": meal_service_id, "person_id": person_id}
    row = session.execute(_MEAL, asked).first()
    if row is None:
        raise NotFound()
    return row


def asked_for(
    session: Session, wanted: Wanted, meal: AnyRow, eater: AnyRow, had: Mapping[int, int],
    now: datetime,
) -> Asked:  # fmt: skip
    """What the rules look at; one read, of the dishes."""
    items = items_of(session, meal.id, {item_id for item_id, _portions in wanted.dishes})
    return asked_of(wanted, meal, eater, items, had, now)


def items_of(session: Session, meal_service_id: int, ids: Collection[int]) -> dict[int, AnyRow]:
    """Those of the menu items that are on the menu of that meal, by id."""
    rows = session.execute(
        select(
            _item.c.id, _item.c.dish_id, _item.c.list_fen, _item.c.discount_fen, _item.c.capacity,
            _item.c.taken, _item.c.overbooked, _dish.c.name, _dish.c.for_children,
            _dish.c.ingredients, _dish.c.allergens, _dish.c.traits,
        )
        .join(_dish, _dish.c.id == _item.c.dish_id)
        .where(_item.c.meal_service_id == meal_service_id, _item.c.id.in_(ids))
        .order_by(_item.c.id)
    )  # fmt: skip
    return {row.id: row for row in rows}


def asked_of(
    wanted: Wanted, meal: AnyRow, eater: AnyRow, items: Mapping[int, AnyRow],
    had: Mapping[int, int], now: datetime,
) -> Asked:  # fmt: skip
    """What the rules look at, from what was read; with the address where it would be brought."""
    at_home = " ".join(filter(None, (eater.home_name, eater.address))) if eater.address else None
    return Asked(
        now=now, wanted=wanted, meal=meal, eater=eater, items=items, had=had,
        address=wanted.address or at_home,
    )  # fmt: skip


def portions_of(session: Session, booking_id: int | None) -> dict[int, int]:
    """The portions of an order, by menu item; none for no order."""
    if booking_id is None:
        return {}
    rows = session.execute(
        select(_line.c.menu_item_id, _line.c.portions)
        .where(_line.c.booking_id == booking_id)
        .order_by(_line.c.menu_item_id)
    )
    return {row.menu_item_id: row.portions for row in rows}


def order_of(session: Session, booking_id: int) -> AnyRow:
    """The order that is to be amended."""
    return session.execute(select(_order).where(_order.c.booking_id == booking_id)).one()


def available(session: Session, person_id: int, day: date, leaving: int | None = None) -> int:
    """The fen that a person can spend on a meal of that day.

    What is held for the order `leaving` counts, since it will be held anew.
    """
    lasts: ColumnElement[bool] = or_(Purse.expires_on.is_(None), Purse.expires_on >= day)
    free = (
        select(func.coalesce(func.sum(Purse.balance_fen - Purse.held_fen), 0))
        .join(MealAccount, MealAccount.id == Purse.account_id)
        .where(MealAccount.person_id == person_id, lasts)
        .scalar_subquery()
    )
    held = (
        select(func.coalesce(func.sum(Hold.fen), 0))
        .where(Hold.booking_id == leaving, Hold.state == HoldState.OPEN)
        .scalar_subquery()
    )
    return int(session.scalars(select(free + held)).one())


def replay_of(session: Session, me: Resident, wanted: Wanted) -> Replay | None:
    """What the account has ordered, or changed, under the same Idempotency-Key."""
    if wanted.idempotency_key is None:
        return None
    known = (_booking.c.id, _booking.c.state, _booking.c.queue_no)
    ordered = select(*known, _booking.c.idempotency_hash).where(
        _booking.c.account_id == me.account_id,
        _booking.c.idempotency_key == wanted.idempotency_key,
    )
    changed = (
        select(*known, _change.c.idempotency_hash)
        .join(_change, _change.c.booking_id == _booking.c.id)
        .where(
            _change.c.account_id == me.account_id,
            _change.c.idempotency_key == wanted.idempotency_key,
        )
    )
    row = session.execute(union_all(ordered, changed)).first()
    return None if row is None else Replay(*row)
