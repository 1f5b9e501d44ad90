"""The desk at the classroom door: codes scanned or read aloud, and taking a mark back."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.booking.errors import CodeUnknown
from backend.booking.models import Bookable, Booking, State
from backend.db import AnyRow
from backend.night_school import attendance
from backend.night_school.errors import EnrolmentEnded, NoPlaceYet, NothingToUndo, OtherClass
from backend.night_school.models import CheckInBy, Presence
from backend.people.models import Person
from backend.places.models import Place
from backend.staff import audit
from backend.staff.models import AuditEntry

QR_PREFIX = "xf:b:"
UNDO_WITHIN = timedelta(minutes=30)
_UNDOABLE = ("attendance.mark", "attendance.scan", "attendance.all_present")

_FOUND = (
    select(
        Booking.id, Booking.bookable_id, Booking.person_id, Booking.state,
        Person.name.label("person_name"), Bookable.title, Place.name.label("place_name"),
    )
    .join(Person, Person.id == Booking.person_id)
    .join(Bookable, Bookable.id == Booking.bookable_id)
    .join(Place, Place.id == Bookable.place_id)
)  # fmt: skip


def mark_by_code(
    session: Session, lesson_id: int, code: str, staff_id: int, now: datetime
) -> dict[str, Any]:
    """Check in whoever's code this is: the text of a QR, or six digits read aloud.

    Answers as `attendance.scan` does; where six digits fit several of the class, `candidates`
    lists them (booking_id, person_name) and nothing is written. Raises NotFound, LessonCancelled,
    CheckInNotOpen, CodeUnknown, OtherClass, EnrolmentEnded, NoPlaceYet.
    """
    lesson = attendance.open_lesson(session, lesson_id)
    attendance.check_open(lesson, now)
    found = _find(session, lesson.run_id, code.strip())
    if len(found) > 1:
        audit.unchanged(session)
        return {
            "candidates": [{"booking_id": row.id, "person_name": row.person_name} for row in found]
        }
    booking = found[0]
    _check_of_this_class(booking, lesson.run_id)
    return attendance.scan(session, lesson, booking, CheckInBy.RESIDENT_CODE, staff_id, now)


def _find(session: Session, run_id: int, code: str) -> list[AnyRow]:
    """One booking by its QR, or those of this class by six digits; confirmed ones go first."""
    if code.startswith(QR_PREFIX):
        rows = list(session.execute(_FOUND.where(Booking.code == code.removeprefix(QR_PREFIX))))
    else:
        digits = "".join(char for char in code if not char.isspace())
        rows = list(
            session.execute(
                _FOUND.where(Booking.bookable_id == run_id, Booking.short_code == digits)
                .order_by(Person.name, Booking.id)
            )
        )  # fmt: skip
    if not rows:
        raise CodeUnknown()
    return [row for row in rows if row.state == State.CONFIRMED] or rows[:1]


def _check_of_this_class(booking: AnyRow, run_id: int) -> None:
    if booking.bookable_id != run_id:
        raise OtherClass(title=booking.title, place=booking.place_name, person=booking.person_name)
    if booking.state in (State.WAITING, State.OFFERED, State.REQUESTED):
        raise NoPlaceYet(person=booking.person_name)
    if booking.state != State.CONFIRMED:
        raise EnrolmentEnded(person=booking.person_name)


def undo(session: Session, lesson_id: int, staff_id: int, now: datetime) -> int:
    """Take back one's own last change at this lesson, of the last half hour; how many marks moved.

    A mark somebody else has changed since stays as it is. Raises NothingToUndo, LessonCancelled.
    """
    lesson = attendance.open_lesson(session, lesson_id)
    last = last_change(session, lesson_id, staff_id, now)
    if last is None:
        raise NothingToUndo()
    set_to = {int(booking): presence for booking, presence in last.after["marks"].items()}
    was = {int(booking): presence for booking, presence in last.before["marks"].items()}
    stands = attendance.presence_of(session, lesson_id, set_to)
    moved = [booking for booking in set_to if stands[booking] == set_to[booking]]
    for presence in {was[booking] for booking in moved}:
        attendance.put(
            session, lesson_id, [one for one in moved if was[one] == presence],
            Presence(presence) if presence else None, CheckInBy.TAP, staff_id, now,
        )  # fmt: skip
    audit.record(
        session, staff_id, "attendance.undo", "lesson", lesson_id, place_id=lesson.place_id,
        before={"marks": {str(one): set_to[one] for one in moved}},
        after={"marks": {str(one): was[one] for one in moved}, "undone": last.id},
    )  # fmt: skip
    return len(moved)


def last_change(session: Session, lesson_id: int, staff_id: int, now: datetime) -> AnyRow | None:
    """The newest change of this member of staff that was not taken back yet."""
    rows = session.execute(
        select(AuditEntry.id, AuditEntry.action, AuditEntry.before, AuditEntry.after)
        .where(
            AuditEntry.subject_kind == "lesson",
            AuditEntry.subject_id == lesson_id,
            AuditEntry.staff_id == staff_id,
            AuditEntry.at >= now - UNDO_WITHIN,
            AuditEntry.action.in_([*_UNDOABLE, "attendance.undo"]),
        )
        .order_by(AuditEntry.id.desc())
    )
    undone: set[int] = set()
    for row in rows:
        if row.action == "attendance.undo":
            undone.add(row.after["undone"])
        elif row.id not in undone:
            return row
    return None
