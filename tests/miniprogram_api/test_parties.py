"""People who go together: all of them or nobody, in one answer."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from backend import clock
from backend.booking.models import Booking
from backend.commands.check import audit
from backend.db import db
from tests.api import ApiClient
from tests.booking import verbs
from tests.factories import Make, fresh


class Family:
    """王芳, who may act for her parents and her child."""

    def __init__(self, make: Make) -> None:
        self.fang = make.resident("王芳")
        self.father = make.resident("王建国")
        self.mother, self.child = make.person("李秀英"), make.person("王小明")
        for one in (self.father.person, self.mother, self.child):
            make.consent(self.fang.account, one)
        self.ids = [one.id for one in (self.fang.person, self.father.person, self.mother)]


@pytest.fixture
def family(make: Make) -> Family:
    return Family(make)


@pytest.fixture(autouse=True)
def nothing_is_wrong(app: Flask, now: datetime) -> Iterator[None]:
    """`xingfu check` finds nothing after any of these."""
    yield
    db.session.rollback()
    assert [one.check.name for one in audit(timedelta(hours=1)) if one.rows] == []


def together(api, run, who, ids, *, wait=False, key=None):
    path = f"/night-school/runs/{run.id}/parties"
    return api.post(path, {"person_ids": ids, "wait": wait}, as_=who.token, key=key)


def alone(api, run, who, *, wait=False):
    path = f"/night-school/runs/{run.id}/enrolments"
    return api.post(path, {"person_id": who.person.id, "wait": wait}, as_=who.token)


def bookings() -> int:
    return db.session.scalar(select(func.count()).select_from(Booking)) or 0


def test_all_get_a_place_at_once(api: ApiClient, make: Make, family: Family) -> None:
    run = make.run()
    answer = together(api, run, family.fang, family.ids)
    assert answer.status_code == 201, answer.json
    data = answer.json["data"]
    assert [one["person_id"] for one in data["bookings"]] == family.ids
    assert {(one["state"], one["queue_no"]) for one in data["bookings"]} == {("confirmed", None)}
    rows = db.session.scalars(select(Booking).order_by(Booking.id)).all()
    assert {(row.party_id, row.account_id) for row in rows} == {
        (data["party_id"], family.fang.account.id)
    }
    assert len({row.code for row in rows}) == 3
    assert fresh(run).taken == 3
    for row in rows:
        assert [state for state, *_ in verbs.history(row.id)] == ["confirmed"]
        assert verbs.told(row.id) == ["booked"]


def test_each_sees_who_goes_along(api: ApiClient, make: Make, family: Family) -> None:
    booked = together(api, make.run(), family.fang, family.ids).json["data"]["bookings"]
    seen = api.get(f"/bookings/{booked[1]['booking_id']}", as_=family.father.token).json["data"]
    assert [(one["person_name"], one["state"]) for one in seen["party"]] == [
        ("王芳", "confirmed"), ("王建国", "confirmed"), ("李秀英", "confirmed"),
    ]  # fmt: skip
    single = alone(api, make.run(), family.fang).json["data"]["booking_id"]
    assert api.get(f"/bookings/{single}", as_=family.fang.token).json["data"]["party"] == []


def test_one_key_speaks_for_all(api: ApiClient, make: Make, family: Family) -> None:
    run = make.run()
    first = together(api, run, family.fang, family.ids, key="k1")
    again = together(api, run, family.fang, family.ids, key="k1")
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json["data"] == first.json["data"]
    for ids, wait in ((family.ids[:2], False), (family.ids[::-1], False), (family.ids, True)):
        other = together(api, run, family.fang, ids, wait=wait, key="k1")
        assert (other.status_code, other.json["errcode"]) == (422, 42201)
    as_single = api.post(
        f"/night-school/runs/{run.id}/enrolments", {"person_id": family.ids[0]},
        as_=family.fang.token, key="k1",
    )  # fmt: skip
    assert (as_single.status_code, as_single.json["errcode"]) == (422, 42201)
    assert fresh(run).taken == 3


def test_a_replay_is_answered_even_when_nobody_could_sign_up_any_more(
    api: ApiClient, make: Make, family: Family
) -> None:
    run = make.run(capacity=3)
    first = together(api, run, family.fang, family.ids, key="k1")
    with clock.frozen(run.closes_at + timedelta(minutes=1)):
        again = together(api, run, family.fang, family.ids, key="k1")
    assert (again.status_code, again.json["data"]) == (200, first.json["data"])


@pytest.mark.parametrize("wait", [True, False])
def test_one_who_may_not_come_keeps_all_away(
    api: ApiClient, make: Make, family: Family, wait: bool
) -> None:
    run = make.run(min_age=60)
    family.mother.birth_date = clock.today() - timedelta(days=365 * 50)
    db.session.commit()
    answer = together(api, run, family.fang, family.ids, wait=wait)
    assert (answer.status_code, answer.json["errcode"]) == (409, 40906)
    assert answer.json["data"] == {"min_age": 60, "person_id": family.mother.id}
    assert (bookings(), fresh(run).taken) == (0, 0)


def test_one_who_is_in_already_keeps_all_away(api: ApiClient, make: Make, family: Family) -> None:
    run = make.run()
    mine = alone(api, run, family.father).json["data"]["booking_id"]
    answer = together(api, run, family.fang, family.ids)
    assert (answer.status_code, answer.json["errcode"]) == (409, 40905)
    assert answer.json["data"] == {"booking_id": mine, "person_id": family.father.person.id}
    assert (bookings(), fresh(run).taken) == (1, 1)


def test_only_for_people_i_may_act_for(api: ApiClient, make: Make, family: Family) -> None:
    run, stranger = make.run(), make.resident("李建国")
    assert together(api, run, family.fang, [*family.ids, stranger.person.id]).status_code == 404
    assert together(api, run, stranger, family.ids).status_code == 404
    assert bookings() == 0


@pytest.mark.parametrize(
    "ids", [[], [1], [1, 1], [1, 2, 3, 4, 5, 6, 7, 8, 9], ["1", "2"], None, [0, 1]]
)
def test_two_to_eight_different_people(api: ApiClient, make: Make, family: Family, ids) -> None:
    answer = together(api, make.run(), family.fang, ids)
    assert (answer.status_code, answer.json["errcode"]) == (422, 42200)
    assert "person_ids" in answer.json["errors"]


def test_too_few_places_are_named_and_none_is_taken(
    api: ApiClient, make: Make, family: Family
) -> None:
    run = make.run(capacity=4)
    for _ in range(2):
        alone(api, run, make.resident())
    answer = together(api, run, family.fang, family.ids)
    assert (answer.status_code, answer.json["errcode"]) == (409, 40924)
    assert answer.json["data"] == {"places_left": 2, "people": 3}
    assert fresh(run).taken == 2
    assert together(api, run, family.fang, family.ids[:2]).status_code == 201
    full = together(api, run, make.resident(), family.ids)
    assert full.status_code == 404


def test_a_full_class_says_so(api: ApiClient, make: Make, family: Family) -> None:
    run = make.run(capacity=3)
    for _ in range(3):
        alone(api, run, make.resident())
    answer = together(api, run, family.fang, family.ids)
    assert (answer.status_code, answer.json["errcode"]) == (409, 40904)
    assert answer.json["data"] == {"places_left": 0}


def test_a_party_larger_than_the_class_does_not_block_its_line(
    api: ApiClient, make: Make, family: Family
) -> None:
    run = make.run(capacity=2)
    answer = together(api, run, family.fang, family.ids, wait=True)
    assert (answer.status_code, answer.json["errcode"]) == (409, 40925)
    assert answer.json["data"] == {"places": 2, "people": 3}
    assert (bookings(), fresh(run).waiting) == (0, 0)


class Waiting:
    """The family waits together for a class of four places; a single waits behind them."""

    def __init__(self, api: ApiClient, make: Make, family: Family) -> None:
        self.api, self.family = api, family
        self.run = make.run(capacity=4)
        holders = [make.resident() for _ in range(4)]
        self.held = [(alone(api, self.run, one).json["data"]["booking_id"], one) for one in holders]
        self.first = together(api, self.run, family.fang, family.ids, wait=True, key="party")
        self.party = [one["booking_id"] for one in self.first.json["data"]["bookings"]]
        self.behind = make.resident("李建国")
        answer = alone(api, self.run, self.behind, wait=True)
        self.single = answer.json["data"]["booking_id"]

    def frees(self, count: int) -> None:
        for _ in range(count):
            booking_id, holder = self.held.pop()
            answer = self.api.post(f"/bookings/{booking_id}/cancel", as_=holder.token)
            assert answer.status_code == 200

    def states(self) -> list[str]:
        return [verbs.state(one) for one in [*self.party, self.single]]

    def says(self, verb: str, who=None, json=None, booking=None):
        path = f"/bookings/{booking or self.party[0]}/{verb}"
        return self.api.post(path, json, as_=(who or self.family.fang).token)


@pytest.fixture
def waiting(api: ApiClient, make: Make, family: Family) -> Waiting:
    return Waiting(api, make, family)


def test_a_party_joins_the_line_together(waiting: Waiting) -> None:
    assert waiting.first.status_code == 201
    told = waiting.first.json["data"]["bookings"]
    assert [(one["state"], one["queue_no"]) for one in told] == [
        ("waiting", 1), ("waiting", 2), ("waiting", 3),
    ]  # fmt: skip
    assert verbs.counters(waiting.run.id) == (4, 4, 0)
    assert {tuple(verbs.told(one)) for one in waiting.party} == {("waitlisted",)}


def test_it_is_offered_places_together_or_not_at_all(waiting: Waiting) -> None:
    waiting.frees(2)
    assert waiting.states() == ["waiting"] * 4
    waiting.frees(1)
    assert waiting.states() == ["offered"] * 3 + ["waiting"]
    assert len({verbs.offer_until(one) for one in waiting.party}) == 1


@pytest.mark.parametrize("speaker", ["fang", "father"])
def test_a_yes_speaks_for_all(waiting: Waiting, speaker: str) -> None:
    waiting.frees(3)
    for _ in range(2):  # the first answer was lost on the way
        who = getattr(waiting.family, speaker)
        own = waiting.party[1] if speaker == "father" else waiting.party[0]
        assert waiting.says("accept", who, booking=own).status_code == 200
    assert waiting.states() == ["confirmed"] * 3 + ["waiting"]
    assert verbs.counters(waiting.run.id) == (4, 1, 0)
    for one in waiting.party:
        assert [state for state, *_ in verbs.history(one)] == ["waiting", "offered", "confirmed"]


def test_a_no_speaks_for_all(waiting: Waiting) -> None:
    waiting.frees(3)
    for _ in range(2):
        assert waiting.says("decline").status_code == 200
    assert waiting.states() == ["declined"] * 3 + ["offered"]
    assert verbs.counters(waiting.run.id) == (2, 0, 0)


def test_an_offer_runs_out_for_all(waiting: Waiting) -> None:
    waiting.frees(3)
    until = verbs.offer_until(waiting.party[0])
    assert until
    with clock.frozen(until):
        assert waiting.says("accept").json["errcode"] == 40912
    assert waiting.states() == ["declined"] * 3 + ["offered"]


def test_one_may_stay_at_home(waiting: Waiting) -> None:
    waiting.frees(3)
    waiting.says("accept")
    for _ in range(2):
        assert waiting.says("cancel").status_code == 200
    assert waiting.states() == ["cancelled", "confirmed", "confirmed", "offered"]
    seen = waiting.api.get(f"/bookings/{waiting.party[1]}", as_=waiting.family.fang.token)
    assert [one["state"] for one in seen.json["data"]["party"]] == [
        "cancelled", "confirmed", "confirmed",
    ]  # fmt: skip


def test_who_leaves_a_waiting_party_may_make_it_fit(waiting: Waiting) -> None:
    waiting.frees(2)
    waiting.says("cancel")
    assert waiting.states() == ["cancelled", "offered", "offered", "waiting"]


def test_the_whole_party_cancels_at_once(waiting: Waiting) -> None:
    waiting.frees(2)
    for _ in range(2):
        assert waiting.says("cancel", json={"whole_party": True}).status_code == 200
    assert waiting.states() == ["cancelled"] * 3 + ["offered"]
    # Nobody of them was offered what the one who left a moment before gave back.
    assert {tuple(verbs.told(one)) for one in waiting.party} == {("waitlisted",)}
    assert verbs.counters(waiting.run.id) == (3, 0, 0)


def test_after_one_has_left_the_others_cancel_together(waiting: Waiting) -> None:
    waiting.says("cancel")
    assert waiting.says("cancel", json={"whole_party": True}).status_code == 200
    assert waiting.states() == ["cancelled"] * 3 + ["waiting"]


def test_too_late_for_one_is_too_late_for_all(api: ApiClient, make: Make, family: Family) -> None:
    run = make.run()
    booked = together(api, run, family.fang, family.ids).json["data"]["bookings"]
    with clock.frozen(run.cancel_until):
        late = api.post(
            f"/bookings/{booked[0]['booking_id']}/cancel", {"whole_party": True},
            as_=family.fang.token,
        )  # fmt: skip
    assert (late.status_code, late.json["errcode"]) == (409, 40910)
    assert verbs.states(run.id) == ["confirmed"] * 3


def test_nobody_cancels_for_people_they_do_not_act_for(waiting: Waiting) -> None:
    refused = waiting.says("cancel", waiting.family.father, {"whole_party": True}, waiting.party[1])
    assert (refused.status_code, refused.json["errcode"]) == (409, 40926)
    assert waiting.states() == ["waiting"] * 4
    stranger = waiting.says("cancel", waiting.behind, {"whole_party": True})
    assert stranger.status_code == 404
    assert (
        waiting.says("cancel", waiting.family.father, booking=waiting.party[1]).status_code == 200
    )
    assert waiting.says("cancel", json={"whole_party": "?"}).status_code == 422


def test_a_cancelled_class_ends_it_for_all(waiting: Waiting) -> None:
    verbs.cancel_run(waiting.run.id)
    assert waiting.states() == ["cancelled"] * 4
    refused = together(waiting.api, waiting.run, waiting.family.fang, waiting.family.ids)
    assert refused.json["errcode"] == 40901
