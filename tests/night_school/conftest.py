"""A class tonight with people in it, and the worker at its door."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest

from backend.booking.models import Booking
from backend.booking.service import Actor
from backend.db import db, transaction
from backend.night_school.models import CourseRun, Lesson
from backend.night_school.service import Enrolment, enrol
from backend.staff.models import Staff
from tests.factories import Make, Signed


@dataclass
class Class:
    """A run, its first lesson at `starts_at`, the worker, and whoever was enrolled."""

    make: Make
    run: CourseRun
    lesson: Lesson
    worker: Staff

    @property
    def starts_at(self) -> datetime:
        return self.lesson.starts_at

    def minutes(self, count: int) -> datetime:
        """`count` minutes after the lesson's start."""
        return self.starts_at + timedelta(minutes=count)

    def enrol(self, name: str = "王秀英", *, wait: bool = False) -> tuple[Signed, Booking]:
        """Somebody with an account, and their booking."""
        who = self.make.resident(name)
        asked = Enrolment(run_id=self.run.id, person_id=who.person.id, wait=wait)
        with transaction() as session:
            booked = enrol(session, who.me, asked, self.make.now)
        return who, db.session.get_one(Booking, booked.booking_id)

    def cancel(self, booking: Booking) -> None:
        """Staff take the booking off the list."""
        from backend.booking import service

        with transaction() as session:
            service.cancel(
                session, booking.id, Actor(staff_id=self.worker.id), self.make.now, "搬家"
            )


@pytest.fixture
def tonight(make: Make) -> Class:
    """A class of 30 that meets first in seven days' time."""
    run = make.run()
    lesson = db.session.query(Lesson).filter_by(run_id=run.id, number=1).one()
    worker = make.add(Staff(username="chen", name="陈晓燕", password_hash="x", created_at=make.now))
    return Class(make, run, lesson, worker)
