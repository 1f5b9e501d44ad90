"""Ticks that arrive together go to the database together; each is as if it had come alone.

A lock on the meal holds the first tick at the database; those that come meanwhile are the next
batch, which goes when the lock is let go.
"""

import uuid
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from flask import Flask
from sqlalchemy import Connection, func, select, update
from werkzeug.test import TestResponse

from admin.doors import COOKIE
from backend import checking, clock
from backend.app import create_app
from backend.booking import service as booking
from backend.booking.models import Bookable, Booking, BookingEvent, State
from backend.booking.service import Actor
from backend.canteen.carrying import check, rush
from backend.canteen.carrying.ticking import Outcome, Tick
from backend.canteen.delivery.models import DeliveryRun, DeliveryStop
from backend.canteen.serving import service as serving
from backend.canteen.serving.models import MealServed, Proof, Way
from backend.db import Base, db, transaction, transactional
from backend.errors import Refusal
from backend.people.models import Account
from backend.staff import sessions
from backend.staff.models import AuditEntry, Role, Staff, StaffSession
from tests import databases, settings
from tests.canteen.runs import carried
from tests.company import until, waiting_backends
from tests.console import Console
from tests.factories import Make

pytestmark = pytest.mark.xdist_group("races")
NOON = datetime(2026, 3, 11, 4, 0, tzinfo=UTC)
JSON = {"Accept": "application/json"}
Coming = Future[TestResponse]


class Lunch:
    """A lunch on its way on PostgreSQL that really commits, phones on threads of their own."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.lunch = carried(Make(NOON), db.session())
        self.zhao = self.lunch.staff()
        self.out = self.lunch.run(self.zhao).id
        self.ids: dict[str, tuple[int, int]] = {}  # the stop's and the order's
        self.codes: dict[str, str] = {}
        self.threads = ThreadPoolExecutor(40)
        self.line = app.extensions["rush"]["tick"]

    def bags(self, count: int) -> list[str]:
        """So many stops of the run, by whose they are."""
        names = [f"住户{number}" for number in range(count)]
        for name in names:
            self.stop(name)
        return names

    def phone(self, someone: Staff | None = None) -> Console:
        browser = Console(self.app).as_(someone or self.zhao)
        browser.token()
        return browser

    def stop(self, name: str, account: Account | None = None) -> None:
        """A bag of this person's, on the run; threads read its plain values."""
        person = self.lunch.make.person(name)
        stop = self.lunch.stop(db.session.get_one(DeliveryRun, self.out), person, account)
        self.ids[name] = stop.id, stop.booking_id
        self.codes[name] = str(self.lunch.bookings[name].short_code)

    def tick(self, browser: Console, name: str, *, run: int | None = None, **form: str):
        headers = JSON | {"X-Request-ID": "7"}
        form = {"outcome": "done", "key": str(uuid.uuid4()), "code": self.codes[name]} | form
        at = f"/courier/runs/{run or self.out}/stops/{self.ids[name][0]}"
        return browser.post(at, form, headers=headers)

    def come(self, *calls: Callable[[], TestResponse]) -> list[Coming]:
        """Phones that stand in line, one behind the other."""
        coming = []
        for call in calls:
            before = len(self.line._line)
            coming.append(self.threads.submit(call))
            until(lambda before=before: len(self.line._line) == before + 1)
        return coming

    def leading(self, name: str) -> Coming:
        """The first tick, alone in its batch, waiting at the database for the held meal."""
        browser = self.phone()
        coming = self.threads.submit(self.tick, browser, name)
        until(lambda: waiting_backends() == 1)
        return coming

    @contextmanager
    def held(self) -> Iterator[Connection]:
        """Inside, another connection holds the meal as whoever calls it off does."""
        meal = select(Bookable.id).where(Bookable.id == self.lunch.meal.id)
        with db.engine.connect() as connection:
            connection.execute(meal.with_for_update())
            yield connection
            connection.commit()

    def states(self, names: Sequence[str]) -> list[tuple[str, str]]:
        """How stop and order of each stand."""
        db.session.rollback()
        found = {
            stop: (state, order)
            for stop, state, order in db.session.execute(
                select(DeliveryStop.id, DeliveryStop.state, Booking.state).join(
                    Booking, Booking.id == DeliveryStop.booking_id
                )
            )
        }
        return [found[self.ids[name][0]] for name in names]


@contextmanager
def served(url: str) -> Iterator[Lunch]:
    app = create_app(settings.for_tests(database_url=url, database_pool=8))
    databases.create_tables(app)
    with app.app_context():
        made = Lunch(app)
        yield made
        made.threads.shutdown()
        db.session.rollback()
        found = checking.run(db.session.connection(), check.CHECKS, NOON)
        assert [one.check.name for one in found if one.rows] == []
    databases.dispose(app)


@pytest.fixture
def dialect() -> str:
    return "postgresql"


@pytest.fixture
def new_database(
    dialect: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[], str]:
    return lambda: databases.new_database(dialect, request, tmp_path_factory)


@pytest.fixture
def lunch(new_database, now) -> Iterator[Lunch]:
    with served(new_database()) as made:
        yield made


@pytest.fixture
def batches(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """Of each batch how many ticks it had, and how many were answered in it."""
    seen: list[tuple[int, int]] = []
    tick_each = rush.tick_each

    def note(session, calls, now):
        ticked = tick_each(session, calls, now)
        seen.append((len(calls), sum(one is not None for one in ticked)))
        return ticked

    monkeypatch.setattr(rush, "tick_each", note)
    return seen


def told(coming: list[Coming]) -> list[tuple[int, object]]:
    """Of each answer the status, and how the stop stands or the errcode."""
    answers = [one.result(30) for one in coming]
    return [
        (one.status_code, one.json["stop"]["state"] if one.status_code == 200
         else one.json["errcode"])
        for one in answers
    ]  # fmt: skip


DONE = (200, "done")


def rows_of(model: type[Base]) -> int:
    db.session.rollback()
    return int(db.session.scalar(select(func.count()).select_from(model)) or 0)


def test_a_batch_is_one_read_and_one_write(
    lunch: Lunch, batches, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[str] = []
    execute = psycopg.Cursor.execute

    def note(cursor, query, *args, **kwargs):
        if not isinstance(query, str) or "pg_stat_activity" not in query:
            sent.append(str(query))
        return execute(cursor, query, *args, **kwargs)

    first, *rest = names = lunch.bags(13)
    phones = [lunch.phone() for _ in rest]
    with lunch.held():
        leader = lunch.leading(first)
        monkeypatch.setattr(psycopg.Cursor, "execute", note)
        coming = lunch.come(
            *(lambda name=name, phone=phone: lunch.tick(phone, name)
              for name, phone in zip(rest, phones, strict=True))
        )  # fmt: skip
    assert told([leader, *coming]) == [DONE] * 13
    assert len(sent) == 2, sent
    assert batches == [(1, 1), (12, 12)]
    assert lunch.states(names) == [("done", "attended")] * 13
    assert [rows_of(one) for one in (MealServed, BookingEvent, AuditEntry)] == [13] * 3


def test_everybody_is_told_what_is_theirs(lunch: Lunch, batches) -> None:
    first, *names = lunch.bags(10)
    again, wrong, failed, alien, out, gone, fresh, twice, plain = names
    key = str(uuid.uuid4())
    zhao, other, new, revoked, cook = (
        lunch.phone(), lunch.phone(lunch.lunch.staff(name="钱大姐")), lunch.phone(),
        lunch.phone(), lunch.phone(lunch.lunch.staff(Role.COOK)),
    )  # fmt: skip
    phones = [lunch.phone() for _ in range(9)]
    assert lunch.tick(zhao, again, key=key).status_code == 200
    booking.cancel(db.session(), lunch.ids[gone][1], Actor(staff_id=lunch.zhao.id), NOON)
    db.session.execute(
        update(StaffSession)
        .where(StaffSession.token_hash == sessions.token_hash(cookie(revoked)))
        .values(revoked_at=NOON)
    )
    db.session.commit()
    new.http.delete_cookie(COOKIE, path="/admin")
    batches.clear()
    with lunch.held():
        leader = lunch.leading(first)
        coming = lunch.come(
            lambda: lunch.tick(phones[0], again, key=key),
            lambda: lunch.tick(phones[1], wrong, code="000000"),
            lambda: lunch.tick(phones[2], failed, outcome="failed", reason="refused"),
            lambda: lunch.tick(other, alien),
            lambda: lunch.tick(revoked, out),
            lambda: lunch.tick(new, out),
            lambda: lunch.tick(phones[3], gone),
            lambda: lunch.tick(phones[4], fresh, key=key),
            lambda: lunch.tick(phones[5], twice),
            lambda: lunch.tick(phones[6], twice),
            lambda: lunch.tick(phones[7], plain, run=lunch.out + 999),
            lambda: lunch.tick(cook, plain),
            lambda: lunch.tick(phones[8], plain),
        )
    assert told([leader]) == [DONE]
    assert told(coming) == [
        DONE, (422, 42200), (200, "failed"), (404, 40400), (401, 40101), (401, 40100),
        (200, "gone"), (422, 42201), DONE, (409, 409388), (404, 40400), (403, 40300), DONE,
    ]  # fmt: skip
    assert batches == [(1, 1), (13, 2)]
    assert lunch.states([wrong, alien, out]) == [("todo", "confirmed")] * 3
    assert rows_of(MealServed) == 4


def cookie(browser: Console) -> str:
    found = browser.http.get_cookie(COOKIE, path="/admin")
    assert found is not None
    return str(found.value)


def test_without_our_token_nothing_is_ticked(lunch: Lunch, batches) -> None:
    [name] = lunch.bags(1)
    browser = lunch.phone()
    at = f"/courier/runs/{lunch.out}/stops/{lunch.ids[name][0]}"
    form = {"outcome": "done", "key": str(uuid.uuid4()), "code": lunch.codes[name]}
    assert browser.post(at, form, headers=JSON, csrf=False).status_code == 400
    assert batches == []
    assert lunch.states([name]) == [("todo", "confirmed")]


def test_who_has_to_choose_a_password_is_led_there(lunch: Lunch) -> None:
    [name] = lunch.bags(1)
    browser = lunch.phone()
    lunch.zhao.must_change_password = True
    db.session.commit()
    assert lunch.tick(browser, name).location.endswith("/admin/account/password")
    assert lunch.states([name]) == [("todo", "confirmed")]


def test_an_order_given_back_between_reading_and_writing_is_brought_along(
    lunch: Lunch, batches
) -> None:
    """Of the batch that has read and waits to write, one has nothing to hand over any more."""
    first, *names = lunch.bags(4)
    phones = [lunch.phone() for _ in names]
    with lunch.held() as holder:
        leader = lunch.leading(first)
        _stop, booking_id = lunch.ids[first]
        order = update(Booking).where(Booking.id == booking_id)
        holder.execute(order.values(state=State.CANCELLED))
        coming = lunch.come(
            *(lambda name=name, phone=phone: lunch.tick(phone, name)
              for name, phone in zip(names, phones, strict=True))
        )  # fmt: skip
    assert told([leader, *coming]) == [(200, "gone"), DONE, DONE, DONE]
    assert batches == [(1, 0), (3, 3)]
    assert rows_of(MealServed) == 3
    assert lunch.states([first]) == [("gone", "cancelled")]


def test_two_phones_a_counter_and_a_resident_at_once(lunch: Lunch) -> None:
    """Each order is handed over once or given back, whoever is first; nobody waits in a circle."""
    names = lunch.bags(8)
    actor = Actor(staff_id=lunch.zhao.id)

    def by_verb(verb: Callable[..., object], *args: object, **more: object) -> object:
        with lunch.app.app_context():
            try:
                return transactional(verb)(db.session(), *args, **more)
            except Refusal as refusal:
                return refusal.errcode

    def calls(name: str) -> list[Callable[[], object]]:
        _stop, order = lunch.ids[name]
        phones = [lunch.phone(), lunch.phone()]
        counter = {"way": Way.COUNTER, "proof": Proof.CODE, "staff_id": lunch.zhao.id}
        return [
            *(lambda phone=phone: lunch.tick(phone, name).status_code for phone in phones),
            lambda: by_verb(booking.cancel, order, actor, NOON),
            lambda: by_verb(serving.serve, order, at=NOON, key=f"c{order}", now=NOON, **counter),
        ]

    every = [one for name in names for one in calls(name)]
    for one in [lunch.threads.submit(call) for call in every]:
        assert one.result(30) not in (500, 503)
    db.session.rollback()
    for (stop, order), name in zip(lunch.states(names), names, strict=True):
        count = db.session.scalar(
            select(func.count()).where(MealServed.booking_id == lunch.ids[name][1])
        )
        assert (order, count) in [("attended", 1), ("cancelled", 0)], name
        assert stop != "failed"


def test_the_same_bags_from_both_ends_of_two_batches(lunch: Lunch) -> None:
    """Two workers hold the same ticks in opposite orders: one writes, the other finds it done."""
    names = lunch.bags(12)
    token = sessions.token_hash(cookie(lunch.phone()))
    keys = {name: str(uuid.uuid4()) for name in names}

    def batch(order: Sequence[str]) -> list[object]:
        done = {
            name: Tick(outcome=Outcome.DONE, key=keys[name], at=NOON, code=lunch.codes[name])
            for name in order
        }
        calls = [rush.Call(token, lunch.out, lunch.ids[name][0], done[name], None)
                 for name in order]  # fmt: skip
        with lunch.app.app_context(), transaction(one_write=True) as session:
            return list(rush.tick_each(session, calls, NOON))

    with lunch.held():
        both = [lunch.threads.submit(batch, one) for one in (names, names[::-1])]
        until(lambda: waiting_backends() == 2)
    ticked = [sum(one is not None for one in found.result(30)) for found in both]
    assert sorted(ticked) == [0, 12]
    assert rows_of(MealServed) == 12


STEPS: dict[str, dict[str, Any]] = {
    "by code": {},
    "by code, told later": {
        "received_by": "女儿", "at": "2031-01-01T10:00:00Z", "device_now": "2031-01-01T10:07:00Z",
    },
    "before it was out": {"at": "2031-01-01T10:00:00Z", "device_now": "2031-01-01T18:07:00Z"},
    "ordered by a daughter": {},
    "spaces in it": {"code": "spaced"},
    "a wrong code": {"code": "000000"},
    "neither code nor photo": {"code": ""},
    "nobody is in": {"outcome": "failed", "reason": "no_answer"},
    "failed": {"outcome": "failed", "reason": "refused"},
    "after a failure": {},
    "missed by then": {},
    "given back": {},
    "fetched at the counter": {},
}  # fmt: skip
IN_COMPANY = {
    "by code", "by code, told later", "before it was out", "ordered by a daughter", "spaces in it",
}  # fmt: skip


def test_by_either_door_the_same_is_written_and_told(new_database, monkeypatch) -> None:
    """Row by row, table by table: what a tick leaves behind, and what the phone hears."""
    company, alone = [], []
    answered: set[str] = set()
    tick_each = rush.tick_each
    for left, together in ((company, True), (alone, False)):

        def note(session, calls, now, together=together):
            found = tick_each(session, calls, now) if together else [None]
            answered.update(str(one.ticked.key) for one in calls if found[0] is not None)
            return found

        monkeypatch.setattr(rush, "tick_each", note)
        with clock.frozen(NOON), served(new_database()) as lunch:
            prepared(lunch)
            browser = lunch.phone()
            for number, (step, form) in enumerate(STEPS.items()):
                # The third comes after a pause: that they were seen is noted.
                with clock.frozen(NOON + timedelta(minutes=3 if number > 1 else 0)):
                    before = snapshot()
                    form = {"key": str(uuid.UUID(int=number))} | form
                    if form.get("code") == "spaced":
                        form["code"] = " ".join(lunch.codes[step])
                    answer = lunch.tick(browser, step, **form)
                    left.append((step, answer.status_code, answer.json, changes(before)))
    keys = {str(uuid.UUID(int=number)): step for number, step in enumerate(STEPS)}
    assert {keys[one] for one in answered} == IN_COMPANY
    assert len(company) == len(STEPS)
    for mine, theirs in zip(company, alone, strict=True):
        assert mine == theirs
    tables = [{table for table, *_row in written} for *_answer, written in company]
    assert tables[0] == {"booking", "booking_event", "meal_served", "delivery_stop", "audit_entry"}
    assert tables[2] == tables[0] | {"staff_session"}
    assert tables[3] == tables[0] | {"reminder"}


def prepared(lunch: Lunch) -> None:
    """A bag for each of STEPS, in the state its name says."""
    daughter = lunch.lunch.make.resident("王芳").account
    for step in STEPS:
        lunch.stop(step, daughter if step == "ordered by a daughter" else None)
    stops, orders = lunch.lunch.stops, lunch.lunch.bookings
    stops["after a failure"].key = "an undo's"
    orders["missed by then"].state = State.MISSED
    orders["given back"].state = State.CANCELLED
    orders["fetched at the counter"].state = State.ATTENDED
    db.session.commit()


Rows = dict[tuple[str, tuple[Any, ...]], dict[str, Any]]


def snapshot() -> Rows:
    """Every row of every table, by its key."""
    db.session.rollback()
    found: Rows = {}
    for table in Base.metadata.sorted_tables:
        keys = [column.name for column in table.primary_key]
        for row in db.session.execute(select(table)).mappings():
            found[table.name, tuple(row[name] for name in keys)] = dict(row)
    return found


def changes(before: Rows) -> list[tuple[str, str]]:
    """What has come since, and of what has changed the new values; nothing is ever deleted."""
    after = snapshot()
    assert before.keys() <= after.keys()
    return sorted(
        (table, repr({name: value for name, value in row.items()
                      if (table, key) not in before or before[table, key][name] != value}))
        for (table, key), row in after.items()
        if before.get((table, key)) != row
    )  # fmt: skip
