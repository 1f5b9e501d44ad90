"""Whoever waits may want an offer only before a moment; then the line goes on without them."""

from datetime import datetime, timedelta

import pytest

from backend import clock
from backend.booking.errors import NotWaiting, OfferGone
from backend.scheduler import pass_on_expired_offers
from tests.booking import verbs
from tests.booking.test_line import Line
from tests.factories import Make

HOUR = timedelta(hours=1)


@pytest.fixture
def full(make: Make) -> Line:
    return Line(make)


def test_a_wish_that_has_run_out_is_skipped_and_ends(full: Line, now: datetime) -> None:
    verbs.want_before(full.waiting[0], now + HOUR)
    with clock.frozen(now + HOUR):
        verbs.cancel(full.held[0])
    assert full.states() == ["cancelled", "offered"]
    assert verbs.history(full.waiting[0])[-1] == ("cancelled", None, None, "wish_over")
    assert verbs.told(full.waiting[0])[-1] == "cancelled"
    assert verbs.counters(full.id) == (1, 0, 0)


def test_an_offer_made_before_it_stays_open(full: Line, now: datetime) -> None:
    verbs.want_before(full.waiting[0], now + HOUR)
    verbs.cancel(full.held[0])
    with clock.frozen(now + 2 * HOUR):
        verbs.accept(full.waiting[0])
    assert full.states() == ["confirmed", "waiting"]


def test_the_job_ends_it_at_its_moment(full: Line, now: datetime) -> None:
    verbs.want_before(full.waiting[1], now + HOUR)
    assert verbs.next_expiry(full.id) == now + HOUR
    for late, ended in ((timedelta(microseconds=-1), 0), (timedelta(), 1)):
        with clock.frozen(now + HOUR + late):
            assert pass_on_expired_offers(lambda: False) == ended
    assert full.states() == ["waiting", "cancelled"]
    assert verbs.next_expiry(full.id) is None


def test_it_is_said_when_joining(make: Make, full: Line, now: datetime) -> None:
    mine = full.join(offer_before=now + HOUR).booking_id
    assert verbs.next_expiry(full.id) == now + HOUR
    with clock.frozen(now + HOUR):
        verbs.push(full.id)
    assert verbs.state(mine) == "cancelled"


def test_with_a_place_at_once_there_is_nothing_to_wait_for(make: Make, now: datetime) -> None:
    run, who = make.run(), make.resident()
    booked = verbs.book(
        run.id, who.person.id, account_id=who.account.id, wait=True, offer_before=now + HOUR
    )
    assert booked.state == "confirmed"
    assert verbs.next_expiry(run.id) is None


def test_a_party_waits_and_leaves_together(make: Make, now: datetime) -> None:
    full = Line(make, capacity=2, waiting=0)
    holder = make.resident("王芳")
    people = [holder.person.id, make.person("王小明").id]
    party = verbs.book_party(
        full.id, people, account_id=holder.account.id, wait=True, offer_before=now + HOUR
    )
    behind = full.join().booking_id
    verbs.cancel(full.held[0])  # one place is too few for two: the head blocks
    assert verbs.state(behind) == "waiting"
    with clock.frozen(now + HOUR):
        verbs.push(full.id)
    assert [verbs.state(one.booking_id) for one in party.members] == ["cancelled"] * 2
    assert verbs.state(behind) == "offered"


def test_it_can_be_changed_and_taken_back(full: Line, now: datetime) -> None:
    verbs.want_before(full.waiting[0], now + HOUR)
    verbs.want_before(full.waiting[0], None)
    with clock.frozen(now + HOUR):
        verbs.cancel(full.held[0])
    assert full.states() == ["offered", "waiting"]
    with pytest.raises(NotWaiting):
        verbs.want_before(full.waiting[0], now + HOUR)


# Staff give a kept place free, and push the line


def test_a_kept_place_given_free_goes_to_the_next(full: Line) -> None:
    verbs.cancel(full.held[0])
    verbs.release(full.waiting[0])
    assert full.states() == ["declined", "offered"]
    assert verbs.history(full.waiting[0])[-1] == ("declined", None, None, "本人来电不来了")
    assert verbs.told(full.waiting[0])[-1] == "offer_expired"
    with pytest.raises(OfferGone):
        verbs.release(full.waiting[0])
    with pytest.raises(OfferGone):
        verbs.release(full.held[0])


def test_pushing_a_line_that_cannot_move_changes_nothing(full: Line, now: datetime) -> None:
    assert verbs.push(full.id) == []
    assert full.states() == ["waiting", "waiting"]
    ended = Line(full.make, promote_until=now + HOUR, cancel_until=None)
    with clock.frozen(now + HOUR):
        verbs.cancel(ended.held[0])
        assert verbs.push(ended.id) == []
    assert ended.states() == ["waiting", "waiting"]
