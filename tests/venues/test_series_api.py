"""Recurring reservations through the API: preview, reserve, look, give back, put back."""

from datetime import timedelta

import pytest

from tests.venues.conftest import at


@pytest.fixture
def house(house, make):
    make.rules(house.hall, series_dates=10, series_days=100)
    return house


@pytest.fixture
def me(neighbour):
    return neighbour()


def asked(start=None, hours=1, **more):
    start = start or at(2, 14)
    end = start + timedelta(hours=hours)
    times = {"starts_at": start.isoformat(), "ends_at": end.isoformat(), "times": 3}
    return {name: value for name, value in (times | more).items() if value is not None}


def body(who, **more):
    return asked(**more) | {"person_id": who.person.id, "title": "舞蹈队", "headcount": 8}


def reserve(api, house, who, key=None, **more):
    path = f"/venues/rooms/{house.hall.id}/series"
    return api.post(path, body(who, **more), as_=who.token, key=key)


def test_look_first_then_reserve_what_can_be(api, house, me, make) -> None:
    make.closure(house.place, starts_on=at(9, 0).date(), ends_on=at(9, 0).date())
    shown = api.get(
        f"/venues/rooms/{house.hall.id}/series/preview", query_string=asked(), as_=me.token
    ).json["data"]
    assert [one["errcode"] for one in shown["dates"]] == [0, 409107, 0]
    assert shown["dates"][1]["errmsg"] == "这个时间不开放：装修。"
    assert (shown["possible"], shown["approval"]) == (2, False)
    refused = reserve(api, house, me)
    assert (refused.status_code, refused.json["errcode"]) == (409, 409140)
    assert [one["errcode"] for one in refused.json["data"]["dates"]] == [409107]
    made = reserve(api, house, me, key="a", skip_clashes=True)
    assert made.status_code == 201
    assert (made.json["data"]["dates"], made.json["data"]["skipped"]) == (2, 1)
    again = reserve(api, house, me, key="a", skip_clashes=True)
    assert (again.status_code, again.json["data"]) == (200, made.json["data"])
    assert reserve(api, house, me, key="a", skip_clashes=False).status_code == 422

    series_id = made.json["data"]["series_id"]
    found = api.get(f"/venues/series/{series_id}", as_=me.token).json["data"]
    assert [one["state"] for one in found["dates"]] == ["confirmed", "skipped", "confirmed"]
    [listed] = api.get("/venues/reservations", as_=me.token).json["data"]
    assert (listed["series_id"], listed["series_coming"]) == (series_id, 2)
    one = api.get(f"/venues/reservations/{listed['id']}", as_=me.token).json["data"]
    assert one["series_id"] == series_id
    far = api.get(f"/venues/reservations/{listed['id']}/starts?day=2026-04-20", as_=me.token)
    assert far.json["data"]["days"][0]["starts"][0]["errcode"] == 0  # as far as a series may lie


@pytest.mark.parametrize(
    ("more", "status", "errcode"),
    [
        ({"times": 500}, 409, 409142),
        ({"times": 11}, 409, 409142),
        ({"times": 0}, 422, 42200),
        ({"times": 1001}, 422, 42200),
        ({"times": None}, 422, 42200),
        ({"times": None, "until": "2026-03-12"}, 422, 42200),
        ({"times": None, "until": "someday"}, 422, 42200),
        ({"hours": 0}, 409, 409101),
        ({"hours": -2}, 409, 409101),
        ({"weekdays": [7]}, 422, 42200),
        ({"every_weeks": 3}, 422, 42200),
        ({"weekdays": [0], "times": None, "until": "2026-03-14"}, 409, 409143),
        ({"skip": ["2026-03-13", "2026-03-20", "2026-03-27"]}, 409, 409143),
    ],
)
def test_series_without_sense(api, house, me, more, status, errcode) -> None:
    refused = reserve(api, house, me, **more)
    assert (refused.status_code, refused.json["errcode"]) == (status, errcode)
    path = f"/venues/rooms/{house.hall.id}/series/preview"
    seen = api.get(path, query_string=asked(**more), as_=me.token)
    assert (seen.status_code, seen.json["errcode"]) == (status, errcode)


def test_give_back_from_one_on_and_put_it_back(api, house, me) -> None:
    series_id = reserve(api, house, me).json["data"]["series_id"]
    path = f"/venues/series/{series_id}"
    second = api.get(path, as_=me.token).json["data"]["dates"][1]
    gone = api.post(f"{path}/cancel", {"from_id": second["id"]}, as_=me.token)
    assert gone.json["data"] == {"cancelled": 2}
    put = f"{path}/dates/{second['id']}/put-back"
    assert api.post(put, {}, as_=me.token).status_code == 200
    already = api.post(put, {}, as_=me.token)
    assert (already.status_code, already.json["errcode"]) == (409, 409144)
    assert api.post(f"{path}/cancel", {}, as_=me.token).json["data"] == {"cancelled": 2}
    assert api.post(f"{path}/cancel", {}, as_=me.token).status_code == 409


def test_whose_it_is_not(api, house, me, neighbour) -> None:
    series_id = reserve(api, house, me).json["data"]["series_id"]
    other = neighbour("李建国")
    path = f"/venues/series/{series_id}"
    first = api.get(path, as_=me.token).json["data"]["dates"][0]["id"]
    assert api.get(path, as_=other.token).status_code == 404
    assert api.post(f"{path}/cancel", {}, as_=other.token).status_code == 404
    assert api.post(f"{path}/dates/{first}/put-back", {}, as_=other.token).status_code == 404
    assert api.post(f"{path}/cancel", {"from_id": "x"}, as_=me.token).status_code == 422
    assert api.get("/venues/series/999999", as_=me.token).status_code == 404
    assert api.get(path).status_code == 401


def test_look_and_move(api, house, me, neighbour) -> None:
    series_id = reserve(api, house, me).json["data"]["series_id"]
    path = f"/venues/series/{series_id}"
    first = api.get(path, as_=me.token).json["data"]["dates"][0]["id"]
    to = {"date_id": first, "starts_at": at(2, 16).isoformat(), "ends_at": at(2, 18).isoformat()}
    seen = api.get(f"{path}/change/preview", query_string=to, as_=me.token).json["data"]
    assert seen["possible"] == 3
    assert [one["starts_at"][11:16] for one in seen["dates"]] == ["16:00"] * 3
    assert [one["was_at"][11:16] for one in seen["dates"]] == ["14:00"] * 3
    other = neighbour("李建国")
    assert api.post(f"{path}/change", to, as_=other.token).status_code == 404
    assert api.post(f"{path}/change", to | {"date_id": "x"}, as_=me.token).status_code == 422
    assert api.post(f"{path}/change", to, as_=me.token).json["data"] == {"moved": 3}
    found = api.get(path, as_=me.token).json["data"]["dates"]
    assert {(one["starts_at"][11:16], one["moved"]) for one in found} == {("16:00", False)}
    backwards = to | {"ends_at": to["starts_at"]}
    refused = api.post(f"{path}/change", backwards, as_=me.token)
    assert (refused.status_code, refused.json["errcode"]) == (409, 409101)


def test_for_a_group(api, house, me, neighbour, make) -> None:
    other, stranger = neighbour("李建国"), neighbour("赵强")
    group = make.group(other.person, me.person, name="晚霞舞蹈队")
    path = f"/venues/rooms/{house.hall.id}/series/preview"
    query = asked(group_id=group.id)
    assert api.get(path, query_string=query, as_=stranger.token).status_code == 404
    assert api.get(path, query_string=query, as_=me.token).json["data"]["possible"] == 3
    assert reserve(api, house, stranger, group_id=group.id).status_code == 404
    assert reserve(api, house, me, group_id="x").status_code == 422
    made = reserve(api, house, me, group_id=group.id).json["data"]
    there = f"/venues/series/{made['series_id']}"
    found = api.get(there, as_=other.token).json["data"]
    assert (found["group_id"], found["group_name"]) == (group.id, "晚霞舞蹈队")
    assert api.get(there, as_=stranger.token).status_code == 404
    assert api.post(f"{there}/cancel", {}, as_=stranger.token).status_code == 404
    assert api.post(f"{there}/cancel", {}, as_=other.token).json["data"] == {"cancelled": 3}
