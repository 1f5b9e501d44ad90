"""Places kept for people of an age until a moment: they come first there, and nobody else may."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from backend import clock
from backend.booking import line
from backend.booking.models import Booking
from backend.commands.check import audit
from backend.db import db, transaction
from backend.places.models import Place
from tests.api import ApiClient
from tests.factories import Make, Signed, fresh

UNTIL = timedelta(hours=48)
YOUNG = date(1990, 5, 1)


@pytest.fixture
def run(make: Make):
    """Three places, one of them kept for people of 60 and older for two days."""
    return make.run(capacity=3, kept=1, kept_from_age=60, kept_until=make.now + UNTIL,
                    next_expiry_at=make.now + UNTIL, cancel_until=None)  # fmt: skip


@pytest.fixture
def young(make: Make) -> Callable[[], Signed]:
    return lambda: make.resident("周佳琪", birth_date=YOUNG)


@pytest.fixture
def senior(make: Make) -> Callable[[], Signed]:
    return lambda: make.resident("王秀英")


@pytest.fixture(autouse=True)
def nothing_wrong(make: Make):
    yield
    assert [one.check.name for one in audit(timedelta(hours=1)) if one.rows] == []


def enrol(api: ApiClient, run, who: Signed, *, wait: bool = False):
    body = {"person_id": who.person.id, "wait": wait}
    return api.post(f"/night-school/runs/{run.id}/enrolments", body, as_=who.token)


def state(api: ApiClient, run, who: Signed, *, wait: bool = False) -> str:
    answer = enrol(api, run, who, wait=wait).json
    return answer["data"]["state"] if answer["errcode"] == 0 else answer["errcode"]


def says(api: ApiClient, run, who: Signed) -> str:
    path = f"/night-school/eligibility?ids={run.id}"
    return api.get(path, as_=who.token).json["data"][0]["can"]


def shown(api: ApiClient, run) -> tuple[int, int, int | None]:
    one = api.get(f"/night-school/runs/{run.id}").json["data"]
    return one["places_left"], one["kept_left"], one["kept_from_age"]


def on_kept(run, who: Signed) -> int:
    db.session.rollback()
    return db.session.scalars(
        select(Booking.on_kept).where(
            Booking.bookable_id == run.id, Booking.person_id == who.person.id
        )
    ).one()


def cancel(api: ApiClient, run, who: Signed) -> None:
    ident = db.session.scalars(
        select(Booking.id).where(Booking.bookable_id == run.id, Booking.person_id == who.person.id)
    ).one()
    assert api.post(f"/bookings/{ident}/cancel", as_=who.token).status_code == 200


def now_in(run, who: Signed) -> str:
    db.session.rollback()
    return db.session.scalars(
        select(Booking.state).where(
            Booking.bookable_id == run.id, Booking.person_id == who.person.id
        )
    ).one()


def test_others_never_have_a_kept_place(api: ApiClient, run, young, senior) -> None:
    assert shown(api, run) == (2, 1, 60)
    assert [state(api, run, young()) for _ in range(3)] == ["confirmed", "confirmed", 40904]
    late = young()
    assert (says(api, run, late), says(api, run, senior())) == ("wait", "yes")
    assert state(api, run, late, wait=True) == "waiting"
    wang = senior()
    assert state(api, run, wang) == "confirmed"  # past those who may not sit there
    assert on_kept(run, wang) == 1
    assert says(api, run, senior()) == "wait"
    assert state(api, run, senior()) == 40904


def test_the_group_takes_kept_places_first_and_then_others(
    api: ApiClient, run, young, senior
) -> None:
    first, second = senior(), senior()
    assert [state(api, run, one) for one in (first, second)] == ["confirmed", "confirmed"]
    assert (on_kept(run, first), on_kept(run, second)) == (1, 0)
    assert shown(api, run) == (1, 0, 60)
    assert state(api, run, young()) == "confirmed"
    assert state(api, run, senior()) == 40904


def test_lists_say_what_is_kept_and_filter_by_what_is_left(
    api: ApiClient, run, young, senior
) -> None:
    [listed] = api.get("/night-school/runs?has_places=true").json["data"]["items"]
    assert (listed["places_left"], listed["kept_left"], listed["kept_from_age"]) == (2, 1, 60)
    one = api.get(f"/night-school/runs/{run.id}").json["data"]
    assert (one["kept"], one["kept_until"]) == (1, clock.rfc3339(run.kept_until))
    for _ in range(2):
        state(api, run, young())
    assert api.get("/night-school/runs?has_places=true&limit=49").json["data"]["items"] == []


def test_a_kept_place_given_back_goes_to_the_group(api: ApiClient, run, young, senior) -> None:
    wang = senior()
    assert state(api, run, wang) == "confirmed"
    for _ in range(2):
        state(api, run, young())
    first, li = young(), senior()
    assert [state(api, run, one, wait=True) for one in (first, li)] == ["waiting", "waiting"]
    cancel(api, run, wang)
    assert (now_in(run, first), now_in(run, li)) == ("waiting", "offered")
    assert on_kept(run, li) == 1


def test_the_group_moves_over_so_that_others_do_not_wait_for_a_free_place(
    api: ApiClient, run, young, senior
) -> None:
    """The kept place is filled by 李秀兰, who sat elsewhere; hers goes to who is first in line."""
    wang, li = senior(), senior()
    for one in (wang, li, young()):
        state(api, run, one)
    first, last = young(), senior()
    assert [state(api, run, one, wait=True) for one in (first, last)] == ["waiting", "waiting"]
    cancel(api, run, wang)
    assert (on_kept(run, li), now_in(run, first), now_in(run, last)) == (1, "offered", "waiting")


def test_another_place_goes_to_whoever_is_first_in_line(api, run, young, senior) -> None:
    wang, zhou = senior(), young()
    for one in (wang, zhou, young()):
        state(api, run, one)
    li, first = senior(), young()
    assert [state(api, run, one, wait=True) for one in (li, first)] == ["waiting", "waiting"]
    cancel(api, run, zhou)
    assert (now_in(run, li), now_in(run, first)) == ("offered", "waiting")
    assert on_kept(run, li) == 0


def test_from_the_moment_on_they_are_anybodys_without_the_scheduler(
    api: ApiClient, run, young
) -> None:
    for _ in range(2):
        state(api, run, young())
    with clock.frozen(run.kept_until - timedelta(seconds=1)):
        assert state(api, run, young()) == 40904
    with clock.frozen(run.kept_until):
        assert state(api, run, young()) == "confirmed"
    stands = fresh(run)
    assert (stands.taken, stands.kept, stands.kept_taken, stands.next_expiry_at) == (3, 0, 0, None)


def test_the_line_has_them_first(api: ApiClient, run, young, senior) -> None:
    wang = senior()
    state(api, run, wang)
    cancel(api, run, wang)
    for _ in range(2):
        state(api, run, young())
    first = young()
    assert state(api, run, first, wait=True) == "waiting"
    with clock.frozen(run.kept_until):
        assert state(api, run, young(), wait=True) == "waiting"
        assert now_in(run, first) == "offered"


def test_the_scheduler_does_it_sooner(api: ApiClient, run, young) -> None:
    for _ in range(2):
        state(api, run, young())
    first = young()
    state(api, run, first, wait=True)
    assert line.with_expired_offers(db.session(), run.kept_until) == [run.id]
    with clock.frozen(run.kept_until), transaction():
        line.pass_on_expired(run.id, run.kept_until)
    assert now_in(run, first) == "offered"


def test_people_who_go_together_take_each_their_kind(
    api: ApiClient, make: Make, run, young, senior
) -> None:
    fang = young()
    mother = make.person("李秀兰")
    make.consent(fang.account, mother)
    state(api, run, young())
    body = {"person_ids": [fang.person.id, mother.id]}
    path = f"/night-school/runs/{run.id}/parties"
    answer = api.post(path, body, as_=fang.token)
    assert answer.status_code == 201
    assert {one["state"] for one in answer.json["data"]["bookings"]} == {"confirmed"}
    assert on_kept(run, fang) == 0
    assert (fresh(run).taken, fresh(run).kept_taken) == (3, 1)


def test_two_young_ones_do_not_fit_where_one_place_is_kept(api, make: Make, run, young) -> None:
    fang, child = young(), make.person("王小明", birth_date=date(2018, 6, 1))
    make.consent(fang.account, child)
    state(api, run, young())
    body = {"person_ids": [fang.person.id, child.id]}
    refused = api.post(f"/night-school/runs/{run.id}/parties", body, as_=fang.token)
    assert (refused.json["errcode"], refused.json["data"]) == (
        40924, {"places_left": 1, "people": 2}
    )  # fmt: skip
    assert (fresh(run).taken, fresh(run).waiting) == (1, 0)


@pytest.mark.parametrize(
    ("least", "group"), [(None, ["here", "here too", "young here"]), (60, ["here", "here too"])]
)
def test_they_may_be_for_the_residents_of_a_place(
    api: ApiClient, make: Make, run, least, group
) -> None:
    estate = make.place("estate", db.session.get_one(Place, run.place_id))
    run.kept, run.kept_from_age, run.kept_place_id = 3, least, run.place_id
    db.session.commit()
    people = {
        "here": make.resident(home_place_id=run.place_id),
        "here too": make.resident(home_place_id=estate.id),
        "young here": make.resident(home_place_id=run.place_id, birth_date=YOUNG),
        "elsewhere": make.resident(home_place_id=make.place(name="滨江社区").id),
        "nobody knows": make.resident(),
    }
    assert [name for name, who in people.items() if says(api, run, who) == "yes"] == group
    one = api.get(f"/night-school/runs/{run.id}").json["data"]
    assert (one["kept_local"], one["kept_place"]) == (True, "春晖社区")
    assert state(api, run, people["here too"]) == "confirmed"
    assert state(api, run, people["elsewhere"]) == 40904


def test_whose_age_is_not_known_is_not_of_the_group(api: ApiClient, make: Make, run) -> None:
    someone = make.resident("李建国", birth_date=None)
    assert state(api, run, someone) == "confirmed"
    assert on_kept(run, someone) == 0
