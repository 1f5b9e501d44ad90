"""Two weeks of lunches that were ordered, charged, cooked and eaten at the worker's own canteen.

Priced by the rules as every order is; written many at a time, for there are hundreds.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, insert, select, update

from backend.booking.codes import new_code, new_short_code
from backend.booking.models import Bookable, Booking, BookingEvent, State
from backend.canteen import calendar, planning
from backend.canteen.accounts import holding_each
from backend.canteen.accounts.errors import BalanceShort
from backend.canteen.accounts.holding_each import Part
from backend.canteen.accounts.models import Hold, HoldState, Purse
from backend.canteen.eaters.models import Diet
from backend.canteen.items import Planned
from backend.canteen.kitchen import closing
from backend.canteen.models import Canteen, Dish, Meal, MenuItem, Mode
from backend.canteen.ordering import bill, facts, writing
from backend.canteen.ordering.asked import Asked, Wanted
from backend.canteen.ordering.bill import Bill, subsidy_of
from backend.canteen.ordering.models import MealLine, MealOrder, MealShare
from backend.canteen.pricing import facts as pricing
from backend.canteen.serving import missing
from backend.canteen.serving.models import MealServed, Proof, Way
from backend.db import AnyRow, table_of
from backend.demo.people import Resident
from backend.demo.scenes import deliveries, guests, past_runs
from backend.demo.scenes.canteens import LUNCHES, PORTIONS
from backend.demo.scenes.ground import OWN_CENTRE, Ground
from backend.people.models import Person
from backend.places.models import Place

DAYS = 14
EATERS = 45
_PLATES = ((0,), (1, 3), (2, 3), (0, 3))
"""Which dishes of the menu somebody takes."""
_MODES = (Mode.DINE_IN, Mode.DELIVERY, Mode.PICK_UP, Mode.DINE_IN)
_DID_NOT_COME = 29
"""One order in so many was not fetched."""


@dataclass(frozen=True, slots=True)
class _Order:
    """What one person ate, what it cost, and which purses paid."""

    asked: Asked
    made: Bill
    parts: Sequence[Part]
    resident: Resident


def play(ground: Ground) -> None:
    """Menus are shown, neighbours order, orders close, and nearly all come."""
    own = ground.centre(OWN_CENTRE)
    found = ground.session.scalars(select(Canteen.id).where(Canteen.place_id == own.id)).one()
    canteen = planning.access_canteen(ground.session, ground.staff("worker"), found)
    deliveries.know(ground)
    near, old = ground.near(OWN_CENTRE), ground.aged(60)
    people = [one for one in ground.residents if near(one) and old(one)][:EATERS]
    eaters = _eaters(ground, people)
    for meal_id, day, closes in _lunches(ground, canteen):
        with ground.when(closes - timedelta(hours=5)) as at:
            hungry = [one for one in people if (one.id + day.toordinal()) % 5 < 3]
            orders = _judge(ground, meal_id, hungry, eaters, at)
            ids = _write(ground, meal_id, orders, at)
        with ground.when(closes + timedelta(seconds=20)) as at:
            closing.close(ground.session, meal_id, at)
        past_runs.carry(ground, meal_id, {one for one in ids if one % _DID_NOT_COME}, at)
        _eat(ground, meal_id, ids)
    guests.come(ground, meal_id)


def _lunches(ground: Ground, canteen: AnyRow) -> list[tuple[int, date, datetime]]:
    """The lunches before the last, which has a scene of its own, shown well before.

    (meal, day, cut-off) of each.
    """
    first = ground.today - timedelta(days=DAYS)
    serving = calendar.of_canteen(ground.session, canteen, first, ground.today)
    known = select(Dish.name, Dish.id).where(Dish.canteen_id == canteen.id)
    dishes = {row.name: row.id for row in ground.session.execute(known)}
    worker, lunches = ground.staff("worker"), []
    days = [first + timedelta(days=number) for number in range(DAYS)]
    with ground.when(ground.at(-DAYS - 5, 10 * 60)) as at:
        for day in list(filter(serving.serves, days))[:-1]:
            menu = [
                Planned(dish_id=dishes[name], capacity=PORTIONS.get(name))
                for name in LUNCHES[day.toordinal() % 2]
            ]
            meal_id = planning.set_menu(
                ground.session, worker, canteen.id, day, Meal.LUNCH, menu, at
            )
            lunches.append((meal_id, day, serving.closes(day, 1, 16 * 60)))
        for monday in sorted({planning.monday_of(day) for _meal, day, _closes in lunches}):
            planning.publish(ground.session, worker, canteen.id, monday, None, at)
    return lunches


def _eaters(ground: Ground, people: Sequence[Resident]) -> dict[int, AnyRow]:
    rows = ground.session.execute(
        select(*facts.EATER)
        .outerjoin(Place, Place.id == Person.home_place_id)
        .outerjoin(Diet, Diet.person_id == Person.id)
        .where(Person.id.in_([one.id for one in people]))
    )
    return {row.id: row for row in rows}


def _judge(
    ground: Ground, meal_id: int, people: Sequence[Resident], eaters: dict[int, AnyRow],
    at: datetime,
) -> list[_Order]:  # fmt: skip
    """What each takes and what it costs; who has too little goes without."""
    session, ids = ground.session, [one.id for one in people]
    meal = facts.meal_for(session, meal_id, 0)
    on_menu = session.scalars(
        select(MenuItem.id).where(MenuItem.meal_service_id == meal_id).order_by(MenuItem.id)
    ).all()
    items = facts.items_of(session, meal_id, on_menu)
    rules = pricing.rules_for(session, meal.path, meal.day)
    who = pricing.eaters_of(session, ids, meal.day)
    used = pricing.used_by_each(session, ids, meal.day, rules)
    purses, orders = holding_each.purses_of(session, ids), []
    for number, one in enumerate(people):
        mode = _MODES[number % len(_MODES)]
        wanted = Wanted(
            meal_service_id=meal_id, person_id=one.id, mode=mode, despite_diet=True,
            dishes=[(on_menu[dish], 1) for dish in _PLATES[number % len(_PLATES)]],
            # Only of the two near estates: in the far one few order.
            address=deliveries.address(ground, number + number // 5)
            if mode == Mode.DELIVERY else None,
        )  # fmt: skip
        asked = facts.asked_of(wanted, meal, eaters[one.id], items, {}, at)
        made = bill.made(asked, rules, who[one.id], used.get(one.id, {}))
        try:
            parts = holding_each.parts_of(purses.get(one.id, ()), made.pays_fen, meal.day)
        except BalanceShort:
            continue
        orders.append(_Order(asked, made, parts, one))
    return orders


def _write(ground: Ground, meal_id: int, orders: Sequence[_Order], at: datetime) -> list[int]:
    """The rows of these orders, a few statements for all of them; their bookings."""
    session = ground.session
    meal = session.get_one(Bookable, meal_id)
    clerk = ground.staff("clerk").staff_id
    rows = [
        {"bookable_id": meal_id, "person_id": one.resident.id, "state": State.CONFIRMED,
         "account_id": one.resident.account_id, "starts_at": meal.starts_at,
         "staff_id": None if one.resident.account_id else clerk, "ends_at": meal.ends_at,
         "cancel_until": meal.cancel_until, "once_key": facts.once_key(meal_id),
         "code": new_code(), "short_code": new_short_code(), "created_at": at}
        for one in orders
    ]  # fmt: skip
    ids = _insert(ground, Booking, rows)
    _tell(ground, ids, State.CONFIRMED, at)
    session.execute(insert(table_of(MealOrder)), [
        {"booking_id": ident} | writing.columns(one.asked, one.made)
        for ident, one in zip(ids, orders, strict=True)
    ])  # fmt: skip
    _write_lines(ground, ids, orders)
    _hold(ground, ids, orders, at)
    taken = Counter(item for one in orders for item, _portions in one.asked.wanted.dishes)
    item, bookable = table_of(MenuItem), table_of(Bookable)
    session.execute(
        update(item).where(item.c.id == bindparam("row_id")).values(taken=bindparam("count")),
        [{"row_id": one, "count": count} for one, count in taken.items()],
    )
    session.execute(update(bookable).where(bookable.c.id == meal_id).values(taken=len(ids)))
    return ids


def _write_lines(ground: Ground, ids: Sequence[int], orders: Sequence[_Order]) -> None:
    lines = [
        (ident, line)
        for ident, one in zip(ids, orders, strict=True)
        for line in one.made.priced.lines
    ]
    line_ids = _insert(ground, MealLine, [
        {"booking_id": ident, "menu_item_id": line.item_id, "portions": line.portions,
         "list_fen": line.list_fen, "discount_fen": line.discount_fen,
         "subsidy_fen": subsidy_of(line), "pays_fen": line.pays_fen}
        for ident, line in lines
    ])  # fmt: skip
    shares = [
        {"line_id": line_id, "part": share.part, "payer": share.payer, "fen": share.fen}
        for line_id, (_ident, line) in zip(line_ids, lines, strict=True)
        for share in line.shares
    ]
    ground.session.execute(insert(table_of(MealShare)), shares)


def _hold(ground: Ground, ids: Sequence[int], orders: Sequence[_Order], at: datetime) -> None:
    parts = [(ident, part) for ident, one in zip(ids, orders, strict=True) for part in one.parts]
    ground.session.execute(insert(table_of(Hold)), [
        {"booking_id": ident, "purse_id": part.purse_id, "fen": part.fen,
         "state": HoldState.OPEN, "made_at": at}
        for ident, part in parts
    ])  # fmt: skip
    purse = table_of(Purse)
    ground.session.execute(
        update(purse)
        .where(purse.c.id == bindparam("row_id"))
        .values(held_fen=purse.c.held_fen + bindparam("fen")),
        [{"row_id": part.purse_id, "fen": part.fen} for _ident, part in parts],
    )


def _eat(ground: Ground, meal_id: int, ids: Sequence[int]) -> None:
    """Nearly everybody came to the counter; what nobody took is found missing."""
    meal = ground.session.get_one(Bookable, meal_id)
    booking, clerk = table_of(Booking), ground.staff("clerk").staff_id
    fetch = select(MealOrder.booking_id).where(
        MealOrder.booking_id.in_([one for one in ids if one % _DID_NOT_COME]),
        MealOrder.mode != Mode.DELIVERY,
    )
    came, at = ground.session.scalars(fetch).all(), meal.ends_at - timedelta(minutes=40)
    ground.session.execute(
        update(booking).where(booking.c.id.in_(came)).values(state=State.ATTENDED)
    )
    ground.session.execute(insert(table_of(MealServed)), [
        {"booking_id": one, "way": Way.COUNTER, "proof": Proof.CODE, "at": at, "recorded_at": at,
         "staff_id": clerk, "key": f"demo-{one}"}
        for one in came
    ])  # fmt: skip
    _tell(ground, came, State.ATTENDED, at)
    with ground.when(meal.ends_at + missing.AFTER) as late:
        missing.mark(ground.session, meal_id, late)


def _tell(ground: Ground, ids: Sequence[int], state: State, at: datetime) -> None:
    """Their history."""
    rows = [{"booking_id": one, "at": at, "state": state} for one in ids]
    ground.session.execute(insert(table_of(BookingEvent)), rows)


def _insert(ground: Ground, model: Any, rows: list[dict[str, Any]]) -> list[int]:
    table = table_of(model)
    found = insert(table).returning(table.c.id, sort_by_parameter_order=True)
    return list(ground.session.scalars(found, rows).all())
