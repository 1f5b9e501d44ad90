"""A class for which whoever stayed away often waits: before the tap and at sign-up alike."""

from datetime import datetime, timedelta

import pytest

from backend import clock
from backend.db import db
from tests.api import ApiClient
from tests.factories import Make, Signed, fresh
from tests.miniprogram_api.test_looking_back import ask, enrol, refused_alike
from tests.standing.missing import booked, earlier_run, gave_back, lesson_of, mark, stayed_away

MINUTE = timedelta(minutes=1)


@pytest.fixture
def wang(make: Make) -> Signed:
    return make.resident()


@pytest.fixture
def asking(make: Make):
    """A class for those who did not miss more than two of late."""
    return make.run(course=make.course("太极拳"), most_missed=2, lead=timedelta(days=100))


def test_from_when_is_said_and_holds_to_the_minute(
    api: ApiClient, make: Make, wang, asking
) -> None:
    stayed_away(make, wang.person, 4)
    refused, entry = enrol(api, asking, wang).json, ask(api, asking, wang)
    told = {key: refused[key] for key in ("errcode", "errmsg", "data")}
    assert (entry["reasons"], told["errcode"]) == ([told], 40984)
    assert "这个班要从 5月" in told["errmsg"]
    assert "没有这项要求的班，照常可以报。" in told["errmsg"]
    opens_at = told["data"]["opens_at"]
    assert entry["from_when"] == opens_at
    free = datetime.fromisoformat(opens_at)
    with clock.frozen(free - MINUTE):
        assert ask(api, asking, wang)["can"] == "no"
    with clock.frozen(free):
        assert ask(api, asking, wang)["can"] == "yes"
        assert enrol(api, asking, wang).status_code == 201


def test_other_classes_and_other_residents_notice_nothing(
    api: ApiClient, make: Make, wang, asking
) -> None:
    stayed_away(make, wang.person, 4)
    li = make.resident("李建国")
    assert enrol(api, make.run(), wang).status_code == 201
    assert ask(api, asking, li) == ask(api, asking, wang) | {
        "can": "yes", "reasons": [], "from_when": None,
    }  # fmt: skip
    assert enrol(api, asking, li).status_code == 201


def test_after_the_closing_there_is_no_when(api: ApiClient, make: Make, wang) -> None:
    soon = make.run(course=make.course("太极拳"), most_missed=1)
    stayed_away(make, wang.person, 4)
    told = refused_alike(api, soon, wang, 40984)
    assert "这次赶不上了" in told["errmsg"]
    assert ask(api, soon, wang)["from_when"] is None


PRESENCES = [
    ("absent", "no"), ("present", "yes"), ("late", "yes"), ("left_early", "yes"),
    ("excused", "yes"), ("excused_after", "yes"), ("made_up", "yes"), ("unknown", "yes"),
]  # fmt: skip


@pytest.mark.parametrize(("presence", "can"), PRESENCES)
def test_a_corrected_mark_changes_it_at_once(
    api: ApiClient, make: Make, wang, asking, presence: str, can: str
) -> None:
    booking = stayed_away(make, wang.person, 3)
    assert ask(api, asking, wang)["can"] == "no"
    mark(make, booking, 3, presence)
    assert ask(api, asking, wang)["can"] == can


def test_what_did_not_take_place_or_is_long_ago_does_not_count(
    api: ApiClient, make: Make, wang, asking
) -> None:
    stayed_away(make, wang.person, 2)
    called_off = booked(make, earlier_run(make, course=make.course("剪纸")), wang.person)
    mark(make, called_off, 1)
    assert ask(api, asking, wang)["can"] == "no"
    lesson_of(called_off, 1).cancelled_at = make.now
    db.session.commit()
    stayed_away(make, wang.person, 4, days_ago=500, course=make.course("合唱"))
    to_come = booked(make, make.run(course=make.course("陶艺")), wang.person)
    mark(make, to_come, 1)  # a slip of the finger
    assert ask(api, asking, wang)["can"] == "yes"


def test_giving_back_late_weighs_half(api: ApiClient, make: Make, wang, asking) -> None:
    stayed_away(make, wang.person, 2)  # together a little under two
    gave_back(make, wang.person, 1, None)  # in time
    assert ask(api, asking, wang)["can"] == "yes"
    late = gave_back(make, wang.person, 1)
    assert ask(api, asking, wang)["can"] == "no"
    late_run = fresh(late).bookable_id
    run = db.session.get_one(type(asking), late_run)
    run.cancelled_at = run.starts_at - timedelta(days=1)  # nobody lost anything by it
    db.session.commit()
    assert ask(api, asking, wang)["can"] == "yes"


def test_the_page_of_the_class_names_the_rule(api: ApiClient, asking) -> None:
    shown = api.get(f"/night-school/runs/{asking.id}").json["data"]
    assert shown["most_missed"] == 2


def test_only_classes_with_the_rule_cost_a_look_back(
    api: ApiClient, make: Make, wang, asking, statements
) -> None:
    plain = make.run()
    statements.clear()
    assert enrol(api, plain, wang).status_code == 201
    assert [one for one in statements if "attendance" in one or "booking_event.late" in one] == []
    statements.clear()
    assert ask(api, plain, wang)["can"] == "no"
    seeing = len(statements)
    statements.clear()
    assert ask(api, asking, wang)["can"] == "yes"
    assert len(statements) == seeing + 4  # lessons, rooms, what was given back, what was waived
