"""Booking at the desk: for them, against some rules with a reason, cancel, answer an offer."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from backend.booking.models import Booking, BookingEvent
from backend.db import db
from backend.staff.models import AuditEntry
from tests.console import Console, text_of
from tests.factories import Make, fresh


@pytest.fixture
def wang(app, cast: SimpleNamespace) -> Console:
    return Console(app).as_(cast.wang)


@pytest.fixture
def zhao(make: Make, cast):
    return make.person("赵桂兰", home_place_id=cast.estate.id)


def book(console: Console, person, run, **form):
    return console.post(f"/people/{person.id}/book", {"run_id": run.id} | form)


def bookings() -> list[Booking]:
    return list(db.session.scalars(select(Booking).order_by(Booking.id)))


def test_a_place_is_taken_for_them(wang: Console, cast, zhao, make: Make) -> None:
    run = make.run()
    assert "余 30 个名额" in text_of(wang.get(f"/people/{zhao.id}/book"))
    assert book(wang, zhao, run).status_code == 302
    (booking,) = bookings()
    assert (booking.state, booking.person_id, booking.staff_id, booking.account_id) == (
        "confirmed", zhao.id, cast.wang.id, None)  # fmt: skip
    entry = db.session.scalars(select(AuditEntry)).one()
    assert (entry.action, entry.place_id) == ("booking.book", cast.here.id)
    page = text_of(wang.get(f"/people/{zhao.id}"))
    assert "声乐基础 已报名" in page
    assert "王敏" in page  # in the history


def test_a_full_class_has_a_line(wang: Console, zhao, make: Make) -> None:
    run = make.run(capacity=0)
    assert "已满" in text_of(wang.get(f"/people/{zhao.id}/book"))
    full = book(wang, zhao, run)
    assert full.status_code == 409
    assert "名额已满" in text_of(full)
    assert book(wang, zhao, run, wait="true").status_code == 302
    assert [b.state for b in bookings()] == ["waiting"]


def test_some_rules_give_way_to_a_reason(wang: Console, zhao, make: Make) -> None:
    run = make.run(min_age=70)
    page = text_of(wang.get(f"/people/{zhao.id}/book"))
    assert "年龄还没有达到" in page
    assert "仍要办理" in page
    assert book(wang, zhao, run).status_code == 409
    assert not bookings()
    assert book(wang, zhao, run, reason="下月满七十").status_code == 302
    reasons = db.session.scalars(select(BookingEvent.reason)).all()
    assert reasons == ["下月满七十"]


def test_others_do_not(wang: Console, zhao, make: Make) -> None:
    run = make.run(cancelled_at=make.now)
    assert book(wang, zhao, run, reason="请通融").status_code == 409
    open_run = make.run()
    book(wang, zhao, open_run)
    again = book(wang, zhao, open_run, reason="再来一次")
    assert again.status_code == 409
    assert "已经报过名了" in text_of(again)
    assert "不能报名" in text_of(wang.get(f"/people/{zhao.id}/book"))


def test_other_places_classes_are_not_found(wang: Console, cast, zhao, make: Make) -> None:
    theirs = make.run(place=cast.there)
    assert book(wang, zhao, theirs).status_code == 404
    assert "没有可以报名的班级" in text_of(wang.get(f"/people/{zhao.id}/book"))
    for odd in ("", "x", "-1", "9" * 30):
        assert wang.post(f"/people/{zhao.id}/book", {"run_id": odd}).status_code == 422


def test_the_choices_take_the_same_reads_for_many(wang, zhao, make: Make, statements) -> None:
    make.run()
    statements.clear()
    wang.get(f"/people/{zhao.id}/book")
    few = len(statements)
    for _more in range(15):
        make.run()
    statements.clear()
    wang.get(f"/people/{zhao.id}/book")
    assert len(statements) == few


def test_it_is_cancelled_with_a_reason_and_offered_on(wang, zhao, cast, make: Make) -> None:
    run, li = make.run(capacity=1), make.person("李建国", home_place_id=cast.estate.id)
    book(wang, zhao, run)
    book(wang, li, run, wait="true")
    mine, waiting = bookings()
    path = f"/people/{zhao.id}/bookings/{mine.id}/cancel"
    assert "声乐基础" in text_of(wang.get(path))
    missing = wang.post(path, {"reason": " "})
    assert missing.status_code == 422
    assert "请填写" in text_of(missing)
    assert wang.post(path, {"reason": "住院"}).status_code == 302
    assert (fresh(mine).state, fresh(waiting).state) == ("cancelled", "offered")
    page = text_of(wang.get(f"/people/{li.id}"))
    assert "替居民确认" in page
    offered = f"/people/{li.id}/bookings/{waiting.id}"
    assert "李建国" in text_of(wang.get("/"))  # open offers stand on the first page
    assert wang.post(f"{offered}/accept").status_code == 302
    assert fresh(waiting).state == "confirmed"
    assert fresh(run).taken == 1
    gone = wang.post(f"{offered}/decline")
    assert gone.status_code == 409
    assert "失效" in text_of(gone)


def test_an_offer_is_declined_for_them(wang, zhao, cast, make: Make) -> None:
    run, li = make.run(capacity=1), make.person("李建国", home_place_id=cast.estate.id)
    book(wang, zhao, run)
    book(wang, li, run, wait="true")
    mine, waiting = bookings()
    wang.post(f"/people/{zhao.id}/bookings/{mine.id}/cancel", {"reason": "住院"})
    assert wang.post(f"/people/{li.id}/bookings/{waiting.id}/decline").status_code == 302
    assert (fresh(waiting).state, fresh(run).taken) == ("declined", 0)


def test_an_expired_offer_is_passed_on_first(wang, zhao, cast, make: Make) -> None:
    run, li = make.run(capacity=1), make.person("李建国", home_place_id=cast.estate.id)
    book(wang, zhao, run)
    book(wang, li, run, wait="true")
    mine, waiting = bookings()
    wang.post(f"/people/{zhao.id}/bookings/{mine.id}/cancel", {"reason": "住院"})
    past = make.now - timedelta(minutes=1)
    fresh(waiting).offer_until = past
    db.session.commit()
    fresh(run).next_expiry_at = past
    db.session.commit()
    late = wang.post(f"/people/{li.id}/bookings/{waiting.id}/accept")
    assert late.status_code == 409
    assert fresh(waiting).state == "declined"


def test_bookings_elsewhere_or_of_others_are_not_found(app, wang, zhao, cast, make) -> None:
    li = make.person("李建国", home_place_id=cast.estate.id)
    book(wang, zhao, make.run())
    (mine,) = bookings()
    for path in (f"/people/{li.id}/bookings/{mine.id}/cancel",):
        assert wang.post(path, {"reason": "x"}).status_code == 404
    row = fresh(zhao)
    row.home_place_id = cast.estate_there.id  # Lin sees the person, but the class is not hers
    db.session.commit()
    lin = Console(app).as_(cast.lin)
    assert lin.get(f"/people/{zhao.id}").status_code == 200
    path = f"/people/{zhao.id}/bookings/{mine.id}/cancel"
    assert lin.post(path, {"reason": "x"}).status_code == 404
    assert fresh(mine).state == "confirmed"
