"""The term ahead: planned around a day off and a closed house, one class of it already there."""

from datetime import date, timedelta

from sqlalchemy import insert

from backend.demo.calendar import moment, term_name
from backend.demo.scenes.ground import OWN_CENTRE, Ground
from backend.night_school.models import Term
from backend.night_school.planning.opening import plan_class
from backend.night_school.planning.plan import Hour, Plan
from backend.places.models import CalendarDay, Closure, DayKind

WEEKS = 16
OFF_IN, CLOSED_IN = 3, 6  # weeks of the term
TUESDAY, THURSDAY, EVENING = 1, 3, 19 * 60


def play(ground: Ground) -> None:
    """A class on two evenings, which meets neither on the day off nor while the house is closed."""
    starts_on = ground.rows.of(Term)[-1]["ends_on"] + timedelta(days=1)
    term_id = _term(ground, starts_on)
    offer, place = ground.offer("english"), ground.centre(OWN_CENTRE)
    assert place.centre is not None
    with ground.when(ground.now - timedelta(hours=4)) as at:
        plan_class(
            ground.session, ground.staff("worker"),
            Plan(
                course_id=offer.id, term_id=term_id, place_id=place.id,
                room_id=place.centre.rooms[offer.room],
                teacher_id=ground.catalogue.teachers[offer.category][0],
                hours=(Hour(TUESDAY, EVENING, 90), Hour(THURSDAY, EVENING, 90)),
                lessons=20, capacity=offer.capacity, price_fen=0, audience=offer.audience,
                min_age=18, max_age=None, home_place_id=None, minimum=10,
                opens_at=moment(starts_on - timedelta(days=14), 9 * 60), closes_at=None,
            ), at,
        )  # fmt: skip


def _term(ground: Ground, starts_on: date) -> int:
    """The term with what the calendar does not know; its id."""
    session = ground.session
    day_off = starts_on + timedelta(weeks=OFF_IN - 1, days=TUESDAY)
    closed = starts_on + timedelta(weeks=CLOSED_IN - 1)
    session.execute(
        insert(CalendarDay).values(day=day_off, kind=DayKind.OFF, name="夜校教师培训日")
    )
    session.execute(
        insert(Closure).values(
            place_id=ground.centre(OWN_CENTRE).id, starts_on=closed,
            ends_on=closed + timedelta(days=6), reason="消防设施改造",
        )
    )  # fmt: skip
    return int(
        session.execute(
            insert(Term)
            .values(
                name=term_name(starts_on),
                starts_on=starts_on,
                ends_on=starts_on + timedelta(weeks=WEEKS, days=-1),
            )
            .returning(Term.id)
        ).scalar_one()
    )
