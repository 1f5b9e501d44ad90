"""The list of runs, field by field, for a run with everything and for one with hardly anything.

The list is read past SQLAlchemy's rows on PostgreSQL, so each field is spelled out here once.
"""

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest

from backend import clock
from tests.api import ApiClient
from tests.factories import Make

ODD = """ "引号" 'it''s' \\ </script> 100%_ 🎤👩‍🏫 é"""


def listed(api: ApiClient, query: str = "") -> list[dict[str, Any]]:
    return api.get(f"/night-school/runs?{query}").json["data"]["items"]


def ids(api: ApiClient, query: str) -> list[int]:
    return [one["id"] for one in listed(api, query)]


def test_a_run_with_everything(api: ApiClient, make: Make, now: datetime) -> None:
    course = make.course(summary=ODD, picture="music.svg")
    first = now + timedelta(days=7, microseconds=999_999)
    run = make.run(
        course=course, title=f"声乐{ODD}", teacher_id=make.teacher(f"陈{ODD}").id, lessons=3,
        capacity=20, overbooked=2, taken=19, starts_at=first,
        min_age=16, max_age=100, price_fen=1250, audience="adults", weekday=6, from_minute=545,
    )  # fmt: skip
    assert listed(api) == [
        {
            "id": run.id,
            "course_id": course.id,
            "title": f"声乐{ODD}",
            "summary": ODD,
            "picture": "music.svg",
            "category": make._once["category"].code,
            "place_id": run.place_id,
            "place_name": "春晖社区",
            "street_name": "和平街道",
            "teacher_name": f"陈{ODD}",
            "starts_at": "2026-03-18T12:00:00+08:00",
            "ends_at": "2026-04-01T13:30:00+08:00",
            "weekday": 6,
            "from_time": "09:05",
            "hours": [{"weekday": 6, "from_time": "09:05", "until_time": "10:35"}],
            "lessons": 3,
            "price_fen": 1250,
            "audience": "adults",
            "min_age": 16,
            "max_age": 100,
            "capacity": 20,
            "places_left": 3,
            "kept_left": 0,
            "kept_from_age": None,
            "kept_local": False,
            "waiting": 0,
            "opens_at": "2026-03-11T11:00:00+08:00",
            "closes_at": "2026-03-18T12:00:00+08:00",
            "cancelled": False,
            "draw_id": None,
        }
    ]


def test_a_run_with_hardly_anything(api: ApiClient, make: Make, now: datetime) -> None:
    run = make.run(
        course=make.course(picture=None), capacity=None, lessons=1, opens_at=None, closes_at=None,
        cancelled_at=now, from_minute=0,
    )  # fmt: skip
    (shown,) = listed(api)
    nothing = {name for name, value in shown.items() if value is None}
    assert nothing == {
        "picture", "teacher_name", "min_age", "max_age", "capacity", "places_left", "opens_at",
        "closes_at", "draw_id", "kept_from_age",
    }  # fmt: skip
    assert (shown["id"], shown["cancelled"], shown["from_time"]) == (run.id, True, "00:00")
    assert shown["audience"] == "everyone"


def test_who_waits_comes_before_who_looks(api: ApiClient, make: Make) -> None:
    make.run(capacity=20, taken=18, waiting=2)
    make.run(capacity=20, taken=20)
    assert [(one["places_left"], one["waiting"]) for one in listed(api)] == [(0, 2), (0, 0)]


def test_the_list_the_page_and_the_course_say_the_same(api: ApiClient, make: Make) -> None:
    run = make.run(teacher_id=make.teacher().id, min_age=60)
    (shown,) = listed(api)
    page = api.get(f"/night-school/runs/{run.id}").json["data"]
    course = api.get(f"/night-school/courses/{run.course_id}").json["data"]
    assert {name: page[name] for name in shown} == shown
    assert course["run_list"] == [shown]


def test_the_language_does_not_matter(api: ApiClient, make: Make) -> None:
    make.run()
    said = {
        api.get("/night-school/runs", headers={"Accept-Language": language}).data
        for language in ("zh-CN", "en", "fr")
    }
    assert len(said) == 1


@pytest.mark.parametrize(
    ("text", "titles"),
    [("声乐", ["声乐"]), ("100%", ["100%"]), ("a_b", ["a_b"]), ("\\", ["a\\b"]), ("A_B", ["a_b"]),
     ("'", ["it's"]), ("🎤", ["🎤"]), ("%s", []), ("%(now)s", []), ("b", ["a_b", "a\\b"])],
)  # fmt: skip
def test_a_text_is_found_as_it_is_written(
    api: ApiClient, make: Make, text: str, titles: list[str]
) -> None:
    for title in ("声乐", "100%", "100", "a_b", "a\\b", "it's", "🎤"):
        make.run(title=title)
    assert [one["title"] for one in listed(api, f"text={quote(text)}")] == titles


def test_several_may_be_asked_for(api: ApiClient, make: Make) -> None:
    runs = [make.run(place=make.place(), weekday=day) for day in (0, 3, 6)]
    places = [f"community_id={run.place_id}" for run in runs]
    assert ids(api, "&".join(places[:2])) == [run.id for run in runs[:2]]
    assert ids(api, "community_id=9007199254740991") == []
    assert ids(api, "weekday=3&weekday=6") == [run.id for run in runs[1:]]


def test_pages_follow_each_other_whatever_is_asked(
    api: ApiClient, make: Make, now: datetime
) -> None:
    starts = [now + timedelta(days=7, microseconds=number // 2) for number in range(5)]
    runs = [make.run(starts_at=at, title="100% 声乐") for at in starts]
    seen, cursor = [], ""
    while cursor is not None:
        query = f"limit=2&text=100%25&has_places=true&weekday=2{cursor and '&cursor=' + cursor}"
        page = api.get(f"/night-school/runs?{query}").json["data"]
        seen += [one["id"] for one in page["items"]]
        cursor = page["next_cursor"]
    assert seen == [run.id for run in runs]


def test_it_is_one_statement_and_known_by_its_etag(
    api: ApiClient, make: Make, statements: list[str]
) -> None:
    run = make.run()
    statements.clear()
    first = api.get("/night-school/runs")
    assert len(statements) == 1
    known = {"If-None-Match": first.headers["ETag"]}
    again = api.get("/night-school/runs", headers=known)
    assert (again.status_code, again.data, again.headers["ETag"]) == (
        304,
        b"",
        known["If-None-Match"],
    )
    with clock.frozen(run.ends_at):
        over = api.get("/night-school/runs", headers=known)
    assert (over.status_code, over.json["data"]) == (200, {"items": [], "next_cursor": None})
