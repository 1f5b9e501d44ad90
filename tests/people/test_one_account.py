"""The same phone by text message and in WeChat is one account, whichever came first."""

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select

from backend import clock
from backend.db import db
from backend.people.models import Account, Identity, IdentityKind, Person
from tests.api import ApiClient
from tests.factories import Make, fresh
from tests.people.conftest import Phone, enrol


def test_wechat_first(api: ApiClient, phone: Phone, wechat_sign_in) -> None:
    signed = wechat_sign_in()
    phone.bind(signed["token"])
    by_text = phone.sign_in()
    assert not by_text["is_new"]
    assert by_text["account_id"] == signed["account_id"]


def test_text_message_first(api: ApiClient, phone: Phone, make: Make, wechat_sign_in) -> None:
    """Bookings, household, calendar link and tokens follow; both ways in lead to one account."""
    by_text = phone.sign_in()
    api.post("/me", {"name": "王秀英", "birth_date": "1953-05-01"}, as_=by_text["token"])
    child = {"name": "王小宝", "birth_date": "2018-05-01", "is_guardian": True}
    api.post("/household/children", child, as_=by_text["token"])
    link = api.post("/me/calendar-link", as_=by_text["token"]).json["data"]["url"]
    booked = enrol(api, make.run(), by_text["token"], by_text["person_id"])

    signed = wechat_sign_in()
    also = make.run()
    api.post("/me", {"birth_date": "1953-05-01"}, as_=signed["token"])
    also_booked = enrol(api, also, signed["token"], signed["person_id"])
    bound = phone.bind(signed["token"])

    assert bound["person_id"] == by_text["person_id"]
    for token in (signed["token"], by_text["token"]):
        me = api.get("/me", as_=token).json["data"]
        assert (me["person_id"], me["name"]) == (by_text["person_id"], "王秀英")
        assert [one["relation"] for one in me["people"]] == ["self", "child"]
        bookings = api.get("/bookings", as_=token).json["data"]
        assert {one["id"] for one in bookings} == {booked, also_booked}
    assert api.http.get(link.partition("8000")[2]).status_code == 200
    assert wechat_sign_in()["account_id"] == by_text["account_id"]
    open_accounts = db.session.scalars(select(Account.id).where(Account.closed_at.is_(None))).all()
    assert open_accounts == [by_text["account_id"]]


def test_the_one_with_a_name_stays(api: ApiClient, phone: Phone, wechat_sign_in) -> None:
    by_text, signed = phone.sign_in(), wechat_sign_in()
    api.post("/me", {"name": "王秀英"}, as_=signed["token"])
    assert phone.bind(signed["token"])["person_id"] == signed["person_id"]
    assert api.get("/me", as_=by_text["token"]).json["data"]["name"] == "王秀英"


def test_of_two_without_a_name_the_older_stays(phone: Phone, wechat_sign_in) -> None:
    signed, by_text = wechat_sign_in(), phone.sign_in()
    assert phone.bind(signed["token"])["person_id"] == signed["person_id"]
    assert db.session.get_one(Account, by_text["account_id"]).closed_at is not None


def test_one_booking_of_the_same_class_stays_the_better(
    api: ApiClient, phone: Phone, make: Make, wechat_sign_in
) -> None:
    run, li = make.run(capacity=1), make.resident("李建国")
    signed = wechat_sign_in()
    born = {"birth_date": "1953-05-01"}
    api.post("/me", born, as_=signed["token"])
    has = enrol(api, run, signed["token"], signed["person_id"])
    by_text = phone.sign_in()
    api.post("/me", born | {"name": "王秀英"}, as_=by_text["token"])
    waits = enrol(api, run, by_text["token"], by_text["person_id"], wait=True)
    last = enrol(api, run, li, li.person.id, wait=True)
    phone.bind(signed["token"])
    mine = {one["id"]: one["state"] for one in
            api.get("/bookings", as_=signed["token"]).json["data"]}  # fmt: skip
    assert mine.get(has) == "confirmed"
    assert mine.get(waits) in (None, "cancelled")
    assert (fresh(run).taken, fresh(run).waiting) == (1, 1)
    assert api.get(f"/bookings/{last}", as_=li.token).json["data"]["state"] == "waiting"


def test_an_old_number_goes_when_the_accounts_meet(
    api: ApiClient, phone: Phone, standin, wechat_sign_in
) -> None:
    signed = wechat_sign_in()
    Phone(api, standin, "13700000000").bind(signed["token"])
    phone.sign_in()
    phone.bind(signed["token"])
    kinds = db.session.scalars(
        select(Identity.kind).where(Identity.account_id == signed["account_id"])
    ).all()
    assert sorted(kinds) == [IdentityKind.PHONE, IdentityKind.WECHAT]
    assert api.get("/me", as_=signed["token"]).json["data"]["phone"] == "138****5678"


def test_two_people_of_wechat_stay_two(phone: Phone, make: Make, wechat_sign_in) -> None:
    """A number that has moved on: the account of whoever had it keeps all but the number."""
    before = wechat_sign_in("openid-before")
    phone.bind(before["token"])
    after = wechat_sign_in("openid-after")
    assert phone.bind(after["token"])["person_id"] == after["person_id"]
    assert db.session.get_one(Person, before["person_id"]).phone is None
    assert phone.sign_in()["account_id"] == after["account_id"]


@pytest.mark.parametrize("name", ["王秀英", ""])
def test_binding_twice_changes_nothing(api: ApiClient, phone: Phone, make: Make, name: str) -> None:
    wang = make.resident(name, birth_date=date(1953, 5, 1))
    by_text = phone.sign_in()
    first = phone.bind(wang.token)
    assert phone.bind(wang.token) == first
    assert len(api.get("/me", as_=by_text["token"]).json["data"]["people"]) == 1


def test_signing_in_goes_on_after_joining(phone: Phone, wechat_sign_in, now: datetime) -> None:
    by_text, signed = phone.sign_in(), wechat_sign_in()
    phone.bind(signed["token"])
    with clock.frozen(now + timedelta(minutes=1)):
        assert phone.sign_in()["account_id"] == by_text["account_id"]
