"""Acting for one another: asking, answering, withdrawing.

The cast: Wang Fang 王芳 acts, her mother Wang Xiuying 王秀英 is acted for, Li Jianguo 李建国 is a
stranger.
"""

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select

from backend import clock
from backend.db import db
from backend.people import crypto, household
from backend.people.models import Consent, Identity, IdentityKind, Person
from backend.reminders.models import Kind, Reminder
from backend.staff.models import Staff
from tests.api import ApiClient
from tests.factories import Make, Signed, fresh

MOTHER = {"name": "王秀英", "phone": "13812345678", "relation": "parent"}
CHILD = {"name": "王小明", "birth_date": "2018-06-01", "is_guardian": True}


def with_phone(make: Make, name: str, phone: str) -> Signed:
    """A resident whose phone WeChat has verified."""
    signed = make.resident(name, phone=phone)
    make.add(
        Identity(
            account_id=signed.account.id, kind=IdentityKind.PHONE,
            subject=crypto.phone_hash(phone), created_at=make.now,
        )
    )  # fmt: skip
    return signed


def enrol(api: ApiClient, run, who: Signed, person_id: int):
    return api.post(
        f"/night-school/runs/{run.id}/enrolments", {"person_id": person_id}, as_=who.token
    )


def test_a_guardian_acts_for_a_child_at_once(api: ApiClient, make: Make) -> None:
    fang = make.resident("王芳", home_place_id=make.place("estate").id)
    added = api.post("/household/children", CHILD, as_=fang.token)
    assert added.status_code == 201, added.json
    child_id = added.json["data"]["person_id"]
    member = api.get("/household", as_=fang.token).json["data"][0]
    assert (member["name"], member["state"], member["ends_on"]) == ("王小明", "given", "2036-06-01")
    assert db.session.get_one(Person, child_id).home_place_id == fang.person.home_place_id
    assert enrol(api, make.run(), fang, child_id).status_code == 201


def test_it_ends_when_the_child_comes_of_age(api: ApiClient, make: Make, now: datetime) -> None:
    fang = make.resident("王芳")
    child = {**CHILD, "birth_date": "2008-03-12"}
    child_id = api.post("/household/children", child, as_=fang.token).json["data"]["person_id"]
    run = make.run()
    with clock.frozen(now + timedelta(hours=11, minutes=59)):
        assert len(api.get("/me", as_=fang.token).json["data"]["people"]) == 2
    with clock.frozen(now + timedelta(hours=12)):  # midnight in Shanghai: the birthday
        assert enrol(api, run, fang, child_id).status_code == 404
        assert api.get("/household", as_=fang.token).json["data"][0]["state"] == "ended"


@pytest.mark.parametrize(
    ("born", "of_age"),
    [
        (date(2008, 3, 12), date(2026, 3, 12)),
        (date(2008, 2, 29), date(2026, 3, 1)),
        (date(2006, 12, 31), date(2024, 12, 31)),
    ],
)
def test_the_eighteenth_birthday(born: date, of_age: date) -> None:
    assert household.comes_of_age(born) == of_age


@pytest.mark.parametrize(
    ("change", "status", "errcode"),
    [
        ({"birth_date": "2008-03-11"}, 409, 40942),
        ({"is_guardian": False}, 422, 42200),
        ({"is_guardian": None}, 422, 42200),
        ({"birth_date": "2026-03-12"}, 422, 42200),
        ({"name": ""}, 422, 42200),
    ],
)
def test_odd_children_are_refused(
    api: ApiClient, make: Make, change: dict, status: int, errcode: int
) -> None:
    fang = make.resident("王芳")
    refused = api.post("/household/children", CHILD | change, as_=fang.token)
    assert (refused.status_code, refused.json["errcode"]) == (status, errcode)
    assert db.session.scalars(select(Consent)).all() == []


def test_the_same_child_is_added_once(api: ApiClient, make: Make) -> None:
    fang = make.resident("王芳")
    api.post("/household/children", CHILD, as_=fang.token)
    assert api.post("/household/children", CHILD, as_=fang.token).json["errcode"] == 40941


def test_a_household_has_a_limit(api: ApiClient, make: Make) -> None:
    fang = make.resident("王芳")
    for number in range(8):
        child = {**CHILD, "birth_date": f"2018-06-{number + 1:02d}"}
        assert api.post("/household/children", child, as_=fang.token).status_code == 201
    refused = api.post("/household/children", CHILD | {"name": "王小红"}, as_=fang.token)
    assert (refused.json["errcode"], refused.json["data"]) == (40940, {"limit": 8})
    assert api.post("/household/adults", MOTHER, as_=fang.token).json["errcode"] == 40940


def test_a_grown_up_is_asked_and_accepts(api: ApiClient, make: Make) -> None:
    fang = make.resident("王芳", phone="13900001111")
    mother = with_phone(make, "王秀英", "13812345678")
    asked = api.post("/household/adults", MOTHER, as_=fang.token)
    assert asked.status_code == 201, asked.json
    assert asked.json["data"]["state"] == "requested"
    consent_id = asked.json["data"]["id"]
    run = make.run()
    assert enrol(api, run, fang, mother.person.id).status_code == 404

    requests = api.get("/household/requests", as_=mother.token).json["data"]
    assert [(one["name"], one["phone"]) for one in requests] == [("王芳", "139****1111")]
    assert api.post(f"/household/requests/{requests[0]['id']}/accept", as_=mother.token).json
    assert enrol(api, run, fang, mother.person.id).status_code == 201
    assert api.get("/household/requests", as_=mother.token).json["data"] == []
    acting = api.get("/household/acting-for-me", as_=mother.token).json["data"]
    assert [one["name"] for one in acting] == ["王芳"]
    told = db.session.execute(
        select(Reminder.account_id, Reminder.facts).where(Reminder.kind == Kind.CONSENT)
        .order_by(Reminder.id)
    ).all()  # fmt: skip
    assert [tuple(row) for row in told] == [
        (mother.account.id, {"what": "asked", "who": "王芳", "consent_id": consent_id}),
        (fang.account.id, {"what": "accepted", "who": "王秀英", "consent_id": consent_id}),
    ]


def test_asking_does_not_tell_whether_a_phone_is_known(api: ApiClient, make: Make) -> None:
    fang = make.resident("王芳")
    with_phone(make, "真名", "13812345678")
    known = api.post("/household/adults", MOTHER, as_=fang.token)
    unknown = api.post("/household/adults", MOTHER | {"phone": "13800000000"}, as_=fang.token)
    assert known.status_code == unknown.status_code == 201
    assert known.json["data"] | {"id": 0} == unknown.json["data"] | {"id": 0}
    first, second = api.get("/household", as_=fang.token).json["data"]
    assert first | {"id": 0} == second | {"id": 0}
    assert first["name"] == "王秀英"


def test_asking_twice_asks_once(api: ApiClient, make: Make) -> None:
    fang, mother = make.resident("王芳"), with_phone(make, "王秀英", "13812345678")
    first = api.post("/household/adults", MOTHER, as_=fang.token).json["data"]
    again = MOTHER | {"phone": "+86 138-1234-5678"}
    assert api.post("/household/adults", again, as_=fang.token).json["data"] == first
    assert len(api.get("/household/requests", as_=mother.token).json["data"]) == 1
    assert len(db.session.scalars(select(Reminder)).all()) == 1


def test_a_request_waits_for_whoever_binds_the_phone_later(api: ApiClient, make: Make) -> None:
    fang = make.resident("王芳")
    api.post("/household/adults", MOTHER, as_=fang.token)
    mother = with_phone(make, "王秀英", "13812345678")
    assert len(api.get("/household/requests", as_=mother.token).json["data"]) == 1


def test_refusing_closes_the_question(api: ApiClient, make: Make) -> None:
    fang, mother = make.resident("王芳"), with_phone(make, "王秀英", "13812345678")
    asked = api.post("/household/adults", MOTHER, as_=fang.token).json["data"]["id"]
    assert api.post(f"/household/requests/{asked}/refuse", as_=mother.token).status_code == 200
    assert api.get("/household", as_=fang.token).json["data"] == []
    assert api.post(f"/household/requests/{asked}/accept", as_=mother.token).status_code == 404


def test_nobody_else_answers(api: ApiClient, make: Make) -> None:
    fang, li = make.resident("王芳"), with_phone(make, "李建国", "13700000000")
    unproved = make.resident("冒名", phone="13812345678")  # a number anybody may have typed
    asked = api.post("/household/adults", MOTHER, as_=fang.token).json["data"]["id"]
    for who in (li, fang, unproved):
        assert api.get("/household/requests", as_=who.token).json["data"] == []
        for verb in ("accept", "refuse"):
            path = f"/household/requests/{asked}/{verb}"
            assert api.post(path, as_=who.token).status_code == 404
    assert api.post(f"/household/{asked}/withdraw", as_=li.token).status_code == 404


def test_one_does_not_ask_oneself(api: ApiClient, make: Make) -> None:
    fang = with_phone(make, "王芳", "13812345678")
    assert api.post("/household/adults", MOTHER, as_=fang.token).json["errcode"] == 40943


@pytest.mark.parametrize("side", ["actor", "person"])
def test_either_side_withdraws_and_bookings_stay(api: ApiClient, make: Make, side: str) -> None:
    fang, mother = make.resident("王芳"), make.resident("王秀英")
    consent = make.consent(fang.account, mother.person)
    run = make.run()
    booked = enrol(api, run, fang, mother.person.id).json["data"]["booking_id"]
    who = fang if side == "actor" else mother
    assert api.post(f"/household/{consent.id}/withdraw", as_=who.token).status_code == 200
    assert fresh(consent).withdrawn_at is not None
    assert api.get(f"/bookings/{booked}", as_=fang.token).status_code == 404
    assert api.post(f"/bookings/{booked}/cancel", as_=fang.token).status_code == 404
    assert api.get(f"/bookings/{booked}", as_=mother.token).json["data"]["state"] == "confirmed"
    assert fresh(run).taken == 1
    told = db.session.scalars(select(Reminder).where(Reminder.kind == Kind.CONSENT)).one()
    assert told.account_id == (mother if side == "actor" else fang).account.id


@pytest.mark.parametrize(
    "change",
    [
        {"phone": "12345"}, {"phone": "1381234567８"}, {"phone": 13812345678},
        {"relation": "child"}, {"relation": "boss"}, {"name": "妈妈❤"}, {"extra": 1},
    ],
)  # fmt: skip
def test_odd_requests_are_refused(api: ApiClient, make: Make, change: dict) -> None:
    refused = api.post("/household/adults", MOTHER | change, as_=make.resident().token)
    assert refused.status_code == 422
    assert list(refused.json["errors"]) == list(change)


def test_staff_witness_what_was_asked(app, make: Make, now: datetime) -> None:
    fang, mother = make.resident("王芳"), make.person("王秀英", phone="13812345678")
    session = db.session()
    asked = household.ask(session, fang.me, "王秀英", "13812345678", "parent", now)
    clerk = make.add(Staff(username="clerk", name="周敏", password_hash="-", created_at=now))
    given = household.witness(session, fang.account.id, mother.id, "parent", clerk.id, now)
    assert given == asked.consent_id
    row = session.get_one(Consent, given)
    assert (row.person_id, row.given_at, row.witness_staff_id) == (mother.id, now, clerk.id)
