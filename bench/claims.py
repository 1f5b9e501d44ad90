"""`python -m bench.claims`: a district's month of 60,000 meals claimed, in seconds.

Orders, shares and servings lie in a PostgreSQL database as rows, with the months before them
claimed already; the claim is drafted, frozen and written by the product's own functions, as the
accountant's pages do it.
"""

import platform
import sys
import time
from contextlib import ExitStack
from datetime import date, datetime, timedelta

import click
from sqlalchemy import Connection, insert, text

from backend import clock, config
from backend.app import create_app
from backend.canteen.claims import book, proposing, queries, service
from backend.canteen.claims.check import CHECKS
from backend.canteen.models import Canteen, Dish
from backend.canteen.pricing.models import SubsidyRule, SubsidyVersion
from backend.commands.check import audit
from backend.db import Model, db, table_of, transactional
from backend.people.models import Person
from backend.places.models import Place, PlaceKind
from backend.staff.access import Scope, SignedInStaff
from backend.staff.models import Role, Staff
from bench import seed, servers

TARGET = 10.0
"""Seconds to draft and freeze a month's claim of one layer, without the spreadsheet."""

FIRST = date(2026, 9, 1)
CANTEENS, DAYS = 40, 30
_PATH = "/1/"


@click.command()
@click.option("--meals", default=60_000, show_default=True, help="Meals of a month.")
@click.option("--months", default=3, show_default=True, help="Months, the last one measured.")
def main(meals: int, months: int) -> None:
    """Claim several months one after another; the last has to be quick enough."""
    with ExitStack() as up:
        url = up.enter_context(servers.database(up.enter_context(servers.postgresql())))
        app = create_app(config.load(servers.ENVIRON | {"DATABASE_URL": url}))
        up.enter_context(app.app_context())
        periods = [_month(number) for number in range(months)]
        with db.engine.begin() as connection:
            seed.create_tables(connection)
            staff_id = _ground(connection, meals)
            for first, _last in periods:
                _seed(connection, first, meals, staff_id)
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("ANALYZE"))
        me = SignedInStaff(staff_id, "会计", (Scope(Role.ACCOUNTANT, 1, _PATH, "幸福区"),))
        click.echo(f"Python {platform.python_version()}: {meals:,} meals a month")
        took = [_claim(me, *period, clock.now()) for period in periods]
        held = {one.name for one in CHECKS}
        wrong = [
            one.check.name for one in audit(timedelta()) if one.rows and one.check.name in held
        ]
        db.session.remove()
        db.engine.dispose()
    if wrong or took[-1] > TARGET:
        sys.exit(f"not within {TARGET:g} s, or the audit finds something: {wrong}")


def _month(number: int) -> tuple[date, date]:
    first = FIRST + timedelta(days=DAYS * number)
    return first, first + timedelta(days=DAYS - 1)


def _claim(me: SignedInStaff, first: date, last: date, now: datetime) -> float:
    began = time.perf_counter()
    proposed = proposing.propose(db.session(), me, first, last)
    shown = time.perf_counter()
    keys = [one.group.key for one in proposed if one.group.scope.payer == "city"]
    [ident] = transactional(lambda: service.make(db.session(), me, first, last, keys, now))()
    made = time.perf_counter()
    queries.get_claim(db.session(), me, ident)
    looked = time.perf_counter()
    transactional(lambda: service.freeze(db.session(), me, ident, now + timedelta(days=400)))()
    frozen = time.perf_counter()
    size = sum(map(len, book.stream(db.session(), service.access(db.session(), me, ident))))
    written = time.perf_counter()
    click.echo(
        f"{first}: all layers shown {shown - began:.1f} s, drafted {made - shown:.1f} s, "
        f"its page {looked - made:.1f} s, frozen {frozen - looked:.1f} s, "
        f"spreadsheet of {size / 1e6:.1f} MB {written - frozen:.1f} s"
    )
    return frozen - looked


def _ground(connection: Connection, meals: int) -> int:
    """Canteens, a rule that three layers pay for, and those who eat; the accountant's id."""
    now = clock.now()
    _add(connection, Place, [{"kind": PlaceKind.DISTRICT, "name": "幸福区", "code": "d",
                              "path": _PATH}])  # fmt: skip
    [staff_id] = _add(connection, Staff, [
        {"username": "accountant", "name": "会计", "password_hash": "", "created_at": now}
    ])  # fmt: skip
    canteens = _add(connection, Canteen, [
        {"place_id": 1, "code": f"c{n}", "name": f"第{n}食堂", "weekdays": list(range(7))}
        for n in range(CANTEENS)
    ])  # fmt: skip
    _add(
        connection,
        Dish,
        [{"canteen_id": one, "name": "套餐", "list_fen": 1200} for one in canteens],
    )
    _add(
        connection, Person, [{"name": f"居民{n}", "created_at": now} for n in range(meals // DAYS)]
    )
    [rule_id] = _add(connection, SubsidyRule, [{"place_id": 1, "code": "r", "name": "长者助餐"}])
    _add(connection, SubsidyVersion, [
        {"rule_id": rule_id, "version": 1, "starts_on": FIRST, "published_at": now,
         "parts": [{"fixed_fen": 300, "payers": {"city": 1, "district": 1, "street": 1}}]}
    ])  # fmt: skip
    return staff_id


def _seed(connection: Connection, first: date, meals: int, staff_id: int) -> None:
    """A lunch a day at every canteen, each person at theirs; all of it served."""
    for statement in _MONTH:
        connection.execute(
            text(statement),
            {"first": first, "days": DAYS, "canteens": CANTEENS, "people": meals // DAYS,
             "staff": staff_id},
        )  # fmt: skip


_MONTH = (
    """
    WITH made AS (
      INSERT INTO bookable (kind, title, place_id, starts_at, ends_at, closes_at, taken)
      SELECT 'meal', c.id || ':' || d, 1, :first + d + time '03:00', :first + d + time '04:30',
             :first + d + time '00:00', 0
      FROM canteen c, generate_series(0, :days - 1) AS d RETURNING id, title, starts_at
    )
    INSERT INTO meal_service (id, canteen_id, day, meal)
    SELECT id, split_part(title, ':', 1)::bigint, starts_at::date, 'lunch' FROM made
    """,
    """
    INSERT INTO menu_item (meal_service_id, dish_id, list_fen)
    SELECT s.id, d.id, 1200 FROM meal_service s JOIN dish d ON d.canteen_id = s.canteen_id
    WHERE s.day >= :first
    """,
    """
    INSERT INTO booking (bookable_id, person_id, state, quantity, starts_at, ends_at, code,
                         short_code, created_at, once_key)
    SELECT s.id, p.id, 'attended', 1, b.starts_at, b.ends_at, s.id || '-' || p.id, '123456', now(),
           'meal:' || s.id
    FROM meal_service s JOIN bookable b ON b.id = s.id
    JOIN person p ON p.id % :canteens = s.canteen_id % :canteens AND p.id <= :people
    WHERE s.day >= :first
    """,
    """
    INSERT INTO meal_order (booking_id, mode, list_fen, discount_fen, subsidy_fen, fee_fen,
                            pays_fen, subsidy_version_id)
    SELECT b.id, 'dine_in', 1200, 0, 300, 0, 900, 1 FROM booking b
    JOIN meal_service s ON s.id = b.bookable_id WHERE s.day >= :first
    """,
    """
    INSERT INTO meal_line (booking_id, menu_item_id, portions, list_fen, discount_fen, subsidy_fen,
                           pays_fen)
    SELECT b.id, i.id, 1, 1200, 0, 300, 900 FROM booking b
    JOIN menu_item i ON i.meal_service_id = b.bookable_id
    JOIN meal_service s ON s.id = b.bookable_id WHERE s.day >= :first
    """,
    """
    INSERT INTO meal_share (line_id, part, payer, fen)
    SELECT l.id, 0, payer, 100 FROM meal_line l JOIN booking b ON b.id = l.booking_id
    JOIN meal_service s ON s.id = b.bookable_id,
    (VALUES ('city'), ('district'), ('street')) AS t (payer) WHERE s.day >= :first
    """,
    """
    INSERT INTO meal_served (booking_id, way, proof, at, recorded_at, staff_id, key)
    SELECT b.id, 'counter', 'code', b.starts_at, b.starts_at, :staff, 'k' || b.id FROM booking b
    JOIN meal_service s ON s.id = b.bookable_id WHERE s.day >= :first
    """,
)


def _add(connection: Connection, model: type[Model], rows: list[dict[str, object]]) -> list[int]:
    table = table_of(model)
    found = connection.execute(
        insert(table).returning(table.c.id, sort_by_parameter_order=True), rows
    )
    return list(found.scalars())


if __name__ == "__main__":
    main()
