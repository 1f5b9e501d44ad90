"""`python -m bench.statistics`: a district-year on the statistics page, against a bare count.

5,000 classes, 150,000 enrolments and 1.5 million marks, written by PostgreSQL itself. The page is
asked for through the whole application, once as it is when no class has been added up yet, then
when the scheduler has been past; the floor counts the rows of the attendance table. Both times it
is proved that the page says what was written.
"""

import re
from collections.abc import Callable
from contextlib import ExitStack
from statistics import median
from typing import Any

import click
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, create_engine, func, insert, select, text

from admin.doors import COOKIE
from backend import clock, config
from backend.app import create_app
from backend.db import db, table_of
from backend.night_school.attendance import CAME
from backend.night_school.models import Attendance
from backend.scheduler import add_up_classes
from backend.staff import sessions
from backend.staff.models import Role, Staff, StaffRole
from bench import servers, year

TARGET = 1.0  # seconds, for the whole year

YEAR = "/admin/statistics?period=year-2025&versus=none"
PAGES = {
    "district, the year": YEAR,
    "district, term beside term": "/admin/statistics?period=term-2&versus=term-1",
    "district, the year as XLSX": "/admin/statistics.xlsx?period=year-2025&versus=none",
    "one street, the year": "/admin/statistics?period=year-2025&versus=none&place_id=2",
}


@click.command()
@click.option("--rounds", default=7, show_default=True, help="How often all are asked for.")
@click.option("--quick", is_flag=True, help="A fiftieth of the year, one round: to see it runs.")
@click.option("--database", help="A PostgreSQL server to use; default: one of our own.")
def main(rounds: int, quick: bool, database: str | None) -> None:
    """Measure the pages of a year against their floor and print the medians."""
    size = year.Size(runs=100, people=1_000) if quick else year.Size()
    with ExitStack() as up:
        url = up.enter_context(servers.database(up.enter_context(servers.postgresql(database))))
        write(url, size)
        app = create_app(config.load(servers.ENVIRON | {"DATABASE_URL": url}))
        with app.app_context():
            browser = signed_in(app)
            prove(browser, size)
            click.echo(f"nothing added up yet: {timed(browser.get, YEAR):.2f} s")
            click.echo(
                f"{size.runs:,} classes added up in {timed(add_up_classes, lambda: False):.1f} s"
            )
            settle()
            prove(browser, size)
            took = measure(browser, 1 if quick else rounds)
            db.session.remove()
            db.engine.dispose()
    click.echo(table(took))


def write(url: str, size: year.Size) -> None:
    """The year, settled."""
    engine = create_engine(url)
    began = clock.monotonic()
    with engine.begin() as connection:
        year.write(connection, size)
    settle(engine)
    engine.dispose()
    click.echo(f"a year of {size.runs:,} classes written in {clock.monotonic() - began:.0f} s")


def settle(engine: Engine | None = None) -> None:
    """As autovacuum would."""
    alone = (engine or db.engine).connect().execution_options(isolation_level="AUTOCOMMIT")
    with alone as connection:
        connection.execute(text("VACUUM ANALYZE"))


def signed_in(app: Flask) -> FlaskClient:
    """A browser in which the district's manager is signed in."""
    now = clock.now()
    with db.engine.begin() as connection:
        connection.execute(
            insert(table_of(Staff)),
            {"id": 1, "username": "zhou", "name": "周慧", "password_hash": "never fits",
             "must_change_password": False, "created_at": now},
        )  # fmt: skip
        connection.execute(
            insert(table_of(StaffRole)), {"staff_id": 1, "role": Role.MANAGER, "place_id": 1}
        )
    browser = app.test_client()
    browser.set_cookie(COOKIE, sessions.start(db.session(), 1, "Bench", now), path="/admin")
    db.session.commit()
    return browser


def prove(browser: FlaskClient, size: year.Size) -> None:
    """The page says how many enrol and wait, and how many came of all that were marked."""
    page = browser.get(YEAR).text
    with db.engine.connect() as connection:
        marks, came = connection.execute(
            select(func.count(), func.count().filter(Attendance.presence.in_(CAME)))
        ).one()
    waiting = size.runs // 5 * 10
    for said in (
        f"{size.runs * size.enrolled:,}",
        f"{waiting:,}",
        f"{round(100 * came / marks, 1)}%",
    ):
        if not re.search(rf'<b class="num">{re.escape(said)}</b>', page):
            raise SystemExit(f"the page does not say {said}")


def measure(browser: FlaskClient, rounds: int) -> dict[str, tuple[list[float], list[float]]]:
    """Seconds, and ratios to the bare counts before and after, by page."""

    def ask(path: str) -> None:
        if browser.get(path).status_code != 200:
            raise SystemExit(f"{path} was refused")

    took: dict[str, tuple[list[float], list[float]]] = {name: ([], []) for name in PAGES}
    floor = timed(bare_count)
    for number in range(1, rounds + 1):
        for name, path in PAGES.items():
            seconds = timed(ask, path)
            before, floor = floor, timed(bare_count)
            took[name][0].append(seconds)
            took[name][1].append(seconds / ((before + floor) / 2))
        told = ", ".join(f"{name} {took[name][0][-1]:.2f} s" for name in PAGES)
        click.echo(f"round {number}: {told}; bare count {floor:.3f} s")
    return took


def bare_count() -> None:
    """What PostgreSQL needs to look at every row of attendance once."""
    with db.engine.connect() as connection:
        connection.execute(select(func.count()).select_from(Attendance)).scalar_one()


def timed(work: Callable[..., Any], *arguments: Any) -> float:
    """How long it took, in seconds."""
    began = clock.monotonic()
    work(*arguments)
    return clock.monotonic() - began


def table(took: dict[str, tuple[list[float], list[float]]]) -> str:
    """A Markdown table of the medians."""
    lines = [
        "| page | median s | best s | worst s | bare counts | target s |",
        "|---|---|---|---|---|---|",
    ]
    for name, (seconds, ratios) in took.items():
        target = f"{TARGET:g}" if name == "district, the year" else ""
        lines.append(
            f"| {name} | {median(seconds):.2f} | {min(seconds):.2f} | {max(seconds):.2f} "
            f"| {median(ratios):.1f} | {target} |"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    main()
