"""Diets: by residents for themselves and those they act for, and what becomes of them."""

from datetime import date

import pytest
from sqlalchemy import select, text

from backend import checking, clock
from backend.canteen import planning
from backend.canteen.eaters import check, diets
from backend.canteen.eaters.clashes import Profile, diets_of
from backend.canteen.eaters.models import Diet
from backend.canteen.items import Planned
from backend.db import transactional
from backend.people import merging

MONDAY = date(2026, 3, 16)
EMPTY = {"allergens": [], "avoids": [], "traits": [], "texture": "normal", "note": None}
BODY = {
    "allergens": ["fish", "egg", "fish"], "avoids": ["香菜", "羊肉", "香菜"], "traits": ["soft"],
    "texture": "minced", "note": "假牙",
}  # fmt: skip
STANDS = BODY | {"allergens": ["fish", "egg"], "avoids": ["香菜", "羊肉"]}


@pytest.fixture
def wang(make):
    return make.resident()


def test_a_diet_is_set_changed_and_taken_back(api, session, wang) -> None:
    path = f"/diets/{wang.person.id}"
    assert api.get(path, as_=wang.token).json["data"] == EMPTY
    for _ in range(2):
        assert api.post(path, BODY, as_=wang.token).json["data"] == STANDS
    assert api.get(path, as_=wang.token).json["data"] == STANDS
    stored = session.execute(text("SELECT note FROM diet")).scalar_one()
    assert "假牙" not in stored
    assert api.post(path, EMPTY, as_=wang.token).json["data"] == EMPTY
    assert session.scalars(select(Diet)).all() == []


def test_a_daughter_sets_her_fathers_nobody_else_does(api, make, wang) -> None:
    father = make.person("王建国")
    path = f"/diets/{father.id}"
    for refused in (
        api.get(path, as_=wang.token), api.post(path, BODY, as_=wang.token),
        api.get(f"{path}/clashes?canteen_id=1", as_=wang.token),
        api.get("/diets/999999", as_=wang.token),
    ):  # fmt: skip
        assert refused.status_code == 404
    make.consent(wang.account, father)
    assert api.post(path, BODY, as_=wang.token).json["data"] == STANDS
    assert api.get(path).status_code == 401


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"allergens": ["cat"]}, "allergens"),
        ({"traits": "soft"}, "traits"),
        ({"avoids": [""]}, "avoids"),
        ({"avoids": ["很长很长很长很长很长的食材"]}, "avoids"),
        ({"avoids": [f"食材{n}" for n in range(13)]}, "avoids"),
        ({"texture": "raw"}, "texture"),
        ({"note": "长" * 101}, "note"),
        ({"sugar": True}, "sugar"),
    ],
)
def test_a_wrong_body_is_told_by_field(api, wang, wrong, field) -> None:
    answer = api.post(f"/diets/{wang.person.id}", BODY | wrong, as_=wang.token)
    assert (answer.status_code, list(answer.json["errors"])) == (422, [field])


def test_the_dishes_of_a_menu_that_clash_are_named(
    api, session, planner, kitchen, wang, now
) -> None:
    dishes = [Planned(dish_id=one.id) for one in (kitchen.tofu, kitchen.fish, kitchen.greens)]
    planning.set_menu(session, planner, kitchen.id, MONDAY, "lunch", dishes, now)
    path = f"/diets/{wang.person.id}/clashes?canteen_id={kitchen.id}"
    diets.write(session, wang.person.id, Profile(allergens=("fish",)), now)
    session.commit()
    assert api.get(path, as_=wang.token).json["data"] == []  # residents do not see the menu yet
    planning.publish(session, planner, kitchen.id, MONDAY, None, now)
    session.commit()
    shown = api.get(f"/canteens/{kitchen.id}").json["data"]["menus"][0]["dishes"]
    ids = {one["name"]: one["id"] for one in shown}
    found = {one["menu_item_id"]: one["clashes"]
             for one in api.get(path, as_=wang.token).json["data"]}  # fmt: skip
    assert found[ids["清蒸鲈鱼"]] == [
        {"against": "allergen", "what": "fish", "must_confirm": True, "sentence": "含鱼（过敏）"}
    ]
    assert ids["红烧豆腐"] not in found
    assert [one["against"] for one in found[ids["清炒时蔬"]]] == ["unknown"]
    wrong = api.get(f"/diets/{wang.person.id}/clashes", as_=wang.token)
    assert wrong.status_code == 422


def test_of_two_entries_for_one_human_the_stricter_diet_holds(session, make, now) -> None:
    gone, kept = make.person(), make.person()
    diets.write(session, gone.id, Profile(("milk",), ("香菜",), (), "pureed", "汤另装"), now)
    diets.write(session, kept.id, Profile(("egg",), ("羊肉",), ("soft",), "soft", None), now)
    session.commit()
    transactional(merging.merge)(session, gone.id, kept.id, now)
    both = Profile(("egg", "milk"), ("羊肉", "香菜"), ("soft",), "pureed", "汤另装")
    assert diets_of(session, [gone.id, kept.id]) == {kept.id: both}


def test_it_is_told_to_its_owner_and_goes_with_the_account(api, session, make, wang, now) -> None:
    diets.write(session, wang.person.id, Profile(("milk",), ("香菜",), ("soft",), "soft"), now)
    make.person_category(wang.person, category="veteran", proof="优待证 3301")
    session.commit()
    sections = api.get("/me/data", as_=wang.token).json["data"]["sections"]
    told = {one["title"]: {row["label"]: row["value"] for row in one["rows"]} for one in sections}
    assert told["饮食情况"] == {
        "过敏": "奶", "忌口": "香菜", "饮食需要": "软烂", "软硬": "软一些",
    }  # fmt: skip
    assert told["补贴身份"] == {"优抚对象": "2026-01-01 – 长期 优待证 3301"}
    api.post("/me/delete", {"confirm": True}, as_=wang.token)
    assert session.scalars(select(Diet)).all() == []
    assert session.execute(text("SELECT proof FROM person_category")).scalar_one() == ""


def test_every_check_finds_what_is_broken(session, make, wang, now) -> None:
    diets.write(session, wang.person.id, Profile(("milk",)), now)
    make.person_category(wang.person)
    session.commit()
    assert broken(session) == set()
    session.execute(text("UPDATE person SET merged_into_id = id"))
    assert broken(session) == {one.name for one in check.CHECKS}


def broken(session) -> set[str]:
    found = checking.run(session.connection(), check.CHECKS, clock.now())
    return {one.check.name for one in found if one.rows}
