"""Draws through the API: what everybody sees, applying, withdrawing, the result and its file."""

import json
from datetime import datetime
from pathlib import Path

import pytest

from backend import clock
from backend.night_school.draws import verify
from tests.api import ApiClient
from tests.factories import Make
from tests.night_school.draws.drawing import Drawing

BASE = "/night-school/draws"


@pytest.fixture
def drawing(make: Make) -> Drawing:
    return Drawing(make)


def asked(person, *runs, **more):
    return {"person_ids": [person.id], "run_ids": [run.id for run in runs]} | more


def test_everybody_sees_the_rules_and_the_fingerprint(
    api: ApiClient, drawing: Drawing, make: Make
) -> None:
    run = drawing.run(capacity=2)
    assert api.get(BASE).json["data"] == []
    drawing.open(run)
    drawn = api.get(f"{BASE}/{drawing.id}").json["data"]
    assert (drawn["state"], len(drawn["commitment"])) == ("announced", 64)
    assert (drawn["home_weight"], drawn["number_name"]) == (1, "双色球第2026031期红球")
    assert [one["id"] for one in drawn["runs"]] == [run.id]
    [listed] = api.get("/night-school/runs").json["data"]["items"]
    assert listed["draw_id"] == drawing.id
    assert api.get(f"{BASE}/{drawing.id}/file").status_code == 404
    assert api.get(f"{BASE}/99999").status_code == 404


def test_applying_replacing_and_withdrawing(api: ApiClient, drawing: Drawing, make: Make) -> None:
    first, second = drawing.run(), drawing.run()
    drawing.open(first, second)
    who = make.resident()
    path = f"{BASE}/{drawing.id}/applications"
    early = api.post(path, asked(who.person, first), as_=who.token)
    assert (early.status_code, early.json["errcode"]) == (409, 40902)
    with clock.frozen(drawing.open_at):
        [one] = api.post(path, asked(who.person, first, second), as_=who.token).json["data"]
        assert [wish["run_id"] for wish in one["wishes"]] == [first.id, second.id]
        assert (one["state"], one["wishes"][0]["got"]) == ("open", None)
        [again] = api.post(path, asked(who.person, second), as_=who.token).json["data"]
        assert again["code"] == one["code"]
        assert [wish["run_id"] for wish in again["wishes"]] == [second.id]
        assert api.get(f"{BASE}/applications", as_=who.token).json["data"] == [again]
        other = make.resident("别人")
        assert api.get(f"{BASE}/applications", as_=other.token).json["data"] == []
        assert api.delete(f"{path}/{who.person.id}", as_=other.token).status_code == 404
        assert api.delete(f"{path}/{who.person.id}", as_=who.token).json["data"] == []
        assert api.delete(f"{path}/{who.person.id}", as_=who.token).json["data"] == []


@pytest.mark.parametrize(
    "more", [{"run_ids": []}, {"run_ids": [1, 1]}, {"most": 0}, {"most": 2}, {"person_ids": []}]
)
def test_a_body_that_does_not_fit(api: ApiClient, drawing: Drawing, make: Make, more: dict) -> None:
    run = drawing.run()
    drawing.open(run)
    who = make.resident()
    with clock.frozen(drawing.open_at):
        refused = api.post(
            f"{BASE}/{drawing.id}/applications", asked(who.person, run) | more, as_=who.token
        )
    assert refused.status_code == 422
    assert refused.json["errors"]


def test_a_rule_that_is_against_it_names_whom_and_what(
    api: ApiClient, drawing: Drawing, make: Make
) -> None:
    run = drawing.run(min_age=70)
    drawing.open(run)
    who = make.resident()
    with clock.frozen(drawing.open_at):
        refused = api.post(
            f"{BASE}/{drawing.id}/applications", asked(who.person, run), as_=who.token
        )
        assert (refused.status_code, refused.json["errcode"]) == (409, 40906)
        assert refused.json["data"]["run_id"] == run.id
        stranger = make.person("路人")
        denied = api.post(f"{BASE}/{drawing.id}/applications", asked(stranger, run), as_=who.token)
        assert denied.status_code == 404


def test_signing_up_leads_to_the_draw(api: ApiClient, drawing: Drawing, make: Make) -> None:
    run = drawing.run()
    drawing.open(run)
    who = make.resident()
    body = {"person_id": who.person.id, "wait": False}
    refused = api.post(f"/night-school/runs/{run.id}/enrolments", body, as_=who.token)
    assert (refused.status_code, refused.json["errcode"]) == (409, 40990)
    assert refused.json["data"]["draw_id"] == drawing.id
    assert "摇号" in refused.json["errmsg"]


def test_who_can_apply_is_said_beforehand(api: ApiClient, drawing: Drawing, make: Make) -> None:
    run, old = drawing.run(), drawing.run(min_age=70)
    drawing.open(run, old)
    who = make.resident()

    def says(at: datetime) -> list[tuple[str, list[int], str | None]]:
        with clock.frozen(at):
            told = api.get(f"/night-school/eligibility?ids={run.id},{old.id}", as_=who.token)
        return [
            (one["can"], [reason["errcode"] for reason in one["reasons"]], one["from_when"])
            for one in told.json["data"]
        ]

    opens = clock.rfc3339(drawing.rules.opens_at)
    assert says(drawing.now) == [("no", [40990], opens), ("no", [40906], None)]
    assert says(drawing.open_at) == [("apply", [], None), ("no", [40906], None)]
    assert says(drawing.closed_at) == [("no", [40903], None), ("no", [40906], None)]


def test_the_result_its_reasons_and_the_file(
    api: ApiClient, drawing: Drawing, make: Make, tmp_path: Path
) -> None:
    run = drawing.run(capacity=1)
    drawing.open(run)
    people = [make.resident(name) for name in ("王秀英", "李建国", "张桂兰")]
    for who in people:
        drawing.apply(who, run)
    drawing.close()
    drawing.conduct()
    with clock.frozen(drawing.drawn_at):
        drawn = api.get(f"{BASE}/{drawing.id}").json["data"]
        assert drawn["state"] == "drawn"
        assert drawn["runs"][0]["result"] == {
            "places": 1, "applied": 3, "lots": 3, "won": 1, "last": 1
        }  # fmt: skip
        wishes = [
            api.get(f"{BASE}/applications?draw_id={drawing.id}", as_=who.token)
            .json["data"][0]["wishes"][0]
            for who in people
        ]  # fmt: skip
        assert sorted(wish["position"] for wish in wishes) == [1, 2, 3]
        assert sorted(wish["got"] for wish in wishes) == ["full", "full", "won"]
        file = api.get(f"{BASE}/{drawing.id}/file")
    assert verify.problems_of(json.loads(file.data)) == []
    assert json.loads(file.data)["commitment"] == drawn["commitment"]
    program = api.get(f"{BASE}/verify.py")
    assert program.data == Path(verify.__file__).read_bytes()
    late = api.delete(
        f"{BASE}/{drawing.id}/applications/{people[0].person.id}", as_=people[0].token
    )
    assert (late.status_code, late.json["errcode"]) == (409, 40993)
