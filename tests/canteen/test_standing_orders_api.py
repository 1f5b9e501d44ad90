"""Standing orders over the API: works, someone else's, bad ids, bad bodies, already so."""

import pytest

from backend import clock
from tests.canteen.standing import MONDAY, menus


@pytest.fixture
def wang(make, top_up):
    someone = make.resident()
    top_up(someone.person.id, 100_00)
    return someone


@pytest.fixture
def week(make, session, planner, kitchen, now):
    return menus(make, session, planner, kitchen, now)


def body(wang, kitchen, **given):
    return {
        "person_id": wang.person.id, "canteen_id": kitchen.id, "meal": "lunch", "weekdays": [0, 2],
        "dish_ids": [kitchen.tofu.id], "mode": "dine_in", "since": "2026-03-11",
    } | given  # fmt: skip


def test_from_setting_up_to_the_end(api, kitchen, week, wang) -> None:
    def post(path, **sent):
        answer = api.post(f"/standing-orders{path}", sent, as_=wang.token)
        return answer.json.get("data") if answer.status_code < 300 else answer.json["errcode"]

    made = post("", **body(wang, kitchen))
    assert (made["made"], made["left_out"]) == (2, 0)
    mine = f"/{made['id']}"
    told = api.get("/standing-orders", as_=wang.token).json["data"]
    [order] = told["orders"]
    assert (order["canteen_name"], order["person_name"]) == ("春晖社区食堂", "王秀英")
    assert order["dishes"] == [{"id": kitchen.tofu.id, "name": "红烧豆腐"}]
    days = {one["day"]: one["state"] for one in order["days"]}
    assert days == {"2026-03-16": "made", "2026-03-18": "made",
                    "2026-03-23": "coming"}  # fmt: skip
    assert post(f"{mine}/skip", day="2026-03-16") is None
    assert post(f"{mine}/skip", day="2026-03-17") == 409361
    rest = {"person_id": wang.person.id, "from_day": "2026-03-17", "why": "hospital"}
    assert post("/pause", **rest) == {
        "given_back": [{"day": "2026-03-18", "meal": "lunch"}], "stay": [],
    }  # fmt: skip
    told = api.get("/standing-orders", as_=wang.token).json["data"]
    assert [one["state"] for one in told["orders"][0]["days"]] == [
        "skipped", "rests", "rests",
    ]  # fmt: skip
    assert [one["why"] for one in told["pauses"]] == ["hospital"]
    resumed = post("/resume", person_id=wang.person.id, from_day="2026-03-17")
    assert resumed == {"made": 1, "left_out": 0}
    assert post(f"{mine}/put-back", day="2026-03-16") == {"made": 1, "left_out": 0}
    with clock.frozen(clock.at_minute(MONDAY, 0)):
        assert post(f"{mine}/skip", day="2026-03-16") == 409360
    ended = post(f"{mine}/end")
    assert [one["day"] for one in ended["given_back"]] == ["2026-03-16", "2026-03-18"]
    assert api.get("/standing-orders", as_=wang.token).json["data"]["orders"] == []
    assert post(f"{mine}/end") == {"given_back": [], "stay": []}
    sections = api.get("/me/data", as_=wang.token).json["data"]["sections"]
    assert "固定订餐" in [one["title"] for one in sections]


def test_an_order_tells_that_it_comes_every_week(api, kitchen, week, wang) -> None:
    made = api.post("/standing-orders", body(wang, kitchen), as_=wang.token).json["data"]
    order, *_later = api.get("/canteens/orders", as_=wang.token).json["data"]

    def told() -> dict[str, object]:
        path = f"/canteens/orders/{order['booking_id']}"
        return api.get(path, as_=wang.token).json["data"]

    assert told()["is_standing"] is True
    with clock.frozen(clock.at_minute(MONDAY, 0)):  # too late to give this one back
        api.post(f"/standing-orders/{made['id']}/end", {}, as_=wang.token)
    assert (told()["state"], told()["is_standing"]) == ("confirmed", False)


def test_someone_elses_is_not_found(api, make, kitchen, week, wang) -> None:
    made = api.post("/standing-orders", body(wang, kitchen), as_=wang.token).json["data"]
    other = make.resident("李建国")
    for path, sent in (
        ("", body(wang, kitchen)),
        (f"/{made['id']}/end", {}),
        (f"/{made['id']}/skip", {"day": "2026-03-16"}),
        (f"/{made['id']}/put-back", {"day": "2026-03-16"}),
        ("/999999/end", {}),
        ("/pause", {"person_id": wang.person.id, "from_day": "2026-03-17", "why": "away"}),
        ("/resume", {"person_id": wang.person.id, "from_day": "2026-03-17"}),
        ("", body(other, kitchen, canteen_id=999999)),
    ):
        refused = api.post(f"/standing-orders{path}", sent, as_=other.token)
        assert refused.status_code == 404, path


def test_one_of_the_household_lets_another_rest_and_sees_no_more(
    api, make, kitchen, week, wang
) -> None:
    daughter, husband = make.resident("王芳"), make.resident("李建国")
    for one in (wang, husband):
        make.consent(daughter.account, one.person)
    api.post("/standing-orders", body(wang, kitchen), as_=wang.token)

    def told(as_):
        return api.get("/standing-orders", as_=as_).json["data"]

    member = {"person_id": wang.person.id, "person_name": "王秀英", "rests": False}
    assert told(husband.token) == {"orders": [], "pauses": [], "household": [member]}
    assert (len(told(daughter.token)["orders"]), told(daughter.token)["household"]) == (1, [])
    rest = {"person_id": wang.person.id, "from_day": "2026-03-16", "why": "hospital"}
    given_back = api.post("/standing-orders/pause", rest, as_=husband.token).json["data"]
    assert len(given_back["given_back"]) == 2
    assert told(husband.token) == {
        "orders": [], "pauses": [], "household": [member | {"rests": True}],
    }  # fmt: skip
    assert told(make.resident("张爱华").token)["household"] == []


@pytest.mark.parametrize(
    ("path", "wrong", "field"),
    [
        ("", {"weekdays": []}, "weekdays"),
        ("", {"weekdays": [7]}, "weekdays"),
        ("", {"meal": "supper"}, "meal"),
        ("", {"portions": 0}, "portions"),
        ("", {"portions": 1e9}, "portions"),
        ("", {"portions": "９"}, "portions"),
        ("", {"since": "2020-01-01"}, "since"),
        ("", {"since": "soon"}, "since"),
        ("/pause", {"from_day": "2026-03-17", "until_day": "2026-03-16"}, "from_day"),
        ("/pause", {"from_day": "2026-03-17", "why": "bored"}, "why"),
        ("/resume", {"from_day": "2026-03-01"}, "from_day"),
    ],
)
def test_a_wrong_body_is_told_by_field(api, kitchen, week, wang, path, wrong, field) -> None:
    whole = body(wang, kitchen) if not path else {"person_id": wang.person.id}
    if path == "/pause":
        whole["why"] = "away"
    answer = api.post(f"/standing-orders{path}", whole | wrong, as_=wang.token)
    assert (answer.status_code, list(answer.json["errors"])) == (422, [field])
