""" "Are you …?": who is asked, what a yes and a no do, and for how long the question stands."""

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select

from backend import clock
from backend.db import db
from backend.people.models import Claim, Person
from tests.api import ApiClient
from tests.factories import Make, Signed, fresh
from tests.people.conftest import PHONE, Phone, enrol


def say(api: ApiClient, token: str, claim: str, *, is_me: bool):
    return api.post("/auth/claim", {"claim": claim, "is_me": is_me}, as_=token)


@pytest.fixture
def known(make: Make) -> Person:
    """Whom the desk registered with her phone."""
    return make.person("王秀兰", phone=PHONE, birth_date=date(1953, 5, 1))


def test_nobody_is_taken_over_silently(api: ApiClient, phone: Phone, known: Person) -> None:
    signed = phone.sign_in()
    assert signed["maybe_you"]["name"] == "王*兰"
    assert signed["person_id"] != known.id
    me = api.get("/me", as_=signed["token"]).json["data"]
    assert (me["name"], me["person_id"]) == ("", signed["person_id"])
    assert fresh(known).phone == PHONE


def test_a_yes_makes_the_account_that_person(
    api: ApiClient, phone: Phone, known: Person, make: Make
) -> None:
    """Bookings and consents made for either entry are the one person's."""
    daughter, run, other_run = make.resident("王芳"), make.run(), make.run()
    make.consent(daughter.account, known)
    by_daughter = enrol(api, run, daughter, known.id)
    signed = phone.sign_in()
    token, claim = signed["token"], signed["maybe_you"]["claim"]
    api.post("/me", {"birth_date": "1953-05-01"}, as_=token)
    by_herself = enrol(api, other_run, token, signed["person_id"])
    for _ in range(2):
        said = say(api, token, claim, is_me=True)
        assert said.json["data"] == {"person_id": known.id}
    me = api.get("/me", as_=token).json["data"]
    assert (me["name"], me["birth_date"], me["phone"]) == ("王秀兰", "1953-05-01", "138****5678")
    for reader in (token, daughter.token):
        mine = api.get("/bookings", as_=reader).json["data"]
        assert {one["id"] for one in mine} == {by_daughter, by_herself}
    assert db.session.get_one(Person, signed["person_id"]).merged_into_id == known.id


def test_a_yes_after_binding_the_phone_in_wechat(
    api: ApiClient, phone: Phone, known: Person, wechat_sign_in
) -> None:
    token = wechat_sign_in()["token"]
    bound = phone.bind(token)
    assert bound["maybe_you"]["name"] == "王*兰"
    claim = bound["maybe_you"]["claim"]
    assert say(api, token, claim, is_me=True).json["data"]["person_id"] == known.id
    assert wechat_sign_in()["person_id"] == known.id
    assert phone.sign_in()["person_id"] == known.id


def test_two_bookings_of_one_class_become_one(
    api: ApiClient, phone: Phone, known: Person, make: Make
) -> None:
    daughter, run = make.resident("王芳"), make.run(capacity=2)
    make.consent(daughter.account, known)
    enrol(api, run, daughter, known.id)
    signed = phone.sign_in()
    enrol(api, run, signed["token"], signed["person_id"])
    li = make.resident("李建国")
    waiting = enrol(api, run, li, li.person.id, wait=True)
    assert say(api, signed["token"], signed["maybe_you"]["claim"], is_me=True).status_code == 200
    mine = api.get("/bookings", as_=signed["token"]).json["data"]
    assert [one["state"] for one in mine] == ["confirmed"]
    assert api.get(f"/bookings/{waiting}", as_=li.token).json["data"]["state"] == "offered"
    assert fresh(run).taken == 2


def test_a_no_is_remembered(api: ApiClient, phone: Phone, known: Person, now: datetime) -> None:
    signed = phone.sign_in()
    for _ in range(2):
        said = say(api, signed["token"], signed["maybe_you"]["claim"], is_me=False)
        assert said.json["data"] == {"person_id": signed["person_id"]}
    with clock.frozen(now + timedelta(minutes=1)):
        again = phone.sign_in()
    assert again["maybe_you"] is None
    assert again["person_id"] == signed["person_id"]
    assert fresh(known).merged_into_id is None
    assert fresh(known).phone == PHONE, "staff may still call the family's number"


def test_another_answer_comes_too_late(api: ApiClient, phone: Phone, known: Person) -> None:
    signed = phone.sign_in()
    claim = signed["maybe_you"]["claim"]
    say(api, signed["token"], claim, is_me=False)
    late = say(api, signed["token"], claim, is_me=True)
    assert (late.status_code, late.json["errcode"]) == (409, 40944)
    assert fresh(known).merged_into_id is None


def test_the_question_stands_half_an_hour(
    api: ApiClient, phone: Phone, known: Person, now: datetime
) -> None:
    signed = phone.sign_in()
    with clock.frozen(now + timedelta(minutes=30)):
        late = say(api, signed["token"], signed["maybe_you"]["claim"], is_me=True)
        assert (late.status_code, late.json["errcode"]) == (409, 40944)
        again = phone.sign_in()["maybe_you"]
        assert say(api, signed["token"], again["claim"], is_me=True).status_code == 200
    assert len(db.session.scalars(select(Claim)).all()) == 1


def test_a_question_put_to_somebody_else(
    api: ApiClient, phone: Phone, known: Person, make: Make
) -> None:
    claim = phone.sign_in()["maybe_you"]["claim"]
    for token in (claim, "x", "x" * 64):
        assert say(api, make.resident().token, token, is_me=True).status_code == 404
    assert fresh(known).merged_into_id is None


def test_the_question_itself_is_not_kept(phone: Phone, known: Person) -> None:
    claim = phone.sign_in()["maybe_you"]["claim"]
    assert db.session.scalars(select(Claim.token_hash)).one() != claim


@pytest.mark.parametrize(
    "body", [{}, {"claim": "x"}, {"claim": "x", "is_me": "maybe"}, {"claim": "x", "is_me": None}]
)
def test_what_is_no_answer_is_refused(api: ApiClient, make: Make, body: dict) -> None:
    assert api.post("/auth/claim", body, as_=make.resident().token).status_code == 422


def test_settled_at_the_desk_meanwhile(
    api: ApiClient, phone: Phone, known: Person, make: Make
) -> None:
    signed = phone.sign_in()
    known.merged_into_id = make.person("王秀兰").id
    db.session.commit()
    late = say(api, signed["token"], signed["maybe_you"]["claim"], is_me=True)
    assert (late.status_code, late.json["errcode"]) == (409, 40944)


def test_of_two_known_persons_none_is_guessed(phone: Phone, known: Person, make: Make) -> None:
    make.person("王老大", phone=PHONE)
    assert phone.sign_in()["maybe_you"] is None


def test_who_signs_in_already_is_not_asked_about(phone: Phone, make: Make) -> None:
    """Her number is in the books with her, but her account is her own."""
    make.resident("王秀兰", phone=PHONE)
    assert phone.sign_in()["maybe_you"] is None


@pytest.mark.parametrize(
    ("name", "birth_date", "asked"),
    [
        ("王秀兰", date(1953, 5, 1), True),
        ("王秀兰", None, True),
        ("王秀兰", date(1980, 1, 1), False),
        ("王芳", None, False),  # the daughter's phone, given at the desk for the mother
    ],
)
def test_whom_the_facts_speak_against_is_not_asked(
    phone: Phone, known: Person, make: Make, name: str, birth_date: date | None, asked: bool
) -> None:
    somebody = make.resident(name, birth_date=birth_date)
    bound = phone.bind(somebody.token)
    assert bound["person_id"] == somebody.person.id
    assert (bound["maybe_you"] is not None) is asked


class TestTwoNames:
    """An account made by text as 王秀兰, one made in WeChat as 秀兰: the facts disagree."""

    @pytest.fixture
    def by_text(self, api: ApiClient, phone: Phone, now: datetime) -> dict:
        signed = phone.sign_in()
        api.post("/me", {"name": "王秀兰", "birth_date": "1953-05-01"}, as_=signed["token"])
        return signed

    @pytest.fixture
    def in_wechat(self, make: Make) -> Signed:
        return make.resident("秀兰", birth_date=None)

    def test_she_is_asked(
        self, api: ApiClient, phone: Phone, by_text: dict, in_wechat: Signed, make: Make
    ) -> None:
        booked = enrol(api, make.run(), by_text["token"], by_text["person_id"])
        bound = phone.bind(in_wechat.token)
        assert bound["person_id"] == in_wechat.person.id
        assert bound["maybe_you"]["name"] == "王*兰"
        claim = bound["maybe_you"]["claim"]
        for _ in range(2):
            said = say(api, in_wechat.token, claim, is_me=True).json["data"]
            assert said == {"person_id": by_text["person_id"]}
        for token in (in_wechat.token, by_text["token"]):
            assert [one["id"] for one in api.get("/bookings", as_=token).json["data"]] == [booked]

    def test_a_no_leaves_two_people_and_the_phone_with_the_last(
        self, api: ApiClient, phone: Phone, by_text: dict, in_wechat: Signed, now: datetime
    ) -> None:
        claim = phone.bind(in_wechat.token)["maybe_you"]["claim"]
        assert say(api, in_wechat.token, claim, is_me=False).status_code == 200
        assert db.session.get_one(Person, by_text["person_id"]).phone is None
        with clock.frozen(now + timedelta(minutes=1)):
            assert phone.sign_in()["person_id"] == in_wechat.person.id
        assert api.get("/me", as_=by_text["token"]).status_code == 200
