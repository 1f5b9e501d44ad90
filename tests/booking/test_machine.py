"""Anything residents and staff may do, in any order, against what must always hold."""

from datetime import datetime, timedelta
from itertools import groupby

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select

from backend import clock
from backend.booking.errors import BookingRefused
from backend.booking.models import HELD, LIVE, Bookable, Booking, BookingEvent, State
from backend.db import AnyRow, db
from tests.booking import verbs
from tests.factories import Make

JOINED_LATER = 2**40
"""A party whose members come one by one, as no door lets them: they may be in different states."""

UNTIL_WHEN = (None, None, 3, 30)
"""In how many hours an offer is of no use any more to whoever waits."""

BOUNDED = settings(
    max_examples=12,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize=True,
)


def test_any_order_of_verbs_keeps_what_must_hold(make: Make, now: datetime) -> None:
    people = [make.person(f"居民{number}").id for number in range(8)]
    accounts = [make.resident(f"账户{number}").account.id for number in range(2)]

    class Class(RuleBasedStateMachine):
        """One run with few places, eight people, and a clock that moves on."""

        bookings = Bundle("bookings")

        def __init__(self) -> None:
            super().__init__()
            db.session.rollback()
            self.at = now
            self.run_id = make.run(capacity=2, cancel_until=None).id

        def does(self, verb: object, *args: object, **given: object) -> object:
            """Call a verb now; a refusal must leave everything as it was."""
            before = self.rows()
            expired = verbs.next_expiry(self.run_id)
            with clock.frozen(self.at):
                try:
                    return verb(*args, **given)
                except BookingRefused:
                    if expired is None or expired > self.at:
                        assert self.rows() == before
                    return None

        def later(self, hours: int | None) -> datetime | None:
            return None if hours is None else self.at + timedelta(hours=hours)

        def rows(self) -> list[tuple[object, ...]]:
            bookings = db.session.execute(
                select(
                    Booking.id,
                    Booking.state,
                    Booking.offer_until,
                    Booking.queue_no,
                    Booking.offer_before,
                )
                .where(Booking.bookable_id == self.run_id)
                .order_by(Booking.id)
            )  # fmt: skip
            counters = db.session.execute(
                select(Bookable.taken, Bookable.waiting, Bookable.capacity, Bookable.overbooked)
                .where(Bookable.id == self.run_id)
            )  # fmt: skip
            return [tuple(row) for row in [*bookings, *counters]]

        @rule(
            target=bookings,
            person=st.sampled_from(people),
            account=st.sampled_from(accounts),
            wait=st.booleans(),
            quantity=st.sampled_from([1, 1, 1, 2]),
            party=st.sampled_from([None, None, JOINED_LATER]),
            wants=st.sampled_from(UNTIL_WHEN),
        )
        def sign_up(
            self, person: int, account: int, wait: bool, quantity: int, party: int | None,
            wants: int | None,
        ) -> object:  # fmt: skip
            live = db.session.scalars(
                select(Booking.id).where(
                    Booking.bookable_id == self.run_id,
                    Booking.person_id == person,
                    Booking.state.in_(LIVE),
                )
            ).all()
            if live:  # the rules would refuse it; the index is what the races test
                return live[0]
            booked = self.does(
                verbs.book, self.run_id, person, account_id=account, wait=wait,
                quantity=quantity, party_id=party, offer_before=self.later(wants),
            )  # fmt: skip
            return booked.booking_id if booked else None

        @rule(
            target=bookings,
            together=st.lists(st.sampled_from(people), min_size=2, max_size=3, unique=True),
            account=st.sampled_from(accounts),
            wait=st.booleans(),
            wants=st.sampled_from(UNTIL_WHEN),
        )
        def sign_up_together(
            self, together: list[int], account: int, wait: bool, wants: int | None
        ) -> object:
            live = db.session.scalars(
                select(Booking.id).where(
                    Booking.bookable_id == self.run_id,
                    Booking.person_id.in_(together),
                    Booking.state.in_(LIVE),
                )
            ).first()
            if live:
                return live
            party = self.does(
                verbs.book_party, self.run_id, together, account_id=account, wait=wait,
                offer_before=self.later(wants),
            )  # fmt: skip
            return party.party_id if party else None

        @rule(booking=bookings)
        def cancel_together(self, booking: int | None) -> None:
            if booking:
                self.does(verbs.cancel, booking, whole_party=True)

        @rule(booking=bookings)
        def staff_pass_over(self, booking: int | None) -> None:
            if booking:
                self.does(verbs.pass_over, booking)

        @rule(booking=bookings)
        def staff_release(self, booking: int | None) -> None:
            if booking:
                self.does(verbs.release, booking)

        @rule()
        def staff_push(self) -> None:
            self.does(verbs.push, self.run_id)

        @rule(booking=bookings, wants=st.sampled_from(UNTIL_WHEN))
        def wait_only_until(self, booking: int | None, wants: int | None) -> None:
            if booking:
                self.does(verbs.want_before, booking, self.later(wants))

        @rule(booking=bookings)
        def accept(self, booking: int | None) -> None:
            if booking:
                self.does(verbs.accept, booking)

        @rule(booking=bookings)
        def decline(self, booking: int | None) -> None:
            if booking:
                self.does(verbs.decline, booking)

        @rule(booking=consumes(bookings))
        def cancel(self, booking: int | None) -> None:
            if booking:
                self.does(verbs.cancel, booking)

        @rule(hours=st.sampled_from([1, 5, 24]))
        def time_passes(self, hours: int) -> None:
            self.at += timedelta(hours=hours)

        @rule()
        def scheduler_runs(self) -> None:
            self.does(verbs.pass_on, self.run_id)

        @rule(capacity=st.integers(0, 4), overbook=st.booleans())
        def capacity_changes(self, capacity: int, overbook: bool) -> None:
            self.does(verbs.change_capacity, self.run_id, capacity, overbook=overbook)

        @precondition(lambda self: self.at > now + timedelta(hours=48))
        @rule()
        def staff_cancel_the_run(self) -> None:
            self.does(verbs.cancel_run, self.run_id)

        @invariant()
        def holds(self) -> None:
            run = db.session.execute(
                select(Bookable.__table__).where(Bookable.id == self.run_id)
            ).one()
            bookings = db.session.execute(
                select(Booking.__table__)
                .where(Booking.bookable_id == self.run_id)
                .order_by(Booking.rank, Booking.queue_no)
            ).all()
            held = [one for one in bookings if one.state in HELD]
            waiting = [one for one in bookings if one.state == State.WAITING]
            runs_out = [one.offer_until for one in bookings if one.state == State.OFFERED]
            runs_out += [one.offer_before for one in waiting if one.offer_before]
            assert run.taken == sum(one.quantity for one in held) <= run.capacity + run.overbooked
            assert run.waiting == len(waiting)
            assert run.next_expiry_at == min(runs_out, default=None)
            live = [one.person_id for one in bookings if one.state in LIVE]
            assert len(live) == len(set(live))
            numbers = sorted(one.queue_no for one in bookings if one.queue_no is not None)
            assert numbers == list(range(1, run.queue_tail + 1))
            self._head_would_not_fit(run, waiting)
            self._no_party_is_split(bookings)
            self._history_ends_where_the_row_is(bookings)

        def _head_would_not_fit(self, run: AnyRow, waiting: list[AnyRow]) -> None:
            """A free place stands empty only if the head of the line is too large for it."""
            ended = run.cancelled_at or self.at >= run.promote_until
            if not waiting or ended:
                return
            head = waiting[0].party_id
            party = [one for one in waiting if head and one.party_id == head] or waiting[:1]
            free = run.capacity + run.overbooked - run.taken
            assert sum(one.quantity for one in party) > free

        def _no_party_is_split(self, bookings: list[AnyRow]) -> None:
            """Whoever has not stayed at home is in the same state as the others."""
            found: dict[int, set[str]] = {}
            for one in bookings:
                together = one.party_id not in (None, JOINED_LATER)
                if together and one.state != State.CANCELLED:
                    found.setdefault(one.party_id, set()).add(one.state)
            assert all(len(states) == 1 for states in found.values())

        def _history_ends_where_the_row_is(self, bookings: list[AnyRow]) -> None:
            events = db.session.execute(
                select(BookingEvent.booking_id, BookingEvent.state)
                .join(Booking, Booking.id == BookingEvent.booking_id)
                .where(Booking.bookable_id == self.run_id)
                .order_by(BookingEvent.booking_id, BookingEvent.id)
            )
            last = {
                booking: list(rows)[-1].state
                for booking, rows in groupby(events, key=lambda row: row.booking_id)
            }
            assert last == {one.id: one.state for one in bookings}

    run_state_machine_as_test(Class, settings=BOUNDED)
