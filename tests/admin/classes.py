"""A class tonight and the people around it, for the pages about classes."""

from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import select

from backend.booking.models import Booking
from backend.db import db, transaction
from backend.night_school.models import CourseRun, Lesson
from backend.night_school.service import Enrolment, enrol_at_desk
from backend.staff.models import Staff
from tests.factories import Make


@dataclass
class ClassTonight:
    """A run that meets in ten minutes; its worker, its teacher, and strangers to both."""

    make: Make
    run: CourseRun = field(init=False)
    lesson: Lesson = field(init=False)
    worker: Staff = field(init=False)
    teacher: Staff = field(init=False)
    stranger: Staff = field(init=False)
    other_teacher: Staff = field(init=False)

    def __post_init__(self) -> None:
        make = self.make
        self.worker = make.staff("worker")
        self.stranger = make.staff("worker", make.place(name="滨江社区"), name="周敏")
        self.teacher = make.staff("teacher", name="陈国栋")
        self.other_teacher = make.staff("teacher", name="李雪梅")
        taught_by = make.teacher("陈国栋", staff_id=self.teacher.id)
        self.run = make.run(lead=timedelta(minutes=10), teacher_id=taught_by.id, capacity=60)
        self.lesson = db.session.scalars(
            select(Lesson).where(Lesson.run_id == self.run.id, Lesson.number == 1)
        ).one()

    def enrol(self, name: str = "王秀英", *, phone: str | None = None) -> Booking:
        """Somebody without a phone of their own, signed up at the desk."""
        person = self.make.person(name, phone=phone)
        asked = Enrolment(run_id=self.run.id, person_id=person.id, wait=True)
        with transaction() as session:
            booked = enrol_at_desk(
                session, self.worker.id, asked, self.make.now, overruled_reason="当面报名"
            )
        return db.session.get_one(Booking, booked.booking_id)
