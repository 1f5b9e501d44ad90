"""Summaries of classes: whatever happens, the statistics say what the rows say."""

import threading
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import date, datetime, timedelta

import pytest
from flask import Flask
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import delete, func, select, true, update

from backend import clock
from backend.booking.models import Bookable, Booking, BookingEvent
from backend.booking.rules import age_on
from backend.db import db, transaction
from backend.desk import register
from backend.errors import Refusal
from backend.night_school import lessons, marks
from backend.night_school.excuses import service as excuses
from backend.night_school.models import Attendance, CheckInBy, Lesson, Presence
from backend.night_school.statistics import counting, periods, summaries
from backend.night_school.statistics.counting import Counts, Cut
from backend.night_school.statistics.models import RunBandSummary, RunSummary
from backend.people import deleting, merging, profile
from backend.people.models import Person
from backend.scheduler import add_up_classes
from tests.booking import verbs
from tests.conftest import NOON
from tests.console import me_of
from tests.factories import Make
from tests.night_school.test_statistics import _band

MARKS = {
    "came": {"present", "late", "left_early", "made_up"}, "absent": {"absent"},
    "excused": {"excused", "excused_after"}, "unknown": {"unknown"},
}  # fmt: skip
BIRTHS = [None, date(2010, 3, 1), date(1991, 2, 28), date(1980, 1, 1), date(1950, 1, 1)]
YEAR = periods.span(date(2026, 1, 1), date(2026, 12, 31))
BOUNDED = settings(
    max_examples=8, stateful_step_count=25, deadline=None, derandomize=True,
    phases=[Phase.generate],  # to shrink a failure takes minutes
    suppress_health_check=list(HealthCheck),
)  # fmt: skip


def counted(path: str, at: datetime) -> Counts:
    return counting.count(db.session(), path, YEAR, at)


def add_up(at: datetime) -> int:
    with clock.frozen(at):
        return add_up_classes(lambda: False)


def by_hand(run_id: int, at: datetime) -> dict[str, dict[str, int]]:
    """The class's figures by age band, counted from its rows one by one."""
    run = db.session.execute(
        select(Bookable.starts_at, Bookable.closes_at).where(Bookable.id == run_id)
    ).one()
    took = {
        one.id: one.cancelled_at
        for one in db.session.execute(select(Lesson.id, Lesson.cancelled_at))
    }
    found: dict[str, Counter[str]] = defaultdict(Counter)
    people = defaultdict(set)
    for booking in db.session.scalars(select(Booking).where(Booking.bookable_id == run_id)):
        born = db.session.get_one(Person, booking.person_id).birth_date
        band = _band(age_on(born, clock.today(run.starts_at))) if born else "unknown"
        noted = [
            mark.presence
            for mark in db.session.scalars(
                select(Attendance).where(Attendance.booking_id == booking.id)
            )
            if took[mark.lesson_id] is None
        ]
        enrolled = booking.state == "confirmed"
        state = booking.state
        if run.closes_at <= at:
            states = db.session.scalars(
                select(BookingEvent.state)
                .where(BookingEvent.booking_id == booking.id, BookingEvent.at <= run.closes_at)
                .order_by(BookingEvent.at, BookingEvent.id)
            ).all()
            state = states[-1] if states else None
        figures = found[band]
        figures["enrolled"] += enrolled
        figures["waiting"] += state in ("waiting", "offered")
        for name, presences in MARKS.items():
            figures[name] += sum(presence in presences for presence in noted)
        if enrolled or noted:
            people[band].add(booking.person_id)
    return {
        band: {name: number for name, number in figures.items() if number}
        | ({"people": len(people[band])} if people[band] else {})
        for band, figures in found.items()
    }


def said(counts: Counts) -> dict[str, dict[str, int]]:
    names = ("enrolled", "waiting", *MARKS)
    return {
        band: {name: getattr(each, name) for name in names if getattr(each, name)}
        | ({"people": counts.people[band]} if counts.people[band] else {})
        for band, each in counts.cuts[Cut.BAND].items()
    }


def test_whatever_happens_they_say_what_the_rows_say(make: Make, now: datetime) -> None:
    me = me_of(make.staff("manager", make.once("district", lambda: make.place("district"))))

    class Class(RuleBasedStateMachine):
        """One class with few places in a place of its own, and a clock that moves on."""

        def __init__(self) -> None:
            super().__init__()
            db.session.rollback()
            self.at = now
            self.place = make.place()
            closes = now + timedelta(hours=30)
            self.run_id = make.run(
                place=self.place, capacity=2, lead=timedelta(days=2), cancel_until=None,
                closes_at=closes, promote_until=None,
            ).id  # fmt: skip
            self.people = [make.resident(f"居民{n}", birth_date=BIRTHS[n % 5]) for n in range(6)]
            self.lessons = db.session.scalars(
                select(Lesson.id).where(Lesson.run_id == self.run_id)
            ).all()

        def booking(self, which: int) -> int | None:
            ids = db.session.scalars(
                select(Booking.id).where(Booking.bookable_id == self.run_id).order_by(Booking.id)
            ).all()
            return ids[which % len(ids)] if ids else None

        def does(self, verb, *args: object, **given: object) -> None:
            with clock.frozen(self.at), suppress(Refusal, ValueError):
                verb(*args, **given)

        def writes(self, verb, *args: object) -> None:
            def inside() -> None:
                with transaction() as session:
                    verb(session, *args)

            self.does(inside)

        @rule(who=st.integers(0, 5), wait=st.booleans())
        def sign_up(self, who: int, wait: bool) -> None:
            one = self.people[who]
            live = select(func.count()).where(
                Booking.bookable_id == self.run_id, Booking.person_id == one.person.id,
                Booking.state.in_(("waiting", "offered", "confirmed")),
            )  # fmt: skip
            if not db.session.scalar(live):
                self.does(
                    verbs.book, self.run_id, one.person.id, account_id=one.account.id, wait=wait,
                    overruled_reason="电话报名",
                )  # fmt: skip

        @rule(which=st.integers(0, 9), verb=st.sampled_from(["cancel", "accept", "decline"]))
        def answer(self, which: int, verb: str) -> None:
            if booking_id := self.booking(which):
                self.does(getattr(verbs, verb), booking_id)

        @rule(
            which=st.integers(0, 9), lesson=st.integers(0, 1),
            presence=st.sampled_from([None, *Presence]),
        )  # fmt: skip
        def mark(self, which: int, lesson: int, presence: Presence | None) -> None:
            if booking_id := self.booking(which):
                self.writes(
                    marks.put, self.lessons[lesson], [booking_id], presence, CheckInBy.TAP,
                    me.staff_id, self.at,
                )  # fmt: skip

        @rule(lesson=st.integers(0, 1))
        def call_off(self, lesson: int) -> None:
            self.writes(lessons.cancel_lesson, me, self.lessons[lesson], "停电", self.at)

        @rule(lesson=st.integers(0, 1))
        def put_back(self, lesson: int) -> None:
            begins = now + timedelta(days=40 + lesson)
            ends = begins + timedelta(hours=1)
            self.writes(lessons.put_back, me, self.lessons[lesson], begins, ends, None, self.at)

        @rule(who=st.integers(0, 5), born=st.sampled_from(BIRTHS))
        def correct(self, who: int, born: date | None) -> None:
            facts = {"name": f"居民{who}", "birth_date": born}
            self.writes(register.change, me, self.people[who].person.id, facts, self.at)

        @rule(one=st.integers(0, 5), other=st.integers(0, 5))
        def merge(self, one: int, other: int) -> None:
            ids = self.people[one].person.id, self.people[other].person.id
            self.writes(merging.merge, *ids, self.at)

        @rule(who=st.integers(0, 5))
        def delete(self, who: int) -> None:
            self.writes(deleting.delete_account, self.people[who].me, self.at)

        @rule(hours=st.sampled_from([-20, 30]))
        def close_otherwise(self, hours: int) -> None:
            later = now + timedelta(hours=30 + hours)
            db.session.execute(
                update(Bookable).where(Bookable.id == self.run_id).values(closes_at=later)
            )
            db.session.commit()

        @rule(hours=st.integers(1, 30))
        def time_passes(self, hours: int) -> None:
            self.at += timedelta(hours=hours)

        @rule()
        def add_up(self) -> None:
            add_up(self.at)

        @invariant()
        def they_agree(self) -> None:
            db.session.rollback()
            db.session.expire_all()
            counts = counted(self.place.path, self.at)
            hand = by_hand(self.run_id, self.at)
            assert said(counts) == hand
            total = counts.cuts[Cut.COURSE].popitem()[1]
            assert total.enrolled == sum(each.get("enrolled", 0) for each in hand.values())

    run_state_machine_as_test(Class, settings=BOUNDED)


@pytest.fixture
def run(make: Make, now: datetime):
    """A class of two places: two are in, one waits; sign-up closes tomorrow."""
    run = make.run(capacity=2, closes_at=now + timedelta(days=1))
    run.me = me_of(make.staff("manager", make.once("district", lambda: make.place("district"))))
    run.lessons = db.session.scalars(select(Lesson.id).where(Lesson.run_id == run.id)).all()
    run.people = [make.resident(f"居民{number}") for number in range(4)]
    run.booked = [
        verbs.book(run.id, one.person.id, account_id=one.account.id, wait=True).booking_id
        for one in run.people[:3]
    ]
    return run


def put(run, presence: Presence | None) -> None:
    lesson_id = run.lessons[0]
    with transaction() as session:
        marks.put(session, lesson_id, run.booked[:1], presence, CheckInBy.TAP, None, clock.now())


def marked(run) -> None:
    put(run, Presence.ABSENT)


def mark_taken_away(run) -> None:
    put(run, None)


def marked_again(run) -> None:
    before, after = Presence.PRESENT, Presence.EXCUSED
    with transaction() as session:
        marks.replace(
            session, run.lessons[0], run.booked[0], before, after, CheckInBy.TAP, None, clock.now()
        )


def excuse_withdrawn(run) -> None:
    with transaction() as session:
        excuses.ask(session, run.people[1].me, run.booked[1], run.lessons[1], "有事", clock.now())
    assert add_up(clock.now()) == 1
    with transaction() as session:
        excuses.withdraw(session, run.people[1].me, run.booked[1], run.lessons[1], clock.now())


def lesson_called_off(run) -> None:
    with transaction() as session:
        lessons.cancel_lesson(session, run.me, run.lessons[0], "停电", clock.now())


def lesson_put_back(run) -> None:
    lesson_called_off(run)
    assert add_up(clock.now()) == 1
    again = run.starts_at + timedelta(days=1)
    with transaction() as session:
        lessons.put_back(
            session, run.me, run.lessons[0], again, again + timedelta(hours=1), None, clock.now()
        )


def born_otherwise_at_the_desk(run) -> None:
    facts = {"name": "居民0", "birth_date": date(2015, 1, 1)}
    with transaction() as session:
        register.change(session, run.me, run.people[0].person.id, facts, clock.now())


def born_otherwise_on_the_phone(run) -> None:
    with transaction() as session:
        profile.change(session, run.people[0].me, {"birth_date": date(2015, 1, 1)})


def merged_into_one(run) -> None:
    with transaction() as session:
        merging.merge(session, run.people[0].person.id, run.people[3].person.id, clock.now())


def deleted_when_all_is_over(run) -> None:
    with transaction() as session:
        deleting.delete_account(session, run.people[0].me, run.ends_at + timedelta(days=1))


def begins_later(run) -> None:
    later = run.starts_at + timedelta(days=365 * 40)
    db.session.execute(
        update(Bookable)
        .where(Bookable.id == run.id)
        .values(starts_at=later, ends_at=later + timedelta(days=9))
    )
    db.session.commit()


@pytest.mark.parametrize(
    "happens",
    [
        marked, mark_taken_away, marked_again, excuse_withdrawn, lesson_called_off,
        lesson_put_back, born_otherwise_at_the_desk, born_otherwise_on_the_phone, merged_into_one,
        deleted_when_all_is_over, begins_later,
    ],
    ids=lambda one: one.__name__,
)  # fmt: skip
def test_what_makes_a_summary_no_longer_hold(run, now: datetime, happens) -> None:
    put(run, Presence.PRESENT)
    assert add_up(now) == 1
    before = by_hand(run.id, now)
    happens(run)
    db.session.expire_all()
    assert summaries.outdated(db.session(), true(), now) == [run.id]
    assert add_up(now) == 1
    hand = by_hand(run.id, now)
    assert hand != before or happens in (excuse_withdrawn, lesson_put_back, merged_into_one)
    since = periods.span(date(2026, 1, 1), date(2099, 1, 1))
    assert said(counting.count(db.session(), "/", since, now)) == hand


def test_another_end_of_sign_up_is_another_moment_to_look_at_the_line(run, now: datetime) -> None:
    later = now + timedelta(days=2)
    with clock.frozen(now + timedelta(hours=2)):
        verbs.cancel(run.booked[2])
    add_up(later)
    assert waiting(later) == 0
    db.session.execute(update(Bookable).values(closes_at=now + timedelta(hours=1)))
    db.session.commit()
    assert waiting(later) == 1


def waiting(at: datetime) -> int:
    return sum(each.waiting for each in counted("/", at).cuts[Cut.PLACE].values())


@pytest.mark.parametrize("added_up", [False, True])
def test_who_waits_is_told_as_it_was_when_sign_up_closed(run, now: datetime, added_up) -> None:
    with clock.frozen(now + timedelta(hours=1)):
        last = run.people[3]
        fourth = verbs.book(run.id, last.person.id, account_id=last.account.id, wait=True)
        verbs.cancel(fourth.booking_id)
    assert waiting(now + timedelta(hours=2)) == 1
    if added_up:
        add_up(now + timedelta(hours=2))
    after = now + timedelta(days=2)
    assert waiting(after) == 1
    with clock.frozen(after):
        verbs.cancel(run.booked[2])
    assert waiting(after) == 1
    if added_up:
        add_up(after)
    assert waiting(after) == 1


def test_who_left_the_line_before_it_closed_did_not_wait(run, now: datetime) -> None:
    verbs.cancel(run.booked[2])
    assert waiting(now) == waiting(now + timedelta(days=2)) == 0


def test_what_holds_is_read_and_not_added_up_again(run, now: datetime) -> None:
    assert add_up(now) == 1
    assert add_up(now) == 0
    db.session.execute(update(RunBandSummary).values(enrolled=77))
    db.session.commit()
    assert [one.enrolled for one in counted("/", now).cuts[Cut.PLACE].values()] == [77]
    verbs.cancel(run.booked[0])
    assert [one.enrolled for one in counted("/", now).cuts[Cut.PLACE].values()] == [1]
    assert add_up(now) == 1
    assert db.session.scalar(select(func.sum(RunBandSummary.enrolled))) == 1


def test_drafts_and_cancelled_classes_have_none(make: Make, now: datetime) -> None:
    make.run(published_at=None)
    make.run(cancelled_at=now)
    assert add_up(now) == 0


def test_a_class_that_goes_takes_its_summary_along(make: Make, now: datetime) -> None:
    run = make.run()
    add_up(now)
    db.session.execute(delete(RunSummary).where(RunSummary.run_id == run.id))
    assert db.session.scalar(select(func.count()).select_from(RunBandSummary)) == 0


def test_two_schedulers_add_up_at_once(own_app: Flask) -> None:
    with own_app.app_context(), clock.frozen(NOON):
        make = Make(NOON)
        runs = [make.run(capacity=9) for _ in range(4)]
        one = make.resident()
        for run in runs:
            verbs.book(run.id, one.person.id, account_id=one.account.id)
    both = threading.Barrier(2)

    def work(_number: int) -> int:
        with own_app.app_context():
            both.wait()
            return add_up_classes(lambda: False)

    with clock.frozen(NOON + timedelta(hours=1)), ThreadPoolExecutor(2) as schedulers:
        done = list(schedulers.map(work, range(2)))
    assert sum(done) >= len(runs)
    with own_app.app_context():
        assert summaries.outdated(db.session(), true(), NOON + timedelta(hours=1)) == []
        assert db.session.scalar(select(func.sum(RunBandSummary.enrolled))) == len(runs)
