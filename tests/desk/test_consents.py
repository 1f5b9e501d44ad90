"""Consent at the desk: a daughter acts for her father, witnessed by staff."""

from types import SimpleNamespace

import pytest
from sqlalchemy import select

from backend.db import db
from backend.people.crypto import phone_hash
from backend.people.models import Consent, Identity, IdentityKind
from backend.reminders.models import Kind, Reminder
from backend.staff.models import AuditEntry
from tests.console import Console, text_of
from tests.factories import Make, Signed, fresh

PHONE = "13700001111"


@pytest.fixture
def wang(app, cast: SimpleNamespace) -> Console:
    return Console(app).as_(cast.wang)


@pytest.fixture
def father(make: Make, cast):
    return make.person("李建国", phone="13900009999", home_place_id=cast.estate.id)


@pytest.fixture
def daughter(make: Make) -> Signed:
    """She has bound her phone."""
    someone = make.resident("李娜", phone=PHONE)
    make.add(
        Identity(
            account_id=someone.account.id, kind=IdentityKind.PHONE, subject=phone_hash(PHONE),
            created_at=make.now,
        )
    )  # fmt: skip
    return someone


FORM = {"phone": PHONE, "relation": "parent", "present": "true"}


def test_staff_witness_it(wang: Console, cast, father, daughter: Signed, api, make: Make) -> None:
    assert wang.post(f"/people/{father.id}/consent", FORM).status_code == 302
    consent = db.session.scalars(select(Consent)).one()
    assert (consent.account_id, consent.person_id, consent.relation) == (
        daughter.account.id, father.id, "parent")  # fmt: skip
    assert (consent.given_at, consent.witness_staff_id) == (make.now, cast.wang.id)
    entry = db.session.scalars(select(AuditEntry)).one()
    assert (entry.action, entry.subject_id) == ("consent.witness", father.id)
    assert "李娜" in text_of(wang.get(f"/people/{father.id}"))
    run = make.run()
    body = {"person_id": father.id, "wait": False}
    path = f"/night-school/runs/{run.id}/enrolments"
    assert api.post(path, body, as_=daughter.token).status_code == 201
    assert Kind.CONSENT in db.session.scalars(select(Reminder.kind)).all()


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ({"present": ""}, "本人在场并同意"),
        ({"phone": "13700002222"}, "没有找到用这个手机号登录的居民"),
        ({"phone": "137"}, "11 位手机号码"),
        ({"relation": "boss"}, "列出的一项"),
        ({"relation": ""}, "请选择"),
    ],
)
def test_what_is_missing_is_said(wang: Console, father, daughter, form, told) -> None:
    response = wang.post(f"/people/{father.id}/consent", FORM | form)
    assert response.status_code == 422
    assert told in text_of(response)
    assert not db.session.scalars(select(Consent)).all()


def test_nobody_needs_a_consent_for_oneself(wang: Console, daughter: Signed) -> None:
    response = wang.post(f"/people/{daughter.person.id}/consent", FORM)
    assert response.status_code == 409
    assert "同一个人" in text_of(response)


def test_twice_is_refused(wang: Console, father, daughter) -> None:
    wang.post(f"/people/{father.id}/consent", FORM)
    assert wang.post(f"/people/{father.id}/consent", FORM).status_code == 409
    assert len(db.session.scalars(select(Consent)).all()) == 1


def test_an_open_request_is_answered_at_the_desk(wang, father, daughter, api, make) -> None:
    asked = {"name": "李建国", "phone": "13900009999", "relation": "parent"}
    consent = make.add(
        Consent(
            account_id=daughter.account.id, relation="parent", requested_at=make.now,
            asked_name=asked["name"], asked_phone_hash=phone_hash(asked["phone"]),
        )
    )  # fmt: skip
    assert "李建国" in text_of(wang.get("/"))  # it waits on the first page
    assert "有人申请代办" in text_of(wang.get(f"/people/{father.id}"))
    path = f"/people/{father.id}/consents/{consent.id}/witness"
    assert wang.post(path).status_code == 302
    assert (fresh(consent).person_id, fresh(consent).given_at) == (father.id, make.now)
    assert wang.post(path).status_code == 404
    assert "有人申请代办" not in text_of(wang.get(f"/people/{father.id}"))


def test_a_request_about_somebody_else_is_not_found(wang, father, daughter, cast, make) -> None:
    other = make.person("赵伟", home_place_id=cast.estate.id)
    consent = make.consent(daughter.account, other, given_at=None)
    for verb in ("witness", "withdraw"):
        path = f"/people/{father.id}/consents/{consent.id}/{verb}"
        assert wang.post(path).status_code == 404
    assert fresh(consent).given_at is None


@pytest.mark.parametrize("side", ["father", "daughter"])
def test_it_is_withdrawn_from_either_side(wang, father, daughter, make, side: str) -> None:
    consent = make.consent(daughter.account, father)
    person = father if side == "father" else daughter.person
    path = f"/people/{person.id}/consents/{consent.id}/withdraw"
    assert wang.post(path).status_code == 302
    assert fresh(consent).withdrawn_at == make.now
    told = db.session.scalars(select(Reminder.account_id).where(Reminder.kind == Kind.CONSENT))
    assert told.all() == ([daughter.account.id] if side == "father" else [])
    assert wang.post(path).status_code == 302
    assert len(db.session.scalars(select(AuditEntry)).all()) == 1
