"""`python -m bench.kitchen`: a meal of 1,500 orders closed, its sheet and labels drawn, and called
off with all its money back, in seconds.

Orders and purses lie in a PostgreSQL database as rows; they are closed, read, drawn and called off
by the product's own functions, as the scheduler and the console do it.
"""

import platform
import random
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import click
from sqlalchemy import Connection, func, insert, select, update

from backend import clock, config
from backend.app import create_app
from backend.booking.models import Bookable, Booking, BookingEvent, State
from backend.canteen import cancelling
from backend.canteen.accounts.models import Entry, EntryKind, Hold, HoldState, MealAccount, Purse
from backend.canteen.eaters.models import Diet, Texture
from backend.canteen.kitchen import closing, papers
from backend.canteen.kitchen.models import PaperKind
from backend.canteen.models import Canteen, Dish, MealService, MenuItem, Mode
from backend.canteen.ordering.models import MealLine, MealOrder
from backend.commands.check import audit
from backend.db import Model, db, table_of, transactional
from backend.people.models import Person
from backend.places.models import Place, PlaceKind
from backend.reminders.models import Kind, Reminder
from backend.staff.access import Scope, SignedInStaff
from backend.staff.models import Role, Staff
from bench import seed, servers

TARGET = 3.0
"""Seconds for the sheet, for the labels, and for calling the meal off."""

PAID = 5000
"""What everybody has on their account, in fen."""

_DISHES = (
    ("一荤两素套餐", ["soy"]),
    ("红烧肉", ["soy"]),
    ("番茄炒蛋", ["egg"]),
    ("清炒时蔬", []),
    ("冬瓜虾仁汤", ["crustaceans"]),
)
_NAMES, _GIVEN = "王李张刘陈杨赵黄周吴", ("秀英", "国强", "桂兰", "建国", "淑珍", "志明")


@click.command()
@click.option("--orders", default=1500, show_default=True, help="People who ordered.")
@click.option("--rounds", default=5, show_default=True, help="How often papers are drawn.")
def main(orders: int, rounds: int) -> None:
    """Close a large meal, draw its papers several times, call it off; the worst has to be quick."""
    with ExitStack() as up:
        url = up.enter_context(servers.database(up.enter_context(servers.postgresql())))
        app = create_app(config.load(servers.ENVIRON | {"DATABASE_URL": url}))
        up.enter_context(app.app_context())
        with db.engine.begin() as connection:
            seed.create_tables(connection)
            meal_id, portions = meal(connection, orders)
        now = clock.now()
        close = transactional(lambda: closing.close(db.session(), meal_id, now))
        click.echo(f"Python {platform.python_version()}: {orders:,} orders, {portions:,} portions")
        worst_of("closed", close, 1)
        worst = [
            worst_of(kind, partial(papers.draw, db.session(), meal_id, (kind,)), rounds)
            for kind in PaperKind
        ]
        call_off = transactional(partial(_call_off, now))
        worst.append(worst_of("called off", call_off, 1))
        wrong = [one.check.name for one in audit(timedelta()) if one.rows]
        if (told := _told()) != (orders, PAID):
            wrong.append(f"messages and fen after it: {told}")
        if transactional(partial(_call_off, now))():
            wrong.append("called off twice")
        db.session.remove()
        db.engine.dispose()
    if wrong or max(worst) > TARGET:
        sys.exit(f"not within {TARGET:g} s, or the audit finds something: {wrong}")


def worst_of(what: str, work: Callable[[], Any], rounds: int) -> float:
    """Do it so often; the most seconds it took, of which a busy machine gives it only some."""
    times, worked = [], []
    for _round in range(rounds):
        began, cpu = time.perf_counter(), time.process_time()
        work()
        times.append(time.perf_counter() - began)
        worked.append(time.process_time() - cpu)
    times.sort()
    click.echo(
        f"{what}: median {times[len(times) // 2]:.2f} s, worst {times[-1]:.2f} s; "
        f"of the processor at most {max(worked):.2f} s"
    )
    return times[-1]


def _call_off(now: datetime) -> int:
    """As the console does it; how many orders ended."""
    session = db.session()
    place = session.execute(select(Place.id, Place.path)).one()
    scope = Scope(Role.MANAGER, place.id, place.path, "")
    me = SignedInStaff(session.scalars(select(Staff.id)).one(), "bench", (scope,))
    meal = session.execute(select(MealService.canteen_id, MealService.day)).one()
    return cancelling.cancel(session, me, meal.canteen_id, meal.day, None, "台风", now)


def _told() -> tuple[int, int]:
    """(people who were told once, the fen that everybody has; -1 where it is not the same)."""
    once = (
        select(Reminder.person_id)
        .where(Reminder.kind == Kind.CANCELLED)
        .group_by(Reminder.person_id)
        .having(func.count() == 1)
        .subquery()
    )
    told = db.session.scalars(select(func.count()).select_from(once)).one()
    has = db.session.scalars(select(Purse.balance_fen).distinct()).all()
    return told, has[0] if len(has) == 1 else -1


def meal(
    connection: Connection, orders: int, modes: Sequence[Mode] = tuple(Mode),
    estates: Sequence[str] = ("翠园小区",),
) -> tuple[int, int]:  # fmt: skip
    """A published lunch whose orders have just closed, brought to these estates; (id, portions)."""
    chance, now = random.Random(1), clock.now()
    day = clock.today(now) + timedelta(days=1)
    place = add(connection, Place, [{"kind": PlaceKind.DISTRICT, "name": "幸福区", "code": "d",
                                      "path": "/1/"}])[0]  # fmt: skip
    canteen = {"place_id": place, "code": "c", "name": "春晖社区食堂", "weekdays": list(range(7))}
    canteen_id = add(connection, Canteen, [canteen])[0]
    dishes = add(connection, Dish, [
        {"canteen_id": canteen_id, "name": name, "list_fen": 800, "allergens": allergens,
         "ingredients": name} for name, allergens in _DISHES
    ])  # fmt: skip
    starts_at, ends_at = clock.at_minute(day, 660), clock.at_minute(day, 750)
    meal_id = add(connection, Bookable, [
        {"kind": "meal", "title": "午餐", "place_id": place, "starts_at": starts_at,
         "ends_at": ends_at, "published_at": now, "closes_at": now, "taken": orders}
    ])[0]  # fmt: skip
    service = {"id": meal_id, "canteen_id": canteen_id, "day": day, "meal": "lunch"}
    connection.execute(insert(table_of(MealService)), [service])
    items = add(connection, MenuItem, [
        {"meal_service_id": meal_id, "dish_id": one, "list_fen": 800} for one in dishes
    ])  # fmt: skip
    names = [chance.choice(_NAMES) + chance.choice(_GIVEN) for _order in range(orders)]
    people = add(connection, Person, [{"name": one, "created_at": now} for one in names])
    with_diet = people[::8]
    connection.execute(insert(table_of(Diet)), [
        {"person_id": one, "changed_at": now, "allergens": ["crustaceans"] if one % 2 else [],
         "avoids": [], "traits": [], "texture": chance.choice(list(Texture))} for one in with_diet
    ])  # fmt: skip
    ids = add(connection, Booking, [
        {"bookable_id": meal_id, "person_id": one, "state": State.CONFIRMED, "quantity": 1,
         "starts_at": starts_at, "ends_at": ends_at, "code": f"c{one}", "short_code": "123456",
         "created_at": now, "once_key": f"meal:{meal_id}"} for one in people
    ])  # fmt: skip
    plates = [chance.sample(items, chance.choice((1, 2, 3))) for _order in ids]
    nothing = {"discount_fen": 0, "subsidy_fen": 0}
    connection.execute(insert(table_of(MealOrder)), [
        {"booking_id": one, "mode": (mode := chance.choice(modes)), "fee_fen": 0,
         "list_fen": 800 * len(plate), "pays_fen": 800 * len(plate), **nothing,
         "address": f"{chance.choice(estates)}{one % 40 + 1}号楼{one % 4 + 1}单元{one % 18 + 1}02室"
         if mode == Mode.DELIVERY else None}
        for one, plate in zip(ids, plates, strict=True)
    ])  # fmt: skip
    lines = [
        {"booking_id": one, "menu_item_id": item, "portions": 1, "list_fen": 800,
         "pays_fen": 800, **nothing}
        for one, plate in zip(ids, plates, strict=True) for item in plate
    ]  # fmt: skip
    connection.execute(insert(table_of(MealLine)), lines)
    item, line = table_of(MenuItem), table_of(MealLine)
    taken = select(func.sum(line.c.portions)).where(line.c.menu_item_id == item.c.id)
    connection.execute(update(item).values(taken=taken.scalar_subquery()))
    costs = {one: 800 * len(plate) for one, plate in zip(ids, plates, strict=True)}
    _pay(connection, dict(zip(people, ids, strict=True)), costs, now)
    connection.execute(insert(table_of(BookingEvent)), [
        {"booking_id": one, "at": now, "state": State.CONFIRMED} for one in ids
    ])  # fmt: skip
    staff = {"username": "bench", "name": "bench", "password_hash": "", "created_at": now}
    connection.execute(insert(table_of(Staff)), [staff])
    return meal_id, len(lines)


def _pay(
    connection: Connection, orders: dict[int, int], costs: dict[int, int], now: datetime
) -> None:
    """Cash of everybody, and of it held what their order costs."""
    accounts = add(connection, MealAccount, [
        {"person_id": one, "opened_at": now} for one in orders
    ])  # fmt: skip
    purses = add(connection, Purse, [
        {"account_id": one, "kind": "cash", "balance_fen": PAID, "held_fen": costs[booking_id]}
        for one, booking_id in zip(accounts, orders.values(), strict=True)
    ])  # fmt: skip
    connection.execute(insert(table_of(Entry)), [
        {"purse_id": one, "kind": EntryKind.TOP_UP, "fen": PAID, "key": f"bench:{one}", "at": now}
        for one in purses
    ])  # fmt: skip
    connection.execute(insert(table_of(Hold)), [
        {"booking_id": booking_id, "purse_id": one, "fen": costs[booking_id],
         "state": HoldState.OPEN, "made_at": now}
        for one, booking_id in zip(purses, orders.values(), strict=True)
    ])  # fmt: skip


def add(connection: Connection, model: type[Model], rows: list[dict[str, Any]]) -> list[int]:
    table = table_of(model)
    found = connection.execute(
        insert(table).returning(table.c.id, sort_by_parameter_order=True), rows
    )
    return list(found.scalars())


if __name__ == "__main__":
    main()
