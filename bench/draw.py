"""`python -m bench.draw`: a district's draw, dealt and checked, against its target, and written.

Dealing is a pure function. The list is made by a seed, so that every machine deals the same one
and has to come to the same digest. Then the same list lies in a PostgreSQL database, is fixed,
drawn and written there as staff would have it, and `xingfu check` looks at what was written.
"""

import platform
import random
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import timedelta
from typing import Any

import click
from sqlalchemy import text

from backend import config
from backend.app import create_app
from backend.commands.check import audit
from backend.db import db, transactional
from backend.night_school.draws import closing, engine, publishing, seed, verify, working
from bench import applicants, servers

HOUR = 3600
TARGET = 3.0
"""Seconds that 20,000 applications over 400 classes may take."""


@click.command()
@click.option("--people", default=20_000, show_default=True, help="Applications.")
@click.option("--runs", default=400, show_default=True, help="Classes.")
@click.option("--wishes", default=5, show_default=True, help="Wishes of each.")
@click.option("--rounds", default=5, show_default=True, help="How often it is dealt.")
@click.option("--write/--no-write", default=True, help="Also fix, draw and write it.")
def main(people: int, runs: int, wishes: int, rounds: int, write: bool) -> None:
    """Deal a large draw several times, show progress and the times, check it by the verifier."""
    if write:
        written(large_list(people, runs, wishes))
    entries = large_list(people, runs, wishes)
    by = seed.seed_of("11" * 32, "2026031")
    times = []
    for _ in range(rounds):
        started = time.perf_counter()
        result = engine.deal(entries, by, show)
        times.append(time.perf_counter() - started)
        click.echo(f"\r{times[-1]:.2f} s".ljust(40))
    started = time.perf_counter()
    agrees = verify.dealt(entries, by) == result
    checked = time.perf_counter() - started
    times.sort()
    click.echo(
        f"Python {platform.python_version()}: {people:,} applications, {runs} classes, wishes of "
        f"{wishes}: median {times[len(times) // 2]:.2f} s, worst {times[-1]:.2f} s "
        f"(target {TARGET:g} s); the verifier took {checked:.1f} s and "
        f"{'agrees' if agrees else 'DOES NOT AGREE'}; result {seed.digest(result)[:16]}"
    )
    if not agrees or times[len(times) // 2] > TARGET:
        sys.exit("the draw missed its target")


def written(entries: dict[str, Any]) -> None:
    """Fix, draw and write the list in a database of its own; say how long each took."""
    with ExitStack() as up:
        url = up.enter_context(servers.database(up.enter_context(servers.postgresql())))
        with create_app(config.load(servers.ENVIRON | {"DATABASE_URL": url})).app_context():
            with db.engine.begin() as connection:
                applicants.write(connection, entries)
            with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.execute(text("VACUUM ANALYZE"))
            day = timedelta(days=1)
            timed("list fixed", lambda: closing.fix(db.session(), applicants.DRAW, applicants.NOW))
            later = applicants.NOW + 2 * day
            give = publishing.give_number
            timed("number taken", lambda: give(db.session(), applicants.DRAW, "2026031", later))
            began = time.perf_counter()
            working.work(applicants.DRAW, later)
            click.echo(f"drawn and written: {time.perf_counter() - began:.2f} s".ljust(40))
            long = 36_500 * day  # the reminders of that day are still to go out
            if found := timed("xingfu check", lambda: [one for one in audit(long) if one.rows]):
                sys.exit(f"the audit finds {[finding.check.name for finding in found]}")
            db.session.remove()
            db.engine.dispose()


def timed(what: str, work: Callable[[], Any]) -> Any:
    """Do it in a transaction and say how many seconds it took."""
    started = time.perf_counter()
    found = transactional(work)()
    click.echo(f"\r{what}: {time.perf_counter() - started:.2f} s".ljust(40))
    return found


def large_list(people: int, classes: int, wishes: int = 5) -> dict[str, Any]:
    """A district's term: popular classes and quiet ones, one household in eight together."""
    chance = random.Random(1)
    runs = []
    for number in range(1, classes + 1):
        hour = chance.randrange(5) * 24 + 18 + chance.randrange(3)
        starts = [(week * 168 + hour) * HOUR for week in range(12)]
        runs.append(
            {
                "id": number,
                "title": f"class {number}",
                "places": 20 + number % 15,
                "lessons": [[start, start + HOUR] for start in starts],
            }
        )
    weights = [1 / number for number in range(1, classes + 1)]
    applications: list[dict[str, Any]] = []
    while len(applications) < people:
        drawn = chance.choices(range(1, classes + 1), weights, k=wishes * 8)
        lot, most = len(applications), chance.choice([1, 1, 1, 2])
        size = min(chance.choice([1] * 7 + [2]), people - lot)
        applications += [
            {
                "code": f"A{lot + member:05d}",
                "most": most,
                "together": f"H{lot:05d}" if size > 1 else None,
                "wishes": [
                    {"run": run_id, "tickets": chance.choice([1, 1, 2, 3])}
                    for run_id in list(dict.fromkeys(drawn))[:wishes]
                ],
            }
            for member in range(size)
        ]
    return {"runs": runs, "applications": applications}


def show(step: str, done: int, of: int) -> None:
    """Progress, on one line."""
    click.echo(f"\r{step} {done:,} of {of:,}".ljust(40), nl=False)


if __name__ == "__main__":
    main()
