"""Sign-ups that arrive together go to the database together, and each is told its own outcome.

A lock on the run holds the first sign-up at the database; those that come meanwhile are the next
batch, which goes when the lock is let go.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from flask import Flask
from sqlalchemy import Connection, func, insert, select, update
from werkzeug.test import TestResponse

from backend.app import create_app
from backend.booking.models import Bookable, Booking, BookingEvent, State
from backend.commands.check import audit
from backend.db import db
from backend.night_school import rush
from backend.reminders.models import Reminder
from tests import databases, settings
from tests.booking.crowd import Member, crowd
from tests.company import until, waiting_backends
from tests.factories import Make

Coming = Future[TestResponse]


class Town:
    """An application on PostgreSQL that really commits, its residents on threads of their own."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.now = datetime.now(UTC)
        self.threads = ThreadPoolExecutor(24)
        self.line = app.extensions["rush"]["book"]

    def run(self, **given: object) -> int:
        run_id = Make(self.now).run(**given).id
        db.session.commit()
        return run_id

    def enrol(
        self, run_id: int, who: Member, *, key: str | None = None, wait: bool = False
    ) -> TestResponse:
        headers = {"Authorization": f"Bearer {who.token}"} | (
            {"Idempotency-Key": key} if key else {}
        )
        return self.app.test_client().post(
            f"/mp/v1/night-school/runs/{run_id}/enrolments",
            json={"person_id": who.person_id, "wait": wait},
            headers=headers,
        )

    def come(self, *calls: Callable[[], TestResponse]) -> list[Coming]:
        """Callers who stand in line, one behind the other."""
        coming = []
        for call in calls:
            before = len(self.line._line)
            coming.append(self.threads.submit(call))
            until(lambda before=before: len(self.line._line) == before + 1)
        return coming

    @contextmanager
    def held(self, run_id: int) -> Iterator[Connection]:
        """Inside, another connection holds the run; sign-ups for it wait at the database."""
        with db.engine.connect() as connection:
            connection.execute(select(Bookable.id).where(Bookable.id == run_id).with_for_update())
            yield connection
            connection.commit()

    def leading(self, run_id: int, who: Member) -> Coming:
        """The first sign-up, alone in its batch, waiting at the database for the held run."""
        coming = self.threads.submit(self.enrol, run_id, who)
        until(lambda: waiting_backends() == 1)
        return coming


@pytest.fixture
def dialect() -> str:
    return "postgresql"


@pytest.fixture
def town(
    dialect: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Town]:
    url = databases.new_database(dialect, request, tmp_path_factory)
    app = create_app(settings.for_tests(database_url=url, database_pool=8))
    databases.create_tables(app)
    with app.app_context():
        made = Town(app)
        yield made
        made.threads.shutdown()
        db.session.rollback()
        assert [one.check.name for one in audit(timedelta(hours=1)) if one.rows] == []
    databases.dispose(app)


@pytest.fixture
def batches(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many sign-ups each batch had."""
    seen: list[int] = []
    enrol_each = rush.enrol_each

    def note(session, sign_ups, now):
        seen.append(len(sign_ups))
        return enrol_each(session, sign_ups, now)

    monkeypatch.setattr(rush, "enrol_each", note)
    return seen


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The tables' statements sent by anybody."""
    seen: list[str] = []
    execute = psycopg.Cursor.execute

    def note(cursor, query, *args, **kwargs):
        if "booking" in str(query):
            seen.append(str(query))
        return execute(cursor, query, *args, **kwargs)

    monkeypatch.setattr(psycopg.Cursor, "execute", note)
    return seen


def results(coming: list[Coming]) -> list[tuple[int, str | int]]:
    """Of each answer the status, and the state or the errcode."""
    answers = [one.result(30) for one in coming]
    return [
        (
            one.status_code,
            one.json["data"]["state"] if one.json["errcode"] == 0 else one.json["errcode"],
        )
        for one in answers
    ]


CONFIRMED = (201, "confirmed")


def rows(model: type[Booking] | type[BookingEvent] | type[Reminder]) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(model))


def taken(run_id: int) -> int:
    db.session.rollback()
    return db.session.scalar(select(Bookable.taken).where(Bookable.id == run_id))


def test_a_batch_is_one_read_and_one_write(town: Town, batches, sent) -> None:
    run_id, others = town.run(), [town.run() for _ in range(3)]
    first, *rest = crowd(13, town.now)
    with town.held(run_id):
        leader = town.leading(run_id, first)
        sent.clear()
        wanted = [run_id, *others] * 3
        coming = town.come(
            *(lambda run=run, who=who: town.enrol(run, who, key="k")
              for run, who in zip(wanted, rest, strict=True))
        )  # fmt: skip
    assert results([leader, *coming]) == [CONFIRMED] * 13
    assert batches == [1, 12]
    assert len(sent) == 2
    assert [taken(one) for one in (run_id, *others)] == [4, 3, 3, 3]
    assert (rows(Booking), rows(BookingEvent), rows(Reminder)) == (13, 13, 13)
    assert len({one.result().json["data"]["booking_id"] for one in coming}) == 12


def test_everybody_is_told_what_is_theirs(town: Town, batches) -> None:
    """In one batch: places, refusals, a replay, the same person twice, a bad token, a bad body."""
    run_id, closed = town.run(), town.run(closes_at=town.now)
    first, wang, li, zhao, chen = crowd(5, town.now)
    earlier = town.enrol(run_id, zhao, key="z").json["data"]["booking_id"]
    nobody = Member(chen.person_id, chen.account_id, "no-such-token")
    stranger = Member(wang.person_id, chen.account_id, chen.token)
    batches.clear()
    with town.held(run_id):
        leader = town.leading(run_id, first)
        coming = town.come(
            lambda: town.enrol(run_id, wang, key="w"),
            lambda: town.enrol(run_id, wang, key="w"),
            lambda: town.enrol(run_id, li),
            lambda: town.enrol(run_id, li),
            lambda: town.enrol(run_id, zhao, key="z"),
            lambda: town.enrol(run_id, zhao, key="z", wait=True),
            lambda: town.enrol(closed, chen),
            lambda: town.enrol(run_id, nobody),
            lambda: town.enrol(run_id, stranger),
            lambda: town.enrol(run_id + 999, chen),
        )
    assert results([leader]) == [CONFIRMED]
    assert results(coming) == [
        CONFIRMED, (200, "confirmed"), CONFIRMED, (409, 40905), (200, "confirmed"), (422, 42201),
        (409, 40903), (401, 40100), (404, 40400), (404, 40400),
    ]  # fmt: skip
    assert batches == [1, 10]
    assert coming[4].result().json["data"]["booking_id"] == earlier
    assert (taken(run_id), rows(Booking)) == (4, 4)


def test_as_many_as_fit_are_taken_and_the_rest_join_the_line(town: Town, batches) -> None:
    run_id, members = town.run(capacity=3), crowd(8, town.now)
    with town.held(run_id):
        leader = town.leading(run_id, members[0])
        coming = town.come(
            *(lambda who=who, number=number: town.enrol(run_id, who, wait=number < 6)
              for number, who in enumerate(members[1:]))
        )  # fmt: skip
    assert results([leader, *coming[:2]]) == [CONFIRMED] * 3
    assert results(coming[2:6]) == [(201, "waiting")] * 4
    assert {one.result().json["data"]["queue_no"] for one in coming[2:6]} == {1, 2, 3, 4}
    assert results(coming[6:]) == [(409, 40904)]
    assert batches == [1, 7]
    assert taken(run_id) == 3


def test_a_row_that_cannot_be_written_stops_nobody_else(town: Town) -> None:
    """Somebody is enrolled elsewhere between the batch's read and its write."""
    run_id, members = town.run(), crowd(4, town.now)
    with town.held(run_id) as holder:
        coming = [town.leading(run_id, members[0])]
        enrol_at_desk(holder, town, run_id, members[0])
        coming += town.come(*(lambda who=who: town.enrol(run_id, who) for who in members[1:]))
    assert results(coming) == [(409, 40905), *[CONFIRMED] * 3]
    assert (taken(run_id), rows(Booking)) == (4, 4)


def test_one_bad_row_in_a_batch_of_many(town: Town, batches) -> None:
    run_id, other_run = town.run(), town.run()
    first, *members = crowd(6, town.now)
    with town.held(other_run) as holder:
        with town.held(run_id):
            leader = town.leading(run_id, first)
            coming = town.come(
                *(lambda who=who: town.enrol(other_run, who, key="k") for who in members)
            )
        assert results([leader]) == [CONFIRMED]
        until(lambda: waiting_backends() == 1)  # the batch has read and waits to write
        enrol_at_desk(holder, town, other_run, members[2])
    assert results(coming) == [CONFIRMED, CONFIRMED, (409, 40905), CONFIRMED, CONFIRMED]
    assert batches == [1, 5]
    assert (taken(other_run), rows(BookingEvent)) == (5, 6)


def enrol_at_desk(holder: Connection, town: Town, run_id: int, who: Member) -> None:
    """Rows that nobody else sees before the run is let go."""
    booking = {
        "bookable_id": run_id, "person_id": who.person_id, "state": State.CONFIRMED,
        "once_key": f"run:{run_id}", "starts_at": town.now, "ends_at": town.now,
        "code": f"desk-{run_id}", "short_code": "000000", "created_at": town.now,
    }  # fmt: skip
    made = holder.execute(insert(Booking).values(booking).returning(Booking.id)).scalar_one()
    event = {"booking_id": made, "at": town.now, "state": State.CONFIRMED}
    holder.execute(insert(BookingEvent).values(event))
    holder.execute(update(Bookable).where(Bookable.id == run_id).values(taken=1))


@pytest.mark.parametrize("ended_by", ["pg_terminate_backend(pid)", "pg_cancel_backend(pid)"])
def test_a_batch_cut_off_is_signed_up_one_by_one(town: Town, batches, ended_by: str) -> None:
    """The connection is lost, or the statement takes too long: nothing of it is kept."""
    run_id, other_run = town.run(), town.run()
    first, *members = crowd(6, town.now)
    with town.held(other_run):
        with town.held(run_id):
            leader = town.leading(run_id, first)
            coming = town.come(
                *(lambda who=who: town.enrol(other_run, who, key="k") for who in members)
            )
        assert results([leader]) == [CONFIRMED]
        until(lambda: waiting_backends() == 1)
        waiting_backends(ended_by)
        until(lambda: waiting_backends() == 5)  # now each waits for itself
    assert results(coming) == [CONFIRMED] * 5
    assert batches == [1, 5]
    assert (taken(other_run), rows(Booking), rows(Reminder)) == (5, 6, 6)
    again = [town.enrol(other_run, who, key="k") for who in members]
    assert [one.status_code for one in again] == [200] * 5


def test_a_call_counts_once_however_it_is_answered(
    dialect: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> None:
    url = databases.new_database(dialect, request, tmp_path_factory)
    app = create_app(settings.for_tests(database_url=url, rate_limits="true"))
    databases.create_tables(app)
    with app.app_context():
        town = Town(app)
        run_id, [first, me] = town.run(capacity=1), crowd(2, town.now)
        town.enrol(run_id, first)
        statuses = [town.enrol(run_id, me).status_code for _ in range(61)]
        assert statuses == [409] * 60 + [429]
        town.threads.shutdown()
    databases.dispose(app)
