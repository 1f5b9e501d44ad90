"""How reliably somebody comes, as the desk sees it."""

import pytest
from sqlalchemy import select

from backend.booking.models import Booking
from backend.db import db
from backend.staff.models import AuditEntry
from backend.standing.models import Appeal
from tests.console import Console, text_of
from tests.factories import Make
from tests.standing.missing import lesson_of, mark, stayed_away


def test_the_desk_sees_it_on_the_card(console: Console, make: Make) -> None:
    estate = make.place("estate", make.once("community", make.place))
    wang, worker = make.person(home_place_id=estate.id), console.as_(make.staff("worker"))
    path = f"/people/{wang.id}"
    assert "近来没有没来的记录。" in text_of(worker.get(path))
    stayed_away(make, wang, 4)
    make.run(course=make.course("太极拳"), most_missed=2)
    text = text_of(worker.get(path))
    assert "近来没来的，折算 3.5 次" in text
    assert "要求不超过 2 次的班，5月" in text
    assert "没有请假，没来 · 现在算 0.81 次" in text


@pytest.fixture
def told(make: Make) -> Appeal:
    """Somebody who was in hospital says so."""
    wang = make.person(home_place_id=make.place("estate", make.once("community", make.place)).id)
    booking = stayed_away(make, wang, 2, days_ago=14)
    return make.add(
        Appeal(
            booking_id=booking.id, occasion_id=lesson_of(booking, 2).id, reason="那天住院了",
            asked_at=make.now, state="asked",
        )
    )  # fmt: skip


def test_appeals_of_my_places_wait_and_are_answered(console: Console, make: Make, told) -> None:
    worker = console.as_(make.staff("worker"))
    assert "有 1 条没来的情况说明，等您答复。" in text_of(worker.get("/"))
    listed = text_of(worker.get("/appeals"))
    for words in ("王秀英", "声乐基础 · 春晖社区", "第 2 次课", "没有请假，没来", "那天住院了"):
        assert words in listed
    path = f"/appeals/{told.id}"
    page = worker.get(path)
    assert (
        f'href="/admin/classes/lessons/{told.occasion_id}' in page.text
    )  # where a mark is put right
    assert worker.post(path, {"granted": "true"}).status_code == 422  # an answer is owed
    done = worker.post(path, {"granted": "true", "answer": "祝您早日康复"}, follow_redirects=True)
    assert "已答复居民，这一次不再计入。" in text_of(done)
    assert "没有等答复的说明" in text_of(done)
    late = worker.post(path, {"granted": "false", "answer": "不行"})
    assert late.status_code == 409
    assert "王敏已经处理过了：不再计入。" in text_of(late)
    assert "“祝您早日康复”" in text_of(late)
    audited = db.session.scalars(
        select(AuditEntry).where(AuditEntry.action.like("standing.%"))
    ).all()
    assert [entry.action for entry in audited] == ["standing.granted"]
    assert audited[0].after["reason"] == "祝您早日康复"


def test_a_corrected_record_is_said_beside_the_appeal(console: Console, make: Make, told) -> None:
    mark(make, db.session.get_one(Booking, told.booking_id), 2, "present")
    worker = console.as_(make.staff("worker"))
    assert "记录已经更正，本来就不再计入" in text_of(worker.get("/appeals"))


def test_they_are_found_at_their_place_only(console: Console, make: Make, told) -> None:
    elsewhere = console.as_(make.staff("worker", make.place(name="滨江社区"), name="周敏"))
    assert "没有等答复的说明" in text_of(elsewhere.get("/appeals"))
    assert "条没来的情况说明" not in text_of(elsewhere.get("/"))
    path = f"/appeals/{told.id}"
    assert elsewhere.get(path).status_code == 404
    asked = {"granted": "true", "answer": "好"}
    assert elsewhere.post(path, asked).status_code == 404
    assert elsewhere.get("/appeals/98765").status_code == 404
    teacher = console.as_(make.staff("teacher", name="陈国栋"))
    assert teacher.get("/appeals").status_code == 403


def test_an_occasion_is_waived_from_the_card(console: Console, make: Make, told) -> None:
    worker = console.as_(make.staff("worker"))
    booking = db.session.get_one(Booking, told.booking_id)
    card = f"/people/{booking.person_id}"
    shown = text_of(worker.get(card))
    assert "居民说明：那天住院了" in shown
    path = f"{card}/bookings/{booking.id}/missed/{lesson_of(booking, 1).id}/waive"
    assert path in worker.get(card).text
    assert "第 1 次课" in text_of(worker.get(path))
    assert worker.post(path, {}).status_code == 422
    done = worker.post(path, {"reason": "大雪停运"}, follow_redirects=True)
    assert "不再计入：大雪停运" in text_of(done)
    again = worker.post(path, {"reason": "大雪停运"})
    assert again.status_code == 409
    nothing = f"{card}/bookings/{booking.id}/missed/0/waive"
    assert worker.get(nothing).status_code == 404
    assert [entry.action for entry in db.session.scalars(select(AuditEntry))] == ["standing.waived"]
