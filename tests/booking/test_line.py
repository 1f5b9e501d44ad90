"""The waiting list: who is offered what, when, and what happens when an offer runs out."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import update

from backend import clock
from backend.booking import line, queries
from backend.booking.errors import Full, OfferGone
from backend.booking.models import Booking
from backend.clock import LOCAL
from backend.db import db
from backend.night_school.models import CourseRun
from backend.people.queries import Resident
from tests.api import ApiClient
from tests.booking import verbs
from tests.factories import Make, Signed

HOUR = timedelta(hours=1)


class Line:
    """A run of `capacity` places that are taken, and people waiting for them."""

    def __init__(self, make: Make, *, capacity: int = 1, waiting: int = 2, **given: object) -> None:
        self.make = make
        self.run: CourseRun = make.run(capacity=capacity, **given)
        self.id: int = self.run.id
        self.held = [self.join().booking_id for _ in range(capacity)]
        self.waiting = [self.join().booking_id for _ in range(waiting)]

    def join(self, who: Signed | None = None, **given: object):
        who = who or self.make.resident()
        given = {"wait": True} | given
        return verbs.book(self.id, who.person.id, account_id=who.account.id, **given)

    def rank(self, booking_id: int, rank: int) -> None:
        db.session.execute(update(Booking).where(Booking.id == booking_id).values(rank=rank))
        db.session.commit()

    def states(self) -> list[str]:
        """Of those who waited at first."""
        return [verbs.state(booking) for booking in self.waiting]


@pytest.fixture
def full(make: Make) -> Line:
    return Line(make)


def test_queue_numbers_have_no_gaps(full: Line) -> None:
    assert [full.join().queue_no for _ in range(3)] == [3, 4, 5]
    assert verbs.counters(full.id) == (1, 5, 0)


def test_a_freed_place_is_offered_to_the_head_and_held(full: Line, now: datetime) -> None:
    verbs.cancel(full.held[0])
    assert full.states() == ["offered", "waiting"]
    assert verbs.counters(full.id) == (1, 1, 0)
    until = verbs.offer_until(full.waiting[0])
    assert until is not None
    assert until > now
    assert verbs.next_expiry(full.id) == until
    assert verbs.told(full.waiting[0]) == ["waitlisted", "offered"]


def test_nobody_who_comes_later_jumps_the_queue(full: Line, make: Make) -> None:
    verbs.cancel(full.held[0])
    verbs.decline(full.waiting[0])  # the second is offered it
    assert full.join().state == "waiting"
    assert full.states() == ["declined", "offered"]


def test_without_a_wish_to_wait_a_full_run_refuses_and_writes_nothing(full: Line) -> None:
    with pytest.raises(Full):
        full.join(wait=False)
    assert len(verbs.states(full.id)) == 3
    assert verbs.counters(full.id) == (1, 2, 0)


def test_accepting_confirms_and_twice_changes_nothing(full: Line) -> None:
    verbs.cancel(full.held[0])
    verbs.accept(full.waiting[0])
    verbs.accept(full.waiting[0])
    assert full.states() == ["confirmed", "waiting"]
    assert verbs.counters(full.id) == (1, 1, 0)
    assert verbs.next_expiry(full.id) is None
    assert [state for state, *_ in verbs.history(full.waiting[0])] == [
        "waiting", "offered", "confirmed",
    ]  # fmt: skip
    assert verbs.told(full.waiting[0]) == ["waitlisted", "offered", "booked"]


def test_declining_passes_the_place_on_and_twice_changes_nothing(full: Line) -> None:
    verbs.cancel(full.held[0])
    verbs.decline(full.waiting[0])
    verbs.decline(full.waiting[0])
    assert full.states() == ["declined", "offered"]
    assert verbs.counters(full.id) == (1, 0, 0)
    with pytest.raises(OfferGone):
        verbs.accept(full.waiting[0])


def test_only_an_offer_can_be_accepted_or_declined(full: Line) -> None:
    with pytest.raises(OfferGone):
        verbs.accept(full.waiting[0])
    with pytest.raises(OfferGone):
        verbs.decline(full.waiting[0])
    with pytest.raises(OfferGone):
        verbs.decline(full.held[0])


def test_when_all_have_answered_places_are_free_for_everybody(make: Make) -> None:
    full = Line(make, waiting=1)
    verbs.cancel(full.held[0])
    verbs.decline(full.waiting[0])
    assert verbs.counters(full.id) == (0, 0, 0)
    assert full.join(wait=False).state == "confirmed"


def test_leaving_the_line_moves_the_others_up(full: Line) -> None:
    verbs.cancel(full.waiting[0])
    assert verbs.counters(full.id) == (1, 1, 0)
    verbs.cancel(full.held[0])
    assert full.states() == ["cancelled", "offered"]


def test_queue_numbers_are_not_given_twice(full: Line) -> None:
    verbs.cancel(full.waiting[1])
    assert full.join().queue_no == 3


def test_rank_goes_before_the_queue_number(full: Line, make: Make) -> None:
    priority = make.resident("李建国")
    favoured = full.join(priority).booking_id
    full.rank(favoured, -1)
    position = queries.get_mine(db.session(), priority.me, favoured, clock.now())["position"]
    assert position == 1
    verbs.cancel(full.held[0])
    assert verbs.state(favoured) == "offered"
    assert full.states() == ["waiting", "waiting"]


def test_the_position_counts_those_ahead_who_still_wait(full: Line, make: Make) -> None:
    me = make.resident("李建国")
    mine = full.join(me).booking_id
    assert position(me.me, mine) == 3
    verbs.cancel(full.waiting[1])
    assert position(me.me, mine) == 2
    verbs.cancel(full.held[0])
    assert position(me.me, mine) == 1
    verbs.decline(full.waiting[0])
    assert position(me.me, mine) is None


def position(me: Resident, booking_id: int) -> int | None:
    return queries.get_mine(db.session(), me, booking_id, clock.now())["position"]


# Parties and the head that blocks


def test_the_head_blocks_until_it_fits(make: Make) -> None:
    full = Line(make, capacity=3, waiting=0)
    family = full.join(quantity=2).booking_id
    single = full.join().booking_id
    verbs.cancel(full.held[0])
    assert [verbs.state(family), verbs.state(single)] == ["waiting", "waiting"]
    assert verbs.counters(full.id) == (2, 2, 0)
    verbs.cancel(full.held[1])
    assert [verbs.state(family), verbs.state(single)] == ["offered", "waiting"]
    assert verbs.counters(full.id) == (3, 1, 0)
    verbs.cancel(full.held[2])
    assert verbs.state(single) == "offered"


def test_a_free_place_behind_a_blocking_head_is_not_sold(make: Make) -> None:
    full = Line(make, capacity=2, waiting=0)
    full.join(quantity=2)
    verbs.cancel(full.held[0])
    with pytest.raises(Full):
        full.join(wait=False)


def test_people_who_go_together_are_offered_together(make: Make) -> None:
    full = Line(make, capacity=2, waiting=0)
    party = [full.join(party_id=77).booking_id]
    between = full.join().booking_id
    party.append(full.join(party_id=77).booking_id)
    verbs.cancel(full.held[0])
    assert {verbs.state(one) for one in [*party, between]} == {"waiting"}
    verbs.cancel(full.held[1])
    assert [verbs.state(one) for one in party] == ["offered", "offered"]
    assert verbs.state(between) == "waiting"
    assert len({verbs.offer_until(one) for one in party}) == 1


# Time


def test_nothing_is_offered_from_promote_until_on(make: Make, now: datetime) -> None:
    for late in (timedelta(seconds=-1), timedelta()):
        full = Line(make, promote_until=now + HOUR, cancel_until=None)
        with clock.frozen(now + HOUR + late):
            verbs.cancel(full.held[0])
        expected = "offered" if late else "waiting"
        assert full.states()[0] == expected, late
        assert verbs.counters(full.id)[0] == (1 if late else 0)


def test_an_expired_offer_is_passed_on_by_the_next_who_comes(full: Line) -> None:
    verbs.cancel(full.held[0])
    until = verbs.offer_until(full.waiting[0])
    assert until
    with clock.frozen(until), pytest.raises(Full):
        full.join(wait=False)
    # The refusal stands, and so does what the door did before it.
    assert full.states() == ["declined", "offered"]
    assert verbs.history(full.waiting[0])[-1] == ("declined", None, None, "offer_expired")
    assert verbs.told(full.waiting[0])[-1] == "offer_expired"
    assert verbs.counters(full.id) == (1, 0, 0)


def test_the_api_passes_an_expired_offer_on_and_refuses_all_the_same(
    full: Line, make: Make, api: ApiClient
) -> None:
    verbs.cancel(full.held[0])
    until = verbs.offer_until(full.waiting[0])
    assert until
    with clock.frozen(until):
        late = make.resident("李建国")
        refused = api.post(
            f"/night-school/runs/{full.id}/enrolments", {"person_id": late.person.id},
            as_=late.token,
        )  # fmt: skip
    assert (refused.status_code, refused.json["errcode"]) == (409, 40904)
    assert full.states() == ["declined", "offered"]


def test_an_expired_offer_cannot_be_accepted_and_is_passed_on(full: Line) -> None:
    verbs.cancel(full.held[0])
    until = verbs.offer_until(full.waiting[0])
    assert until
    with clock.frozen(until), pytest.raises(OfferGone):
        verbs.accept(full.waiting[0])
    assert full.states() == ["declined", "offered"]


def test_an_offer_is_good_up_to_its_deadline(full: Line) -> None:
    verbs.cancel(full.held[0])
    until = verbs.offer_until(full.waiting[0])
    assert until
    with clock.frozen(until - timedelta(microseconds=1)):
        verbs.accept(full.waiting[0])
    assert full.states() == ["confirmed", "waiting"]


def test_with_nobody_left_to_wait_an_expired_place_is_sold(make: Make) -> None:
    full = Line(make, waiting=1)
    verbs.cancel(full.held[0])
    until = verbs.offer_until(full.waiting[0])
    assert until
    with clock.frozen(until):
        assert full.join(wait=False).state == "confirmed"
    assert full.states() == ["declined"]


def test_offers_go_down_the_line_by_time_alone(make: Make) -> None:
    full = Line(make, waiting=3)
    verbs.cancel(full.held[0])
    for expired in range(3):
        until = verbs.next_expiry(full.id)
        assert until
        with clock.frozen(until):
            assert verbs.pass_on(full.id) == 1
        assert full.states()[: expired + 1] == ["declined"] * (expired + 1)
    assert verbs.next_expiry(full.id) is None
    assert verbs.counters(full.id) == (0, 0, 0)


def test_passing_on_before_the_deadline_changes_nothing(full: Line) -> None:
    verbs.cancel(full.held[0])
    assert verbs.pass_on(full.id) == 0
    assert full.states() == ["offered", "waiting"]


def shanghai(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-03-{text}").replace(tzinfo=LOCAL)


@pytest.mark.parametrize(
    ("offered", "promotion_ends", "deadline"),
    [
        ("11T12:00", "25T19:00", "12T21:00"),  # 24 waking hours: 10 today, 14 tomorrow
        ("11T12:00", "12T19:00", "12T08:00"),  # 10 + 12 waking hours are left: half is 11
        ("11T12:00", "11T18:00", "11T15:00"),  # half of six hours
        ("11T12:00", "11T12:50", "11T12:30"),  # half an hour at least
        ("11T12:00", "11T12:20", "11T12:20"),  # never past the end
        ("11T21:00", "12T09:00", "12T07:30"),  # three waking hours are left: half is 1.5
        ("11T23:00", "25T19:00", "13T16:00"),  # the clock starts at 07:00
    ],
)
def test_offer_deadlines(app: object, offered: str, promotion_ends: str, deadline: str) -> None:
    assert line.offer_deadline(shanghai(offered), shanghai(promotion_ends)) == shanghai(deadline)
