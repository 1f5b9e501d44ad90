"""Drawing in the background: once, as a whole or not at all, whoever dies or comes twice."""

import signal
import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend import clock
from backend.booking.models import Booking, BookingEvent
from backend.cli import main
from backend.commands.check import audit
from backend.db import db, transactional
from backend.night_school.draws import desk, publishing, queries, working
from backend.night_school.draws.errors import AlreadyDrawn
from backend.night_school.draws.models import Draw, DrawWish, DrawWork
from backend.night_school.models import CourseRun
from backend.reminders.models import Reminder
from backend.scheduler import draw_draws
from tests import settings
from tests.conftest import NOON
from tests.factories import Make
from tests.night_school.draws.drawing import NUMBER, Drawing
from tests.programs import Program

DIES = """
import os, signal, sys
from datetime import datetime
from backend import config
from backend.app import create_app
from backend.night_school.draws import working

def dies(step, done, of):
    if step == "write":
        os.kill(os.getpid(), signal.SIGKILL)

with create_app(config.load()).app_context():
    working.work(int(sys.argv[1]), datetime.fromisoformat(sys.argv[2]), dies)
"""


@pytest.fixture
def drawing(own_app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Drawing]:
    """A draw of two runs and six people whose number is given, too large to be drawn at once."""
    monkeypatch.setattr(desk, "AT_ONCE", 3)
    with own_app.app_context(), clock.frozen(NOON):
        make = Make(NOON)
        drawing = Drawing(make)
        runs = [drawing.run(capacity=2), drawing.run(capacity=1)]
        drawing.open(*runs)
        for number in range(6):
            drawing.apply(make.resident(f"居民{number}"), *runs)
        drawing.close()
        assert drawing.does(desk.conduct, drawing.id, NUMBER, drawing.drawn_at) is None
        yield drawing
        db.session.remove()


def counts() -> tuple[int, ...]:
    """Bookings, events, messages, reasons: what a draw leaves."""
    db.session.rollback()
    rows = (Booking.id, BookingEvent.id, Reminder.id, DrawWish.got)
    return tuple(db.session.scalar(select(func.count(row))) or 0 for row in rows)


def is_whole(drawing: Drawing) -> bool:
    assert counts() == (9, 9, 6, 12)
    assert db.session.get_one(Draw, drawing.id).drawn_at == drawing.drawn_at
    assert db.session.scalars(select(DrawWork)).all() == []
    return not [found for found in audit(timedelta(hours=1)) if found.rows]


def test_the_number_is_taken_and_the_scheduler_draws(drawing: Drawing) -> None:
    told = queries.get_for_staff(db.session(), drawing.me, drawing.id, drawing.drawn_at)
    assert (told["state"], told["public_number"]) == ("drawing", NUMBER)
    assert counts() == (0, 0, 0, 0)
    with pytest.raises(AlreadyDrawn):
        drawing.does(desk.conduct, drawing.id, "999", drawing.drawn_at)
    with clock.frozen(drawing.drawn_at):
        assert draw_draws(lambda: False) == 1
        assert draw_draws(lambda: False) == 0
        assert is_whole(drawing)


def test_the_progress_is_there_to_read_meanwhile(drawing: Drawing) -> None:
    seen = []

    def tell(step: str, done: int, of: int) -> None:
        noted = working._Noted(drawing.id)
        noted(step, done, of)
        with Session(db.engine) as page:
            seen.append((step, queries.work_of(page, drawing.id, drawing.drawn_at)))

    before = queries.work_of(db.session(), drawing.id, drawing.drawn_at)
    assert (before["stalled"], before["of"]) == (False, 0)
    late = drawing.drawn_at + queries.PATIENCE
    assert queries.work_of(db.session(), drawing.id, late)["stalled"]
    db.session.rollback()
    with clock.frozen(drawing.drawn_at):
        assert working.work(drawing.id, drawing.drawn_at, tell)
    assert [step for step, _ in seen][:2] == ["tickets", "deal"]
    assert seen[0][1]["of"] == 6
    assert seen[0][1]["stalled"] is False
    if db.engine.dialect.name == "postgresql":  # beside the transaction that writes
        step, work = seen[-1]
        assert (step, work["done"]) == ("write", work["of"])
    assert queries.work_of(db.session(), drawing.id, drawing.drawn_at) is None


def test_who_is_killed_in_the_middle_leaves_nothing_and_the_next_goes_on(
    drawing: Drawing, own_app: Flask
) -> None:
    url = own_app.extensions["settings"].database_url
    killed = Program(
        settings.ENVIRON | {"DATABASE_URL": url}, "-c", DIES, str(drawing.id),
        drawing.drawn_at.isoformat(),
    )  # fmt: skip
    killed.ends()
    assert killed.returncode == -signal.SIGKILL
    assert counts() == (0, 0, 0, 0)
    assert db.session.get_one(Draw, drawing.id).drawn_at is None
    db.session.rollback()
    assert not working.work(drawing.id, drawing.drawn_at), "the dead one's claim still holds"
    later = drawing.drawn_at + working.LEASE
    assert working.due(db.session(), later) == [drawing.id]
    assert working.work(drawing.id, drawing.drawn_at, claimed=True)
    assert is_whole(drawing)


def test_two_at_once_draw_it_once(drawing: Drawing, own_app: Flask) -> None:
    gate, did = threading.Barrier(2), []

    def run() -> None:
        with own_app.app_context():
            gate.wait()
            did.append(working.work(drawing.id, drawing.drawn_at, claimed=True))
            db.session.remove()

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(did) == [False, True]
    assert is_whole(drawing)


def test_fewer_places_than_were_fixed_stop_it_until_they_are_back(drawing: Drawing) -> None:
    run = db.session.scalars(select(CourseRun).order_by(CourseRun.id)).first()
    run.capacity = 1
    db.session.commit()
    assert not working.work(drawing.id, drawing.drawn_at)
    assert counts() == (0, 0, 0, 0)
    work = queries.work_of(db.session(), drawing.id, drawing.drawn_at)
    assert work["blocked_by"] == run.title
    run.capacity = 2
    db.session.commit()
    assert working.work(drawing.id, drawing.drawn_at + working.LEASE)


def test_staff_draw_it_themselves_where_nothing_runs(drawing: Drawing) -> None:
    tally = drawing.does(desk.finish, drawing.id, drawing.drawn_at)
    assert sum(run["won"] for run in tally.values()) == 3
    assert drawing.does(desk.finish, drawing.id, drawing.drawn_at) is None
    assert transactional(lambda: publishing.finish(db.session(), drawing.id, NOON))() is None
    assert is_whole(drawing)


def test_an_operator_draws_what_has_its_number(drawing: Drawing, own_app: Flask) -> None:
    environ = settings.ENVIRON | {"DATABASE_URL": own_app.extensions["settings"].database_url}
    answer = CliRunner().invoke(main, ["draw-finish"], env=environ)
    assert answer.exit_code == 0, answer.output
    assert "1 of 1 draws drawn." in answer.output
    assert "0 of 0" in CliRunner().invoke(main, ["draw-finish"], env=environ).output
    assert counts() == (9, 9, 6, 12)
