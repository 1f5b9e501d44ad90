"""Deleting one's account: what goes, what stays without a name, and that the books still hold."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import inspect, select

from backend import clock
from backend.booking.models import Booking, BookingEvent
from backend.commands import check
from backend.db import db, transactional
from backend.night_school.models import Attendance, Lesson
from backend.people import deleting, merging
from backend.people.models import AccessToken, Account, Consent, Identity, Person
from backend.reminders.models import Delivery, InboxMessage, Reminder, SubscriptionGrant
from backend.reminders.preparing import prepare
from backend.staff import audit
from backend.staff.models import AuditEntry
from tests.api import ApiClient
from tests.factories import Make, Signed, fresh
from tests.people.conftest import PHONE, Phone, enrol

PERSONAL = (
    "birth_date", "gender", "home_place_id", "address", "phone", "phone_hash", "last_four_hash",
    "id_number", "note",
)  # fmt: skip


@pytest.fixture
def wang(make: Make) -> Signed:
    """Everything that can be known of somebody is known of her."""
    estate = make.place("estate")
    return make.resident(
        "王秀英", phone=PHONE, birth_date=date(1953, 5, 1), gender="female", address="3单元501",
        home_place_id=estate.id, id_number="110101195305010022", note="耳背，请大声说话",
    )  # fmt: skip


def delete(api: ApiClient, who: Signed | str, body: Any = None):
    token = who if isinstance(who, str) else who.token
    return api.post("/me/delete", {"confirm": True} if body is None else body, as_=token)


def is_blank(person: Person) -> bool:
    person = fresh(person)
    return (
        person.name == ""
        and all(getattr(person, name) is None for name in PERSONAL)
        and person.deleted_at is not None
    )


def broken() -> dict[str, Any]:
    """What `xingfu check` would name."""
    return {one.check.name: one.rows for one in check.audit(timedelta(hours=1)) if one.rows}


def test_nothing_personal_is_left(api: ApiClient, wang: Signed, now: datetime) -> None:
    api.post("/me/calendar-link", as_=wang.token)
    answer = delete(api, wang)
    assert answer.status_code == 200
    assert is_blank(wang.person)
    assert fresh(wang.account).closed_at == now
    assert fresh(wang.account).calendar_token is None
    assert db.session.scalars(select(Identity)).all() == []
    assert db.session.scalars(select(AccessToken.revoked_at)).one() == now
    refused = api.get("/me", as_=wang.token)
    assert (refused.status_code, refused.json["errcode"]) == (401, 40101)
    assert broken() == {}


def test_every_column_about_a_person_is_thought_of() -> None:
    """A new one must be blanked, or named here as one that says nothing about anybody."""
    kept = {"id", "merged_into_id", "created_at", "deleted_at"}
    columns = {column.key for column in inspect(Person).columns}
    assert columns == kept | {"name", *PERSONAL}


@pytest.mark.parametrize("body", [{}, {"confirm": False}, {"confirm": "x"}, {"confirm": None}, []])
def test_it_must_be_meant(api: ApiClient, wang: Signed, body: Any) -> None:
    assert delete(api, wang, body or {}).status_code == 422
    assert fresh(wang.person).name == "王秀英"
    assert api.get("/me", as_=wang.token).status_code == 200


def test_without_a_token_nothing_is_deleted(api: ApiClient, wang: Signed) -> None:
    assert api.post("/me/delete", {"confirm": True}).status_code == 401
    assert fresh(wang.person).name == "王秀英"


def test_places_are_offered_on_whatever_the_deadline(
    api: ApiClient, make: Make, wang: Signed, now: datetime
) -> None:
    run = make.run(capacity=1, cancel_until=now - timedelta(hours=1))
    mine, li = enrol(api, run, wang, wang.person.id), make.resident("李建国")
    waits = enrol(api, run, li, li.person.id, wait=True)
    assert delete(api, wang).status_code == 200
    assert db.session.get_one(Booking, mine).state == "cancelled"
    assert api.get(f"/bookings/{waits}", as_=li.token).json["data"]["state"] == "offered"
    assert fresh(run).taken == 1
    event = db.session.scalars(
        select(BookingEvent).where(
            BookingEvent.booking_id == mine, BookingEvent.state == "cancelled"
        )
    ).one()
    assert (event.reason, event.account_id) == ("account_deleted", wang.account.id)
    assert broken() == {}


def test_a_place_in_the_line_and_an_offer_go_too(
    api: ApiClient, make: Make, wang: Signed, now: datetime
) -> None:
    li, zhang = make.resident("李建国"), make.resident("张桂兰")
    full, offering = make.run(capacity=1), make.run(capacity=1)
    enrol(api, full, li, li.person.id)
    enrol(api, full, wang, wang.person.id, wait=True)
    gives_back = enrol(api, offering, li, li.person.id)
    enrol(api, offering, wang, wang.person.id, wait=True)
    third = enrol(api, offering, zhang, zhang.person.id, wait=True)
    api.post(f"/bookings/{gives_back}/cancel", as_=li.token)
    delete(api, wang)
    assert (fresh(full).taken, fresh(full).waiting) == (1, 0)
    assert api.get(f"/bookings/{third}", as_=zhang.token).json["data"]["state"] == "offered"
    assert broken() == {}


def test_what_is_over_stays_without_a_name(
    api: ApiClient, make: Make, wang: Signed, now: datetime
) -> None:
    run = make.run(lead=timedelta(days=1), lessons=1)
    booked = enrol(api, run, wang, wang.person.id)
    lesson = db.session.scalars(select(Lesson).where(Lesson.run_id == run.id)).one()
    make.add(
        Attendance(
            lesson_id=lesson.id, booking_id=booked, presence="present", taken_by="tap", at=now
        )
    )
    later = now + timedelta(days=3)
    with clock.frozen(later):
        assert delete(api, wang).status_code == 200
    assert db.session.get_one(Booking, booked).state == "confirmed"
    assert fresh(run).taken == 1
    assert db.session.scalars(select(Attendance.presence)).one() == "present"
    assert is_blank(wang.person)


def test_inbox_grants_and_what_was_due(
    api: ApiClient, make: Make, wang: Signed, now: datetime
) -> None:
    enrol(api, make.run(), wang, wang.person.id)
    transactional(prepare)(db.session(), now)
    enrol(api, make.run(), wang, wang.person.id)
    make.add(SubscriptionGrant(openid=wang.openid, template_id="T", remaining=2, changed_at=now))
    assert db.session.scalars(select(InboxMessage)).all() != []
    delete(api, wang)
    assert db.session.scalars(select(InboxMessage)).all() == []
    assert db.session.scalars(select(SubscriptionGrant)).all() == []
    reminders = db.session.scalars(select(Reminder)).all()
    assert {one.account_id for one in reminders} == {None}
    assert Delivery.DUE not in {one.state for one in reminders}
    assert len(reminders) == 2
    with clock.frozen(now + timedelta(days=6)):
        assert transactional(prepare)(db.session(), clock.now()).claimed == 0
    assert broken() == {}


def test_consents_end_on_both_sides(
    api: ApiClient, make: Make, wang: Signed, now: datetime
) -> None:
    daughter, father = make.resident("王芳"), make.resident("王大明")
    for_her = make.consent(daughter.account, wang.person)
    for_him = make.consent(wang.account, father.person)
    asked = make.add(
        Consent(
            account_id=daughter.account.id, relation="parent", asked_name="王秀英",
            asked_phone_hash=wang.person.phone_hash, requested_at=now,
        )
    )  # fmt: skip
    his = enrol(api, make.run(), wang, father.person.id)
    delete(api, wang)
    assert {fresh(one).withdrawn_at for one in (for_her, for_him, asked)} == {now}
    assert (fresh(asked).asked_name, fresh(asked).asked_phone_hash) == (None, None)
    assert api.get(f"/bookings/{his}", as_=father.token).json["data"]["state"] == "confirmed"
    for other in (daughter, father):
        assert len(api.get("/me", as_=other.token).json["data"]["people"]) == 1
    assert fresh(father.person).name == "王大明"
    assert broken() == {}


def test_what_others_were_told_does_not_name_her_any_more(
    api: ApiClient, make: Make, wang: Signed, now: datetime
) -> None:
    father = make.resident("王大明", phone="13700000000")
    make.add(
        Identity(
            account_id=father.account.id, kind="phone", subject=father.person.phone_hash,
            created_at=now,
        )
    )  # fmt: skip
    body = {"name": "王大明", "phone": "13700000000", "relation": "parent"}
    assert api.post("/household/adults", body, as_=wang.token).status_code < 300
    delete(api, wang)
    db.session.expire_all()
    [told] = db.session.scalars(select(Reminder)).all()
    assert (told.account_id, told.facts["who"]) == (father.account.id, "")


def test_a_child_of_hers_alone_goes_with_her(
    api: ApiClient, make: Make, wang: Signed, now: datetime
) -> None:
    def declare(name: str) -> Person:
        child = {"name": name, "birth_date": "2018-05-01", "is_guardian": True}
        added = api.post("/household/children", child, as_=wang.token).json["data"]
        return db.session.get_one(Person, added["person_id"])

    alone, shared = declare("王小宝"), declare("王小贝")
    make.consent(make.resident("王大明").account, shared, relation="child")
    registered = make.person("王小花", birth_date=date(2018, 5, 1))
    make.consent(wang.account, registered, relation="child", given_by_account_id=None)
    bookings = {one.id: enrol(api, make.run(), wang, one.id) for one in (alone, shared)}
    delete(api, wang)
    assert is_blank(alone)
    assert (fresh(shared).name, fresh(registered).name) == ("王小贝", "王小花")
    states = {one: db.session.get_one(Booking, bookings[one]).state for one in bookings}
    assert states == {alone.id: "cancelled", shared.id: "confirmed"}
    assert broken() == {}


def test_an_entry_that_was_merged_into_hers_is_blanked(
    api: ApiClient, make: Make, wang: Signed, now: datetime
) -> None:
    gone = make.person("王秀英", address="老地址")
    merging.merge(db.session(), gone.id, wang.person.id, now)
    db.session.commit()
    delete(api, wang)
    assert is_blank(gone)


def test_the_audit_keeps_who_did_what_without_the_facts(
    api: ApiClient, make: Make, wang: Signed
) -> None:
    staff = make.staff()
    audit.record(
        db.session(), staff.id, "person.change", "person", wang.person.id,
        before={"name": "王秀", "phone": "138****5678"}, after={"name": "王秀英", "from_id": 7},
    )  # fmt: skip
    audit.record(
        db.session(),
        staff.id,
        "person.merge",
        "person",
        wang.person.id,
        before={"into": {"person_id": wang.person.id, "name": "王秀英", "bookings": {}}},
    )
    audit.record(
        db.session(),
        staff.id,
        "call.tick_off",
        "reminder",
        1,
        after={"person_id": wang.person.id, "note": "她女儿接的电话"},
    )
    others = make.person("李建国")
    audit.record(
        db.session(), staff.id, "person.change", "person", others.id, after={"name": "李建国"}
    )
    db.session.commit()
    delete(api, wang)
    db.session.expire_all()
    rows = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
    assert [(row.staff_id, row.before, row.after) for row in rows] == [
        (staff.id, {}, {"from_id": 7}),
        (staff.id, {"into": {"person_id": wang.person.id, "bookings": {}}}, None),
        (staff.id, None, {"person_id": wang.person.id}),
        (staff.id, None, {"name": "李建国"}),
    ]


def test_the_same_phone_begins_anew(api: ApiClient, phone: Phone, now: datetime) -> None:
    first = phone.sign_in()
    api.post("/me", {"name": "王秀英"}, as_=first["token"])
    assert delete(api, first["token"]).status_code == 200
    with clock.frozen(now + timedelta(minutes=1)):
        again = phone.sign_in()
    assert again["is_new"]
    assert again["maybe_you"] is None
    assert again["account_id"] != first["account_id"]
    assert api.get("/me", as_=again["token"]).json["data"]["name"] == ""


def test_a_fault_leaves_everything(
    api: ApiClient, make: Make, wang: Signed, monkeypatch: pytest.MonkeyPatch
) -> None:
    booked = enrol(api, make.run(), wang, wang.person.id)

    def fails(*_: object) -> None:
        raise RuntimeError("the power went")

    monkeypatch.setattr(deleting, "_forgetters", [*deleting._forgetters, fails])
    assert delete(api, wang).status_code == 500
    assert fresh(wang.person).name == "王秀英"
    assert db.session.get_one(Booking, booked).state == "confirmed"
    assert db.session.scalars(select(Account.closed_at)).all() == [None]
