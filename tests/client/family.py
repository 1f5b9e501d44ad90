"""A family in the demo district: a daughter with a phone, her father of 72, a class for him."""

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select

from backend import clock
from backend.db import db
from backend.night_school import service
from backend.night_school.models import Course, CourseRun, Term
from backend.people.queries import Resident
from backend.places.models import Place
from tests.client.demo import Demo
from tests.factories import Make

FATHER = "沈国栋"


@dataclass(frozen=True, slots=True)
class Family:
    """Who holds the phone, whom she may book for, and what he would like to go to."""

    openid: str
    account_id: int
    person_id: int
    father_id: int
    run_id: int


def family(demo: Demo, *, places: int = 12, daughter: str = "沈晓梅", **run: object) -> Family:
    """A family of its own for each call, and a class with `places` places in its community."""
    with demo.app.app_context():
        make = Make(clock.now())
        taught = db.session.scalars(
            select(CourseRun).where(CourseRun.teacher_id.is_not(None)).order_by(CourseRun.id)
        ).first()
        assert taught is not None
        place = db.session.get_one(Place, taught.place_id)
        estate = db.session.scalars(
            select(Place).where(Place.parent_id == place.id, Place.kind == "estate")
        ).first()
        home = estate.id if estate else None
        signed = make.resident(
            daughter, home_place_id=home, gender="female", birth_date=date(1982, 5, 4)
        )
        father = make.person(
            FATHER, home_place_id=home, gender="male", birth_date=date(1954, 2, 11)
        )
        make.consent(signed.account, father)
        lead = run.get("lead", timedelta(days=3, hours=9))
        assert isinstance(lead, timedelta)
        first = clock.local(clock.now() + lead)
        given = {
            "term_id": taught.term_id,
            "weekday": first.weekday(),
            "from_minute": first.hour * 60 + first.minute,
            "place": place,
            "course": db.session.get_one(Course, taught.course_id),
            "teacher_id": taught.teacher_id,
            "capacity": places,
            "lead": lead,
        }
        make.once("term", lambda: db.session.get_one(Term, taught.term_id))
        made = make.run(**given | run)
        db.session.commit()
        return Family(signed.openid, signed.account.id, signed.person.id, father.id, made.id)


def booked_by(demo: Demo, home: Family) -> int:
    """A booking of the father's, as signing up makes it; its id."""
    with demo.app.app_context():
        me = Resident(home.account_id, home.person_id)
        asked = service.Enrolment(run_id=home.run_id, person_id=home.father_id, wait=False)
        booked = service.enrol(db.session(), me, asked, clock.now())
        db.session.commit()
        return booked.booking_id
