"""From the row in the outbox to the inbox and the phone."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete

from backend.db import db, transaction
from backend.people.models import Consent, Identity
from backend.reminders import grants, reasons
from backend.reminders.settling import BACK_OFF
from tests.factories import Make, fresh
from tests.reminders.post import Post, grants_left, inbox, only_reminder, reminders
from tests.standin import SEND

MINUTE = timedelta(minutes=1)


def test_a_sign_up_is_told_in_the_inbox_and_on_wechat(post: Post, make: Make) -> None:
    wang, run = make.resident(), make.run(room_id=make.room().id)
    post.allow(wang, "booked")
    booking = post.enrol(run, wang)
    post.deliver()
    [copy], [message] = inbox(wang), post.on_phone(wang)
    assert copy.title == "报名成功"
    assert copy.body == (
        "王秀英您好，您报名的《声乐基础》已经报上了，最近一次课是3月18日（周三）12:00，"
        "在春晖社区 201教室。来不了请在3月17日（周二）12:00 前取消，把名额留给邻居。"
    )
    assert (copy.booking_id, copy.person_id, copy.read_at) == (booking.id, wang.person.id, None)
    assert message["data"] == {
        "thing1": "声乐基础",
        "time2": "2026年3月18日 12:00",
        "thing3": "春晖社区 201教室",
        "phrase4": "报名成功",
        "thing5": "来不了请尽早取消",
    }
    assert message["page"] == f"pages/booking?id={booking.id}"
    row = only_reminder()
    assert (row.state, row.reason, row.attempts, row.in_doubt) == ("sent", None, 1, 0)
    assert (row.settled_at, row.claimed_until) == (make.now, None)
    assert grants_left(wang, "booked") == 0


def test_delivering_again_changes_nothing(post: Post, make: Make) -> None:
    wang = make.resident()
    post.allow(wang, "booked", times=2)
    post.enrol(make.run(), wang)
    post.deliver()
    post.deliver(make.now + timedelta(hours=5))
    assert (len(inbox(wang)), len(post.on_phone(wang))) == (1, 1)


def test_nothing_goes_out_before_it_is_due(post: Post, make: Make) -> None:
    wang = make.resident()
    post.allow(wang, "booked")
    post.enrol(make.run(), wang)
    post.deliver(make.now - MINUTE)
    assert (inbox(wang), post.on_phone(wang)) == ([], [])
    assert only_reminder().state == "due"


def test_without_a_grant_only_the_inbox_has_it(post: Post, make: Make) -> None:
    wang = make.resident()
    post.enrol(make.run(), wang)
    post.deliver()
    assert len(inbox(wang)) == 1
    assert post.standin.calls(SEND) == 0
    row = only_reminder()
    assert (row.state, row.reason) == ("inbox", str(reasons.NO_GRANT))


def test_without_wechat_only_the_inbox_has_it(post: Post, make: Make) -> None:
    wang = make.resident()
    with transaction() as session:
        session.execute(delete(Identity).where(Identity.account_id == wang.account.id))
    post.enrol(make.run(), wang)
    post.deliver()
    assert len(inbox(wang)) == 1
    assert only_reminder().reason == str(reasons.NO_OPENID)


def test_43101_is_the_truth_about_grants(post: Post, make: Make) -> None:
    wang = make.resident()
    post.known(wang)
    post.believe(wang, "booked")
    post.believe(wang, "booked")
    post.enrol(make.run(), wang)
    post.deliver()
    row = only_reminder()
    assert (row.state, row.reason) == ("inbox", str(reasons.NOT_SUBSCRIBED))
    assert grants_left(wang, "booked") == 0
    assert len(inbox(wang)) == 1
    post.deliver(make.now + timedelta(days=1))
    assert post.standin.calls(SEND) == 1


def test_wechat_knows_no_such_openid(post: Post, make: Make) -> None:
    wang = make.resident()
    post.believe(wang, "booked")
    post.enrol(make.run(), wang)
    post.deliver()
    assert only_reminder().reason == str(reasons.OPENID_UNKNOWN)


@pytest.mark.parametrize("errcode", [-1, 43108, 45011])
def test_what_may_pass_later_is_tried_again(post: Post, make: Make, errcode: int) -> None:
    wang = make.resident()
    post.allow(wang, "booked")
    post.enrol(make.run(), wang)
    post.standin.fail(SEND, "errcode", errcode=errcode)
    post.deliver()
    row = only_reminder()
    assert (row.state, row.attempts, row.in_doubt) == ("due", 1, 0)
    assert row.due_at == make.now + BACK_OFF[0]
    assert len(inbox(wang)) == 1
    post.deliver(make.now + BACK_OFF[0] - timedelta(seconds=1))
    assert post.standin.calls(SEND) == 1
    post.deliver(make.now + BACK_OFF[0])
    assert (len(inbox(wang)), len(post.on_phone(wang))) == (1, 1)
    row = only_reminder()
    assert (row.state, row.attempts, row.in_doubt) == ("sent", 2, 0)


def test_it_is_given_up_with_a_reason(post: Post, make: Make) -> None:
    wang = make.resident()
    post.allow(wang, "booked")
    post.enrol(make.run(), wang)
    post.standin.fail(SEND, "errcode", errcode=-1, times=99)
    for _ in range(20):
        row = only_reminder()
        if row.state != "due":
            break
        post.deliver(row.due_at)
    assert (row.state, row.reason) == ("failed", "微信多次没有接收，已停止重试")
    assert row.attempts == post.standin.calls(SEND) == len(BACK_OFF) + 1
    assert len(inbox(wang)) == 1
    assert grants_left(wang, "booked") == 1


def test_the_day_quota_waits_for_the_next_morning(post: Post, make: Make) -> None:
    wang = make.resident()
    post.allow(wang, "booked")
    post.enrol(make.run(), wang)
    post.standin.fail(SEND, "errcode", errcode=45009)
    post.deliver()
    assert only_reminder().due_at == datetime(2026, 3, 11, 23, 0, tzinfo=UTC)  # 07:00 on the 12th


def test_what_is_wrong_in_itself_is_not_repeated(post: Post, make: Make) -> None:
    wang = make.resident()
    post.allow(wang, "booked")
    post.enrol(make.run(), wang)
    post.standin.fail(SEND, "errcode", errcode=40037)
    post.deliver()
    row = only_reminder()
    assert (row.state, row.reason) == ("failed", str(reasons.REFUSED))
    assert (len(inbox(wang)), row.attempts) == (1, 1)


def test_a_lost_answer_costs_at_most_one_repeat(post: Post, make: Make) -> None:
    wang = make.resident()
    post.allow(wang, "booked", times=5)
    post.enrol(make.run(), wang)
    post.standin.fail(SEND, "lost", times=9)
    for _ in range(9):
        row = only_reminder()
        if row.state != "due":
            break
        post.deliver(row.due_at)
    assert (row.state, row.reason) == ("failed", str(reasons.UNANSWERED))
    assert (len(inbox(wang)), len(post.on_phone(wang))) == (1, 2)


def test_a_wechat_that_is_down_is_not_asked_for_everybody(post: Post, make: Make) -> None:
    run = make.run(capacity=None)
    people = [make.resident(f"居民{number}") for number in range(40)]
    for someone in people:
        post.allow(someone, "booked")
        post.enrol(run, someone)
    post.standin.fail(SEND, "errcode", errcode=-1, times=99)
    answered = post.deliver()
    assert answered["untried"] > 0
    assert {row.state for row in reminders()} == {"due"}
    assert sum(row.attempts for row in reminders()) == answered["busy"]
    post.standin.world.faults.forget()
    post.deliver(make.now + MINUTE)
    assert {row.state for row in reminders()} == {"sent"}
    assert all(len(post.on_phone(someone)) == 1 for someone in people)


def test_whoever_booked_is_told_about_their_mother(post: Post, make: Make) -> None:
    li, wang = make.resident("李梅"), make.person()
    make.consent(li.account, wang)
    post.allow(li, "booked")
    post.enrol(make.run(), li, person=wang)
    post.deliver()
    assert inbox(li)[0].body.startswith("李梅您好，您为王秀英报名的《声乐基础》已经报上了")
    assert post.on_phone(li)[0]["data"]["thing5"] == "王秀英的课：来不了请尽早取消"


def test_withdrawn_consent_takes_the_reminder_to_the_person(post: Post, make: Make) -> None:
    li, wang = make.resident("李梅"), make.resident()
    consent: Consent = make.consent(li.account, wang.person)
    post.enrol(make.run(), li, person=wang.person)
    consent.withdrawn_at = make.now
    db.session.commit()
    post.deliver()
    assert (len(inbox(li)), len(inbox(wang))) == (0, 1)
    assert inbox(wang)[0].body.startswith("王秀英您好，您报名的")


def test_english_for_those_who_chose_it(post: Post, make: Make) -> None:
    wang = make.resident()
    wang.account.language = "en"
    db.session.commit()
    post.allow(wang, "booked")
    post.enrol(make.run(), wang)
    post.deliver()
    assert post.on_phone(wang)[0]["lang"] == "en_US"
    assert post.on_phone(wang)[0]["data"]["phrase4"] == "报名成功"


def test_a_cancelled_booking_is_no_longer_confirmed(post: Post, make: Make) -> None:
    wang = make.resident()
    booking = post.enrol(make.run(), wang)
    fresh(booking).state = "cancelled"
    db.session.commit()
    post.deliver()
    row = only_reminder()
    assert (row.state, row.reason) == ("dropped", str(reasons.NO_LONGER))
    assert inbox(wang) == []


def test_urgent_news_are_tried_without_a_counted_grant(post: Post, make: Make) -> None:
    purse = {}
    wang = make.resident()
    for kind, tried in (("offered", True), ("booked", False), ("lesson_eve", False)):
        purse[kind] = grants.Purse(db.session(), {(wang.openid, "t")})
        assert purse[kind].take(grants.Kind(kind), (wang.openid, "t")) is tried
    with transaction() as session:
        grants.refused(session, wang.openid, "t", "reject", make.now)
    asked = grants.Purse(db.session(), {(wang.openid, "t")})
    assert asked.take(grants.Kind.OFFERED, (wang.openid, "t")) is False


def test_the_last_grant_is_kept_for_what_matters_more(post: Post, make: Make) -> None:
    wang = make.resident()
    post.believe(wang, "lesson")
    grant = (wang.openid, "standin-lesson")
    assert grants.Purse(db.session(), {grant}).take(grants.Kind.LESSON_SOON, grant) is False
    purse = grants.Purse(db.session(), {grant})
    assert purse.take(grants.Kind.LESSON_EVE, grant) is True
    assert purse.take(grants.Kind.LESSON_EVE, grant) is False


def test_statements_do_not_grow_with_the_batch(
    post: Post, make: Make, statements: list[str]
) -> None:
    run = make.run(capacity=None)
    people = [make.resident(f"居民{number}") for number in range(12)]

    def count(some: list) -> int:
        for someone in some:
            post.allow(someone, "booked")
            post.enrol(run, someone)
        statements.clear()
        post.deliver()
        return len(statements)

    assert count(people[:2]) == count(people[2:])
