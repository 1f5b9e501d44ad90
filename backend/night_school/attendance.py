"""Attendance (考勤): who was at a lesson, by a tap, by the resident's code or by the class's."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session

from backend import clock
from backend.booking.errors import CheckInNotOpen, CodeExpired, NotHeld
from backend.booking.models import Bookable, Booking, State
from backend.db import AnyRow, RunAgain
from backend.errors import NotFound
from backend.night_school import marks
from backend.night_school.class_codes import is_current
from backend.night_school.errors import ChoosePerson, LessonCancelled
from backend.night_school.models import Attendance, CheckInBy, Lesson, Presence
from backend.people.models import Person
from backend.people.queries import Resident, acts_for
from backend.staff import audit

OPENS_BEFORE = timedelta(minutes=30)
LATE_AFTER = timedelta(minutes=10)
CAME = (Presence.PRESENT, Presence.LATE, Presence.LEFT_EARLY, Presence.MADE_UP)
"""Presences that count as attended: there, or at another run's lesson instead."""
EXCUSES = (Presence.EXCUSED, Presence.EXCUSED_AFTER)

_TRIES = 3
"""How often a tap is held against what stands, should others tap at that very moment."""


def open_lesson(session: Session, lesson_id: int) -> AnyRow:
    """A lesson that takes place. Raises NotFound, LessonCancelled."""
    row = session.execute(
        select(
            Lesson.id, Lesson.run_id, Lesson.number, Lesson.starts_at, Lesson.ends_at,
            Lesson.cancelled_at, Bookable.title, Bookable.place_id,
            Bookable.cancelled_at.label("run_cancelled_at"),
        )
        .join(Bookable, Bookable.id == Lesson.run_id)
        .where(Lesson.id == lesson_id)
    ).first()  # fmt: skip
    if row is None:
        raise NotFound()
    if row.cancelled_at is not None or row.run_cancelled_at is not None:
        raise LessonCancelled()
    return row


def check_open(lesson: AnyRow, now: datetime) -> None:
    """Codes are taken from 30 minutes before the lesson to its end. Raises CheckInNotOpen."""
    if not is_open(lesson, now):
        opens_at = lesson.starts_at - OPENS_BEFORE
        raise CheckInNotOpen(
            opens_at=clock.rfc3339(opens_at), closes_at=clock.rfc3339(lesson.ends_at)
        )


def is_open(lesson: AnyRow, now: datetime) -> bool:
    """Whether codes are taken now."""
    return bool(lesson.starts_at - OPENS_BEFORE <= now <= lesson.ends_at)


def presence_at(lesson: AnyRow, now: datetime) -> Presence:
    """Present, or late from ten minutes past the start on."""
    return Presence.LATE if now > lesson.starts_at + LATE_AFTER else Presence.PRESENT


def check_in_self(
    session: Session, me: Resident, lesson_id: int, code: str, now: datetime,
    person_id: int | None = None,
) -> dict[str, Any]:  # fmt: skip
    """A resident scans the class's rotating code, for themselves or one of the household.

    Without `person_id` the one of the household who attends is meant, oneself first. Answers
    lesson_id, title, number, person_id, person_name, presence, at, already. Raises NotFound,
    LessonCancelled, CheckInNotOpen, CodeExpired, NotHeld, ChoosePerson.
    """
    lesson = open_lesson(session, lesson_id)
    check_open(lesson, now)
    if not is_current(lesson_id, code, now):
        raise CodeExpired()
    booking = _own_enrolment(session, me, lesson.run_id, person_id, now)
    return scan(session, lesson, booking, CheckInBy.CLASS_CODE, None, now)


def _own_enrolment(
    session: Session, me: Resident, run_id: int, person_id: int | None, now: datetime
) -> AnyRow:
    query = (
        select(Booking.id, Booking.person_id, Person.name.label("person_name"))
        .join(Person, Person.id == Booking.person_id)
        .where(
            Booking.bookable_id == run_id,
            Booking.state == State.CONFIRMED,
            acts_for(me, Booking.person_id, clock.today(now)),
        )
        .order_by(Booking.id)
    )
    if person_id is not None:
        query = query.where(Booking.person_id == person_id)
    found = session.execute(query).all()
    for booking in found:
        if booking.person_id == me.person_id:
            return booking
    if len(found) > 1:
        raise ChoosePerson(
            people=[{"person_id": row.person_id, "name": row.person_name} for row in found]
        )
    if not found:
        raise NotHeld()
    return found[0]


def scan(
    session: Session, lesson: AnyRow, booking: AnyRow, taken_by: CheckInBy,
    staff_id: int | None, now: datetime, device: str | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Check somebody in by a code. Whoever is checked in already stays as they are.

    `already` tells the two apart, and `at` is when they were first checked in.
    """
    before = marks.presence_of(session, lesson.id, [booking.id])
    written = marks.upsert(
        session, lesson.id, [booking.id], presence_at(lesson, now), taken_by, staff_id, now,
        unless=CAME,
    )  # fmt: skip
    row = session.execute(
        select(Attendance.presence, Attendance.at).where(
            Attendance.lesson_id == lesson.id, Attendance.booking_id == booking.id
        )
    ).one()
    if written and staff_id is not None:
        note(session, staff_id, "attendance.scan", lesson, before, row.presence, device, now)
    elif staff_id is not None:
        audit.unchanged(session)
    return {
        "lesson_id": lesson.id,
        "title": lesson.title,
        "number": lesson.number,
        "booking_id": booking.id,
        "person_id": booking.person_id,
        "person_name": booking.person_name,
        "presence": row.presence,
        "at": clock.rfc3339(row.at),
        "already": not written,
    }


def mark(
    session: Session, lesson_id: int, booking_id: int, presence: Presence | None,
    taken_by: CheckInBy, staff_id: int, now: datetime, device: str | None = None,
    link_id: int | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Staff say how it was; None takes the mark away. The same mark again changes nothing.

    An excuse may be noted at any time, everything else from 30 minutes before the start on.
    Answers booking_id, presence, before. Raises NotFound, LessonCancelled, CheckInNotOpen, NotHeld.
    """
    lesson = open_lesson(session, lesson_id)
    check_markable(session, lesson, booking_id, presence, now)
    for _try in range(_TRIES):
        before = marks.presence_of(session, lesson_id, [booking_id])
        found = before[booking_id]
        if found == presence:
            audit.unchanged(session)
            break
        if marks.replace(session, lesson_id, booking_id, found, presence, taken_by, staff_id, now):
            note(
                session, staff_id, "attendance.mark", lesson, before, presence, device, now, link_id
            )
            break
    else:
        raise RunAgain()
    return {"booking_id": booking_id, "presence": presence, "before": found}


def check_markable(
    session: Session, lesson: AnyRow, booking_id: int, presence: str | None, now: datetime
) -> None:
    """Whether this mark may be given now. Raises CheckInNotOpen, NotHeld."""
    if presence not in (Presence.EXCUSED, None) and now < lesson.starts_at - OPENS_BEFORE:
        check_open(lesson, now)
    if booking_id not in _enrolled(session, lesson.run_id, Booking.id == booking_id):
        raise NotHeld()


def mark_all_present(
    session: Session, lesson_id: int, staff_id: int, now: datetime, device: str | None = None,
    link_id: int | None = None,
) -> int:  # fmt: skip
    """Everybody who has no mark yet is present; how many that were.

    Raises NotFound, LessonCancelled, CheckInNotOpen.
    """
    lesson = open_lesson(session, lesson_id)
    if now < lesson.starts_at - OPENS_BEFORE:
        check_open(lesson, now)
    unmarked = _enrolled(session, lesson.run_id, ~_has_mark(lesson_id))
    written = unmarked and marks.upsert(
        session, lesson_id, unmarked, Presence.PRESENT, CheckInBy.TAP, staff_id, now,
        unless=tuple(Presence),
    )  # fmt: skip
    if not written:
        audit.unchanged(session)
        return 0
    before: dict[int, str | None] = dict.fromkeys(written)
    note(
        session, staff_id, "attendance.all_present", lesson, before, Presence.PRESENT, device, now,
        link_id,
    )  # fmt: skip
    return len(written)


def _enrolled(session: Session, run_id: int, *where: ColumnElement[bool]) -> list[int]:
    return list(
        session.scalars(
            select(Booking.id).where(
                Booking.bookable_id == run_id, Booking.state == State.CONFIRMED, *where
            )
        )
    )


def _has_mark(lesson_id: int) -> ColumnElement[bool]:
    return (
        select(Attendance.id)
        .where(Attendance.lesson_id == lesson_id, Attendance.booking_id == Booking.id)
        .exists()
    )


def note(
    session: Session, staff_id: int, action: str, lesson: AnyRow,
    before: dict[int, str | None], presence: str | None, device: str | None, at: datetime,
    link_id: int | None = None,
) -> None:  # fmt: skip
    """The audit keeps each booking's mark before and after, on which device and when.

    With `link_id` a teacher did it by that link. `checkin.undo` reads it back.
    """
    audit.record(
        session, staff_id, action, "lesson", lesson.id, place_id=lesson.place_id,
        before={"marks": {str(booking): was for booking, was in before.items()}},
        after={
            "marks": {str(booking): presence for booking in before},
            "device": device, "at": clock.rfc3339(at),
        } | by_link(link_id),
    )  # fmt: skip


def by_link(link_id: int | None) -> dict[str, int]:
    """What the audit says of a change made by a teacher's link."""
    return {} if link_id is None else {"link_id": link_id}


def counts(session: Session, lesson_id: int) -> dict[str, int]:
    """How many are enrolled, of each presence, came, and are not marked yet."""
    lesson_run = select(Lesson.run_id).where(Lesson.id == lesson_id).scalar_subquery()
    marked = and_(Attendance.booking_id == Booking.id, Attendance.lesson_id == lesson_id)
    rows = session.execute(
        select(Attendance.presence, func.count().label("people"))
        .select_from(Booking)
        .outerjoin(Attendance, marked)
        .where(Booking.bookable_id == lesson_run, Booking.state == State.CONFIRMED)
        .group_by(Attendance.presence)
    )
    found = {row.presence: row.people for row in rows}
    seen = {str(presence): found.get(presence, 0) for presence in Presence}
    return seen | {
        "enrolled": sum(found.values()),
        "came": sum(seen[presence] for presence in CAME),
        "unmarked": found.get(None, 0),
    }
