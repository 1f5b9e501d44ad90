"""Changing to another class of the same course: in one step, or by waiting for it."""

from datetime import date, timedelta

import pytest

from backend import clock
from backend.night_school.models import CourseRun
from tests.api import ApiClient
from tests.booking import verbs
from tests.factories import Make, Signed, fresh


class Change:
    """王秀英 holds a place in one class; there is another of the same course."""

    def __init__(self, api: ApiClient, make: Make) -> None:
        self.api, self.make, self.wang = api, make, make.resident()
        self.left = make.run(capacity=1)
        self.other = make.run(capacity=1, lead=timedelta(days=9))
        self.booking = self.book(self.left, self.wang)

    def book(self, run: CourseRun, who: Signed | None = None, **given: object) -> int:
        who = who or self.make.resident("李建国")
        return verbs.book(run.id, who.person.id, account_id=who.account.id, **given).booking_id

    def asks(self, run: CourseRun | None = None, key: str | None = None, **body: object):
        path = f"/bookings/{self.booking}/transfer"
        asked = {"run_id": (run or self.other).id} | body
        return self.api.post(path, asked, as_=self.wang.token, key=key)

    def choices(self) -> list[tuple[int, str]]:
        found = self.api.get(f"/bookings/{self.booking}/transfer", as_=self.wang.token)
        return [(one["run"]["id"], one["says"]["can"]) for one in found.json["data"]]

    def refused(self, answer) -> tuple[int, int]:
        """A refusal changes nothing."""
        assert verbs.state(self.booking) == "confirmed"
        assert verbs.counters(self.left.id)[0] == 1
        return answer.status_code, answer.json["errcode"]


@pytest.fixture
def change(api: ApiClient, make: Make) -> Change:
    return Change(api, make)


def test_the_other_place_is_taken_and_the_old_one_goes_to_the_line(change: Change) -> None:
    next_in_line = change.book(change.left, wait=True)
    assert change.choices() == [(change.other.id, "yes")]
    answer = change.asks()
    assert answer.status_code == 201
    assert answer.json["data"]["state"] == "confirmed"
    assert verbs.state(change.booking) == "cancelled"
    assert verbs.history(change.booking)[-1][3] == "transferred"
    assert verbs.state(next_in_line) == "offered"
    assert verbs.counters(change.other.id) == (1, 0, 0)
    assert verbs.told(answer.json["data"]["booking_id"]) == ["booked"]
    assert verbs.told(change.booking) == ["booked"]  # who changed it need not be told


def test_with_the_same_key_it_is_done_once(change: Change) -> None:
    first, second = change.asks(key="k"), change.asks(key="k")
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json["data"]["booking_id"] == second.json["data"]["booking_id"]
    assert verbs.counters(change.other.id) == (1, 0, 0)
    assert change.asks(key="k", wait=True).status_code == 422
    again = change.asks()
    assert (again.status_code, again.json["errcode"]) == (409, 40905)


def test_a_full_class_refuses_and_nothing_changes(change: Change) -> None:
    change.book(change.other)
    assert change.choices() == [(change.other.id, "wait")]
    assert change.refused(change.asks()) == (409, 40904)
    assert verbs.counters(change.other.id) == (1, 0, 0)


def test_waiting_keeps_the_old_place_until_the_offer_is_taken(change: Change) -> None:
    holds, next_in_line = change.book(change.other), change.book(change.left, wait=True)
    answer = change.asks(wait=True).json["data"]
    assert answer["state"] == "waiting"
    assert verbs.state(change.booking) == "confirmed"
    path = f"/bookings/{answer['booking_id']}"
    seen = change.api.get(path, as_=change.wang.token).json["data"]
    assert seen["leaves"] == {
        "booking_id": change.booking, "title": "声乐基础", "place_name": "春晖社区",
    }  # fmt: skip
    verbs.cancel(holds)
    assert verbs.state(change.booking) == "confirmed"
    assert change.api.post(f"{path}/accept", as_=change.wang.token).status_code == 200
    assert verbs.state(change.booking) == "cancelled"
    assert verbs.state(next_in_line) == "offered"
    assert verbs.counters(change.left.id) == (1, 0, 0)
    assert change.api.get(path, as_=change.wang.token).json["data"]["leaves"] is None


def test_declining_the_offer_keeps_the_old_place(change: Change) -> None:
    holds = change.book(change.other)
    waiting = change.asks(wait=True).json["data"]["booking_id"]
    verbs.cancel(holds)
    verbs.decline(waiting)
    assert verbs.state(change.booking) == "confirmed"


def test_an_old_place_given_up_meanwhile_is_not_given_up_twice(change: Change) -> None:
    holds = change.book(change.other)
    waiting = change.asks(wait=True).json["data"]["booking_id"]
    verbs.cancel(change.booking)
    taken = change.book(change.left)
    verbs.cancel(holds)
    verbs.accept(waiting)
    assert [verbs.state(one) for one in (waiting, taken)] == ["confirmed", "confirmed"]


@pytest.mark.parametrize(
    ("given", "errcode"),
    [
        ({"min_age": 80}, 40906),
        ({"opens_at": "later"}, 40902),
        ({"closes_at": "now"}, 40903),
        ({"cancelled_at": "now"}, 40901),
    ],
)
def test_the_rules_are_those_of_signing_up(change: Change, given: dict, errcode: int) -> None:
    now = change.make.now
    moments = {"later": now + timedelta(hours=1), "now": now}
    run = change.make.run(**{name: moments.get(value, value) for name, value in given.items()})
    assert change.refused(change.asks(run)) == (409, errcode)
    assert (run.id, "no") in change.choices()


def test_the_old_place_does_not_stand_in_the_way(change: Change, make: Make) -> None:
    once = make.run(once_a_year=True)
    assert (once.id, "yes") in change.choices()
    assert change.asks(once).status_code == 201


def test_only_another_class_of_the_same_course(change: Change, make: Make) -> None:
    elsewhere = make.run(course=make.course("书法"))
    assert change.refused(change.asks(elsewhere)) == (409, 40962)
    assert change.refused(change.asks(change.left)) == (409, 40962)
    draft = make.run(published_at=None)
    assert change.refused(change.asks(draft)) == (404, 40400)


class Pair(Change):
    """王秀英 and her grandson, who went together to one class; there are two more."""

    def __init__(self, api: ApiClient, make: Make) -> None:
        super().__init__(api, make)
        self.child = make.person("王小明", birth_date=date(2018, 5, 1))
        make.consent(self.wang.account, self.child)
        self.left, self.other = make.run(capacity=2), make.run(capacity=2)
        people = [self.wang.person.id, self.child.id]
        party = verbs.book_party(self.left.id, people, account_id=self.wang.account.id)
        self.booking, self.childs = (one.booking_id for one in party.members)

    def says(self, run: CourseRun) -> str:
        path = f"/bookings/{self.booking}/transfer?whole_party=true"
        found = self.api.get(path, as_=self.wang.token).json["data"]
        return {one["run"]["id"]: one["says"]["can"] for one in found}[run.id]

    def old(self) -> list[str]:
        return [verbs.state(self.booking), verbs.state(self.childs)]


@pytest.fixture
def pair(api: ApiClient, make: Make) -> Pair:
    return Pair(api, make)


def test_who_goes_together_says_who_changes(pair: Pair) -> None:
    asked = pair.asks()
    assert (asked.status_code, asked.json["errcode"]) == (409, 40961)
    assert asked.json["data"]["people"] == 2
    assert pair.old() == ["confirmed", "confirmed"]
    verbs.cancel(pair.childs)  # who is alone need not say
    assert pair.asks().status_code == 201


def test_all_change_together_and_the_line_moves_up(pair: Pair) -> None:
    next_two = [pair.book(pair.left, pair.make.resident(), wait=True) for _ in range(2)]
    assert pair.says(pair.other) == "yes"
    first, second = (pair.asks(whole_party=True, key="k") for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json["data"]["booking_id"] == second.json["data"]["booking_id"]
    assert pair.old() == ["cancelled", "cancelled"]
    assert verbs.states(pair.other.id) == ["confirmed", "confirmed"]
    assert [verbs.state(one) for one in next_two] == ["offered", "offered"]
    seen = pair.api.get(f"/bookings/{first.json['data']['booking_id']}", as_=pair.wang.token)
    assert len(seen.json["data"]["party"]) == 2


def test_all_or_none(pair: Pair) -> None:
    pair.book(pair.other)
    assert pair.says(pair.other) == "wait"
    few = pair.asks(whole_party=True)
    assert (few.status_code, few.json["errcode"]) == (409, 40924)
    assert pair.old() == ["confirmed", "confirmed"]
    grown_up = pair.make.run(capacity=2, min_age=20)
    assert pair.says(grown_up) == "no"
    young = pair.asks(grown_up, whole_party=True)
    assert young.json["data"]["person_id"] == pair.child.id
    assert pair.old() == ["confirmed", "confirmed"]


def test_they_wait_together_and_keep_both_places_until_the_offer(pair: Pair) -> None:
    holds = pair.book(pair.other)
    waiting = pair.asks(whole_party=True, wait=True).json["data"]
    assert waiting["state"] == "waiting"
    assert pair.old() == ["confirmed", "confirmed"]
    verbs.cancel(holds)
    assert verbs.states(pair.other.id) == ["cancelled", "offered", "offered"]
    assert pair.old() == ["confirmed", "confirmed"]
    path = f"/bookings/{waiting['booking_id']}/accept"
    assert pair.api.post(path, as_=pair.wang.token).status_code == 200
    assert pair.old() == ["cancelled", "cancelled"]
    assert verbs.counters(pair.left.id) == (0, 0, 0)


def test_one_changes_alone_where_they_say_so(pair: Pair) -> None:
    assert pair.asks(whole_party=False).status_code == 201
    assert pair.old() == ["cancelled", "confirmed"]


def test_whoever_cannot_act_for_all_cannot_part_them(pair: Pair, api: ApiClient) -> None:
    husband = pair.make.resident("李建国")
    verbs.cancel(pair.childs)
    people = [pair.wang.person.id, husband.person.id]
    left = pair.make.run(capacity=2)
    party = verbs.book_party(left.id, people, account_id=pair.wang.account.id)
    pair.booking = party.members[0].booking_id
    for whole_party in (True, False):
        refused = pair.asks(whole_party=whole_party)
        assert (refused.status_code, refused.json["errcode"]) == (409, 40926)
    assert verbs.states(left.id) == ["confirmed", "confirmed"]


def test_a_party_that_is_late_is_late_each(pair: Pair) -> None:
    with clock.frozen(fresh(pair.left).cancel_until + timedelta(hours=1)):
        late = pair.asks(whole_party=True)
        assert (late.status_code, late.json["errcode"]) == (409, 40910)
        assert pair.asks(whole_party=True, late=True).status_code == 201
    assert [verbs.history(one)[-1][3] for one in (pair.booking, pair.childs)] == ["transferred"] * 2


def test_after_the_deadline_it_is_late(change: Change) -> None:
    with clock.frozen(fresh(change.left).cancel_until + timedelta(hours=1)):
        assert change.refused(change.asks()) == (409, 40910)
        assert change.asks(late=True).status_code == 201
        seen = change.api.get(f"/bookings/{change.booking}", as_=change.wang.token).json["data"]
    assert seen["cancelled_late"]


def test_other_peoples_places_and_what_is_over(change: Change) -> None:
    path, asked = f"/bookings/{change.booking}/transfer", {"run_id": change.other.id}
    li = change.make.resident("李建国")
    assert change.api.post(path, asked, as_=li.token).status_code == 404
    assert change.api.get(path, as_=li.token).status_code == 404
    assert change.api.post("/bookings/999999/transfer", asked, as_=li.token).status_code == 404
    assert change.api.post(path, asked).status_code == 401
    assert change.api.post(path, {}, as_=change.wang.token).status_code == 422
    verbs.cancel(change.booking)
    ended = change.asks()
    assert (ended.status_code, ended.json["errcode"]) == (409, 40911)
    assert verbs.counters(change.other.id) == (0, 0, 0)
