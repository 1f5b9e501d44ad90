"""Sign-in by text message: the code that arrives, its limits, and the account behind the phone."""

import re
import threading
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from backend import clock
from backend.app import create_app
from backend.clearing import clear_out
from backend.db import db, transactional
from backend.errors import TooManyRequests
from backend.people import crypto, signin, sms_codes
from backend.people.errors import SmsCodeJustSent
from backend.people.models import Account, Identity, Person, SmsCode
from backend.sms.plain import PATH
from tests import settings
from tests.api import ApiClient
from tests.factories import Make, fresh
from tests.people.conftest import PHONE, Phone
from tests.standin import RunningStandin

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def refused(response) -> tuple[int, int]:
    return response.status_code, response.json["errcode"]


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06}"


def test_the_first_sign_in_makes_the_account(api: ApiClient, phone: Phone) -> None:
    assert phone.ask().json["data"] == {"expires_in": 300, "resend_after": 60}
    signed = phone.type(phone.code()).json["data"]
    assert signed["is_new"]
    assert signed["maybe_you"] is None
    me = api.get("/me", as_=signed["token"]).json["data"]
    assert (me["person_id"], me["phone"]) == (signed["person_id"], "138****5678")
    assert db.session.get_one(Person, me["person_id"]).phone == PHONE


def test_the_second_finds_it_again(phone: Phone, now: datetime) -> None:
    first = phone.sign_in()
    with clock.frozen(now + MINUTE):
        again = phone.sign_in()
    assert not again["is_new"]
    assert again["account_id"] == first["account_id"]
    assert again["token"] != first["token"]


def test_a_phone_written_otherwise_is_the_same(api: ApiClient, phone: Phone) -> None:
    first = phone.ask()
    assert first.status_code == 200
    body = {"phone": "+86 138-1234-5678", "code": phone.code()}
    assert api.post("/auth/sms-login", body).status_code == 200


def test_known_and_unknown_are_answered_alike(
    api: ApiClient, phone: Phone, make: Make, standin: RunningStandin
) -> None:
    known = Phone(api, standin, "13700000000")
    make.resident(phone="13700000000")
    answers = [one.ask() for one in (phone, known)]
    assert answers[0].json == answers[1].json
    assert [one.type(wrong(one.code())).json["errcode"] for one in (phone, known)] == [40103] * 2


def test_the_code_itself_is_not_kept(phone: Phone) -> None:
    phone.ask()
    row = db.session.scalars(select(SmsCode)).one()
    assert phone.code() not in (row.code_hash, row.phone_hash)
    assert row.phone_hash == crypto.phone_hash(PHONE)
    assert row.expires_at - row.sent_at == 5 * MINUTE


def test_a_code_works_once(phone: Phone) -> None:
    phone.ask()
    code = phone.code()
    assert phone.type(code).status_code == 200
    assert refused(phone.type(code)) == (401, 40103)


def test_a_code_runs_out(phone: Phone, now: datetime) -> None:
    phone.ask()
    with clock.frozen(now + 5 * MINUTE):
        assert refused(phone.type(phone.code())) == (401, 40103)
    with clock.frozen(now + 5 * MINUTE - timedelta(seconds=1)):
        assert phone.type(phone.code()).status_code == 200


def test_five_tries_and_no_more(phone: Phone) -> None:
    """Refused tries stay counted; even the right code comes too late then."""
    phone.ask()
    code = phone.code()
    left = [phone.type(wrong(code)).json["data"]["tries_left"] for _ in range(5)]
    assert left == [4, 3, 2, 1, 0]
    late = phone.type(code)
    assert refused(late) == (401, 40103)
    assert late.json["data"]["tries_left"] == 0
    assert db.session.scalars(select(Account)).all() == []


def test_a_code_is_for_its_own_phone(api: ApiClient, phone: Phone, standin: RunningStandin) -> None:
    phone.ask()
    other = Phone(api, standin, "13700000000")
    other.ask()
    if phone.code() != other.code():
        assert refused(other.type(phone.code())) == (401, 40103)


def test_a_new_code_ends_the_old(phone: Phone, now: datetime) -> None:
    phone.ask()
    old = phone.code()
    with clock.frozen(now + MINUTE):
        phone.ask()
        new = phone.code()
        if old != new:
            assert refused(phone.type(old)) == (401, 40103)
        assert phone.type(new).status_code == 200


def test_another_code_after_a_minute(phone: Phone, now: datetime, standin: RunningStandin) -> None:
    phone.ask()
    with clock.frozen(now + timedelta(seconds=20)):
        again = phone.ask()
    assert refused(again) == (429, 42901)
    assert again.headers["Retry-After"] == "40"
    assert len(standin.texts(PHONE)) == 1
    with clock.frozen(now + MINUTE):
        assert phone.ask().status_code == 200


def test_five_an_hour_and_ten_a_day(phone: Phone, now: datetime, standin: RunningStandin) -> None:
    for number in range(5):
        with clock.frozen(now + number * MINUTE):
            assert phone.ask().status_code == 200
    with clock.frozen(now + 10 * MINUTE):
        sixth = phone.ask()
    assert refused(sixth) == (429, 42902)
    assert sixth.headers["Retry-After"] == str(50 * 60)
    for number in range(5):
        with clock.frozen(now + (1 + number) * HOUR):
            assert phone.ask().status_code == 200
    with clock.frozen(now + 8 * HOUR):
        eleventh = phone.ask()
    assert refused(eleventh) == (429, 42902)
    assert eleventh.headers["Retry-After"] == str(16 * 3600)
    assert len(standin.texts(PHONE)) == 10
    with clock.frozen(now + 24 * HOUR):
        assert phone.ask().status_code == 200


@pytest.mark.parametrize("number", ["", "12345", "1381234567x", None, "138123456789", ["1"]])
def test_what_is_no_phone_is_refused(api: ApiClient, standin: RunningStandin, number) -> None:
    answer = api.post("/auth/sms-codes", {"phone": number})
    assert answer.status_code == 422
    assert list(answer.json["errors"]) == ["phone"]


@pytest.mark.parametrize("code", ["", "12345", "1234567", "12345a", "１２３４５６", 123456, None])
def test_what_is_no_code_is_refused_and_not_counted(phone: Phone, code) -> None:
    phone.ask()
    assert phone.type(code).status_code == 422
    assert db.session.scalars(select(SmsCode.tries)).one() == 0


def test_a_code_read_in_groups(phone: Phone) -> None:
    phone.ask()
    code = phone.code()
    assert phone.type(f" {code[:3]} {code[3:]} ").status_code == 200


def test_without_a_provider_it_is_said(api: ApiClient, make: Make) -> None:
    for path, body in (
        ("/auth/sms-codes", {"phone": PHONE}),
        ("/auth/sms-login", {"phone": PHONE, "code": "123456"}),
    ):
        answer = api.post(path, body)
        assert refused(answer) == (409, 40945)
        assert "没有开通短信登录" in answer.json["errmsg"]
    assert db.session.scalars(select(SmsCode)).all() == []


def test_a_text_that_was_surely_not_sent_does_not_count(
    phone: Phone, standin: RunningStandin
) -> None:
    standin.fail(PATH, "errcode")
    assert refused(phone.ask()) == (503, 50301)
    assert phone.ask().status_code == 200
    assert phone.type(phone.code()).status_code == 200


def test_a_text_that_may_be_on_its_way_counts_and_is_not_valid(
    phone: Phone, standin: RunningStandin
) -> None:
    standin.fail(PATH, "lost")
    assert refused(phone.ask()) == (503, 50301)
    assert refused(phone.type(phone.code())) == (401, 40103)
    assert refused(phone.ask()) == (429, 42901)


def test_the_doors_count_calls_per_address(app, api: ApiClient, standin: RunningStandin) -> None:
    app.extensions["settings"], kept = _limited(app), app.extensions["settings"]
    try:
        answers = [
            api.post("/auth/sms-codes", {"phone": f"138{number:08}"}).status_code
            for number in range(11)
        ]
        assert answers == [200] * 10 + [429]
        tried = [api.post("/auth/sms-login", {"phone": PHONE, "code": "000000"}) for _ in range(31)]
        assert [one.status_code for one in tried] == [401] * 30 + [429]
        assert tried[-1].json["errcode"] == TooManyRequests.errcode
    finally:
        app.extensions["settings"] = kept
        app.extensions.pop("rate_limiter", None)


def _limited(app):
    return replace(app.extensions["settings"], rate_limits=True)


def test_codes_are_cleared_out(phone: Phone, now: datetime) -> None:
    phone.ask()
    clear_out(db.session(), now + timedelta(days=1))
    assert db.session.scalars(select(SmsCode)).all() != []
    clear_out(db.session(), now + timedelta(days=2, seconds=1))
    assert db.session.scalars(select(SmsCode)).all() == []


def test_two_asks_at_once_send_one_code(own_app, dialect: str) -> None:
    meet, outcome = threading.Barrier(2), []

    def ask() -> None:
        with own_app.app_context():
            meet.wait()
            try:
                outcome.append(
                    transactional(sms_codes.issue)(db.session(), PHONE, clock.now()).code
                )
            except SmsCodeJustSent:
                outcome.append(None)

    _together(ask)
    assert len([code for code in outcome if code]) == 1
    with own_app.app_context():
        assert len(db.session.scalars(select(SmsCode)).all()) == 1


def test_two_phones_prove_one_number_at_once(own_app, dialect: str) -> None:
    """A sign-in by text and one more: one account."""
    meet, signed = threading.Barrier(2), []

    def sign_in() -> None:
        with own_app.app_context():
            meet.wait()
            signed.append(transactional(signin.sign_in_by_phone)(db.session(), PHONE, clock.now()))

    _together(sign_in)
    assert len({one.account_id for one in signed}) == 1
    with own_app.app_context():
        assert len(db.session.scalars(select(Identity)).all()) == 1


def test_a_right_code_at_the_same_moment_works_once(own_app, dialect: str) -> None:
    meet, tried = threading.Barrier(2), []
    with own_app.app_context():
        issued = transactional(sms_codes.issue)(db.session(), PHONE, clock.now())

    def use() -> None:
        with own_app.app_context():
            meet.wait()
            now = clock.now()
            tried.append(transactional(sms_codes.use)(db.session(), PHONE, issued.code, now).right)

    _together(use)
    assert sorted(tried) == [False, True]


def _together(act) -> None:
    threads = [threading.Thread(target=act) for _ in range(2)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()


def test_codes_are_six_digits_of_chance(app, make: Make) -> None:
    codes = {
        sms_codes.issue(db.session(), f"138{number:08}", make.now).code for number in range(50)
    }
    assert all(re.fullmatch(r"\d{6}", code) for code in codes)
    assert len(codes) > 40


def test_another_origin_may_use_the_doors(tmp_path) -> None:
    """The H5 client may be served elsewhere: preflight and answer carry its origin."""
    app = create_app(
        settings.for_tests(
            database_url=f"sqlite:///{tmp_path / 'x.db'}", cors_origins="https://h5.example.cn"
        )
    )
    http = app.test_client()
    for path, method in (
        ("/auth/sms-codes", "POST"), ("/auth/sms-login", "POST"), ("/auth/claim", "POST"),
        ("/me/delete", "POST"), ("/me/data", "GET"),
    ):  # fmt: skip
        allowed = http.options(
            f"/mp/v1{path}",
            headers={
                "Origin": "https://h5.example.cn",
                "Access-Control-Request-Method": method,
                "Access-Control-Request-Headers": "authorization,content-type",
            },
        ).headers
        assert allowed["Access-Control-Allow-Origin"] == "https://h5.example.cn"
        assert method in allowed["Access-Control-Allow-Methods"]
    answer = http.post(
        "/mp/v1/auth/sms-codes", json={"phone": "x"}, headers={"Origin": "https://h5.example.cn"}
    )
    assert answer.headers["Access-Control-Allow-Origin"] == "https://h5.example.cn"
    assert "Retry-After" in answer.headers["Access-Control-Expose-Headers"]


def test_the_person_of_a_phone_sign_in_has_its_hashes(phone: Phone) -> None:
    """So that the desk finds her."""
    person = db.session.get_one(Person, phone.sign_in()["person_id"])
    assert fresh(person).phone_hash == crypto.phone_hash(PHONE)
    assert fresh(person).last_four_hash == crypto.last_four_hash(PHONE)
