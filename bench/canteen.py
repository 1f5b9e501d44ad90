"""Orders of meals: a lunch on show, money on everybody's account, what phones send, the proof."""

import uuid
from collections.abc import Sequence
from datetime import timedelta

import orjson
from sqlalchemy import Connection, func, insert, select

from backend import checking, clock
from backend.booking.models import Bookable, Booking
from backend.canteen.accounts.models import Entry, MealAccount, Purse
from backend.canteen.models import Canteen, CanteenMeal, Dish, MealService, MenuItem
from backend.canteen.ordering import check
from backend.canteen.pricing.models import SubsidyRule, SubsidyVersion
from backend.db import table_of
from bench.driver import post
from bench.proof import Proof
from bench.seed import Resident

DISHES = (1200, 600, 400)
PAYS = 2200 - 300
"""Three dishes, less a quarter of their price, at most three yuan."""
PAID_IN = 20_000
DAYS_AHEAD = 4


def _insert(connection: Connection, table: object, **values: object) -> int:
    row = insert(table_of(table)).values(values).returning(table_of(table).c.id)  # type: ignore[arg-type]
    return int(connection.execute(row).scalar_one())


def kitchen(connection: Connection, place_id: int) -> int:
    """A canteen that serves lunch, and a rule that subsidises it on three days a week."""
    canteen = {"place_id": place_id, "code": uuid.uuid4().hex, "name": "春晖食堂",
               "weekdays": [*range(7)]}  # fmt: skip
    ident = _insert(connection, Canteen, **canteen)
    _insert(
        connection, CanteenMeal, canteen_id=ident, meal="lunch", from_minute=660, until_minute=750,
        cutoff_days=1, cutoff_minute=960, most=2, modes=["dine_in", "pick_up"],
    )  # fmt: skip
    rule = _insert(connection, SubsidyRule, place_id=place_id, code=uuid.uuid4().hex, name="助餐")
    part = {"percent": 2500, "cap_fen": 300, "week_meals": 3, "payers": {"city": 1, "street": 1}}
    _insert(
        connection, SubsidyVersion, rule_id=rule, version=1, starts_on=clock.today(),
        published_at=clock.now(), parts=[part],
    )  # fmt: skip
    return ident


def pay_in(connection: Connection, people: Sequence[Resident]) -> None:
    """Cash on everybody's account, with its line in the ledger."""
    now = clock.now()
    accounts = connection.execute(
        insert(table_of(MealAccount)).returning(MealAccount.id),
        [{"person_id": one.person_id, "opened_at": now} for one in people],
    ).scalars()
    purses = connection.execute(
        insert(table_of(Purse)).returning(Purse.id),
        [{"account_id": one, "kind": "cash", "balance_fen": PAID_IN} for one in accounts],
    ).scalars()
    connection.execute(
        insert(table_of(Entry)),
        [{"purse_id": one, "kind": "top_up", "fen": PAID_IN, "key": f"in:{one}", "at": now}
         for one in purses],
    )  # fmt: skip


def lunch(connection: Connection, place_id: int, portions: int | None) -> tuple[int, list[int]]:
    """A lunch on show whose first dish has so many portions: its id, and those of its dishes."""
    canteen, now = kitchen(connection, place_id), clock.now()
    day = clock.today(now) + timedelta(days=DAYS_AHEAD)
    starts_at = clock.at_minute(day, 660)
    closes = {"closes_at": starts_at - timedelta(days=1), "cancel_until": starts_at}
    meal = _insert(
        connection, Bookable, kind="meal", title="午餐", place_id=place_id, starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=1), published_at=now, opens_at=now, **closes,
    )  # fmt: skip
    service = {"id": meal, "canteen_id": canteen, "day": day, "meal": "lunch"}
    connection.execute(insert(table_of(MealService)).values(service))
    items = []
    for number, fen in enumerate(DISHES):
        dish = _insert(connection, Dish, canteen_id=canteen, name=f"菜{number}", list_fen=fen)
        capacity = None if number else portions
        items.append(
            _insert(
                connection, MenuItem, meal_service_id=meal, dish_id=dish, list_fen=fen,
                capacity=capacity,
            )
        )  # fmt: skip
    return meal, items


def orders(meal: int, items: Sequence[int], people: Sequence[Resident]) -> list[bytes]:
    """One portion of each dish for everybody, each with a key of its own."""
    dishes = [{"id": one, "portions": 1} for one in items]
    return [
        post(
            f"/mp/v1/canteens/meals/{meal}/orders",
            orjson.dumps(
                {"person_id": one.person_id, "dishes": dishes, "mode": "dine_in", "pays_fen": PAYS}
            ),
            Authorization=f"Bearer {one.token}",
            Idempotency_Key=uuid.uuid4().hex,
            Accept_Language="zh-CN",
        )
        for one in people
    ]


def prove(
    connection: Connection, meal: int, items: Sequence[int], *, answered: int, capacity: int
) -> Proof:
    """Portions, sums and held money tie out (`xingfu check`), and nobody was told in vain."""
    found = checking.run(connection, check.CHECKS, clock.now())
    wrong = [one.check.name for one in found if one.rows]
    sold = connection.execute(
        select(func.count()).select_from(Booking).where(Booking.bookable_id == meal)
    ).scalar_one()
    taken = connection.execute(select(MenuItem.taken).where(MenuItem.id.in_(items))).scalars()
    if set(taken) != {answered} or sold != answered or sold > capacity:
        wrong.append(f"{answered} were told they have a meal, {sold} do")
    return Proof(capacity=capacity, sold=sold, waiting=0, wrong=tuple(wrong))
