"""The waiting list on the class page: why it stands, asking the next, giving a place free."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from backend.db import db
from backend.staff.models import AuditEntry
from tests.booking import verbs
from tests.booking.test_line import Line
from tests.console import Console, text_of
from tests.factories import Make


@pytest.fixture
def full(make: Make) -> Line:
    return Line(make)


def test_the_page_says_why_nobody_moves_up(console: Console, full: Line, make: Make, now) -> None:
    worker = console.as_(make.staff("worker"))
    assert "名额已满。有人退出或增加名额时" in text_of(worker.get(f"/classes/{full.id}"))
    verbs.cancel(full.held[0])
    assert "1 位居民正在确认" in text_of(worker.get(f"/classes/{full.id}"))


def test_the_page_says_until_when_somebody_waits(
    console: Console, full: Line, make: Make, now: datetime
) -> None:
    verbs.want_before(full.waiting[1], now.replace(hour=16) + timedelta(days=2))
    page = console.as_(make.staff("worker")).get(f"/classes/{full.id}")
    assert "只等到3月13日（周五）" in text_of(page)


def test_a_place_is_given_free_with_a_reason(console: Console, full: Line, make: Make) -> None:
    worker = make.staff("worker")
    desk, path = console.as_(worker), f"/classes/{full.id}/enrolments/{full.waiting[0]}/release"
    assert desk.post(path, {"reason": "本人来电"}).status_code == 409
    verbs.cancel(full.held[0])
    assert path in desk.get(f"/classes/{full.id}").text
    assert "名额马上让给下一位" in text_of(desk.get(path))
    assert desk.post(path, {}).status_code == 422
    assert desk.post(path, {"reason": "本人来电"}).status_code == 302
    assert full.states() == ["declined", "offered"]
    assert verbs.history(full.waiting[0])[-1] == ("declined", None, worker.id, "本人来电")
    note = db.session.scalars(select(AuditEntry)).one()
    assert (note.action, note.subject_id) == ("enrolment.release", full.waiting[0])


def test_pushing_tells_what_came_of_it(console: Console, full: Line, make: Make) -> None:
    desk = console.as_(make.staff("worker"))
    assert "现在通知下一位" not in desk.get(f"/classes/{full.id}").text  # nobody can be
    answer = desk.post(f"/classes/{full.id}/push-line")
    assert answer.status_code == 302
    assert "现在没有可以通知的候补居民" in text_of(desk.get(f"/classes/{full.id}"))
    assert db.session.scalars(select(AuditEntry.action)).all() == ["class.push_line"]


def test_it_is_for_those_who_manage_the_class(console: Console, full: Line, make: Make) -> None:
    verbs.cancel(full.held[0])
    stranger = console.as_(make.staff("worker", make.place(name="滨江社区")))
    path = f"/classes/{full.id}/enrolments/{full.waiting[0]}/release"
    assert stranger.post(path, {"reason": "试试"}).status_code == 404
    assert stranger.post(f"/classes/{full.id}/push-line").status_code == 404
    assert console.as_(make.staff("teacher")).post(path, {"reason": "试试"}).status_code == 403
    assert full.states() == ["offered", "waiting"]


def test_the_card_shows_the_position(console: Console, full: Line, make: Make) -> None:
    who = make.resident("李建国", home_place_id=make.once("community", make.place).id)
    full.join(who)
    page = console.as_(make.staff("worker")).get(f"/people/{who.person.id}")
    assert "候补排在第 3 位" in text_of(page)
