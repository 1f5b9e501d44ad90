"""`python -m bench.deliveries`: 1,500 meals to bring planned as runs, lists drawn, in seconds.

Orders lie in a PostgreSQL database as rows; runs are planned and drawn by the product's own
functions, as the scheduler does it.
"""

import platform
import sys
from contextlib import ExitStack
from datetime import timedelta
from functools import partial
from itertools import count

import click
from sqlalchemy import Connection, insert

from backend import clock, config
from backend.app import create_app
from backend.canteen.delivery import papers, planning, queries
from backend.canteen.delivery.check import CHECKS
from backend.canteen.kitchen import closing
from backend.canteen.models import Mode
from backend.commands.check import audit
from backend.db import db, table_of, transactional
from backend.places.models import Place, PlaceKind
from bench import kitchen, seed, servers

ESTATES, BUILDINGS = 371, 11
"""Of a district; meals go to a tenth of the estates."""


@click.command()
@click.option("--orders", default=1500, show_default=True, help="People whose meal is brought.")
@click.option("--rounds", default=5, show_default=True, help="How often lists are drawn.")
def main(orders: int, rounds: int) -> None:
    """Plan the runs of a large meal and draw its lists several times; the worst has to be quick."""
    with ExitStack() as up:
        url = up.enter_context(servers.database(up.enter_context(servers.postgresql())))
        app = create_app(config.load(servers.ENVIRON | {"DATABASE_URL": url}))
        up.enter_context(app.app_context())
        with db.engine.begin() as connection:
            seed.create_tables(connection)
            names = [f"第{number}小区" for number in range(ESTATES)]
            meal_id, _portions = kitchen.meal(connection, orders, (Mode.DELIVERY,), names[::10])
            _build(connection, names)
        now = clock.now()
        transactional(lambda: closing.close(db.session(), meal_id, now))()
        click.echo(f"Python {platform.python_version()}: {orders:,} meals to bring")
        plan = transactional(lambda: planning.plan(db.session(), meal_id, now))
        draw = partial(papers.draw, db.session(), meal_id, now)
        worst = [
            kitchen.worst_of("planned", plan, 1), kitchen.worst_of("route lists", draw, rounds)
        ]  # fmt: skip
        runs = queries.runs_of(db.session(), meal_id, now)
        click.echo(f"{len(runs)} runs, {queries.lost(db.session(), meal_id)} without an address")
        held = {one.name for one in CHECKS}
        wrong = [
            one.check.name for one in audit(timedelta()) if one.rows and one.check.name in held
        ]
        db.session.remove()
        db.engine.dispose()
    if wrong or max(worst) > kitchen.TARGET or sum(one["todo"] for one in runs) != orders:
        sys.exit(f"not within {kitchen.TARGET:g} s, or the audit finds something: {wrong}")


def _build(connection: Connection, names: list[str]) -> None:
    """Estates and their buildings, all in one district."""
    top = "/1/"
    numbers = count(2)
    estates = [
        {"id": (ident := next(numbers)), "kind": PlaceKind.ESTATE, "name": name, "parent_id": 1,
         "code": f"e{ident}", "path": f"{top}{ident}/"}
        for name in names
    ]  # fmt: skip
    buildings = [
        {"id": (ident := next(numbers)), "kind": PlaceKind.BUILDING, "name": f"{number}号楼",
         "parent_id": estate["id"], "code": f"b{ident}", "path": f"{estate['path']}{ident}/"}
        for estate in estates for number in range(1, BUILDINGS + 1)
    ]  # fmt: skip
    connection.execute(insert(table_of(Place)), estates + buildings)


if __name__ == "__main__":
    main()
