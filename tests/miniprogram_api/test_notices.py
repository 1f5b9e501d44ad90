"""What residents are told by the places they live in, and which services there are."""

from datetime import timedelta

from flask import Flask

from tests.api import ApiClient
from tests.factories import Make


def titles(api: ApiClient, place=None) -> list[str]:
    answer = api.get("/notices" + (f"?place_id={place.id}" if place else ""))
    assert answer.status_code == 200, answer.json
    return [one["title"] for one in answer.json["data"]]


def test_a_home_reads_its_own_and_all_above_newest_first(api: ApiClient, make: Make) -> None:
    building = make.place("building")
    district, street, community, estate = (
        make.once(kind, lambda: None) for kind in ("district", "street", "community", "estate")
    )
    for hours, place in enumerate((estate, district, street, community), 1):
        make.notice(
            place, title=f"{place.name}公告", published_at=make.now - timedelta(hours=hours)
        )
    make.notice(make.place(name="滨江社区"), title="别处的公告")
    assert titles(api, building) == [
        "翠园小区公告", "幸福区公告", "和平街道公告", "春晖社区公告",
    ]  # fmt: skip
    assert titles(api, street) == ["幸福区公告", "和平街道公告"]
    assert titles(api) == ["幸福区公告"]


def test_a_notice_shows_from_its_moment_to_its_end(api: ApiClient, make: Make) -> None:
    home, now = make.once("community", make.place), make.now
    minute = timedelta(minutes=1)
    make.notice(title="刚发布", published_at=now)
    make.notice(title="还没到时间", published_at=now + minute)
    make.notice(title="快到期", until=now + minute)
    make.notice(title="已到期", until=now)
    assert titles(api, home) == ["刚发布", "快到期"]


def test_it_says_all_there_is_to_say(api: ApiClient, make: Make) -> None:
    home = make.once("community", make.place)
    row = make.notice(body="第一段。\n第二段。", until=make.now + timedelta(days=1))
    assert api.get(f"/notices?place_id={home.id}").json["data"] == [
        {
            "id": row.id, "title": "活动中心停水", "body": "第一段。\n第二段。",
            "place_name": "春晖社区", "published_at": "2026-03-11T11:00:00+08:00",
            "until": "2026-03-12T12:00:00+08:00",
        }
    ]  # fmt: skip


def test_a_place_that_is_not_there(api: ApiClient, make: Make) -> None:
    assert api.get("/notices?place_id=999999").status_code == 404
    assert api.get("/notices?place_id=x").status_code == 422


def test_what_is_open_yet(api: ApiClient) -> None:
    assert api.get("/services").json["data"] == [
        {"code": "night_school", "open": True},
        {"code": "market", "open": True},
        {"code": "venues", "open": True},
        {"code": "canteen", "open": True},
    ]


def test_a_service_opens_by_being_there(api: ApiClient, app: Flask, monkeypatch) -> None:
    monkeypatch.delitem(app.blueprints, "canteen")
    assert [one["open"] for one in api.get("/services").json["data"]] == [True, True, True, False]
