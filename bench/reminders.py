"""`python -m bench.reminders`: reminders drained through HTTP, against a bare loop of posts.

Both post the same bodies with the same number of threads and the same HTTP library to one stand-in
of WeChat in a process of its own, in turns; the product also claims, words, copies to the inbox and
records, on PostgreSQL with fsync on. Each round proves that everybody got one message and one copy.
"""

import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import datetime
from statistics import median
from typing import Any

import click
import httpx
import orjson
from flask import Flask
from sqlalchemy import Connection, create_engine, delete, func, insert, select, update

from backend import clock, config
from backend.app import create_app
from backend.booking.models import Booking
from backend.db import db, table_of
from backend.people.models import Account, Identity
from backend.reminders.delivery import deliver_due
from backend.reminders.models import InboxMessage, Reminder, SubscriptionGrant
from backend.reminders.sending import SENDERS
from bench import seed, servers

TEMPLATE = "standin-booked"
SEND = "/cgi-bin/message/subscribe/send"

Row = dict[str, Any]


@click.command()
@click.option("--count", default=2000, show_default=True, help="Reminders in one drain.")
@click.option("--rounds", default=5, show_default=True, help="Drains and bare loops, in turns.")
@click.option("--port", type=int, help="Of the stand-in; default: a free one.")
@click.option("--database", help="A PostgreSQL server to use; default: one of our own.")
def main(count: int, rounds: int, port: int | None, database: str | None) -> None:
    """Measure delivery against its floor and print both rates and the ratio."""
    noon = clock.local(clock.now()).replace(hour=12, minute=0, second=0, microsecond=0)
    with ExitStack() as up:
        up.enter_context(clock.frozen(noon))  # or a drive at night would find nothing due
        phones = up.enter_context(standin(port or servers.free_port()))
        url = up.enter_context(
            servers.database(up.enter_context(servers.postgresql(database)))
        )  # fmt: skip
        app = create_app(
            config.load(
                servers.ENVIRON
                | {
                    "DATABASE_URL": url,
                    "WX_API_BASE": phones,
                    "WX_TEMPLATES": f"booked={TEMPLATE}",
                }
            )
        )
        engine = create_engine(url)
        up.callback(engine.dispose)
        with engine.begin() as connection:
            openids = write_outbox(connection, count, clock.now())
        measure(app, phones, openids, rounds)


@contextmanager
def standin(port: int) -> Iterator[str]:
    """The stand-in as the demo serves it; yields its address."""
    base = f"http://{servers.HOST}:{port}"
    process = subprocess.Popen(
        [sys.executable, "-c", "from backend.cli import main; main()", "wechat-standin",
         "--port", str(port)],
        cwd=servers.ROOT,
        env=os.environ | servers.ENVIRON,
        stdout=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        _wait_until_it_answers(base)
        yield base
    finally:
        process.terminate()
        process.wait(30)


def _wait_until_it_answers(base: str) -> None:
    for _ in range(100):
        try:
            httpx.get(f"{base}/_test/calls", timeout=2, trust_env=False).raise_for_status()
            return
        except httpx.TransportError:
            time.sleep(0.1)
    raise SystemExit("the stand-in did not answer within ten seconds")


def write_outbox(connection: Connection, count: int, now: datetime) -> list[str]:
    """`count` residents with WeChat, each with a place in one of 60 runs and a reminder of it."""
    seed.create_tables(connection)
    town = seed.town(connection)
    people = [one.person_id for one in seed.residents(connection, town, count, now)]
    runs = seed.runs(connection, town, 60, now, capacity=count, lessons=12)
    found = connection.execute(
        select(Account.person_id, Account.id).where(Account.person_id.in_(people))
    )
    accounts = {row.person_id: row.id for row in found}
    openids = {person: f"bench-{person}" for person in people}
    connection.execute(
        insert(table_of(Identity)),
        [
            {"account_id": accounts[person], "kind": "wechat", "subject": openid,
             "created_at": now}
            for person, openid in openids.items()
        ],
    )  # fmt: skip
    booked = connection.execute(
        insert(table_of(Booking)).returning(Booking.id, sort_by_parameter_order=True),
        [
            {"bookable_id": runs[number % len(runs)], "person_id": person,
             "account_id": accounts[person], "state": "confirmed", "starts_at": now,
             "ends_at": now, "code": f"c{person}", "short_code": "123456", "created_at": now}
            for number, person in enumerate(people)
        ],
    )  # fmt: skip
    connection.execute(
        insert(table_of(Reminder)),
        [
            {"kind": "booked", "person_id": person, "account_id": accounts[person],
             "booking_id": booking_id, "due_at": now, "created_at": now}
            for person, booking_id in zip(people, booked.scalars(), strict=True)
        ],
    )  # fmt: skip
    seed.settle(connection)
    return list(openids.values())


def measure(app: Flask, phones: str, openids: list[str], rounds: int) -> None:
    """Drains, each between two bare loops, so that drift of the machine hits both."""
    count = len(openids)
    drains, floors, ratios = [], [], []
    with httpx.Client(base_url=phones, trust_env=False, timeout=30) as http, app.app_context():
        begin_round(http, openids)
        drain(count)  # warms up, and shows which bodies are posted
        bodies = [body(message) for message in arrived(http, openids)]
        token = access_token(http)

        def floor() -> float:
            allow_again(http, openids)
            return timed(bare_loop, phones, token, bodies)

        for number in range(1, rounds + 1):
            before = floor()
            begin_round(http, openids)
            drained = timed(drain, count)
            arrived(http, openids)
            bare = (before + floor()) / 2
            drains.append(count / drained)
            floors.append(count / bare)
            ratios.append(bare / drained)
            click.echo(f"round {number}: {figures(drains[-1], floors[-1], ratios[-1])}")
        db.session.remove()
        db.engine.dispose()
    click.echo(
        f"median of {rounds} rounds of {count} with {SENDERS} connections: "
        f"{figures(median(drains), median(floors), median(ratios))} (target 0.5)"
    )


def figures(drain: float, floor: float, ratio: float) -> str:
    """One line of the outcome."""
    return f"{drain:,.0f} reminders/s, bare loop {floor:,.0f} posts/s, ratio {ratio:.2f}"


def timed(work: Callable[..., None], *arguments: Any) -> float:
    """How long it took, in seconds."""
    began = clock.monotonic()
    work(*arguments)
    return clock.monotonic() - began


def begin_round(http: httpx.Client, openids: list[str]) -> None:
    """Everything due again, the inboxes empty, one message allowed to each."""
    http.post("/_test/reset").raise_for_status()
    allow_again(http, openids)
    with db.engine.begin() as connection:
        connection.execute(delete(table_of(InboxMessage)))
        connection.execute(
            update(table_of(Reminder)).values(
                state="due", attempts=0, in_doubt=0, claimed_until=None, settled_at=None
            )
        )
        connection.execute(delete(table_of(SubscriptionGrant)))
        connection.execute(
            insert(table_of(SubscriptionGrant)),
            [
                {"openid": openid, "template_id": TEMPLATE, "remaining": 1,
                 "changed_at": clock.now()}
                for openid in openids
            ],
        )  # fmt: skip


def allow_again(http: httpx.Client, openids: list[str]) -> None:
    """Each resident taps "allow" once."""

    def allow(openid: str) -> None:
        answers = {"openid": openid, "answers": {TEMPLATE: "accept"}}
        http.post("/_test/popup", json=answers).raise_for_status()

    with ThreadPoolExecutor(SENDERS) as pool:
        list(pool.map(allow, openids))


def drain(count: int) -> None:
    """Deliver all that is due; WeChat must have taken every one."""
    answered = deliver_due()
    if answered != {"taken": count}:
        raise SystemExit(f"not all {count} were delivered: {dict(answered)}")


def arrived(http: httpx.Client, openids: list[str]) -> list[Row]:
    """What the drain brought to the phones: one message and one inbox copy each."""
    messages: list[Row] = http.get("/_test/messages").json()["messages"]
    if Counter(message["openid"] for message in messages) != Counter(openids):
        raise SystemExit("somebody got no message, or more than one")
    with db.engine.connect() as connection:
        copies = connection.execute(select(func.count()).select_from(InboxMessage)).scalar_one()
    if copies != len(openids):
        raise SystemExit(f"{copies} inbox copies for {len(openids)} reminders")
    return messages


def body(message: Row) -> bytes:
    """The very body the product posted for this message."""
    return orjson.dumps(
        {
            "touser": message["openid"],
            "template_id": message["template_id"],
            "page": message["page"],
            "miniprogram_state": message["state"],
            "lang": message["lang"],
            "data": {name: {"value": text} for name, text in message["data"].items()},
        }
    )


def access_token(http: httpx.Client) -> str:
    """The token the product uses too."""
    account = {
        "grant_type": "client_credential",
        "appid": servers.ENVIRON["WX_APPID"],
        "secret": servers.ENVIRON["WX_SECRET"],
    }
    return str(http.post("/cgi-bin/stable_token", json=account).json()["access_token"])


def bare_loop(phones: str, token: str, bodies: list[bytes]) -> None:
    """Post them all, with as many threads and connections as delivery has, and nothing else."""
    with httpx.Client(base_url=phones, trust_env=False, timeout=30) as http:

        def post(content: bytes) -> int:
            answer = http.post(
                SEND,
                params={"access_token": token},
                content=content,
                headers={"Content-Type": "application/json"},
            )
            return int(orjson.loads(answer.content)["errcode"])

        with ThreadPoolExecutor(SENDERS) as pool:
            errcodes = Counter(pool.map(post, bodies))
    if errcodes != {0: len(bodies)}:
        raise SystemExit(f"the bare loop was refused: {dict(errcodes)}")


if __name__ == "__main__":
    main()
