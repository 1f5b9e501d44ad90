"""After a draw: who holds a place leaves the lines it rules out, and places go down the order."""

import random
import threading
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from backend import clock
from backend.booking import offers
from backend.booking.models import LIVE, Bookable, Booking, BookingEvent, State
from backend.booking.rivals import RULED_OUT
from backend.booking.service import Actor, cancel
from backend.commands.check import audit
from backend.db import db, transactional
from backend.errors import Refusal
from backend.night_school import service as night_school
from backend.night_school.draws.errors import EnoughDrawn, OverlapsDrawn
from backend.night_school.draws.models import DrawApplication, DrawWish
from backend.night_school.models import CourseRun, Lesson, Term
from backend.night_school.service import Enrolment
from backend.reminders import wording
from backend.reminders.models import Kind, Reminder
from tests.conftest import NOON
from tests.factories import Make, Signed
from tests.night_school.draws.drawing import DAY, Drawing


def run(drawing: Drawing, number: int, capacity: int = 1) -> CourseRun:
    """Runs of different numbers do not meet at the same time."""
    return drawing.run(capacity=capacity, lead=(20 + number % 7) * DAY, lessons=1)


def draw(drawing: Drawing, runs: list[CourseRun], people: list[Signed], most: int = 1) -> None:
    drawing.open(*runs)
    for who in people:
        drawing.apply(who, *runs, most=most)
    drawing.close()
    drawing.conduct()


def booking_of(
    run: CourseRun, *, person_id: int | None = None, state: str = "confirmed"
) -> Booking:
    asked = select(Booking).where(Booking.bookable_id == run.id, Booking.state == state)
    if person_id is not None:
        asked = asked.where(Booking.person_id == person_id)
    return db.session.scalars(asked.execution_options(populate_existing=True)).one()


def state_of(booking: Booking) -> str:
    db.session.refresh(booking)
    return booking.state


def does(verb: Any, booking: Booking, at: Any) -> None:
    transactional(
        lambda: verb(db.session(), booking.id, Actor(account_id=booking.account_id), at)
    )()


def all_holds() -> bool:
    return not [found for found in audit(timedelta(hours=1)) if found.rows]


@pytest.fixture
def loser(drawing: Drawing, make: Make) -> tuple[list[CourseRun], Signed, list[Booking]]:
    """Two runs of one place, two winners, and one who waits in both lines."""
    runs = [run(drawing, 0), run(drawing, 1)]
    people = [make.resident(name) for name in ("甲", "乙", "丙")]
    draw(drawing, runs, people)
    won = [booking_of(one) for one in runs]
    (left,) = [one for one in people if one.person.id not in {w.person_id for w in won}]
    return runs, left, won


def test_who_takes_a_place_leaves_the_lines_and_offers_of_the_draw(
    drawing: Drawing, loser: Any
) -> None:
    runs, _who, won = loser
    at = drawing.drawn_at
    for one in won:
        does(cancel, one, at)
    first, second = (booking_of(one, state="offered") for one in runs)
    does(offers.accept, first, at)
    assert (state_of(first), state_of(second)) == ("confirmed", "cancelled")
    event = db.session.scalars(
        select(BookingEvent).where(BookingEvent.booking_id == second.id).order_by(BookingEvent.id)
    ).all()[-1]
    assert event.reason == RULED_OUT
    told = db.session.scalars(select(Reminder).where(Reminder.kind == Kind.CANCELLED)).all()[-1]
    assert told.facts == {"ruled_out": runs[0].title, "errcode": EnoughDrawn.errcode}
    assert db.session.get_one(Bookable, runs[1].id).taken == 0
    assert all_holds()


def test_the_message_says_because_of_what(drawing: Drawing, loser: Any) -> None:
    runs, _who, won = loser
    for one in won:
        does(cancel, one, drawing.drawn_at)
    does(offers.accept, booking_of(runs[0], state="offered"), drawing.drawn_at)
    told = db.session.scalars(select(Reminder).where(Reminder.kind == Kind.CANCELLED)).all()[-1]
    due = wording.Due(
        id=told.id, kind=Kind.CANCELLED, person_id=told.person_id, to="丙", facts=told.facts,
        booking_id=told.booking_id,
    )  # fmt: skip
    [message] = wording.compose(db.session(), [due], drawing.drawn_at).messages.values()
    assert f"您已有《{runs[0].title}》，想上的班数已经够了" in message.body


def enrol(who: Signed, run: CourseRun, at: Any) -> int:
    asked = Enrolment(run_id=run.id, person_id=who.person.id)
    return transactional(lambda: night_school.enrol(db.session(), who.me, asked, at))().booking_id


def test_the_place_goes_past_who_has_enough_and_they_leave_the_line(
    drawing: Drawing, make: Make
) -> None:
    full, left = run(drawing, 0), run(drawing, 1, capacity=9)
    people = [make.resident(name) for name in ("甲", "乙", "丙")]
    drawing.open(full, left)
    for who in people:
        drawing.apply(who, full)
    drawing.close()
    drawing.conduct()
    first, second = db.session.scalars(
        select(Booking).where(Booking.state == "waiting").order_by(Booking.queue_no)
    )
    by_id = {who.person.id: who for who in people}
    enrol(by_id[first.person_id], left, drawing.drawn_at)
    does(cancel, booking_of(full), drawing.drawn_at)
    assert (state_of(first), state_of(second)) == ("cancelled", "offered")
    assert all_holds()


@pytest.mark.parametrize(("hours", "refusal"), [(1, OverlapsDrawn), (48, EnoughDrawn)])
def test_an_offer_beyond_the_limit_or_at_the_same_time_is_not_taken(
    drawing: Drawing, make: Make, hours: int, refusal: type[Refusal]
) -> None:
    full = run(drawing, 0)
    left = drawing.run(capacity=9, lead=20 * DAY + timedelta(hours=hours), lessons=1)
    people = [make.resident(name) for name in ("甲", "乙")]
    drawing.open(full, left)
    for who in people:
        drawing.apply(who, full)
    drawing.close()
    drawing.conduct()
    waits = booking_of(full, state="waiting")
    does(cancel, booking_of(full), drawing.drawn_at)
    who = next(one for one in people if one.person.id == waits.person_id)
    other = db.session.get_one(Booking, enrol(who, left, drawing.drawn_at))
    with pytest.raises(refusal) as said:
        does(offers.accept, waits, drawing.drawn_at)
    assert left.title in str(said.value)
    assert state_of(waits) == "offered"
    does(cancel, other, drawing.drawn_at)
    does(offers.accept, waits, drawing.drawn_at)
    assert state_of(waits) == "confirmed"
    assert all_holds()


def test_the_limit_of_the_term_holds_too(drawing: Drawing, make: Make) -> None:
    full, elsewhere = run(drawing, 0), make.run(capacity=9, lead=30 * DAY)
    db.session.get_one(Term, full.term_id).most_per_person = 1
    people = [make.resident(name) for name in ("甲", "乙")]
    draw(drawing, [full], people)
    waits = booking_of(full, state="waiting")
    db.session.get_one(Term, full.term_id).most_per_person = 2
    db.session.commit()
    who = next(one for one in people if one.person.id == waits.person_id)
    enrol(who, elsewhere, drawing.drawn_at)
    db.session.get_one(Term, full.term_id).most_per_person = 1
    db.session.commit()
    does(cancel, booking_of(full), drawing.drawn_at)
    assert state_of(waits) == "cancelled"


def test_two_yeses_at_once_are_one_place(own_app: Flask) -> None:
    with own_app.app_context(), clock.frozen(NOON):
        make = Make(NOON)
        drawing = Drawing(make)
        runs = [run(drawing, 0), run(drawing, 1)]
        draw(drawing, runs, [make.resident(name) for name in ("甲", "乙", "丙")])
        for one in runs:
            does(cancel, booking_of(one), drawing.drawn_at)
        offered = [booking_of(one, state="offered").id for one in runs]
        account = booking_of(runs[0], state="offered").account_id
        db.session.rollback()
        gate = threading.Barrier(2)

        def accept(booking_id: int) -> None:
            with own_app.app_context():
                gate.wait()
                try:
                    transactional(
                        lambda: offers.accept(
                            db.session(), booking_id, Actor(account_id=account), drawing.drawn_at
                        )
                    )()
                except Refusal:
                    pass
                finally:
                    db.session.remove()

        threads = [threading.Thread(target=accept, args=(one,)) for one in offered]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        states = sorted(db.session.scalars(select(Booking.state).where(Booking.id.in_(offered))))
        assert states == ["cancelled", "confirmed"]
        assert all_holds()
        db.session.remove()


def held_by_person() -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for row in db.session.execute(
        select(Booking.person_id, Booking.bookable_id).where(Booking.state == State.CONFIRMED)
    ):
        found.setdefault(row.person_id, []).append(row.bookable_id)
    return found


def check_promises(runs: list[CourseRun]) -> None:
    """The limit, no two at once, the drawn order, and no place empty while the next one fits."""
    db.session.expire_all()
    most = dict(db.session.execute(select(DrawApplication.person_id, DrawApplication.most)).all())
    hours = dict(db.session.execute(select(Lesson.run_id, Lesson.starts_at)).all())
    for person_id, those in held_by_person().items():
        assert len(those) <= most[person_id]
        assert len({hours[one] for one in those}) == len(those)
    for one in runs:
        line = db.session.execute(
            select(Booking.queue_no, DrawWish.position, Booking.state, Booking.party_id)
            .join(DrawWish, DrawWish.booking_id == Booking.id)
            .where(Booking.bookable_id == one.id, Booking.queue_no.is_not(None))
            .order_by(Booking.queue_no)
        ).all()
        assert [row.position for row in line] == sorted(row.position for row in line)
        asked = db.session.scalar(
            select(func.max(Booking.queue_no))
            .join(BookingEvent, BookingEvent.booking_id == Booking.id)
            .where(Booking.bookable_id == one.id, BookingEvent.state == State.OFFERED)
        )
        waits = [row for row in line if row.state == State.WAITING]
        assert all(row.queue_no > (asked or 0) for row in waits)
        if waits:
            head = [row for row in waits if row.position == waits[0].position]
            place = db.session.get_one(Bookable, one.id)
            assert place.capacity - place.taken < len(head)
    assert all_holds()


@pytest.mark.parametrize("luck", range(4))
def test_places_given_back_go_down_the_drawn_order_whatever_people_do(
    drawing: Drawing, make: Make, luck: int
) -> None:
    chance = random.Random(luck)
    drawing.rules = drawing.rules.__class__(
        **{name: getattr(drawing.rules, name) for name in drawing.rules.__slots__}
        | {"most_places": 2}
    )
    runs = [run(drawing, number % 2, capacity=2) for number in range(4)]
    drawing.open(*runs)
    for number in range(7):
        who = make.resident(f"居民{number}")
        wishes = chance.sample(runs, 3)
        people = [who.person]
        if number % 3 == 0:
            people.append(make.person(f"家人{number}"))
            make.consent(who.account, people[1])
        drawing.apply(
            who, *wishes, people=people, together=len(people) > 1, most=chance.choice([1, 2])
        )
    drawing.close()
    drawing.conduct()
    check_promises(runs)
    for _ in range(18):
        live = list(
            db.session.scalars(
                select(Booking)
                .where(Booking.state.in_([one for one in LIVE if one != State.WAITING]))
                .order_by(Booking.id)
            )
        )
        if not live:
            break
        one = chance.choice(live)
        verbs = [cancel] if one.state == State.CONFIRMED else [offers.accept] * 2 + [offers.decline]
        does(chance.choice(verbs), one, drawing.drawn_at)
        check_promises(runs)
