"""Walk-ins: whoever is at the classroom door without a booking gets a free place, checked in."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from backend.desk import bookings, find
from backend.desk.reach import access_person
from backend.night_school import attendance, facts
from backend.night_school.models import CheckInBy
from backend.night_school.reach import access_lesson
from backend.staff.access import Permission, SignedInStaff

MOST_SHOWN = 10
TAKE = Permission.TAKE_ATTENDANCE


def list_candidates(
    session: Session, me: SignedInStaff, lesson_id: int, text: str, now: datetime
) -> list[dict[str, Any]]:
    """Residents found as the desk finds them, and for each what stands against the class.

    `can`: yes, overrule (only rules that staff may set aside stand against it), wait (full: no
    walk-in) or no. Raises NotFound.
    """
    run_id = access_lesson(session, me, TAKE, lesson_id).run_id
    return [
        one | bookings.judged(facts.for_many(session, [run_id], one["id"], now)[run_id])
        for one in find.find_people(session, me, text)[:MOST_SHOWN]
    ]


def add(
    session: Session, me: SignedInStaff, lesson_id: int, person_id: int, now: datetime,
    reason: str | None, device: str | None,
) -> dict[str, Any]:  # fmt: skip
    """Sign the person up for the class and check them in to the lesson, or neither.

    With a `reason` against rules that staff may set aside; capacity and the line hold. Answers as
    `attendance.scan` does. Raises NotFound, LessonCancelled, CheckInNotOpen, Full and the refusals
    of the rules.
    """
    access_lesson(session, me, TAKE, lesson_id)
    person = access_person(session, me, bookings.BOOK, person_id)
    lesson = attendance.open_lesson(session, lesson_id)
    attendance.check_open(lesson, now)
    booked = bookings.book_for(session, me, person_id, lesson.run_id, now, reason=reason)
    presence = attendance.presence_at(lesson, now)
    marked = attendance.mark(
        session, lesson_id, booked.booking_id, presence, CheckInBy.TAP, me.staff_id, now, device
    )
    return marked | {"person_name": person.name}
