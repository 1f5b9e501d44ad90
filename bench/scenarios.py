"""What is driven at the product: the signup rush three ways, and the list of runs three ways."""

import random
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import httpx
import orjson
from sqlalchemy import Engine

from backend import clock
from bench import canteen, courier, market, seed
from bench.driver import Driver, Sample, get, post
from bench.proof import Proof, prove
from bench.seed import Resident, Town

PLACES_A_SECOND = 1600
"""So many places a signup scenario sells per second asked for: it ends when all are sold."""

RUNS, SEATS, RUSHING = 200, 30, 300
LISTED, WITH_PLACES = 60, 36
STALLS, NUMBERS, IN_LINE = 6, 2000, 50
ORDERS, PORTIONS, HUNGRY, BAGS = 1500, 100, 500, 1500
LIST = "/mp/v1/night-school/runs?has_places=true&limit=50"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one scenario gave in one round."""

    sample: Sample
    expected: int  # the HTTP status every answer should have
    proof: Proof | None = None

    @property
    def strays(self) -> int:
        """Connections that broke, and answers of another status."""
        return self.sample.errors + len(self.sample.times) - self.sample.statuses[self.expected]


@dataclass(frozen=True, slots=True)
class Bases:
    """Addresses: the product, the product with its list cache off, the floors."""

    product: str
    browse: str
    cold: str
    floor: str


class Signups:
    """Everything about signing up: fresh runs each time, every resident once."""

    def __init__(self, engine: Engine, town: Town, residents: Sequence[Resident]) -> None:
        self.engine, self.town, self.residents = engine, town, residents

    def requests(
        self, path: str, run_ids: Sequence[int], count: int, *, wait: bool = False
    ) -> list[bytes]:
        """`count` sign-ups, run after run, each by somebody else, each with a key of its own."""
        chosen = random.sample(self.residents, count)
        return [
            enrolment(path, run_ids[number % len(run_ids)], someone, wait=wait)
            for number, someone in enumerate(chosen)
        ]

    def fresh_runs(self, count: int, capacity: int) -> list[int]:
        with self.engine.begin() as connection:
            return seed.runs(connection, self.town, count, clock.now(), capacity=capacity)

    def sell(self, driver: Driver, base: str, path: str, *, runs: int, places: int) -> Outcome:
        """Sell all `places` of so many runs, then see that not one more is to be had."""
        run_ids = self.fresh_runs(runs, places // runs)
        sample = driver(base, self.requests(path, run_ids, places))
        beyond = driver(base, self.requests(path, run_ids, min(places, 200)))
        answered = sample.statuses[201] + beyond.statuses[201]
        with self.engine.connect() as connection:
            return Outcome(sample, 201, prove(connection, run_ids, answered=answered))

    def rush(self, driver: Driver, base: str) -> Outcome:
        """RUSHING residents, one run of SEATS: those who get no place join the line."""
        run_ids = self.fresh_runs(1, SEATS)
        sample = driver(base, self.requests(PRODUCT, run_ids, RUSHING, wait=True))
        with self.engine.connect() as connection:
            proof = prove(connection, run_ids, answered=sample.statuses[201])
        if proof.waiting != RUSHING - SEATS:
            raise SystemExit(f"the rush left {proof.waiting} waiting, not {RUSHING - SEATS}")
        return Outcome(sample, 201, proof)

    def queue(self, driver: Driver, base: str) -> Outcome:
        """NUMBERS residents take a queue number each, at the STALLS of a market."""
        with self.engine.begin() as connection:
            stalls = market.stalls(connection, self.town.communities[0], STALLS)
        people = random.sample(self.residents, NUMBERS)
        sample = driver(base, market.take(stalls, people))
        with self.engine.connect() as connection:
            proof = market.prove(connection, stalls, asked=NUMBERS, answered=sample.statuses[201])
        return Outcome(sample, 201, proof)

    def meals(self, driver: Driver, base: str) -> Outcome:
        """ORDERS residents order three dishes each of one lunch."""
        return self._order(driver, base, ORDERS, ORDERS, 201)

    def ticks(self, driver: Driver, base: str) -> Outcome:
        """BAGS bags of one lunch are ticked by the couriers who have 20 each."""
        with self.engine.begin() as connection:
            place = random.choice(self.town.communities)
            meal = courier.lunch(connection, place, random.sample(self.residents, BAGS))
        sample = driver(base, courier.ticks(self.engine, base, meal))
        with self.engine.connect() as connection:
            proof = courier.prove(connection, meal, answered=sample.statuses[200], capacity=BAGS)
        return Outcome(sample, 200, proof)

    def portions(self, driver: Driver, base: str) -> Outcome:
        """HUNGRY residents, a dish of PORTIONS portions: the others are told that it is out."""
        return self._order(driver, base, HUNGRY, PORTIONS, 201)

    def _order(self, driver: Driver, base: str, people: int, portions: int, status: int) -> Outcome:
        with self.engine.begin() as connection:
            place = random.choice(self.town.communities)
            meal, items = canteen.lunch(connection, place, portions)
        sample = driver(base, canteen.orders(meal, items, random.sample(self.residents, people)))
        with self.engine.connect() as connection:
            answered = sample.statuses[201]
            proof = canteen.prove(connection, meal, items, answered=answered, capacity=portions)
        return Outcome(sample, status, proof)

    def poll(self, driver: Driver, base: str, seconds: float) -> Outcome:
        """Everybody in a line of IN_LINE asks how it goes on."""
        with self.engine.begin() as connection:
            (stall,) = market.stalls(connection, self.town.communities[0], 1)
            market.wait(connection, stall, self.residents[:IN_LINE])
        asked = get(f"/mp/v1/market/stalls/{stall}/line", Accept_Language="zh-CN")
        return Outcome(driver(base, [asked], seconds=seconds), 200)


PRODUCT = "/mp/v1/night-school/runs/{}/enrolments"
FLOOR = "/signup/{}"


def enrolment(path: str, run_id: int, someone: Resident, *, wait: bool = False) -> bytes:
    """One sign-up for oneself, as a phone sends it."""
    asked: dict[str, object] = {"person_id": someone.person_id}
    if wait:
        asked["wait"] = True
    return post(
        path.format(run_id),
        orjson.dumps(asked),
        Authorization=f"Bearer {someone.token}",
        Idempotency_Key=uuid.uuid4().hex,
        Accept_Language="zh-CN",
    )


def seed_signups(engine: Engine, residents: int, now: datetime) -> Signups:
    """A district with so many signed-in residents."""
    with engine.begin() as connection:
        seed.create_tables(connection)
        town = seed.town(connection)
        people = seed.residents(connection, town, residents, now)
        canteen.pay_in(connection, people)
        seed.settle(connection)
    return Signups(engine, town, people)


def seed_list(engine: Engine, now: datetime) -> None:
    """LISTED runs of twelve lessons, of which WITH_PLACES have places left."""
    with engine.begin() as connection:
        seed.create_tables(connection)
        town = seed.town(connection)
        pattern = [12, 12, 12, 20, 20]  # three of five have places left
        seed.runs(connection, town, LISTED, now - timedelta(minutes=1), capacity=20,
                  taken=pattern, lessons=12)  # fmt: skip
        seed.settle(connection)


def list_etag(base: str) -> str:
    """The list's ETag, after seeing that the list is what it should be."""
    answer = httpx.get(base + LIST, trust_env=False)
    items = answer.json()["data"]["items"]
    if len(items) != WITH_PLACES:
        raise SystemExit(f"the list shows {len(items)} runs, not {WITH_PLACES}")
    return answer.headers["ETag"]


Scenario = Callable[[Driver], Outcome]


def bare(base: str, seconds: float) -> Scenario:
    """The floor of floors: a Flask route that answers 27 bytes."""
    requests = [get("/bare")]
    return lambda driver: Outcome(driver(base, requests, seconds=seconds), 200)


def browsing(base: str, seconds: float, *, etag: str | None = None) -> Scenario:
    """The public list, over and over; with `etag` the client has it already."""
    headers = {"Accept-Language": "zh-CN"}
    if etag:
        headers["If-None-Match"] = etag
    requests = [get(LIST, **headers)]
    return lambda driver: Outcome(driver(base, requests, seconds=seconds), 304 if etag else 200)


def every(bases: Bases, signups: Signups, seconds: float, etag: str) -> dict[str, Scenario]:
    """The scenarios in the order they are driven, by the name the table gives them."""
    places = max(round(seconds * PLACES_A_SECOND) // RUNS, 1) * RUNS
    many = {"runs": RUNS, "places": places}
    one = {"runs": 1, "places": places}
    return {
        "signup, 200 runs": lambda d: signups.sell(d, bases.product, PRODUCT, **many),
        "psycopg floor, 200 runs": lambda d: signups.sell(d, bases.floor, FLOOR, **many),
        "signup, one hot run": lambda d: signups.sell(d, bases.product, PRODUCT, **one),
        "psycopg floor, one hot run": lambda d: signups.sell(d, bases.floor, FLOOR, **one),
        "rush: 300 on 30 seats": lambda d: signups.rush(d, bases.product),
        "queue numbers, 6 stalls": lambda d: signups.queue(d, bases.product),
        "queue position, line of 50": lambda d: signups.poll(d, bases.product, seconds),
        "order of 3 dishes": lambda d: signups.meals(d, bases.product),
        "courier tick": lambda d: signups.ticks(d, bases.product),
        "rush: 500 on 100 portions": lambda d: signups.portions(d, bases.product),
        "list of 36, warm": browsing(bases.browse, seconds),
        "list of 36, cold": browsing(bases.cold, seconds),
        "list of 36, 304": browsing(bases.browse, seconds, etag=etag),
    }
