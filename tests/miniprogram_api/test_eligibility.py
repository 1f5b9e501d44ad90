"""Why can't I? The second read, held against what signing up itself says."""

from datetime import date, timedelta

import pytest

from tests.api import ApiClient
from tests.factories import Make, Signed


def ask(api: ApiClient, who: Signed, *runs, person=None) -> list[dict]:
    ids = ",".join(str(run.id) for run in runs)
    whom = f"&person_id={person.id}" if person else ""
    response = api.get(f"/night-school/eligibility?ids={ids}{whom}", as_=who.token)
    assert response.status_code == 200, response.json
    return response.json["data"]


def enrol(api: ApiClient, run, who: Signed):
    return api.post(
        f"/night-school/runs/{run.id}/enrolments", {"person_id": who.person.id}, as_=who.token
    )


def test_it_can(api: ApiClient, make: Make) -> None:
    run = make.run()
    assert ask(api, make.resident(), run) == [
        {"id": run.id, "can": "yes", "reasons": [], "from_when": None, "live_booking_id": None,
         "warnings": []}
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("given", "errcode"),
    [
        ({"published_at": None}, 40400),
        ({"cancelled": True}, 40901),
        ({"opens_in": timedelta(hours=1)}, 40902),
        ({"closes_in": timedelta(0)}, 40903),
        ({"capacity": 0}, 40904),
        ({"min_age": 67}, 40906),
        ({"max_age": 65}, 40907),
        ({"elsewhere": True}, 40909),
    ],
)
def test_it_says_what_signing_up_says(
    api: ApiClient, make: Make, given: dict, errcode: int
) -> None:
    wang, given = make.resident(), dict(given)
    if given.pop("cancelled", False):
        given["cancelled_at"] = make.now
    if "opens_in" in given:
        given["opens_at"] = make.now + given.pop("opens_in")
    if "closes_in" in given:
        given["closes_at"] = make.now + given.pop("closes_in")
    if given.pop("elsewhere", False):
        given["home_place_id"] = make.place("community").id
    run = make.run(**given)
    (entry,) = ask(api, wang, run)
    refused = enrol(api, run, wang).json
    assert (entry["reasons"][0]["errcode"], refused["errcode"]) == (errcode, errcode)
    assert entry["reasons"][0]["errmsg"] == refused["errmsg"]
    assert entry["reasons"][0]["data"] == refused.get("data", {})
    assert entry["can"] == ("wait" if errcode == 40904 else "no")
    assert (entry["from_when"] is not None) == (errcode == 40902)


def test_all_reasons_are_named(api: ApiClient, make: Make) -> None:
    run = make.run(min_age=70, closes_at=make.now)
    (entry,) = ask(api, make.resident(), run)
    assert [reason["errcode"] for reason in entry["reasons"]] == [40903, 40906]


def test_who_is_in_already_is_told_which(api: ApiClient, make: Make) -> None:
    run, wang = make.run(), make.resident()
    booked = enrol(api, run, wang).json["data"]["booking_id"]
    (entry,) = ask(api, wang, run)
    assert (entry["can"], entry["live_booking_id"]) == ("no", booked)
    assert entry["warnings"] == []


def test_for_somebody_of_the_household(api: ApiClient, make: Make) -> None:
    run = make.run(max_age=12)
    fang, child = make.resident("王芳"), make.person("王小明", birth_date=date(2018, 6, 1))
    make.consent(fang.account, child)
    assert ask(api, fang, run)[0]["can"] == "no"
    assert ask(api, fang, run, person=child)[0]["can"] == "yes"


def test_not_for_strangers(api: ApiClient, make: Make) -> None:
    run, li = make.run(), make.person("李建国")
    path = f"/night-school/eligibility?ids={run.id}&person_id={li.id}"
    assert api.get(path, as_=make.resident().token).status_code == 404
    assert api.get(path).status_code == 401


def test_it_warns_of_another_class_at_that_hour(api: ApiClient, make: Make) -> None:
    wang, other = make.resident(), make.run()
    hour = timedelta(hours=1)
    clashing = make.run(course=make.course("书法"), starts_at=other.starts_at + hour)
    touching = make.run(starts_at=other.starts_at + timedelta(minutes=90))
    second_week = make.run(starts_at=other.starts_at + timedelta(weeks=1), lessons=1)
    booked = enrol(api, other, wang).json["data"]["booking_id"]
    one, two, three = ask(api, wang, clashing, touching, second_week)
    assert [(w["booking_id"], w["title"]) for w in one["warnings"]] == [(booked, "声乐基础")]
    assert one["warnings"][0]["starts_at"] == "2026-03-18T12:00:00+08:00"
    assert (one["can"], two["warnings"]) == ("yes", [])
    assert three["warnings"][0]["starts_at"] == "2026-03-25T12:00:00+08:00"
    api.post(f"/bookings/{booked}/cancel", as_=wang.token)
    assert ask(api, wang, clashing)[0]["warnings"] == []


def test_it_takes_four_statements_for_any_number(api, make: Make, statements) -> None:
    wang, runs = make.resident(), [make.run() for _ in range(12)]
    for run in runs[:3]:
        enrol(api, run, wang)
    statements.clear()
    assert len(ask(api, wang, *runs)) == 12
    assert len(statements) <= 4


@pytest.mark.parametrize(
    "query",
    ["", "ids=", "ids=a", "ids=0", "ids=-1", "ids=1,,2", "ids=99999999999999999999",
     "ids=" + ",".join("1" * 51), "ids=1&person_id=x", "ids=1%00"],
)  # fmt: skip
def test_odd_questions_are_refused(api: ApiClient, make: Make, query: str) -> None:
    refused = api.get(f"/night-school/eligibility?{query}", as_=make.resident().token)
    assert (refused.status_code, refused.json["errcode"]) == (422, 42200)


def test_unknown_ids_are_said_to_be_unknown(api: ApiClient, make: Make) -> None:
    response = api.get("/night-school/eligibility?ids=987654", as_=make.resident().token)
    (entry,) = response.json["data"]
    assert (entry["can"], entry["reasons"][0]["errcode"]) == ("no", 40400)
