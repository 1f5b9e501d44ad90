"""My own facts through the API."""

from datetime import date

import pytest

from backend.db import db
from backend.places.models import Place
from tests.api import ApiClient
from tests.factories import Make, fresh


def test_it_shows_me_with_the_phone_masked(api: ApiClient, make: Make) -> None:
    building = make.place("building")
    wang = make.resident(phone="13812345678", home_place_id=building.id)
    me = api.get("/me", as_=wang.token).json["data"]
    assert (me["name"], me["phone"]) == ("王秀英", "138****5678")
    assert (me["home_place_id"], me["home_name"]) == (building.id, "翠园小区3号楼")
    estate = db.session.get_one(Place, building.parent_id)
    assert me["home_community_id"] == estate.parent_id
    assert me["household_limit"] == 8
    assert [one["relation"] for one in me["people"]] == ["self"]


def test_it_shows_whom_i_may_act_for(api: ApiClient, make: Make) -> None:
    fang = make.resident("王芳")
    make.consent(fang.account, make.person("王秀英"))
    make.consent(fang.account, make.person("王老大"), given_at=None)
    make.consent(fang.account, make.person("王成年"), ends_on=date(2026, 3, 11))
    people = api.get("/me", as_=fang.token).json["data"]["people"]
    assert [(one["name"], one["relation"]) for one in people] == [
        ("王芳", "self"), ("王秀英", "parent")]  # fmt: skip


def test_it_changes_what_is_named_only(api: ApiClient, make: Make) -> None:
    wang, estate = make.resident(gender="female"), make.place("estate")
    changed = api.post(
        "/me",
        {"name": " 阿依古丽·买买提  ", "birth_date": "1950-12-31", "home_place_id": estate.id,
         "address": "2单元301室", "language": "en"},
        as_=wang.token,
    )  # fmt: skip
    assert changed.status_code == 200, changed.json
    person = fresh(wang.person)
    assert (person.name, person.birth_date) == ("阿依古丽·买买提", date(1950, 12, 31))
    assert (person.home_place_id, person.address) == (estate.id, "2单元301室")
    assert (person.gender, fresh(wang.account).language) == ("female", "en")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "王" * 41),
        ("name", "王" * 300),
        ("name", "王\u0007英"),
        ("name", "王\u202e英"),
        ("name", "王\x00英"),
        ("name", "王秀英😀"),
        ("name", "<b>王</b>"),
        ("name", None),
        ("name", 12),
        ("name", "\ud800"),
        ("birth_date", "1960-02-30"),
        ("birth_date", "2026-03-12"),
        ("birth_date", "1905-01-01"),
        ("birth_date", "19600201"),
        ("birth_date", "60-2-1"),
        ("birth_date", 19600201),
        ("birth_date", ["1960-02-01"]),
        ("gender", "x"),
        ("home_place_id", 0),
        ("home_place_id", -1),
        ("home_place_id", 2**63),
        ("home_place_id", "1"),
        ("home_place_id", 999_999),
        ("address", "号" * 121),
        ("address", "3号\x00楼"),
        ("language", "fr"),
        ("phone", "13812345678"),
        ("person_id", 1),
    ],
)
def test_it_refuses_odd_values(api: ApiClient, make: Make, field: str, value: object) -> None:
    wang = make.resident()
    refused = api.post("/me", {"gender": "male", field: value}, as_=wang.token)
    assert refused.status_code in (400, 422), refused.json
    if refused.status_code == 422:
        assert list(refused.json["errors"]) == [field]
    assert fresh(wang.person).gender is None
    assert fresh(wang.person).name == "王秀英"


def test_a_home_is_no_street(api: ApiClient, make: Make) -> None:
    street = make.place("street")
    refused = api.post("/me", {"home_place_id": street.id}, as_=make.resident().token)
    assert refused.json["errors"] == {"home_place_id": ["请选择您居住的小区或楼栋。"]}
