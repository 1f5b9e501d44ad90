"""For some hours after the opening the residents of a place come first."""

from datetime import timedelta

import pytest

from backend import clock
from tests.api import ApiClient
from tests.factories import Make, fresh

HOUR = timedelta(hours=1)


@pytest.fixture
def first(make: Make):
    """A run whose own community comes first for a day; it opened an hour ago."""
    here = make.once("community", make.place)
    return make.run(
        place=here, priority_place_id=here.id, priority_until=make.now - HOUR + timedelta(days=1)
    )


def ask(api: ApiClient, run, who) -> dict:
    return api.get(f"/night-school/eligibility?ids={run.id}", as_=who.token).json["data"][0]


def enrol(api: ApiClient, run, who):
    body = {"person_id": who.person.id, "wait": True}
    return api.post(f"/night-school/runs/{run.id}/enrolments", body, as_=who.token)


def test_a_neighbour_signs_up(api: ApiClient, make: Make, first) -> None:
    estate = make.place("estate", make.once("community", make.place))
    wang = make.resident(home_place_id=estate.id)
    assert ask(api, first, wang)["can"] == "yes"
    assert enrol(api, first, wang).status_code == 201


@pytest.mark.parametrize("home_known", [True, False])
def test_others_are_told_from_when_they_may(
    api: ApiClient, make: Make, first, *, home_known: bool
) -> None:
    home = make.place(name="东湖社区").id if home_known else None
    li = make.resident("李建国", home_place_id=home)
    entry = ask(api, first, li)
    moment = clock.rfc3339(first.priority_until)
    assert (entry["can"], entry["from_when"]) == ("no", moment)
    refused = enrol(api, first, li)
    assert (refused.status_code, refused.json["errcode"]) == (409, 40980)
    assert refused.json["data"] == {"opens_at": moment}
    assert refused.json["errmsg"] == "现在先由附近居民报名，明天上午 11:00 起您也可以报名。"
    assert entry["reasons"] == [
        {key: refused.json[key] for key in ("errcode", "errmsg", "data")}
    ]  # fmt: skip
    assert fresh(first).taken == fresh(first).waiting == 0


def test_from_then_on_everybody_may(api: ApiClient, make: Make, first) -> None:
    li = make.resident("李建国")
    with clock.frozen(first.priority_until):
        assert ask(api, first, li)["can"] == "yes"
        assert enrol(api, first, li).status_code == 201


def test_before_the_opening_each_is_told_their_own_moment(api: ApiClient, make: Make) -> None:
    here = make.once("community", make.place)
    opens_at = make.now + HOUR
    run = make.run(
        opens_at=opens_at, priority_place_id=here.id, priority_until=opens_at + 24 * HOUR
    )
    wang, li = make.resident(home_place_id=here.id), make.resident("李建国")
    assert ask(api, run, wang)["from_when"] == clock.rfc3339(opens_at)
    assert ask(api, run, li)["from_when"] == clock.rfc3339(opens_at + 24 * HOUR)
    run = make.run(
        opens_at=opens_at, priority_place_id=here.id, priority_until=opens_at + HOUR, min_age=70
    )
    assert ask(api, run, li)["from_when"] is None  # waiting does not help


def test_people_who_go_together_are_told_who_has_to_wait(api: ApiClient, make: Make, first) -> None:
    here = make.once("community", make.place)
    fang, mother = make.resident("王芳", home_place_id=here.id), make.person("李秀兰")
    make.consent(fang.account, mother)
    body = {"person_ids": [fang.person.id, mother.id]}
    refused = api.post(f"/night-school/runs/{first.id}/parties", body, as_=fang.token)
    assert (refused.json["errcode"], refused.json["data"]["person_id"]) == (40980, mother.id)
    assert fresh(first).taken == 0


def test_the_class_names_whom_it_lets_first(api: ApiClient, make: Make, first) -> None:
    shown = api.get(f"/night-school/runs/{first.id}").json["data"]
    assert shown["priority_for"] == "春晖社区"
    assert shown["priority_until"] == clock.rfc3339(first.priority_until)
    plain = api.get(f"/night-school/runs/{make.run().id}").json["data"]
    assert (plain["priority_for"], plain["priority_until"]) == (None, None)
