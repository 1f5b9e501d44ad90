"""`python -m bench.standing_orders`: a run over the standing orders of a large canteen, on
PostgreSQL, with subsidies, money held, history and reminders; the audit looks at what was made.
"""

import sys
import time
from contextlib import ExitStack
from datetime import UTC, date, datetime
from typing import Any

import click
from sqlalchemy import func, insert, select, text

from backend import clock, config
from backend.app import create_app
from backend.booking.models import Bookable, Booking
from backend.booking.service import Actor
from backend.canteen.accounts import ledger
from backend.canteen.accounts.ledger import Credit
from backend.canteen.accounts.models import EntryKind
from backend.canteen.models import Canteen, CanteenMeal, Dish, Meal, MealService, MenuItem, Mode
from backend.canteen.repeating import working
from backend.canteen.repeating.due import due, people_of
from backend.canteen.repeating.making import make_for
from backend.canteen.repeating.models import Otherwise, StandingOrder
from backend.commands.check import audit
from backend.db import db, table_of, transaction, transactional
from backend.people.models import Account, Person
from backend.places.models import Place
from bench import servers

NOW = datetime(2026, 3, 11, 4, tzinfo=UTC)
DAY = date(2026, 3, 16)
BEFORE = 100
"""So many more have their meal by then: the database knows its tables, as after the first week."""
TARGET = 20.0
"""Seconds that 1,500 standing orders may take."""


@click.command()
@click.option("--people", default=1500, show_default=True, help="Standing orders.")
def main(people: int) -> None:
    """Make one lunch of so many people, and look at the books."""
    with ExitStack() as up:
        url = up.enter_context(servers.database(up.enter_context(servers.postgresql())))
        with create_app(config.load(servers.ENVIRON | {"DATABASE_URL": url})).app_context():
            db.create_all()
            with transaction() as session, clock.frozen(NOW):
                canteen_id = _seed(session, BEFORE + people)
            with clock.frozen(NOW):
                _make_some(canteen_id)
            with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.execute(text("VACUUM ANALYZE"))
            began = time.perf_counter()
            with clock.frozen(NOW):
                made = working.run(canteen_id, NOW, lambda: False, at_once=working.AT_ONCE)
            took = time.perf_counter() - began
            booked = db.session.scalar(select(func.count()).select_from(Booking))
            click.echo(
                f"{made:,} of {people:,} standing orders made in {took:.1f} s "
                f"({1000 * took / people:.1f} ms each; target {TARGET:g} s)"
            )
            with clock.frozen(NOW):
                found = [one.check.name for one in audit(NOW - NOW) if one.rows]
            db.session.remove()
            db.engine.dispose()
            if made != people or booked != BEFORE + people or found or took > TARGET:
                sys.exit(f"missed: {booked} booked, the audit finds {found}")


def _make_some(canteen_id: int) -> None:
    rows = due(db.session(), NOW, canteen_id=canteen_id)
    for person_id in people_of(rows)[:BEFORE]:
        transactional(make_for)(db.session(), person_id, NOW, canteen_id=canteen_id)


def _seed(session: Any, people: int) -> int:
    def one(model: Any, **values: Any) -> int:
        table = table_of(model)
        return int(session.scalars(insert(table).values(values).returning(table.c.id)).one())

    place = one(Place, kind="district", name="bench", code="bench", path="/1/")
    session.execute(text("UPDATE place SET path = '/' || id || '/'"))
    canteen = one(Canteen, place_id=place, code="bench", name="bench", weekdays=[0, 1, 2, 3, 4])
    one(
        CanteenMeal, canteen_id=canteen, meal=Meal.LUNCH, from_minute=660, until_minute=750,
        cutoff_days=1, cutoff_minute=960, most=2, modes=list(Mode),
    )  # fmt: skip
    dish = one(Dish, canteen_id=canteen, name="set", list_fen=1200, is_set=True, allergens=["soy"])
    closes_at = datetime(2026, 3, 13, 8, tzinfo=UTC)
    meal = one(
        Bookable, kind="meal", title="lunch", place_id=place, published_at=NOW, opens_at=NOW,
        starts_at=clock.at_minute(DAY, 660), ends_at=clock.at_minute(DAY, 750),
        closes_at=closes_at, cancel_until=closes_at, promote_until=closes_at,
    )  # fmt: skip
    session.execute(
        insert(table_of(MealService)).values(id=meal, canteen_id=canteen, day=DAY, meal=Meal.LUNCH)
    )
    one(MenuItem, meal_service_id=meal, dish_id=dish, list_fen=1200, capacity=people)
    for number in range(people):
        person = one(Person, name=f"resident {number}", birth_date=date(1950, 1, 1), created_at=NOW)
        account = one(Account, person_id=person, created_at=NOW)
        paid = Credit(person_id=person, kind=EntryKind.TOP_UP, fen=10000, key=f"bench:{number}")
        ledger.credit(session, paid, Actor(), NOW)
        one(
            StandingOrder, person_id=person, canteen_id=canteen, meal=Meal.LUNCH, weekdays=[0],
            otherwise=Otherwise.SET, mode=Mode.DINE_IN, since=DAY, account_id=account,
            created_at=NOW,
        )  # fmt: skip
    return canteen


if __name__ == "__main__":
    main()
