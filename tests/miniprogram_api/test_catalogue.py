"""The catalogue, its pictures, the terms."""

from datetime import date
from pathlib import Path

import pytest

from backend.night_school.models import Term
from tests.api import ApiClient
from tests.factories import Make


def test_it_lists_courses_with_what_is_on_offer(api: ApiClient, make: Make) -> None:
    course, idle = make.course(), make.course("书法")
    make.course("旧课", withdrawn_at=make.now)
    make.run(course=course)
    make.run(course=course, published_at=None)
    make.run(course=course, cancelled_at=make.now)
    shown = api.get("/night-school/courses").json["data"]
    assert [(one["id"], one["runs"]) for one in shown] == [(course.id, 1), (idle.id, 0)]
    found = api.get("/night-school/courses?text=书").json["data"]
    assert [one["id"] for one in found] == [idle.id]
    assert api.get("/night-school/courses?text=%25").json["data"] == []
    assert len(api.get(f"/night-school/courses?category={shown[0]['category']}").json["data"]) == 2


def test_a_course_has_its_runs(api: ApiClient, make: Make) -> None:
    course = make.course(description="从呼吸开始", bring="水杯")
    run = make.run(course=course)
    make.run(course=make.course("书法"))
    shown = api.get(f"/night-school/courses/{course.id}").json["data"]
    assert (shown["description"], shown["bring"]) == ("从呼吸开始", "水杯")
    assert [one["id"] for one in shown["run_list"]] == [run.id]


def test_a_withdrawn_course_without_runs_is_gone(api: ApiClient, make: Make) -> None:
    course = make.course(withdrawn_at=make.now)
    assert api.get(f"/night-school/courses/{course.id}").status_code == 404
    assert api.get("/night-school/courses/999999").status_code == 404


def test_a_run_names_whose_residents_it_is_kept_for(api: ApiClient, make: Make) -> None:
    community = make.place("community", name="春晖社区")
    kept, open_to_all = make.run(home_place_id=community.id), make.run()
    assert api.get(f"/night-school/runs/{kept.id}").json["data"]["kept_for"] == "春晖社区"
    assert api.get(f"/night-school/runs/{open_to_all.id}").json["data"]["kept_for"] is None


def test_runs_can_be_asked_by_course_and_term(api: ApiClient, make: Make) -> None:
    run = make.run()
    path = "/night-school/runs?course_id={}&term_id={}"
    found = api.get(path.format(run.course_id, run.term_id)).json["data"]["items"]
    assert [one["id"] for one in found] == [run.id]
    assert api.get(path.format(run.course_id, run.term_id + 1)).json["data"]["items"] == []


def test_terms_come_newest_first(api: ApiClient, make: Make) -> None:
    for year in range(2018, 2027):
        make.add(Term(name=f"{year}", starts_on=date(year, 3, 1), ends_on=date(year, 7, 1)))
    names = [term["name"] for term in api.get("/night-school/terms").json["data"]]
    assert names == ["2026", "2025", "2024", "2023", "2022", "2021"]


@pytest.fixture
def pictures(app, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "secret.svg").write_text("<svg/>")
    folder = tmp_path / "pictures"
    folder.mkdir()
    (folder / "music.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    object.__setattr__(app.extensions["settings"], "static_dir", str(folder))
    yield folder
    object.__setattr__(app.extensions["settings"], "static_dir", "var/pictures")


def test_a_picture_is_served_and_kept(api: ApiClient, pictures: Path) -> None:
    shown = api.get("/pictures/music.svg")
    assert shown.status_code == 200
    assert shown.content_type.startswith("image/svg+xml")
    assert "max-age=604800" in shown.headers["Cache-Control"]
    assert "sandbox" in shown.headers["Content-Security-Policy"]
    again = api.get("/pictures/music.svg", headers={"If-None-Match": shown.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    shown.close()
    again.close()


@pytest.mark.parametrize(
    "name",
    ["none.svg", "..%2fsecret.svg", "../secret.svg", "..", ".hidden.svg", "music.svg%00", "a.py",
     "%2e%2e/secret.svg", "....//secret.svg", "\\..\\secret.svg", "x" * 300 + ".svg"],
)  # fmt: skip
def test_nothing_else_is(api: ApiClient, pictures: Path, name: str) -> None:
    refused = api.get(f"/pictures/{name}")
    assert (refused.status_code, refused.json["errcode"]) == (404, 40400)
