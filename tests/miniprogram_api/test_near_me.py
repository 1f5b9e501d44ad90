"""What is near me this week: runs of my street that I can sign up for now or soon."""

from datetime import timedelta

from tests.api import ApiClient
from tests.factories import Make

DAY = timedelta(days=1)


def ids(api: ApiClient, query: str) -> list[int]:
    answer = api.get(f"/night-school/runs?{query}")
    assert answer.status_code == 200, answer.json
    return [one["id"] for one in answer.json["data"]["items"]]


def test_open_leaves_out_what_takes_nobody(api: ApiClient, make: Make) -> None:
    now = make.now
    later = make.run(lead=10 * DAY)
    joinable = make.run(lead=-8 * DAY, lessons=4, closes_at=now + DAY)
    make.run(lead=-8 * DAY, lessons=4, closes_at=now)
    make.run(cancelled_at=now)
    this_week = make.run(lead=9 * DAY, opens_at=now + 7 * DAY)
    make.run(lead=9 * DAY, opens_at=now + 7 * DAY + timedelta(minutes=1))
    full = make.run(lead=11 * DAY, capacity=0)
    assert ids(api, "open=1") == [joinable.id, this_week.id, later.id, full.id]
    assert ids(api, "open=1&has_places=1") == [joinable.id, this_week.id, later.id]
    assert len(ids(api, "open=0")) == 7


def test_near_is_the_street_of_any_place_in_it(api: ApiClient, make: Make) -> None:
    home = make.place("building")
    here = make.run()
    street = make.once("street", lambda: None)
    next_door = make.run(place=make.place(parent=street, name="滨江社区"), lead=8 * DAY)
    far = make.place(parent=make.place("street", name="江北街道"), name="江北社区")
    make.run(place=far)
    for place in (home, make.once("estate", lambda: None), here_place(make), street):
        assert ids(api, f"near={place.id}&open=1") == [here.id, next_door.id]
    assert ids(api, f"near={make.once('district', lambda: None).id}") == []
    assert ids(api, "near=999999") == []
    assert api.get("/night-school/runs?near=x").status_code == 422


def here_place(make: Make):
    return make.once("community", lambda: None)


def test_it_is_read_page_by_page(api: ApiClient, make: Make) -> None:
    home = make.place("estate")
    runs = [make.run(lead=number * DAY).id for number in (1, 2, 3)]
    first = api.get(f"/night-school/runs?near={home.id}&open=1&limit=2").json["data"]
    assert [one["id"] for one in first["items"]] == runs[:2]
    rest = ids(api, f"near={home.id}&open=1&limit=2&cursor={first['next_cursor']}")
    assert rest == runs[2:]


def test_it_is_kept_for_everybody(api: ApiClient, make: Make) -> None:
    make.run()
    first = api.get("/night-school/runs?open=1")
    same = api.get("/night-school/runs?open=1", headers={"If-None-Match": first.headers["ETag"]})
    assert (same.status_code, same.data) == (304, b"")
