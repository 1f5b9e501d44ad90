"""Real processes on a real database: killed, stopped, two at once; and a WeChat that is slow."""

import threading
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson
import pytest
from flask import Flask
from sqlalchemy import func, insert, select, update

from backend.app import create_app
from backend.booking.models import Booking
from backend.db import db, transaction
from backend.reminders.delivery import deliver_due
from backend.reminders.models import InboxMessage, Reminder, SubscriptionGrant
from backend.reminders.preparing import LEASE
from tests import databases, settings
from tests.api import ApiClient
from tests.factories import Make, Signed
from tests.programs import Program
from tests.reminders.post import Post, reminders
from tests.server import environment
from tests.standin import SEND, RunningStandin, wait_until

SCHEDULER = ("-c", "from backend.cli import main; main(['scheduler'])")


@pytest.fixture
def post(own_app: Flask, now: datetime, standin: RunningStandin) -> Iterator[Post]:
    """The outbox of a database that other processes see."""
    with own_app.app_context():
        yield Post(Make(now), standin)


def process(
    own_app: Flask, standin: RunningStandin, *arguments: str, later: timedelta = timedelta()
) -> Program:
    """A process of the product, whose clock reads the test's noon (and `later`)."""
    noon = datetime(2026, 3, 11, 4, 0, 5, tzinfo=UTC)
    shift = int((noon + later - datetime.now(UTC)).total_seconds())
    given = environment(
        database_url=own_app.extensions["settings"].database_url,
        wx_api_base=standin.url,
        clock_shift=str(shift),
    )
    return Program(given, *arguments)


def enrolled(post: Post, count: int) -> list[Signed]:
    """People with a place in one run, who allowed a message, and whose reminder is due."""
    run = post.make.run(capacity=None)
    people = [post.make.resident(f"居民{number}") for number in range(count)]
    for someone in people:
        post.allow(someone, "booked", times=3)
        post.enrol(run, someone)
    return people


def states() -> Counter[str]:
    db.session.rollback()  # what other processes wrote is seen by a new transaction only
    return Counter(row.state for row in reminders())


def copies() -> list[int]:
    """How many inbox copies each reminder has."""
    return list(
        db.session.scalars(select(func.count(InboxMessage.id)).group_by(InboxMessage.reminder_id))
    )  # fmt: skip


def test_a_scheduler_killed_between_sending_and_recording(
    post: Post, own_app: Flask, standin: RunningStandin
) -> None:
    people = enrolled(post, 20)
    standin.fail(SEND, "delay", times=20, seconds=0.4)
    killed = process(own_app, standin, *SCHEDULER)
    wait_until(lambda: len(standin.messages()) >= 8)
    killed.kill()
    killed.ends()
    assert states() == {"due": 20}
    standin.world.faults.forget()

    second = process(own_app, standin, *SCHEDULER, later=LEASE + timedelta(seconds=30))
    wait_until(lambda: states() == {"sent": 20})
    second.terminate()
    second.ends()
    arrived = [len(post.on_phone(someone)) for someone in people]
    assert set(arrived) <= {1, 2}
    assert 2 in arrived, "nobody had been sent anything before the kill: the test shows nothing"
    assert copies() == [1] * 20
    assert set(db.session.scalars(select(Booking.state))) == {"confirmed"}


def test_sigterm_finishes_what_is_under_way(
    post: Post, own_app: Flask, standin: RunningStandin
) -> None:
    people = enrolled(post, 20)
    standin.fail(SEND, "delay", times=20, seconds=0.4)
    scheduler = process(own_app, standin, *SCHEDULER)
    wait_until(lambda: standin.calls(SEND) >= 4)
    scheduler.terminate()
    scheduler.ends()
    assert scheduler.returncode == 0
    assert states() == {"sent": 20}
    assert [len(post.on_phone(someone)) for someone in people] == [1] * 20


def test_two_schedulers_send_nothing_twice(
    post: Post, own_app: Flask, standin: RunningStandin, tmp_path: Path
) -> None:
    people, each = enrolled(post, 10), 20
    with transaction() as session:
        for row in session.scalars(select(Reminder)).all():
            more = {
                "kind": row.kind, "person_id": row.person_id, "account_id": row.account_id,
                "booking_id": row.booking_id, "due_at": row.due_at, "created_at": row.created_at,
            }  # fmt: skip
            session.execute(insert(Reminder), [more] * (each - 1))
        session.execute(update(SubscriptionGrant).values(remaining=each))
    for someone in people:
        for _ in range(each):
            standin.allow(someone.openid, "standin-booked")
    standin.fail(SEND, "delay", times=9999, seconds=0.02)
    gate = tmp_path / "gate"
    both = [
        process(own_app, standin, "-m", "tests.reminders.deliver_process", str(gate), "20")
        for _ in range(2)
    ]
    for one in both:
        assert one.stdout.readline() == "ready\n"
    gate.touch()
    done = [orjson.loads(one.ends()) for one in both]
    assert all(one.get("taken") for one in done), f"one of them did everything: {done}"
    assert states() == {"sent": len(people) * each}
    assert [len(post.on_phone(someone)) for someone in people] == [each] * len(people)
    assert copies() == [1] * (len(people) * each)


def test_a_slow_wechat_holds_no_connection(
    post: Post, own_app: Flask, standin: RunningStandin
) -> None:
    """With one connection in the pool, a resident is served while WeChat takes three seconds."""
    enrolled(post, 3)
    standin.fail(SEND, "delay", times=3, seconds=3)
    url = own_app.extensions["settings"].database_url
    app = create_app(
        settings.for_tests(database_url=url, database_pool=1, wx_api_base=standin.url)
    )  # fmt: skip

    def deliver() -> None:
        with app.app_context():
            deliver_due()

    delivery = threading.Thread(target=deliver)
    delivery.start()
    try:
        wait_until(lambda: standin.calls(SEND) == 3)
        with app.app_context():
            assert db.engine.pool.checkedout() == 0
        assert ApiClient(app).get("/night-school/runs").status_code == 200
        assert delivery.is_alive(), "the answer came only after WeChat's"
    finally:
        delivery.join()
        app.extensions["wechat"].close()
        databases.dispose(app)
    assert states() == {"sent": 3}
