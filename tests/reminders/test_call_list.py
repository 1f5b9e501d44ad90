"""The call list: on it stands who was reached by nothing, or not in time; a tick takes them off."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from backend.booking import offers
from backend.booking import service as booking_service
from backend.booking.service import Actor
from backend.db import db, transaction
from backend.errors import NotFound
from backend.night_school.service import Enrolment, enrol_at_desk
from backend.people.models import Person
from backend.places.models import Place
from backend.reminders.call_list import list_calls, tick_off
from backend.reminders.models import InboxMessage, Reminder
from backend.staff.access import below
from backend.staff.models import AuditEntry, Staff
from tests.factories import Make
from tests.reminders.post import Post, only_reminder
from tests.standin import SEND

LATER = timedelta(minutes=31)


@pytest.fixture
def worker(make: Make) -> Staff:
    return make.add(
        Staff(username="worker", name="周敏", password_hash="x", created_at=make.now)
    )  # fmt: skip


def calls(make: Make, later: timedelta = LATER, path: str | None = None) -> list[dict]:
    place = make.once("community", make.place)
    with transaction() as session:
        return list_calls(session, below(Place.path, [path or place.path]), make.now + later)


def booked_at_desk(make: Make, run: object, person: Person, worker: Staff) -> int:
    with transaction() as session:
        asked = Enrolment(run_id=run.id, person_id=person.id)
        return enrol_at_desk(session, worker.id, asked, make.now).booking_id


def cancel(make: Make, booking_id: int, worker: Staff) -> None:
    with transaction() as session:
        booking_service.cancel(
            session, booking_id, Actor(staff_id=worker.id), make.now, "老师生病"
        )  # fmt: skip


def test_who_has_no_account_is_called(post: Post, make: Make, worker: Staff) -> None:
    run, wang = make.run(), make.person(phone="13812345678")
    booking_id = booked_at_desk(make, run, wang, worker)
    post.deliver()
    assert only_reminder().state == "dropped", "they stood at the desk"
    cancel(make, booking_id, worker)
    post.deliver()
    [call] = calls(make)
    assert call["person_name"] == call["contact_name"] == "王秀英"
    assert (call["kind"], call["phone"]) == ("cancelled", "138****5678")
    assert call["tell"] == "王秀英您好，您报名的《声乐基础》已取消报名。原因：老师生病。"
    assert call["reason"] == "本人没有账号，也没有能代收的家人，请打电话告知"
    assert call["deadline"] == run.starts_at


def test_urgent_news_that_lie_unread(post: Post, make: Make, worker: Staff) -> None:
    wang = make.resident(phone="13812345678")
    cancel(make, post.enrol(make.run(), wang).id, worker)
    post.deliver()
    assert calls(make, timedelta(minutes=29)) == []
    assert [call["kind"] for call in calls(make)] == ["cancelled"]
    with transaction() as session:
        session.execute(update(InboxMessage).values(read_at=make.now))
    assert calls(make) == []


def test_what_wechat_took_needs_no_call(post: Post, make: Make, worker: Staff) -> None:
    wang = make.resident()
    post.allow(wang, "changed")
    cancel(make, post.enrol(make.run(), wang).id, worker)
    post.deliver()
    assert calls(make) == []


def test_what_was_given_up_is_called(post: Post, make: Make) -> None:
    wang = make.resident()
    post.allow(wang, "booked")
    post.enrol(make.run(), wang)
    post.standin.fail(SEND, "errcode", errcode=40037)
    post.deliver()
    [call] = calls(make, timedelta())
    assert call["reason"] == "微信拒收了这条消息，请系统管理员查看日志"


def test_for_a_child_the_guardian_is_called(post: Post, make: Make, worker: Staff) -> None:
    li = make.resident("李梅", phone="13912345678")
    child = make.person("李小宝")
    make.consent(li.account, child, relation="child")
    cancel(make, post.enrol(make.run(), li, person=child).id, worker)
    post.deliver()
    [call] = calls(make)
    assert (call["person_name"], call["contact_name"]) == ("李小宝", "李梅")
    assert (call["contact_id"], call["phone"]) == (li.person.id, "139****5678")
    assert call["tell"].startswith("李梅您好，您为李小宝报名的")


def test_what_no_longer_applies_has_left_the_list(post: Post, make: Make, worker: Staff) -> None:
    run, wang, li = make.run(capacity=1), make.resident(), make.resident("李建国")
    first, second = post.enrol(run, wang), post.enrol(run, li, wait=True)
    with transaction() as session:
        booking_service.cancel(session, first.id, Actor(account_id=wang.account.id), make.now)
    post.deliver()
    [call] = calls(make)
    db.session.refresh(second)
    assert (call["kind"], call["deadline"]) == ("offered", second.offer_until)
    with transaction() as session:
        offers.accept(session, second.id, Actor(account_id=li.account.id), make.now + LATER)
    assert calls(make) == []


def test_a_tick_takes_it_off_and_is_audited(post: Post, make: Make, worker: Staff) -> None:
    wang = make.person(phone="13812345678")
    cancel(make, booked_at_desk(make, make.run(), wang, worker), worker)
    post.deliver()
    [call] = calls(make)
    place = make.once("community", make.place)
    for _ in range(2):
        with transaction() as session:
            within = below(Place.path, [place.path])
            tick_off(session, call["id"], worker.id, "已告知女儿", make.now, within=within)
    assert calls(make) == []
    row = db.session.get_one(Reminder, call["id"])
    assert (row.called_by_id, row.call_note, row.called_at) == (
        worker.id, "已告知女儿", make.now)  # fmt: skip
    [entry] = db.session.scalars(select(AuditEntry)).all()
    assert (entry.action, entry.subject_id) == ("call.tick_off", call["id"])


def test_other_places_neither_see_nor_tick(post: Post, make: Make, worker: Staff) -> None:
    wang = make.person(phone="13812345678")
    cancel(make, booked_at_desk(make, make.run(), wang, worker), worker)
    post.deliver()
    [call] = calls(make)
    elsewhere = make.place()
    assert calls(make, path=elsewhere.path) == []
    within = below(Place.path, [elsewhere.path])
    with pytest.raises(NotFound), transaction() as session:
        tick_off(session, call["id"], worker.id, None, make.now, within=within)
    street = make.once("street", make.place)
    assert len(calls(make, path=street.path)) == 1
