"""Groups through the API: mine, their members, reserving for one, leaving."""

from datetime import timedelta

from tests.venues.conftest import House, at


def body(who, group, start, **more):
    return {
        "person_id": who.person.id, "group_id": group.id, "starts_at": start.isoformat(),
        "ends_at": (start + timedelta(hours=1)).isoformat(), "title": "排练", "headcount": 12,
    } | more  # fmt: skip


def test_mine_and_nobody_elses(api, house: House, make, neighbour) -> None:
    me, other, stranger = neighbour("周桂兰"), neighbour("李建国"), neighbour("赵强")
    group = make.group(me.person, other.person, name="晚霞舞蹈队", about="周二、周四排练",
                       valid_until=at(300, 0).date())  # fmt: skip
    make.group(me.person, name="已经散了的队", ended_at=make.now)
    old = make.group(stranger.person, name="去年的棋社", valid_until=at(-1, 0).date())
    [mine] = api.get("/venues/groups", as_=me.token).json["data"]
    assert (mine["name"], mine["leads"], mine["state"]) == ("晚霞舞蹈队", True, "registered")
    [theirs] = api.get("/venues/groups", as_=stranger.token).json["data"]
    assert theirs["state"] == "expired"
    detail = api.get(f"/venues/groups/{group.id}", as_=other.token).json["data"]
    assert [(one["name"], one["leads"], one["ours"]) for one in detail["members"]] == [
        ("周桂兰", True, False), ("李建国", False, True),
    ]  # fmt: skip
    assert detail["person_id"] == other.person.id
    for path in (f"/venues/groups/{old.id}", "/venues/groups/99999"):
        assert api.get(path, as_=me.token).status_code == 404, path
    assert api.get(f"/venues/reservations?group_id={old.id}", as_=me.token).status_code == 404
    assert api.get("/venues/groups").status_code == 401


def test_reserving_for_a_group(api, house: House, make, neighbour) -> None:
    make.rules(house.hall, audience="groups", group_live=1)
    me, other, stranger = neighbour("周桂兰"), neighbour("李建国"), neighbour("赵强")
    group = make.group(me.person, other.person, name="晚霞舞蹈队")
    path, wish = f"/venues/rooms/{house.hall.id}/reservations", body(me, group, at(2, 14))
    asked = {name: wish[name] for name in ("starts_at", "ends_at", "group_id")}
    why_not = f"/venues/rooms/{house.hall.id}/why-not"

    def reasons(who, **more):
        return api.get(why_not, query_string=asked | more, as_=who.token)

    assert reasons(me).json["data"] == []
    assert reasons(stranger).status_code == 404
    del asked["group_id"]
    assert [one["errcode"] for one in reasons(me).json["data"]] == [409150]
    for who, more in ((stranger, {}), (me, {"group_id": 99999})):
        assert api.post(path, wish | more, as_=who.token).status_code == 404
    assert api.post(path, wish | {"group_id": "x"}, as_=me.token).status_code == 422
    made = api.post(path, wish, as_=me.token, key="k")
    assert made.status_code == 201
    assert api.post(path, wish, as_=me.token, key="k").status_code == 200
    assert api.post(path, wish | {"group_id": None}, as_=me.token, key="k").status_code == 422
    refused = api.post(path, body(other, group, at(2, 16)), as_=other.token)
    assert (refused.status_code, refused.json["errcode"]) == (409, 409153)
    [listed] = api.get(f"/venues/reservations?group_id={group.id}", as_=other.token).json["data"]
    assert (listed["group_name"], listed["person_name"]) == ("晚霞舞蹈队", "周桂兰")
    cancel = f"/bookings/{listed['id']}/cancel"
    assert api.post(cancel, {"late": False}, as_=stranger.token).status_code == 404
    assert api.post(cancel, {"late": False}, as_=other.token).status_code == 200
    assert api.get(f"/venues/reservations?group_id={group.id}", as_=me.token).json["data"] == []


def test_leaving_and_letting_go(api, make, neighbour) -> None:
    me, other, third = neighbour("周桂兰"), neighbour("李建国"), neighbour("孙玉珍")
    group = make.group(me.person, other.person, third.person)

    def remove(by, whom, of=group.id):
        return api.post(f"/venues/groups/{of}/members/{whom.person.id}/remove", {}, as_=by.token)

    assert remove(other, third).json["errcode"] == 409156
    assert remove(me, me).json["errcode"] == 409155
    assert remove(me, other).status_code == remove(me, other).status_code == 200
    assert remove(third, third).status_code == 200
    assert remove(other, me, of=99999).status_code == 404
    left = api.get(f"/venues/groups/{group.id}", as_=me.token).json["data"]["members"]
    assert [one["name"] for one in left] == ["周桂兰"]
