"""The deadline of giving places back, as staff set it; and giving back after it at the desk."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from backend.booking.models import BookingEvent
from backend.db import db
from backend.night_school.models import CourseRun
from backend.staff.models import AuditEntry
from tests.booking import verbs
from tests.console import Console, text_of
from tests.factories import Make, fresh


@pytest.fixture
def worker(console: Console, make: Make) -> Console:
    return console.as_(make.staff("worker"))


def book(make: Make, run: CourseRun, name: str = "王秀英") -> int:
    who = make.resident(name, home_place_id=run.place_id)
    return verbs.book(run.id, who.person.id, account_id=who.account.id).booking_id


def late_of(booking: int) -> int | None:
    query = select(BookingEvent.late_minutes).where(BookingEvent.booking_id == booking)
    return db.session.scalars(query.order_by(BookingEvent.id.desc())).first()


@pytest.mark.parametrize(("hours", "before"), [("48", 48), ("0", 0), ("", None)])
def test_it_is_a_rule_in_hours(worker: Console, make: Make, hours: str, before: int) -> None:
    run = make.run()
    path = f"/classes/{run.id}/deadline"
    assert path in worker.get(f"/classes/{run.id}").text
    assert 'value="24"' in worker.get(path).text
    assert worker.post(path, {"hours": hours}).status_code == 302
    until = None if before is None else run.starts_at - timedelta(hours=before)
    assert fresh(run).cancel_until == until
    assert worker.post(path, {"hours": hours}).status_code == 302
    assert db.session.scalars(select(AuditEntry.action)).all() == ["class.deadline"]


def test_what_is_refused(console: Console, worker: Console, make: Make) -> None:
    run = make.run()
    path = f"/classes/{run.id}/deadline"
    for hours in ("-1", "721", "einige"):
        assert worker.post(path, {"hours": hours}).status_code == 422
    stranger = console.as_(make.staff("worker", make.place(name="滨江社区")))
    assert stranger.get(path).status_code == 404
    assert stranger.post(path, {"hours": "1"}).status_code == 404
    assert console.as_(make.staff("teacher")).post(path, {"hours": "1"}).status_code == 403
    assert fresh(run).cancel_until == run.starts_at - timedelta(hours=24)


@pytest.mark.parametrize("late", [True, False])
def test_the_class_page_keeps_or_excuses_it(worker: Console, make: Make, late: bool) -> None:
    in_time = make.run()
    path = f"/classes/{in_time.id}/enrolments/{book(make, in_time)}/cancel"
    assert "逾期取消" not in text_of(worker.get(path))
    run = make.run(cancel_until=make.now - timedelta(hours=3))
    booking = book(make, run)
    path = f"/classes/{run.id}/enrolments/{booking}/cancel"
    form = {"reason": "本人来电"} | ({"late": "true"} if late else {})
    assert "记为逾期取消" in text_of(worker.get(path))
    assert worker.post(path, form).status_code == 302
    assert late_of(booking) == (180 if late else None)


def test_the_card_keeps_it_and_shows_it(worker: Console, make: Make) -> None:
    run = make.run(cancel_until=make.now - timedelta(hours=3))
    who = make.resident("王秀英", home_place_id=run.place_id)
    booking = verbs.book(run.id, who.person.id, account_id=who.account.id).booking_id
    path = f"/people/{who.person.id}/bookings/{booking}/cancel"
    assert "记为逾期取消" in text_of(worker.get(path))
    assert worker.post(path, {"reason": "来电", "late": "true"}).status_code == 302
    page = text_of(worker.get(f"/people/{who.person.id}"))
    assert late_of(booking) == 180
    assert "（逾期 3 小时）" in page
