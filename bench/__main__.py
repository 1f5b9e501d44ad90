"""`python -m bench`: everything in one go, from an empty directory to a table for the README."""

import platform
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import click
from sqlalchemy import create_engine

from backend import clock
from bench import report, scenarios, seed, servers
from bench.driver import Driver, get, own_process
from bench.report import Series
from bench.scenarios import LIST, PRODUCT, Bases, Scenario, Signups, enrolment
from bench.seed import Resident


@click.command()
@click.option("--seconds", default=4.0, show_default=True, help="Length of one drive.")
@click.option("--rounds", default=5, show_default=True, help="How often all are driven.")
@click.option("--quick", is_flag=True, help="One short round, to see that it runs.")
@click.option("--connections", default=64, show_default=True, help="Kept-alive connections.")
@click.option("--workers", default=2, show_default=True, help="gunicorn workers of each server.")
@click.option("--only", help="Only scenarios whose name holds this.")
@click.option("--database", help="A PostgreSQL server to use; default: one of our own.")
@click.option("--base", help="Drive a server elsewhere instead: http://host:port")
@click.option(
    "--residents",
    type=click.Path(path_type=Path, exists=True),
    help="With --base: lines of `token person_id`.",
)
@click.option(
    "--run", "run_ids", type=int, multiple=True, help="With --base: a run to sign up for."
)
def main(
    seconds: float, rounds: int, quick: bool, connections: int, workers: int, only: str | None,
    database: str | None, base: str | None, residents: Path | None, run_ids: tuple[int, ...],
) -> None:  # fmt: skip
    """Measure the product against its floors, interleaved, and print the medians."""
    if quick:
        seconds, rounds = 0.5, 1
    with own_process(connections) as driver:
        if base:
            elsewhere(driver, base, residents, run_ids, seconds)
            return
        with responder_ceiling(driver) as ceiling, stage(database, workers, seconds) as (
            bases, signups, etag,
        ):  # fmt: skip
            every = scenarios.every(bases, signups, seconds, etag)
            wanted = {name: one for name, one in every.items() if not only or only in name}
            bare = scenarios.bare(bases.floor, seconds / 2)
            warm_up(driver, bases, signups)
            measured = play(driver, bare, wanted, rounds)
    click.echo(f"\n{describe(ceiling, seconds, rounds, connections, workers)}\n")
    click.echo(report.table(measured))
    if any(series.wrong for series in measured.values()):
        sys.exit("a proof failed")


@contextmanager
def responder_ceiling(driver: Driver) -> Iterator[float]:
    """What the driver can do against a server that does nothing."""
    with servers.responder() as base:
        ceiling = driver(base, [get("/")], seconds=1).rate
    click.echo(f"the driver alone: {ceiling:,.0f} requests/s")
    yield ceiling


@contextmanager
def stage(given: str | None, workers: int, seconds: float) -> Iterator[tuple[Bases, Signups, str]]:
    """PostgreSQL, two seeded databases, the product twice and the floors; all ended afterwards."""
    with ExitStack() as up:
        server = up.enter_context(servers.postgresql(given))
        rush, browse = (up.enter_context(servers.database(server)) for _ in range(2))
        engines = [create_engine(url) for url in (rush, browse)]
        residents = max(6000, round(seconds * scenarios.PLACES_A_SECOND) + 1)
        signups = scenarios.seed_signups(engines[0], residents, clock.now())
        scenarios.seed_list(engines[1], clock.now())
        for engine in engines:
            up.callback(engine.dispose)

        def serve(target: str, url: str, **environ: str) -> str:
            return up.enter_context(
                servers.gunicorn(
                    target, servers.free_port(), workers=workers, DATABASE_URL=url, **environ
                )
            )

        bases = Bases(
            product=serve("backend.wsgi:app", rush),
            browse=serve("backend.wsgi:app", browse),
            cold=serve("backend.wsgi:app", browse, LIST_SECONDS="0"),
            floor=serve("bench.floors:app", rush),
        )
        yield bases, signups, scenarios.list_etag(bases.browse)


def warm_up(driver: Driver, bases: Bases, signups: Signups) -> None:
    """Fill the caches a server that has run for a minute would have filled."""
    for base, path in ((bases.product, PRODUCT), (bases.floor, scenarios.FLOOR)):
        signups.sell(driver, base, path, runs=scenarios.RUNS, places=1000)
        driver(base, signups.requests(path, signups.fresh_runs(1, 30), 100))
    signups.queue(driver, bases.product)
    signups.meals(driver, bases.product)
    signups.ticks(driver, bases.product)
    for base in (bases.browse, bases.cold):
        scenarios.browsing(base, 0.5)(driver)
    with signups.engine.begin() as connection:
        seed.settle(connection)  # what was empty at first has rows now: plans are made for those


def play(
    driver: Driver, bare: Scenario, wanted: dict[str, Scenario], rounds: int
) -> dict[str, Series]:
    """All rounds: the bare route before and after every scenario, so drift hits both."""
    measured = {name: Series() for name in ("bare Flask route", *wanted)}
    bare(driver)
    for number in range(1, rounds + 1):
        click.echo(f"round {number} of {rounds}")
        before = bare(driver)
        measured["bare Flask route"].add(before, None)
        for name, scenario in wanted.items():
            outcome = scenario(driver)
            after = bare(driver)
            measured[name].add(outcome, (before, after))
            measured["bare Flask route"].add(after, None)
            click.echo(report.line(name, outcome, measured[name].ratios[-1]))
            before = after
    return measured


def elsewhere(
    driver: Driver, base: str, residents: Path | None, run_ids: tuple[int, ...], seconds: float
) -> None:
    """Sign-ups and the list on a server elsewhere; `xingfu check` there is the proof."""
    measured: dict[str, Series] = {"list": Series()}
    measured["list"].add(scenarios.Outcome(driver(base, [get(LIST)], seconds=seconds), 200), None)
    if residents and run_ids:
        pairs = (line.split() for line in residents.read_text().splitlines() if line.strip())
        people = [Resident(int(person_id), token) for token, person_id in pairs]
        requests = [enrolment(PRODUCT, run, one, wait=True) for run in run_ids for one in people]
        measured["signup"] = Series()
        measured["signup"].add(scenarios.Outcome(driver(base, requests), 201), None)
    click.echo(report.table(measured))


def describe(ceiling: float, seconds: float, rounds: int, connections: int, workers: int) -> str:
    """Under which conditions the figures came about."""
    return (
        f"{clock.today().isoformat()}, Python {platform.python_version()}, {workers} gunicorn "
        f"workers, {connections} connections, {rounds} rounds of {seconds:g} s, medians; "
        f"the driver alone reaches {ceiling:,.0f} requests/s."
    )


if __name__ == "__main__":
    main()
