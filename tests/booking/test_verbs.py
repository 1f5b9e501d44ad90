"""Cancelling, changing the capacity, cancelling the whole thing; and what is written about it."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from backend import clock
from backend.booking import service
from backend.booking.errors import (
    Cancelled,
    CancelTooLate,
    CapacityTooSmall,
    Full,
    NotLive,
    OfferGone,
)
from backend.booking.models import Bookable, Booking, BookingEvent
from backend.booking.service import Actor
from backend.db import db, transaction
from backend.errors import NotFound
from backend.night_school.models import CourseRun
from backend.reminders.models import Reminder
from backend.staff.models import Staff
from tests.booking import verbs
from tests.factories import Make, fresh

SECOND = timedelta(seconds=1)


@pytest.fixture
def staff_id(make: Make, now: datetime) -> int:
    row = Staff(username="desk", name="赵敏", password_hash="-", created_at=now)
    return make.add(row).id


def book(make: Make, run: CourseRun, **given: object) -> int:
    who = make.resident()
    return verbs.book(run.id, who.person.id, account_id=who.account.id, **given).booking_id


# Booking


def test_a_booking_copies_the_run_and_has_its_codes(make: Make, now: datetime) -> None:
    run = make.run()
    row = db.session.get_one(Booking, book(make, run))
    assert (row.starts_at, row.ends_at, row.cancel_until) == (
        run.starts_at, run.ends_at, run.cancel_until,
    )  # fmt: skip
    assert (row.state, row.created_at, row.quantity) == ("confirmed", now, 1)
    assert len(row.code) == 22
    assert row.short_code.isdigit()
    assert len(row.short_code) == 6
    assert verbs.history(row.id) == [("confirmed", row.account_id, None, None)]


def test_a_run_without_a_limit_is_never_full(make: Make) -> None:
    run = make.run(capacity=None)
    for _ in range(3):
        book(make, run)
    assert verbs.counters(run.id) == (3, 0, 0)


def test_several_places_are_taken_together_or_not_at_all(make: Make) -> None:
    run = make.run(capacity=3)
    book(make, run, quantity=2)
    with pytest.raises(Full):
        book(make, run, quantity=2)
    book(make, run)
    assert verbs.counters(run.id) == (3, 0, 0)


def test_a_night_booking_is_told_in_the_morning(make: Make, now: datetime) -> None:
    run = make.run()
    with clock.frozen(now + timedelta(hours=11)):  # 23:00
        booking = book(make, run)
    due = db.session.scalars(select(Reminder.due_at).where(Reminder.booking_id == booking)).one()
    assert clock.local(due).hour == 7


def test_a_run_cancelled_between_the_rules_and_the_place_says_so(make: Make) -> None:
    run = make.run()
    verbs.cancel_run(run.id)
    for wait in (False, True):
        with pytest.raises(Cancelled):
            book(make, run, wait=wait)


def test_a_place_that_comes_free_between_two_statements_is_taken(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody gives a place back just after we found none, and just before we join the line."""
    run = make.run(capacity=1)
    book(make, run)
    join_line, joins = service.join_line, []

    def join_a_moment_later(session: Session, values: dict[str, object]) -> object:
        joins.append(1)
        session.execute(update(Bookable).where(Bookable.id == run.id).values(taken=0))
        return join_line(session, values)

    monkeypatch.setattr(service, "join_line", join_a_moment_later)
    booking = book(make, run, wait=True)
    assert (verbs.state(booking), len(joins)) == ("confirmed", 1)


def test_the_desk_books_with_a_reason_after_closing(
    make: Make, now: datetime, staff_id: int
) -> None:
    run = make.run(closes_at=now - SECOND)
    person = make.person()
    booked = verbs.book(run.id, person.id, staff_id=staff_id, overruled_reason="电话报名登记晚了")
    assert verbs.history(booked.booking_id) == [("confirmed", None, staff_id, "电话报名登记晚了")]
    assert verbs.counters(run.id) == (1, 0, 0)


def test_the_desk_takes_no_place_that_is_not_there(make: Make, staff_id: int) -> None:
    run = make.run(capacity=1)
    book(make, run)
    with pytest.raises(Full):
        verbs.book(run.id, make.person().id, staff_id=staff_id, overruled_reason="照顾")


# Cancelling


@pytest.mark.parametrize(("late", "allowed"), [(-SECOND, True), (0 * SECOND, False)])
def test_residents_cancel_until_the_deadline(
    make: Make, now: datetime, late: timedelta, allowed: bool
) -> None:
    run = make.run(cancel_until=now + timedelta(hours=1))
    booking = book(make, run)
    with clock.frozen(now + timedelta(hours=1) + late):
        if allowed:
            verbs.cancel(booking)
        else:
            with pytest.raises(CancelTooLate) as refused:
                verbs.cancel(booking)
            assert refused.value.data == {"cancel_until": run.cancel_until}
    assert verbs.state(booking) == ("cancelled" if allowed else "confirmed")
    assert verbs.counters(run.id) == (0 if allowed else 1, 0, 0)


@pytest.mark.parametrize(
    ("after", "kept"), [(-SECOND, None), (0 * SECOND, 0), (59 * SECOND, 0), (7200 * SECOND, 120)]
)
def test_late_is_kept_with_how_late(
    make: Make, now: datetime, after: timedelta, kept: int | None
) -> None:
    run = make.run(cancel_until=now + timedelta(hours=1))
    booking = book(make, run)
    with clock.frozen(now + timedelta(hours=1) + after):
        verbs.cancel(booking, late=True)
    assert verbs.state(booking) == "cancelled"
    assert minutes_late(booking) == [None, kept]


def test_staff_excuse_it_or_keep_it(make: Make, now: datetime) -> None:
    run, staff = make.run(cancel_until=now - timedelta(hours=3)), make.staff()
    excused, kept = book(make, run), book(make, run)
    verbs.cancel(excused, Actor(staff_id=staff.id), "住院")
    verbs.cancel(kept, Actor(staff_id=staff.id), "本人来电", late=True)
    assert [minutes_late(one)[-1] for one in (excused, kept)] == [None, 180]


def test_leaving_a_line_is_never_late(make: Make, now: datetime) -> None:
    run = make.run(capacity=1, cancel_until=now - SECOND)
    book(make, run)
    waiting = book(make, run, wait=True)
    verbs.cancel(waiting, late=True)
    assert minutes_late(waiting) == [None, None]


@pytest.mark.parametrize(
    ("promised", "new", "holds"),
    [(24, 48, 24), (24, 2, 2), (None, 24, None), (24, None, None), (24, 24, 24)],
)
def test_a_new_deadline_is_never_harsher_for_who_is_in(
    make: Make, promised: int | None, new: int | None, holds: int | None
) -> None:
    run = make.run()
    first = run.starts_at

    def before(hours: int | None) -> datetime | None:
        return None if hours is None else first - timedelta(hours=hours)

    verbs.change_deadline(run.id, before(promised))
    booking = book(make, run)
    verbs.change_deadline(run.id, before(new))
    assert fresh(db.session.get_one(Booking, booking)).cancel_until == before(holds)
    later = book(make, run)
    assert fresh(db.session.get_one(Booking, later)).cancel_until == before(new)


def minutes_late(booking_id: int) -> list[int | None]:
    """Of each row of history, oldest first."""
    late = select(BookingEvent.late_minutes).where(BookingEvent.booking_id == booking_id)
    return list(db.session.scalars(late.order_by(BookingEvent.id)))


def test_cancelling_twice_changes_nothing(make: Make) -> None:
    run = make.run()
    booking = book(make, run)
    verbs.cancel(booking)
    verbs.cancel(booking)
    assert verbs.counters(run.id) == (0, 0, 0)
    assert [state for state, *_ in verbs.history(booking)] == ["confirmed", "cancelled"]
    assert verbs.told(booking) == ["booked"]  # nobody is told what they did themselves


def test_staff_cancel_after_the_deadline_and_the_resident_is_told(
    make: Make, now: datetime, staff_id: int
) -> None:
    run = make.run(cancel_until=now - SECOND)
    booking = book(make, run)
    verbs.cancel(booking, Actor(staff_id=staff_id), "家人来电")
    assert verbs.history(booking)[-1] == ("cancelled", None, staff_id, "家人来电")
    assert verbs.told(booking) == ["booked", "cancelled"]
    assert verbs.counters(run.id) == (0, 0, 0)


def test_what_is_over_cannot_be_cancelled_even_by_staff(
    make: Make, now: datetime, staff_id: int
) -> None:
    run = make.run(cancel_until=None)
    booking = book(make, run)
    for actor in (Actor(staff_id=staff_id), None):
        with clock.frozen(run.ends_at), pytest.raises(NotLive):
            verbs.cancel(booking, actor)
    with clock.frozen(run.ends_at - SECOND):
        verbs.cancel(booking, Actor(staff_id=staff_id))
    assert verbs.state(booking) == "cancelled"


def test_one_may_leave_a_line_and_an_offer_after_the_deadline(make: Make, now: datetime) -> None:
    run = make.run(capacity=1, cancel_until=now - SECOND)
    book(make, run)
    first, second = (book(make, run, wait=True) for _ in range(2))
    verbs.cancel(second)
    assert verbs.state(second) == "cancelled"
    verbs.change_capacity(run.id, 2)
    assert verbs.state(first) == "offered"
    verbs.cancel(first)
    assert verbs.counters(run.id) == (1, 0, 0)


@pytest.mark.parametrize("ended", ["attended", "missed", "declined"])
def test_what_has_ended_is_not_cancelled(make: Make, ended: str) -> None:
    run = make.run()
    booking = book(make, run)
    with transaction() as session:
        session.get_one(Booking, booking).state = ended
    with pytest.raises(NotLive):
        verbs.cancel(booking)


def test_somebody_else_of_the_household_cancels_and_the_booker_is_told(make: Make) -> None:
    run, daughter = make.run(), make.resident("王小丽")
    booking = book(make, run)
    verbs.cancel(booking, Actor(account_id=daughter.account.id))
    assert verbs.told(booking) == ["booked", "cancelled"]


def test_after_cancelling_one_may_book_again(make: Make) -> None:
    run, who = make.run(), make.resident()
    first = verbs.book(run.id, who.person.id, account_id=who.account.id).booking_id
    verbs.cancel(first)
    again = verbs.book(run.id, who.person.id, account_id=who.account.id)
    assert again.booking_id != first
    assert verbs.states(run.id) == ["cancelled", "confirmed"]


def test_what_does_not_exist_is_not_found(app: object, now: datetime) -> None:
    for verb in (verbs.cancel, verbs.accept, verbs.decline, verbs.cancel_run):
        with pytest.raises(NotFound):
            verb(987654)
    with pytest.raises(NotFound):
        verbs.change_capacity(987654, 3)


# Capacity


def test_added_places_are_offered_to_the_line(make: Make) -> None:
    run = make.run(capacity=1)
    book(make, run)
    waiting = [book(make, run, wait=True) for _ in range(3)]
    verbs.change_capacity(run.id, 3)
    assert [verbs.state(one) for one in waiting] == ["offered", "offered", "waiting"]
    assert verbs.counters(run.id) == (3, 1, 0)


def test_a_cut_below_what_is_taken_needs_a_decision(make: Make) -> None:
    run = make.run(capacity=3)
    for _ in range(3):
        book(make, run)
    with pytest.raises(CapacityTooSmall) as refused:
        verbs.change_capacity(run.id, 2)
    assert refused.value.data == {"taken": 3}
    assert fresh(run).capacity == 3
    verbs.change_capacity(run.id, 2, overbook=True)
    assert (fresh(run).capacity, verbs.counters(run.id)) == (2, (3, 0, 1))
    with pytest.raises(Full):
        book(make, run)


def test_a_cut_to_what_is_taken_needs_none(make: Make) -> None:
    run = make.run(capacity=3)
    for _ in range(2):
        book(make, run)
    verbs.change_capacity(run.id, 2)
    assert verbs.counters(run.id) == (2, 0, 0)


def test_raising_the_capacity_ends_the_overbooking(make: Make) -> None:
    run = make.run(capacity=3)
    for _ in range(3):
        book(make, run)
    verbs.change_capacity(run.id, 1, overbook=True)
    verbs.change_capacity(run.id, 3)
    assert verbs.counters(run.id) == (3, 0, 0)


def test_an_offer_that_has_run_out_does_not_stand_in_the_way_of_a_cut(make: Make) -> None:
    run = make.run(capacity=2)
    book(make, run)
    held, waiting = book(make, run), book(make, run, wait=True)
    verbs.cancel(held)
    until = verbs.offer_until(waiting)
    assert until
    with clock.frozen(until):
        verbs.change_capacity(run.id, 1)
    assert verbs.state(waiting) == "declined"
    assert verbs.counters(run.id) == (1, 0, 0)


def test_the_database_itself_refuses_one_too_many(make: Make) -> None:
    run = make.run(capacity=1)
    book(make, run)
    with pytest.raises(IntegrityError), transaction() as session:
        session.get_one(CourseRun, run.id).taken = 2


# The whole thing


def test_cancelling_a_run_ends_every_live_booking_and_tells_each(make: Make, staff_id: int) -> None:
    run = make.run(capacity=2)
    confirmed, held = book(make, run), book(make, run)
    offered, waiting = book(make, run, wait=True), book(make, run, wait=True)
    gone = book(make, run, wait=True)
    verbs.cancel(gone)
    verbs.cancel(held)
    assert verbs.state(offered) == "offered"
    assert verbs.cancel_run(run.id, staff_id) == 3
    assert set(verbs.states(run.id)) == {"cancelled"}
    assert verbs.counters(run.id) == (0, 0, 0)
    assert verbs.next_expiry(run.id) is None
    for booking in (confirmed, offered, waiting):
        assert verbs.history(booking)[-1] == ("cancelled", None, staff_id, "bookable_cancelled")
        assert verbs.told(booking)[-1] == "cancelled"
    assert verbs.told(gone) == ["waitlisted"]
    with pytest.raises(OfferGone):
        verbs.accept(offered)
    assert verbs.cancel_run(run.id, staff_id) == 0


def test_who_has_attended_keeps_it_when_the_rest_is_cancelled(make: Make) -> None:
    run = make.run()
    booking = book(make, run)
    with transaction() as session:
        session.get_one(Booking, booking).state = "attended"
    assert verbs.cancel_run(run.id) == 0
    assert verbs.counters(run.id) == (1, 0, 0)
