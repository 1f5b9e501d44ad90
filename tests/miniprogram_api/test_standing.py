"""How reliably somebody comes, as they read it themselves, their family, and the desk."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import update

from backend import clock
from backend.booking.models import Bookable, Booking
from backend.db import db, transactional
from backend.people import merging
from tests.api import ApiClient
from tests.factories import Make, Signed
from tests.standing.missing import gave_back, lesson_of, mark, stayed_away


@pytest.fixture
def wang(make: Make) -> Signed:
    return make.resident()


def read(api: ApiClient, who: Signed, person=None) -> dict:
    path = f"/standing/{(person or who.person).id}"
    return api.get(path, as_=who.token).json["data"]


def test_each_occasion_is_told_with_what_it_weighs_and_until_when(
    api: ApiClient, make: Make, wang
) -> None:
    booking = stayed_away(make, wang.person, 1, days_ago=90)
    late = gave_back(make, wang.person, 0)
    told = read(api, wang)
    assert (told["sum"], told["half_life_days"], told["limits"]) == (1.0, 90, [])
    latest, first = told["entries"]
    assert latest | {"at": "", "gone_at": "", "appeal_until": ""} == {
        "booking_id": late.id, "occasion_id": 0, "why": "late", "title": "剪纸",
        "place_name": "春晖社区", "number": None, "at": "", "weighs": 0.5, "gone_at": "",
        "waived": None, "appeal": None, "appeal_until": "",
    }  # fmt: skip
    lesson = lesson_of(booking, 1)
    assert first == {
        "booking_id": booking.id, "occasion_id": lesson.id, "why": "absent", "title": "声乐基础",
        "place_name": "春晖社区", "number": 1, "at": clock.rfc3339(lesson.starts_at),
        "weighs": 0.5, "gone_at": clock.rfc3339(lesson.starts_at + timedelta(days=450)),
        "waived": None, "appeal": None, "appeal_until": None,
    }  # fmt: skip


def test_the_district_sets_how_fast_it_fades(
    api: ApiClient, make: Make, wang, app, monkeypatch
) -> None:
    stayed_away(make, wang.person, 1, days_ago=30)
    faster = replace(app.extensions["settings"], standing_half_life=30)
    monkeypatch.setitem(app.extensions, "settings", faster)
    told = read(api, wang)
    assert (told["sum"], told["half_life_days"]) == (0.5, 30)


def test_it_says_what_it_means_for_classes_that_ask(api: ApiClient, make: Make, wang) -> None:
    stayed_away(make, wang.person, 4)
    for most, given in (
        (2, {}), (3, {}), (5, {}), (1, {"published_at": None}),
        (1, {"cancelled_at": make.now}), (1, {"closes_at": make.now}),
    ):  # fmt: skip
        make.run(course=make.course("太极拳"), most_missed=most, **given)
    two, three, five = read(api, wang)["limits"]
    assert [one["limit"] for one in (two, three, five)] == [2, 3, 5]
    assert two["from_when"] > three["from_when"] > clock.rfc3339(make.now)
    assert five["from_when"] is None


def test_family_may_look_and_strangers_find_nothing(api: ApiClient, make: Make, wang) -> None:
    father = make.person("王大山")
    consent = make.consent(wang.account, father)
    stayed_away(make, father, 1)
    assert len(read(api, wang, father)["entries"]) == 1
    stranger = make.resident("李建国")
    assert api.get(f"/standing/{father.id}", as_=stranger.token).status_code == 404
    assert api.get("/standing/987654", as_=wang.token).status_code == 404
    assert api.get("/standing/x", as_=wang.token).status_code == 404
    assert api.get(f"/standing/{father.id}").status_code == 401
    consent.withdrawn_at = make.now
    db.session.commit()
    assert api.get(f"/standing/{father.id}", as_=wang.token).status_code == 404


def test_two_entries_for_one_human_add_up(api: ApiClient, make: Make, wang) -> None:
    twice = make.person("王秀英")
    stayed_away(make, twice, 2)
    stayed_away(make, wang.person, 1)
    transactional(merging.merge)(db.session(), twice.id, wang.person.id, make.now)
    assert len(read(api, wang)["entries"]) == 3


def test_of_a_double_enrolment_each_lesson_counts_once(api: ApiClient, make: Make, wang) -> None:
    twice = make.person("王秀英")
    kept = stayed_away(make, wang.person, 1, days_ago=7)
    double = make.add(
        Booking(
            bookable_id=kept.bookable_id, person_id=twice.id, state="confirmed",
            once_key=kept.once_key, starts_at=kept.starts_at, ends_at=make.now + timedelta(days=1),
            code="double", short_code="000001", created_at=make.now,
        )
    )  # fmt: skip
    mark(make, double, 1)
    db.session.execute(update(Bookable).where(Bookable.id == kept.bookable_id).values(taken=2))
    db.session.commit()
    transactional(merging.merge)(db.session(), twice.id, wang.person.id, make.now)
    assert len(read(api, wang)["entries"]) == 1


def test_my_data_tells_it(api: ApiClient, make: Make, wang) -> None:
    stayed_away(make, wang.person, 1, days_ago=90)
    sections = api.get("/me/data", as_=wang.token).json["data"]["sections"]
    [section] = [one for one in sections if one["title"] == "出勤情况"]
    [row] = section["rows"]
    assert row["value"] == "没有请假，没来，现在算 0.5 次"
    assert row["label"].startswith("声乐基础，2025-12-")


def test_nothing_is_left_of_a_deleted_account(api: ApiClient, make: Make, wang) -> None:
    stayed_away(make, wang.person, 2)
    api.post("/me/delete", {"confirm": True}, as_=wang.token)
    assert api.get(f"/standing/{wang.person.id}", as_=wang.token).status_code == 401
