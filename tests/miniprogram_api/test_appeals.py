"""Telling how it was with a missed occasion, and what becomes of it."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from backend import clock
from backend.booking.models import Bookable, Booking
from backend.db import db, transaction, transactional
from backend.night_school.models import Attendance
from backend.people import merging
from backend.reminders.models import InboxMessage
from backend.reminders.preparing import prepare
from backend.standing import service
from backend.standing.errors import AppealDecided, NothingToAppeal
from backend.standing.models import Appeal, Waiver
from tests.api import ApiClient
from tests.console import me_of
from tests.factories import Make, Signed
from tests.standing.missing import booked, gave_back, lesson_of, mark, stayed_away


@pytest.fixture
def wang(make: Make) -> Signed:
    return make.resident()


def missed(booking: Booking, number: int = 1) -> dict[str, int]:
    return {"booking_id": booking.id, "occasion_id": lesson_of(booking, number).id}


def tell(api: ApiClient, who: Signed, key: dict[str, int], reason: str = "那天住院了"):
    return api.post("/standing/appeals", key | {"reason": reason}, as_=who.token)


def entry(api: ApiClient, who: Signed, person=None) -> dict:
    path = f"/standing/{(person or who.person).id}"
    return api.get(path, as_=who.token).json["data"]["entries"][0]


def decide(make: Make, appeal_id: int, *, granted: bool, answer: str = "祝您早日康复") -> None:
    me = me_of(make.once("worker", make.staff))
    with transaction() as session:
        service.decide(session, me, appeal_id, answer, clock.now(), granted=granted)


def messages(who: Signed) -> list[str]:
    with transaction() as session:
        prepare(session, clock.now())
    rows = db.session.scalars(
        select(InboxMessage.body).where(InboxMessage.account_id == who.account.id)
    )
    return list(rows)


def test_it_is_told_once_and_granted(api: ApiClient, make: Make, wang) -> None:
    booking = stayed_away(make, wang.person, 1, days_ago=10)
    until = lesson_of(booking, 1).starts_at + timedelta(days=30)
    assert entry(api, wang)["appeal_until"] == clock.rfc3339(until)
    made = tell(api, wang, missed(booking))
    appeal_id = made.json["data"]["id"]
    shown = entry(api, wang)
    assert shown["appeal"] == {
        "id": appeal_id, "state": "asked", "reason": "那天住院了", "answer": None,
    }  # fmt: skip
    assert (shown["appeal_until"], shown["waived"]) == (None, None)
    assert shown["weighs"] > 0.9  # what is asked for is not granted yet
    again = tell(api, wang, missed(booking))
    assert (again.status_code, again.json["errcode"]) == (409, 40989)
    decide(make, appeal_id, granted=True)
    shown = entry(api, wang)
    assert (shown["appeal"]["state"], shown["waived"], shown["weighs"]) == (
        "granted", "祝您早日康复", 0,
    )  # fmt: skip
    assert api.get(f"/standing/{wang.person.id}", as_=wang.token).json["data"]["sum"] == 0
    assert messages(wang) == [
        "王秀英您好，您为《声乐基础》说明的情况，社区看过了。这一次不再计入。社区答复：祝您早日康复。"
    ]
    over = tell(api, wang, missed(booking))
    assert (over.status_code, over.json["errcode"]) == (409, 40987)


def test_what_is_declined_counts_on_and_is_not_told_again(api: ApiClient, make: Make, wang) -> None:
    booking = gave_back(make, wang.person, 1)
    key = {"booking_id": booking.id, "occasion_id": 0}
    decide(make, tell(api, wang, key).json["data"]["id"], granted=False, answer="名额空了一个。")
    shown = entry(api, wang)
    assert (shown["appeal"]["answer"], shown["weighs"]) == ("名额空了一个。", 0.5)
    assert shown["appeal_until"] is None
    [body] = messages(wang)
    assert "这一次还是要计入，过一阵会自然减掉。社区答复：名额空了一个。还有疑问" in body
    again = tell(api, wang, key, "有医院的证明")
    assert (again.status_code, again.json["errcode"]) == (409, 409175)


def test_family_tells_and_is_answered(api: ApiClient, make: Make, wang) -> None:
    father = make.person("王大山")
    make.consent(wang.account, father)
    booking = stayed_away(make, father, 1, days_ago=3)
    decide(make, tell(api, wang, missed(booking)).json["data"]["id"], granted=True)
    assert entry(api, wang, father)["waived"] == "祝您早日康复"
    [body] = messages(wang)
    assert body.startswith("王秀英您好，您替王大山为《声乐基础》说明的情况")


@pytest.mark.parametrize("days", [0, 10, 30])
def test_only_for_some_days(api: ApiClient, make: Make, wang, app, monkeypatch, days) -> None:
    booking = stayed_away(make, wang.person, 1, days_ago=10)
    monkeypatch.setitem(
        app.extensions, "settings", replace(app.extensions["settings"], standing_appeal_days=days)
    )
    told = tell(api, wang, missed(booking))
    assert told.status_code == (409 if days < 10 else 201)
    if days < 10:
        assert (told.json["errcode"], entry(api, wang)["appeal_until"]) == (40988, None)


def test_others_and_what_was_not_missed_are_not_found(api: ApiClient, make: Make, wang) -> None:
    booking = stayed_away(make, wang.person, 1, days_ago=3)
    came = booked(make, make.run(course=make.course("剪纸"), starts_at=make.now), wang.person)
    mark(make, came, 1, "present")
    stranger = make.resident("李建国")
    assert tell(api, stranger, missed(booking)).status_code == 404
    assert tell(api, wang, missed(came)).status_code == 404
    assert tell(api, wang, {"booking_id": booking.id, "occasion_id": 0}).status_code == 404
    assert tell(api, wang, {"booking_id": 98765, "occasion_id": 1}).status_code == 404
    for bad in (missed(booking) | {"reason": " "}, {"booking_id": booking.id, "reason": "病了"},
                missed(booking) | {"reason": "字" * 201},
                missed(booking) | {"reason": "病了", "occasion_id": -1}):  # fmt: skip
        assert api.post("/standing/appeals", bad, as_=wang.token).status_code == 422
    assert api.post("/standing/appeals", missed(booking) | {"reason": "病了"}).status_code == 401


def test_the_second_of_two_workers_sees_what_was_decided(api: ApiClient, make: Make, wang) -> None:
    booking = stayed_away(make, wang.person, 1, days_ago=3)
    appeal_id = tell(api, wang, missed(booking)).json["data"]["id"]
    decide(make, appeal_id, granted=False)
    with pytest.raises(AppealDecided) as second:
        decide(make, appeal_id, granted=True)
    assert str(second.value) == "王敏已经处理过了：照常计入。"
    assert db.session.scalar(select(func.count()).select_from(Waiver)) == 0
    assert len(messages(wang)) == 1


def test_staff_may_waive_without_being_asked(api: ApiClient, make: Make, wang) -> None:
    booking = stayed_away(make, wang.person, 2, days_ago=14)
    me = me_of(make.once("worker", make.staff))
    tell(api, wang, missed(booking, 2))
    for number in (1, 2):
        with transaction() as session:
            service.waive(session, me, reason="大雪停运", now=make.now, **missed(booking, number))
    told = api.get(f"/standing/{wang.person.id}", as_=wang.token).json["data"]
    assert (told["sum"], {one["waived"] for one in told["entries"]}) == (0, {"大雪停运"})
    assert told["entries"][0]["appeal"]["state"] == "granted"
    assert len(messages(wang)) == 1  # only who asked is told
    with pytest.raises(NothingToAppeal), transaction() as session:
        service.waive(session, me, reason="再来", now=make.now, **missed(booking))


def test_what_was_said_follows_when_two_entries_become_one(
    api: ApiClient, make: Make, wang
) -> None:
    twice = make.resident("王秀英")
    kept = stayed_away(make, wang.person, 1, days_ago=7)
    mark(make, kept, 1, "unknown")
    double = make.add(
        Booking(
            bookable_id=kept.bookable_id, person_id=twice.person.id, state="confirmed",
            once_key=kept.once_key, starts_at=kept.starts_at, ends_at=make.now + timedelta(days=1),
            code="double", short_code="000001", created_at=make.now + timedelta(seconds=1),
        )
    )  # fmt: skip
    db.session.execute(Bookable.__table__.update().values(taken=2))
    db.session.delete(db.session.scalars(select_mark(kept)).one())
    db.session.commit()
    mark(make, double, 1)
    tell(api, twice, missed(double))
    transactional(merging.merge)(db.session(), twice.person.id, wang.person.id, make.now)
    assert entry(api, wang)["appeal"]["reason"] == "那天住院了"
    assert entry(api, wang)["booking_id"] == kept.id
    assert db.session.scalars(select(Appeal.account_id)).all() == [wang.account.id]


def select_mark(booking: Booking):
    return select(Attendance).where(Attendance.booking_id == booking.id)


def test_deleting_leaves_nothing_of_it(api: ApiClient, make: Make, wang) -> None:
    father = make.person("王大山")
    make.consent(wang.account, father)
    own, his = stayed_away(make, wang.person, 2, days_ago=9), stayed_away(make, father, 1)
    decide(make, tell(api, wang, missed(own)).json["data"]["id"], granted=True)
    tell(api, wang, missed(his), "父亲病了")
    api.post("/me/delete", {"confirm": True}, as_=wang.token)
    assert db.session.scalar(select(func.count()).select_from(Waiver)) == 0
    [left] = db.session.scalars(select(Appeal)).all()
    assert (left.booking_id, left.account_id, left.reason) == (his.id, None, None)


def test_my_data_tells_what_was_said(api: ApiClient, make: Make, wang) -> None:
    booking = stayed_away(make, wang.person, 1, days_ago=9)
    tell(api, wang, missed(booking))
    sections = api.get("/me/data", as_=wang.token).json["data"]["sections"]
    [section] = [one for one in sections if one["title"] == "出勤情况"]
    assert section["rows"][1]["value"] == "您说明的情况：那天住院了（等社区答复）"
