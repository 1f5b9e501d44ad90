"""Residents who change classes in the same instant, over HTTP: nobody ever loses both places."""

from collections import Counter

import pytest
from sqlalchemy import func, select

from backend.booking.models import Booking
from backend.db import db
from tests.booking.crowd import Caller, Member, all_at_once, crowd
from tests.booking.test_races import Races, races
from tests.factories import Make

__all__ = ["races"]
pytestmark = pytest.mark.xdist_group("races")


class Swap:
    """Two full classes of one course, and everybody in one wants to be in the other."""

    def __init__(self, races: Races, size: int, free: int) -> None:
        make = Make(races.now)
        self.races, self.runs = races, [make.run(capacity=size + free).id for _ in range(2)]
        self.members = crowd(2 * size, races.now)
        answers = all_at_once(
            races.base, self.members, lambda number, me: me.enrol(self.runs[number % 2])
        )
        self.booked = [answer.data["booking_id"] for answer in answers]

    def change(self, number: int, me: Caller, *, wait: bool) -> int:
        path = f"/mp/v1/bookings/{self.booked[number]}/transfer"
        answer = me.post(path, {"run_id": self.runs[1 - number % 2], "wait": wait})
        return answer.body["errcode"]

    def held(self) -> Counter[int]:
        """By person, how many places."""
        db.session.rollback()
        rows = db.session.execute(
            select(Booking.person_id, func.count())
            .where(Booking.bookable_id.in_(self.runs), Booking.state == "confirmed")
            .group_by(Booking.person_id)
        )
        return Counter({row[0]: row[1] for row in rows})

    def each_holds_one(self) -> bool:
        return self.held() == Counter({member.person_id: 1 for member in self.members})


def test_two_classes_swap_through_one_free_place_each(races: Races) -> None:
    swap = Swap(races, size=10, free=1)
    answers = Counter(
        all_at_once(races.base, swap.members, lambda n, me: swap.change(n, me, wait=False))
    )
    assert set(answers) <= {0, 40904}
    assert answers[0] >= 2
    assert swap.each_holds_one()
    assert races.wrong() == {}


def test_those_who_wait_for_each_other_keep_their_places(races: Races) -> None:
    """Both classes are full: all wait, nobody moves, until one place more lets them change."""
    swap = Swap(races, size=8, free=0)
    answers = all_at_once(races.base, swap.members, lambda n, me: swap.change(n, me, wait=True))
    assert Counter(answers) == {0: 16}
    assert swap.each_holds_one()
    assert [races.counters(run) for run in swap.runs] == [(8, 8), (8, 8)]
    assert races.wrong() == {}


def test_one_person_taps_twice_and_cancels_at_once(races: Races) -> None:
    swap = Swap(races, size=6, free=6)
    thrice: list[tuple[int, Member]] = [
        (number, member) for number, member in enumerate(swap.members) for _ in range(3)
    ]

    def call(at: int, me: Caller) -> int:
        number = thrice[at][0]
        if at % 3 == 2:
            cancel = f"/mp/v1/bookings/{swap.booked[number]}/cancel"
            return me.post(cancel).body["errcode"]
        return swap.change(number, me, wait=False)

    answers = all_at_once(races.base, [member for _, member in thrice], call)
    assert set(answers) <= {0, 40905, 40911}
    assert all(count == 1 for count in swap.held().values())
    assert races.wrong() == {}
