"""Sign-in through WeChat (a stand-in over HTTP), binding a phone, and who one is afterwards."""

import threading
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from backend import clock
from backend.db import db, transactional
from backend.people import crypto, signin
from backend.people.models import AccessToken, Account, Identity, IdentityKind, Person
from tests.api import ApiClient
from tests.factories import Make, Signed, fresh
from tests.people.conftest import PHONE
from tests.standin import RunningStandin


def login(api: ApiClient, code: object):
    return api.post("/auth/login", {"code": code})


def bind(api: ApiClient, standin: RunningStandin, who: Signed, phone: str = PHONE):
    return api.post("/auth/phone", {"code": standin.phone_code(phone)}, as_=who.token)


def test_the_first_sign_in_makes_the_account(api: ApiClient, standin: RunningStandin) -> None:
    signed = login(api, standin.login_code("openid-new")).json["data"]
    assert signed["is_new"]
    again = login(api, standin.login_code("openid-new")).json["data"]
    assert not again["is_new"]
    assert again["account_id"] == signed["account_id"]
    assert again["token"] != signed["token"]
    for token in (signed["token"], again["token"]):
        assert api.get("/me", as_=token).json["data"]["person_id"] == signed["person_id"]


def test_the_token_itself_is_not_kept(api: ApiClient, standin: RunningStandin) -> None:
    token = login(api, standin.login_code("openid-a")).json["data"]["token"]
    assert len(token) == 43
    assert token not in db.session.scalars(select(AccessToken.token_hash)).all()


@pytest.mark.parametrize("what", ["unknown", "used", "expired"])
def test_a_code_that_does_not_fit_is_refused(
    api: ApiClient, standin: RunningStandin, now: datetime, what: str
) -> None:
    code = "nobody-issued-this" if what == "unknown" else standin.login_code("openid-b")
    if what == "used":
        login(api, code)
    tokens = len(db.session.scalars(select(AccessToken)).all())
    later = timedelta(minutes=5, seconds=1) if what == "expired" else timedelta()
    with clock.frozen(now + later):
        refused = login(api, code)
    assert (refused.status_code, refused.json["errcode"]) == (401, 40102)
    assert len(db.session.scalars(select(AccessToken)).all()) == tokens


@pytest.mark.parametrize("code", ["", "  ", "x" * 257, None, 5, "a\x00b", ["a"]])
def test_a_code_that_is_none_does_not_reach_wechat(
    api: ApiClient, standin: RunningStandin, code: object
) -> None:
    before = standin.calls("/sns/jscode2session")
    assert login(api, code).status_code == 422
    assert standin.calls("/sns/jscode2session") == before


def test_wechat_down_is_said_and_nothing_is_kept(app, api: ApiClient) -> None:
    app.extensions.pop("wechat", None)  # then the settings' address: nobody listens there
    refused = login(api, "some-code")
    assert (refused.status_code, refused.json["errcode"]) == (503, 50300)
    assert db.session.scalars(select(Account)).all() == []
    app.extensions.pop("wechat").close()


def test_a_token_runs_out(api: ApiClient, make: Make, now: datetime) -> None:
    wang = make.resident()
    with clock.frozen(now + timedelta(days=90) - timedelta(seconds=1)):
        assert api.get("/me", as_=wang.token).status_code == 200
    with clock.frozen(now + timedelta(days=90)):
        refused = api.get("/me", as_=wang.token)
    assert (refused.status_code, refused.json["errcode"]) == (401, 40101)
    assert refused.headers["WWW-Authenticate"] == "Bearer"


def test_signing_out_revokes_this_token_only(api: ApiClient, make: Make, now: datetime) -> None:
    wang = make.resident()
    other = signin.issue_token(db.session(), wang.account, now, is_new=False).token
    db.session.commit()
    assert api.post("/auth/logout", as_=wang.token).status_code == 200
    assert api.get("/me", as_=wang.token).json["errcode"] == 40101
    assert api.get("/me", as_=other).status_code == 200


@pytest.mark.parametrize(
    "header", [None, "", "Bearer", "Bearer ", "Basic abc", "Bearer wrong", "Bearer " + "x" * 5000]
)
def test_without_a_token_nobody_is_let_in(api: ApiClient, app, header: str | None) -> None:
    headers = {} if header is None else {"Authorization": header}
    refused = api.get("/me", headers=headers)
    assert (refused.status_code, refused.json["errcode"]) == (401, 40100)


def test_a_closed_account_is_out(api: ApiClient, make: Make, now: datetime) -> None:
    wang = make.resident()
    wang.account.closed_at = now
    db.session.commit()
    assert api.get("/me", as_=wang.token).json["errcode"] == 40101


def test_binding_a_phone_nobody_knows(api: ApiClient, make: Make, standin: RunningStandin) -> None:
    wang = make.resident()
    bound = bind(api, standin, wang)
    assert bound.json["data"] == {
        "person_id": wang.person.id, "phone": "138****5678", "maybe_you": None}  # fmt: skip
    assert fresh(wang.person).phone == PHONE
    identity = db.session.scalars(select(Identity).where(Identity.kind == IdentityKind.PHONE)).one()
    assert identity.account_id == wang.account.id
    assert PHONE not in identity.subject


def test_a_phone_code_works_once(api: ApiClient, make: Make, standin: RunningStandin) -> None:
    wang, code = make.resident(), standin.phone_code(PHONE)
    assert api.post("/auth/phone", {"code": code}, as_=wang.token).status_code == 200
    again = api.post("/auth/phone", {"code": code}, as_=wang.token)
    assert (again.status_code, again.json["errcode"]) == (401, 40102)


def test_a_new_phone_takes_the_place_of_the_old(
    api: ApiClient, make: Make, standin: RunningStandin
) -> None:
    wang = make.resident()
    bind(api, standin, wang, "13700000000")
    bind(api, standin, wang)
    subjects = db.session.scalars(
        select(Identity.subject).where(Identity.kind == IdentityKind.PHONE)
    ).all()
    assert subjects == [crypto.phone_hash(PHONE)]


def test_a_phone_moves_to_whoever_proves_it_last(
    api: ApiClient, make: Make, standin: RunningStandin
) -> None:
    before, after = make.resident("李建国"), make.resident("王芳")
    bind(api, standin, before)
    assert bind(api, standin, after).json["data"]["person_id"] == after.person.id
    identity = db.session.scalars(select(Identity).where(Identity.kind == IdentityKind.PHONE)).one()
    assert identity.account_id == after.account.id
    assert fresh(before.person).phone is None
    assert api.get("/me", as_=before.token).status_code == 200


def test_two_taps_on_sign_in_make_one_account(own_app, dialect: str) -> None:
    """Two first sign-ins of one openid at the same moment."""
    meet, signed = threading.Barrier(2), []

    def tap() -> None:
        with own_app.app_context():
            meet.wait()
            signed.append(transactional(signin.sign_in)(db.session(), "openid-x", clock.now()))

    taps = [threading.Thread(target=tap) for _ in range(2)]
    for one in taps:
        one.start()
    for one in taps:
        one.join()
    assert len({one.account_id for one in signed}) == 1
    with own_app.app_context():
        assert len(db.session.scalars(select(Person)).all()) == 1
