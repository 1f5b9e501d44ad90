"""Ordering over the API: works, someone else's, bad ids, bad bodies, already so."""

import pytest

from backend.canteen.models import Mode


@pytest.fixture
def wang(make, top_up):
    signed = make.resident("王秀英", address="3号楼501")
    top_up(signed.person.id, 5000)
    return signed


def body(lunch, wang, **given):
    dishes = [{"id": lunch.tofu, "portions": 1}]
    plan = {"person_id": wang.person.id, "dishes": dishes, "mode": Mode.DINE_IN, "pays_fen": 800}
    return {name: value for name, value in (plan | given).items() if value is not ...}


def test_from_the_price_to_giving_it_back(api, lunch, wang, statements) -> None:
    meal = f"/canteens/meals/{lunch.id}"
    quoted = api.post(
        f"{meal}/quote", body(lunch, wang, pays_fen=...), as_=wang.token
    ).get_json()["data"]  # fmt: skip
    assert (quoted["pays_fen"], quoted["available_fen"], quoted["booking_id"]) == (800, 5000, None)
    del statements[:]
    answer = api.post(f"{meal}/orders", body(lunch, wang), as_=wang.token, key="k")
    assert len(statements) <= 22
    assert answer.status_code == 201
    made = answer.get_json()["data"]
    assert made["is_new"]
    again = api.post(f"{meal}/orders", body(lunch, wang), as_=wang.token, key="k")
    assert (again.status_code, again.get_json()["data"]["booking_id"]) == (200, made["booking_id"])
    [mine] = api.get("/canteens/orders", as_=wang.token).get_json()["data"]
    assert (mine["day"], mine["meal"], mine["pays_fen"]) == ("2026-03-12", "lunch", 800)
    [booked] = api.get("/bookings", as_=wang.token).get_json()["data"]
    assert (booked["kind"], booked["title"]) == ("meal", "春晖社区食堂 午餐")
    address = f"/canteens/orders/{made['booking_id']}"
    dishes = [{"id": lunch.fish, "portions": 2}]
    changing = body(lunch, wang, person_id=..., dishes=dishes)
    stale = api.post(f"{address}/change", changing, as_=wang.token)
    assert (stale.status_code, stale.get_json()["errcode"]) == (409, 409311)
    assert stale.get_json()["data"]["pays_fen"] == 3000
    changed = api.post(f"{address}/change", changing | {"pays_fen": 3000}, as_=wang.token)
    assert (changed.status_code, changed.get_json()["data"]["is_new"]) == (200, False)
    shown = api.get(address, as_=wang.token).get_json()["data"]
    assert (shown["revision"], shown["dishes"][0]["portions"]) == (2, 2)
    assert api.get(f"{address}/calendar.ics", as_=wang.token).data.startswith(b"BEGIN:VCALENDAR")
    cancel = f"/bookings/{made['booking_id']}/cancel"
    for _ in range(2):
        assert api.post(cancel, as_=wang.token).status_code == 200
    over = api.post(f"{address}/change", changing, as_=wang.token)
    assert over.get_json()["errcode"] == 409354
    assert api.get(f"{address}/calendar.ics", as_=wang.token).status_code == 409
    menu = api.get(
        f"/canteens/{shown['canteen_id']}"
    ).get_json()["data"]["menus"][0]["dishes"]  # fmt: skip
    assert [one["left"] for one in menu] == [20, None, 3]


@pytest.mark.parametrize("door", ["order", "change"])
def test_a_late_repeat_of_a_change_undoes_no_later_one(api, lunch, wang, door) -> None:
    meal = f"/canteens/meals/{lunch.id}/orders"
    made = api.post(meal, body(lunch, wang), as_=wang.token, key="first").get_json()["data"]
    own = f"/canteens/orders/{made['booking_id']}"

    def change(dish: int, fen: int, key: str):
        dishes = [{"id": dish, "portions": 2}]
        asked = body(lunch, wang, dishes=dishes, pays_fen=fen)
        if door == "order":
            return api.post(meal, asked, as_=wang.token, key=key)
        asked.pop("person_id")
        return api.post(f"{own}/change", asked, as_=wang.token, key=key)

    assert change(lunch.tofu, 1600, "second").get_json()["data"]["pays_fen"] == 1600
    assert change(lunch.greens, 800, "third").get_json()["data"]["pays_fen"] == 800
    for late in (
        change(lunch.tofu, 1600, "second"),
        api.post(meal, body(lunch, wang), as_=wang.token, key="first"),
    ):
        assert late.status_code == 200
        assert late.get_json()["data"]["pays_fen"] == 800
    shown = api.get(own, as_=wang.token).get_json()["data"]
    assert (shown["revision"], shown["dishes"][0]["id"]) == (3, lunch.greens)
    assert change(lunch.tofu, 1600, "third").status_code == 422  # the key stands for something else
    api.post(f"/bookings/{made['booking_id']}/cancel", as_=wang.token)
    late = change(lunch.tofu, 1600, "second").get_json()["data"]
    assert (late["booking_id"], late["state"]) == (made["booking_id"], "cancelled")
    assert api.get("/canteens/orders", as_=wang.token).get_json()["data"] == []


def test_what_is_others_is_not_there(api, lunch, wang, make) -> None:
    stranger = make.resident("路人")
    meal = f"/canteens/meals/{lunch.id}"
    made = api.post(f"{meal}/orders", body(lunch, wang), as_=wang.token).get_json()["data"]
    address = f"/canteens/orders/{made['booking_id']}"
    for call in (
        api.get(address, as_=stranger.token),
        api.get(f"{address}/calendar.ics", as_=stranger.token),
        api.post(f"{address}/change", body(lunch, wang, person_id=...), as_=stranger.token),
        api.post(f"{meal}/orders", body(lunch, wang), as_=stranger.token),
        api.post(f"{meal}/quote", body(lunch, wang, pays_fen=...), as_=stranger.token),
        api.get("/canteens/orders/999999", as_=wang.token),
        api.post("/canteens/meals/999999/orders", body(lunch, wang), as_=wang.token),
    ):
        assert call.status_code == 404, call.request.path
    assert api.get("/canteens/orders", as_=stranger.token).get_json()["data"] == []
    assert api.get("/canteens/orders").status_code == 401


@pytest.mark.parametrize(
    "wrong",
    [
        {"dishes": []},
        {"dishes": [{"id": 1, "portions": 0}]},
        {"dishes": [{"id": 1, "portions": -5}]},
        {"dishes": [{"id": 1, "portions": 9.999}]},
        {"dishes": [{"id": 1, "portions": 1_000_000_000}]},
        {"dishes": [{"id": 1, "portions": "９"}]},
        {"dishes": [{"id": 1, "portions": "NaN"}]},
        {"dishes": [{"id": 1}]},
        {"pays_fen": -5},
        {"pays_fen": 9.999},
        {"pays_fen": "８00"},
        {"pays_fen": 1_000_000_000},
        {"pays_fen": ...},
        {"mode": "by_drone"},
        {"address": "x"},
        {"phone": "ring me"},
        {"note": "长" * 61},
        {"price": 1},
    ],
)
def test_bad_bodies(api, lunch, wang, wrong) -> None:
    path = f"/canteens/meals/{lunch.id}/orders"
    assert api.post(path, body(lunch, wang, **wrong), as_=wang.token).status_code == 422
