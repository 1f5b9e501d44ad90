"""`python -m bench.venues`: a district's rooms: free starts, the search, and reserving.

800 rooms of 156 communities with 60,000 reservations to come, on PostgreSQL. Free starts are
driven as the list of classes is: beside the bare route, with many connections. The search and
reserving are asked by one client, beside a bare request and a sign-up. It fails on any answer that
is not as it should be.
"""

import uuid
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import datetime, timedelta
from itertools import islice
from statistics import median
from urllib.parse import quote

import click
import httpx
import orjson
from sqlalchemy import create_engine

from backend import clock
from bench import rooms, scenarios, servers
from bench.driver import Sample, drive, get, post
from bench.scenarios import PRODUCT, Signups
from bench.seed import Resident

STARTS = "/mp/v1/venues/rooms/{}/starts"
CONNECTIONS = 64
ONE_BY_ONE = 150
KEPT = "reservation, gaps and limits"
LENGTHS = range(30, 600)
"""Minutes that free starts can be asked for; a length not asked for before is not known yet."""
TARGETS = {
    "free starts, cold": ">= 0.15",
    "free starts, cold, each of another room": ">= 0.15",
    "free starts, 304": ">= 0.50",
    "search, every room": "<= 60",
    "reservation": "<= 1.5",
}


@click.command()
@click.option("--seconds", default=2.0, show_default=True, help="Length of one drive.")
@click.option("--rounds", default=5, show_default=True, help="How often all are driven.")
@click.option("--quick", is_flag=True, help="One short round, to see that it runs.")
@click.option("--only", default="", help="Scenarios whose name holds this word.")
@click.option("--database", help="A PostgreSQL server to use; default: one of our own.")
def main(seconds: float, rounds: int, quick: bool, only: str, database: str | None) -> None:
    """Measure free starts, search and reserving, interleaved with their floors."""
    if quick:
        seconds, rounds = 0.5, 1
    now = clock.now()
    people = ONE_BY_ONE * (rounds + 1)
    with ExitStack() as up:
        server = up.enter_context(servers.postgresql(database))
        houses, classes = (up.enter_context(servers.database(server)) for _ in range(2))
        with (engine := create_engine(houses)).begin() as connection:
            residents = rooms.write(connection, people, now)
        engine.dispose()
        signups = scenarios.seed_signups(create_engine(classes), people, now)
        up.callback(signups.engine.dispose)

        def serve(target: str, url: str, **environ: str) -> str:
            return up.enter_context(
                servers.gunicorn(target, servers.free_port(), DATABASE_URL=url, **environ)
            )

        stage = Stage(
            kept=serve("backend.wsgi:app", houses),
            cold=serve("backend.wsgi:app", houses, LIST_SECONDS="0"),
            signup=serve("backend.wsgi:app", classes),
            bare=serve("bench.floors:app", classes),
            residents=residents, signups=signups, seconds=seconds, only=only,
        )  # fmt: skip
        stage.round()  # caches and plans
        stage.ratios.clear()
        stage.took.clear()
        for number in range(1, rounds + 1):
            stage.round()
            click.echo(f"round {number} of {rounds}: {stage.told()}")
    click.echo(stage.table())


class Stage:
    """What is driven, and what came of it: ratios and milliseconds by scenario."""

    def __init__(
        self, *, kept: str, cold: str, signup: str, bare: str, residents: Sequence[Resident],
        signups: Signups, seconds: float, only: str,
    ) -> None:  # fmt: skip
        self.kept, self.cold, self.signup, self.bare = kept, cold, signup, bare
        self.signups, self.seconds, self.only = signups, seconds, only
        self.residents = residents
        now = clock.now()
        self.hours = {"reservation": rooms.free_hours(now), KEPT: rooms.kept_hours(now)}
        self.ratios: dict[str, list[float]] = {}
        self.took: dict[str, list[float]] = {}
        self.lengths = iter(LENGTHS)

    def round(self) -> None:
        one = STARTS.format(7)
        etag = httpx.get(self.kept + one, trust_env=False).headers["ETag"]
        many = [get(STARTS.format(room)) for room in range(1, rooms.ROOMS + 1)]
        self._beside_bare("free starts, cold", self.cold, [get(one)])
        self._beside_bare("free starts, cold, each of another room", self.cold, many)
        self._beside_bare("free starts, cold, asked for the first time", self.cold, self._unasked())
        self._beside_bare("free starts, 304", self.kept, [get(one, If_None_Match=etag)], 304)
        day = (rooms.midnight(clock.now()) + timedelta(days=3)).date()
        wide = f"/mp/v1/venues/search?day={day}&alternatives=false"
        near = "&latitude=31.15&longitude=121.35"
        wish = f"{wide}&part=afternoon&minutes=120&headcount=12&equipment=projector{near}"
        self._one_by_one("search, every room", f"{wide}&from_time=14:00&until_time=16:00{near}")
        self._one_by_one("search, 12 with a projector, an afternoon", wish)
        self._reserving("reservation", ONE_BY_ONE)
        self._reserving(KEPT, ONE_BY_ONE // 2)

    def _unasked(self) -> list[bytes]:
        """Every room for lengths of its own; more than one drive asks for."""
        lengths = list(islice(self.lengths, 4 + int(self.seconds * 3)))
        rooms_there = range(1, rooms.ROOMS + 1)
        return [get(f"{STARTS.format(room)}?minutes={n}") for n in lengths for room in rooms_there]

    def _beside_bare(
        self, name: str, base: str, requests: Sequence[bytes], expected: int = 200
    ) -> None:
        if self.only not in name:
            return

        def bare() -> float:
            return drive(
                self.bare, [get("/bare")], connections=CONNECTIONS, seconds=self.seconds / 2
            ).rate

        before = bare()
        sample = drive(base, requests, connections=CONNECTIONS, seconds=self.seconds)
        _all_as(sample, expected, name)
        self._note(name, sample, sample.rate / ((before + bare()) / 2))

    def _one_by_one(self, name: str, path: str) -> None:
        if self.only not in name:
            return

        def bare() -> float:
            return drive(self.bare, [get("/bare")] * 300, connections=1).percentile(0.5)

        before = bare()
        found = httpx.get(self.cold + path, trust_env=False).json()["data"]
        if not found["items"]:
            raise SystemExit(f"{name} found nothing: {quote(path)}")
        sample = drive(self.cold, [get(path)] * 40, connections=1)
        _all_as(sample, 200, name)
        self._note(name, sample, sample.percentile(0.5) / ((before + bare()) / 2))

    def _reserving(self, name: str, count: int) -> None:
        if self.only not in name:
            return
        signup, hours = self._sign_up(), self.hours[name]
        chosen = [hours.pop(len(hours) // 2) for _ in range(count)]
        requests = [
            _reservation(*one, someone)
            for one, someone in zip(chosen, self.residents, strict=False)
        ]
        sample = drive(self.kept, requests, connections=1)
        _all_as(sample, 201, name)
        floor = (signup + self._sign_up()) / 2
        self._note(name, sample, sample.percentile(0.5) / floor)

    def _sign_up(self) -> float:
        run_ids = self.signups.fresh_runs(10, ONE_BY_ONE)
        sample = drive(
            self.signup, self.signups.requests(PRODUCT, run_ids, ONE_BY_ONE), connections=1
        )
        _all_as(sample, 201, "sign-up")
        return sample.percentile(0.5)

    def _note(self, name: str, sample: Sample, ratio: float) -> None:
        self.ratios.setdefault(name, []).append(ratio)
        self.took.setdefault(name, []).append(sample.percentile(0.5) * 1000)

    def told(self) -> str:
        return ", ".join(f"{name} {ratios[-1]:.2f}" for name, ratios in self.ratios.items())

    def table(self) -> str:
        """A Markdown table of the medians."""
        lines = [
            "| scenario | p50 ms | ratio | best | worst | target |",
            "|---|---|---|---|---|---|",
        ]
        for name, ratios in self.ratios.items():
            lines.append(
                f"| {name} | {median(self.took[name]):.1f} | {median(ratios):.2f} "
                f"| {min(ratios):.2f} | {max(ratios):.2f} | {TARGETS.get(name, '')} |"
            )
        return "\n".join(lines)


def _all_as(sample: Sample, expected: int, name: str) -> None:
    if sample.errors or sample.statuses[expected] != len(sample.times):
        raise SystemExit(f"{name}: {dict(sample.statuses)}, {sample.errors} broken")


def _reservation(room_id: int, starts_at: datetime, someone: Resident) -> bytes:
    """One hour for oneself, as a phone sends it."""
    asked = {
        "person_id": someone.person_id, "starts_at": starts_at,
        "ends_at": starts_at + timedelta(hours=1),
        "title": "合唱排练", "headcount": 8,
    }  # fmt: skip
    return post(
        f"/mp/v1/venues/rooms/{room_id}/reservations",
        orjson.dumps(asked),
        Authorization=f"Bearer {someone.token}",
        Idempotency_Key=uuid.uuid4().hex,
        Accept_Language="zh-CN",
    )


if __name__ == "__main__":
    main()
