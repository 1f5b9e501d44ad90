"""What both sides of a consent are told, up to the inbox; and the household's limit in a race."""

import threading
from datetime import date, datetime

import pytest
from sqlalchemy import func, select

from backend import clock
from backend.db import db, transactional
from backend.people import crypto, household
from backend.people.errors import HouseholdFull
from backend.people.household import Child
from backend.people.models import Consent, Identity, IdentityKind
from backend.people.queries import Resident
from backend.people.signin import sign_in
from backend.reminders.preparing import prepare
from tests.api import ApiClient
from tests.factories import Make, Signed

PHONE = "13812345678"
MOTHER = {"name": "王秀英", "phone": PHONE, "relation": "parent"}


@pytest.fixture
def mother(make: Make) -> Signed:
    """Somebody whose phone WeChat has verified."""
    signed = make.resident("王秀英", phone=PHONE)
    make.add(
        Identity(
            account_id=signed.account.id, kind=IdentityKind.PHONE,
            subject=crypto.phone_hash(PHONE), created_at=make.now,
        )
    )  # fmt: skip
    return signed


def inbox(api: ApiClient, who: Signed, now: datetime) -> list[str]:
    """Deliver what is due, then read the titles."""
    transactional(prepare)(db.session(), now)
    items = api.get("/inbox", as_=who.token).json["data"]["items"]
    assert all(item["body"] for item in items)
    return [item["title"] for item in items]


def test_both_sides_hear_of_it(api: ApiClient, make: Make, mother: Signed, now: datetime) -> None:
    fang = make.resident("王芳")
    asked = api.post("/household/adults", MOTHER, as_=fang.token).json["data"]["id"]
    assert inbox(api, mother, now) == ["有家人想为您代办"]
    for _ in range(2):
        api.post(f"/household/requests/{asked}/accept", as_=mother.token)
    assert inbox(api, fang, now) == ["家人已同意您代办"]
    for _ in range(2):
        api.post(f"/household/{asked}/withdraw", as_=fang.token)
    assert inbox(api, mother, now) == ["家人代办已解除", "有家人想为您代办"]


def test_an_answered_question_is_not_told(
    api: ApiClient, make: Make, mother: Signed, now: datetime
) -> None:
    fang = make.resident("王芳")
    asked = api.post("/household/adults", MOTHER, as_=fang.token).json["data"]["id"]
    api.post(f"/household/requests/{asked}/refuse", as_=mother.token)
    assert inbox(api, mother, now) == []
    assert inbox(api, fang, now) == []


def test_a_household_does_not_outgrow_its_limit_in_a_race(own_app) -> None:
    """Twelve posts at once, room for eight."""
    with own_app.app_context():
        signed = transactional(sign_in)(db.session(), "openid-race", clock.now())
        me = Resident(signed.account_id, signed.person_id)
    meet, refused = threading.Barrier(12), []

    def add(number: int) -> None:
        with own_app.app_context():
            child = Child(name="小明", birth_date=date(2018, 1, number + 1))
            meet.wait()
            try:
                transactional(household.add_child)(db.session(), me, child, clock.now())
            except HouseholdFull:
                refused.append(number)

    threads = [threading.Thread(target=add, args=(number,)) for number in range(12)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    with own_app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Consent)) == 8
    assert len(refused) == 4
