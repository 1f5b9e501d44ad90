"""The desk at the classroom door: codes scanned or read aloud, and taking a mark back."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend import clock
from backend.booking.errors import CodeUnknown
from backend.booking.models import Bookable, Booking, State
from backend.db import AnyRow
from backend.night_school import attendance, marks
from backend.night_school.errors import EnrolmentEnded, NoPlaceYet, NothingToUndo, OtherClass
from backend.night_school.models import CheckInBy, Presence
from backend.people.models import Person
from backend.places.models import Place
from backend.staff import audit
from backend.staff.models import AuditEntry

QR_PREFIX = "xf:b:"
UNDO_WITHIN = timedelta(minutes=15)
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
    session: Session, lesson_id: int, code: str, staff_id: int, now: datetime,
    device: str | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Check in whoever's code this is: the text of a QR, or six digits read aloud.

    Answers as `attendance.scan` does; where six digits fit several of the class, `candidates`
    lists them (booking_id, person_name) and nothing is written. Raises NotFound, LessonCancelled,
    CheckInNotOpen, CodeUnknown, OtherClass, EnrolmentEnded, NoPlaceYet.
    """
    lesson = attendance.open_lesson(session, lesson_id)
    attendance.check_open(lesson, now)
    found = find(session, lesson.run_id, code.strip())
    if len(found) > 1:
        audit.unchanged(session)
        return {
            "candidates": [{"booking_id": row.id, "person_name": row.person_name} for row in found]
        }
    booking = found[0]
    check_of_this_class(booking, lesson.run_id)
    return attendance.scan(
        session, lesson, booking, CheckInBy.RESIDENT_CODE, staff_id, now, device
    )  # fmt: skip


def find(session: Session, run_id: int, code: str) -> list[AnyRow]:
    """One booking by its QR, or those of this class by six digits; confirmed ones go first.

    Raises CodeUnknown.
    """
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


def check_of_this_class(booking: AnyRow, run_id: int) -> None:
    """Whether they have a place in this class. Raises OtherClass, NoPlaceYet, EnrolmentEnded."""
    if booking.bookable_id != run_id:
        raise OtherClass(title=booking.title, place=booking.place_name, person=booking.person_name)
    if booking.state in (State.WAITING, State.OFFERED, State.REQUESTED):
        raise NoPlaceYet(person=booking.person_name)
    if booking.state != State.CONFIRMED:
        raise EnrolmentEnded(person=booking.person_name)


def undo(
    session: Session, lesson_id: int, staff_id: int, device: str | None, now: datetime,
    booking_id: int | None = None, link_id: int | None = None,
) -> int:  # fmt: skip
    """Take back the last change made on this device within 15 minutes; how many marks moved.

    With `booking_id` the last one to that mark. A mark somebody else has changed since stays as it
    is. Raises NothingToUndo, LessonCancelled.
    """
    lesson = attendance.open_lesson(session, lesson_id)
    last = last_change(session, lesson_id, device, now, booking_id)
    if last is None:
        raise NothingToUndo()
    only = None if booking_id is None else str(booking_id)
    left = {one: set_to for one, set_to in last.after["marks"].items() if only in (None, one)}
    set_to = {int(booking): presence for booking, presence in left.items()}
    was = {int(booking): presence for booking, presence in last.before["marks"].items()}
    stands = marks.presence_of(session, lesson_id, set_to)
    moved = [booking for booking in set_to if stands[booking] == set_to[booking]]
    for presence in {was[booking] for booking in moved}:
        marks.put(
            session, lesson_id, [one for one in moved if was[one] == presence],
            Presence(presence) if presence else None, CheckInBy.TAP, staff_id, now,
        )  # fmt: skip
    audit.record(
        session, staff_id, "attendance.undo", "lesson", lesson_id, place_id=lesson.place_id,
        before={"marks": {str(one): set_to[one] for one in moved}},
        after={
            "marks": {str(one): was[one] for one in moved},
            "undone": last.id, "undone_marks": [str(one) for one in set_to],
            "device": device, "at": clock.rfc3339(now),
        } | attendance.by_link(link_id),
    )  # fmt: skip
    return len(moved)


def last_change(
    session: Session, lesson_id: int, device: str | None, now: datetime,
    booking_id: int | None = None,
) -> AnyRow | None:  # fmt: skip
    """The newest change made on this device that was not taken back yet; to one mark, if told."""
    if device is None:
        return None
    rows = session.execute(
        select(AuditEntry.id, AuditEntry.action, AuditEntry.before, AuditEntry.after)
        .where(
            AuditEntry.subject_kind == "lesson",
            AuditEntry.subject_id == lesson_id,
            AuditEntry.at >= now - UNDO_WITHIN,  # what was made offline is written down later
            AuditEntry.action.in_([*_UNDOABLE, "attendance.undo"]),
        )
        .order_by(AuditEntry.id.desc())
    )
    undone: set[tuple[int, str]] = set()
    for row in rows:
        if row.action == "attendance.undo":
            undone.update((row.after["undone"], one) for one in row.after.get("undone_marks", ()))
        elif row.after.get("device") == device and made_at(row) >= now - UNDO_WITHIN:
            left = {one for one in row.after["marks"] if (row.id, one) not in undone}
            if left and (booking_id is None or str(booking_id) in left):
                return row
    return None


def made_at(row: AnyRow) -> datetime:
    """When a change was made, on its device."""
    return datetime.fromisoformat(row.after["at"])
