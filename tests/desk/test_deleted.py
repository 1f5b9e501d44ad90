"""Somebody who deleted their account, as the console shows them: in the books, without a name."""

from datetime import date, datetime, timedelta
from types import SimpleNamespace

import pytest
from flask_babel import refresh
from sqlalchemy import select

from backend import clock
from backend.db import db, transactional
from backend.night_school.models import Attendance, Lesson
from backend.people import deleting
from tests.booking import verbs
from tests.console import Console, text_of
from tests.factories import Make, Signed

GONE = "已注销用户"


@pytest.fixture
def gone(make: Make, cast: SimpleNamespace, now: datetime) -> SimpleNamespace:
    """She came to a class of one lesson, and left the day after."""
    wang: Signed = make.resident(
        "王秀英", phone="13812345678", birth_date=date(1953, 5, 1), home_place_id=cast.estate.id
    )
    run = make.run(lessons=1, lead=timedelta(hours=1))
    booked = verbs.book(run.id, wang.person.id, account_id=wang.account.id).booking_id
    lesson = db.session.scalars(select(Lesson).where(Lesson.run_id == run.id)).one()
    make.add(
        Attendance(
            lesson_id=lesson.id, booking_id=booked, presence="present", taken_by="tap", at=now
        )
    )
    with clock.frozen(now + timedelta(days=1)):
        transactional(deleting.delete_account)(db.session(), wang.me, clock.now())
        yield SimpleNamespace(person=wang.person, run=run, lesson=lesson)


@pytest.fixture
def worker(app, cast: SimpleNamespace, gone: SimpleNamespace) -> Console:
    return Console(app).as_(cast.wang)


def test_lists_of_a_class_have_no_name(worker: Console, gone: SimpleNamespace) -> None:
    for path in (f"/classes/{gone.run.id}", f"/classes/lessons/{gone.lesson.id}",
                 f"/classes/{gone.run.id}/sign-in-sheet"):  # fmt: skip
        page = text_of(worker.get(path))
        assert GONE in page, path
        assert "王秀英" not in page


def test_the_card_shows_the_books_and_offers_nothing(
    worker: Console, gone: SimpleNamespace
) -> None:
    response = worker.get(f"/people/{gone.person.id}")
    page = text_of(response)
    assert GONE in page
    assert "声乐基础" in page
    for word in ("王秀英", "1953", "帮居民报名", "更正资料", "登记代办同意"):
        assert word not in page


def test_nothing_can_be_written_on_it(worker: Console, gone: SimpleNamespace) -> None:
    form = {"name": "王秀英", "without_phone": "yes"}
    assert worker.post(f"/people/{gone.person.id}/change", form).status_code == 404
    db.session.expire_all()
    assert gone.person.name == ""


@pytest.mark.parametrize("text", ["王秀英", "13812345678", "5678", GONE])
def test_nobody_finds_her(worker: Console, text: str) -> None:
    page = text_of(worker.get("/people", query_string={"q": text}))
    assert "没有找到" in page


def test_in_english(worker: Console, gone: SimpleNamespace) -> None:
    worker.post("/language", {"language": "en"})
    refresh()  # the requests of a test share a context, which keeps the language
    page = text_of(worker.get(f"/classes/{gone.run.id}"))
    assert "Deleted account" in page
