"""What was uploaded and could not be applied: shown with its lesson until somebody decides."""

from datetime import datetime
from typing import Any

from sqlalchemy import and_, select, update
from sqlalchemy.orm import Session

from backend import clock
from backend.booking.errors import CheckInNotOpen, CodeUnknown, NotHeld
from backend.booking.models import Bookable, Booking, State
from backend.db import AnyRow
from backend.errors import NotFound, Refusal
from backend.night_school import attendance
from backend.night_school.errors import (
    AlreadyDecided,
    ChangedMeanwhile,
    CodeOfSeveral,
    EnrolmentEnded,
    LessonCancelled,
    NoPlaceYet,
    OtherClass,
)
from backend.night_school.models import Attendance, CheckInBy, Lesson, Presence
from backend.night_school.uploads.models import Decision, Kind, Outcome, UploadedEntry
from backend.night_school.wording import word
from backend.people.models import Person
from backend.people.naming import shown_name
from backend.places.models import Place
from backend.staff import audit
from backend.staff.models import Staff

WRONG_CLOCK = 300
"""From how many seconds on staff are told that the device's clock was wrong."""

_REASONS: dict[int, type[Refusal]] = {
    kind.errcode: kind
    for kind in (
        ChangedMeanwhile, CheckInNotOpen, CodeOfSeveral, CodeUnknown, EnrolmentEnded,
        LessonCancelled, NoPlaceYet, NotHeld, OtherClass,
    )
}  # fmt: skip
_OPEN = (
    UploadedEntry.outcome.in_((Outcome.CONFLICT, Outcome.KEPT)),
    UploadedEntry.decided_at.is_(None),
)


def open_entries(session: Session, lesson_id: int) -> list[dict[str, Any]]:
    """Conflicts and kept entries of a lesson that nobody has decided, in the order they came."""
    marked = and_(
        Attendance.lesson_id == UploadedEntry.lesson_id,
        Attendance.booking_id == UploadedEntry.booking_id,
    )
    rows = session.execute(
        select(
            UploadedEntry.id, UploadedEntry.kind, UploadedEntry.outcome, UploadedEntry.errcode,
            UploadedEntry.at, UploadedEntry.clock_off, UploadedEntry.code, UploadedEntry.presence,
            UploadedEntry.booking_id, Attendance.presence.label("stands"), Booking.bookable_id,
            Booking.state, Lesson.run_id, shown_name().label("name"), Bookable.title,
            Staff.name.label("staff_name"), Place.name.label("place_name"),
        )
        .join(Lesson, Lesson.id == UploadedEntry.lesson_id)
        .join(Staff, Staff.id == UploadedEntry.staff_id)
        .outerjoin(Booking, Booking.id == UploadedEntry.booking_id)
        .outerjoin(Person, Person.id == Booking.person_id)
        .outerjoin(Bookable, Bookable.id == Booking.bookable_id)
        .outerjoin(Place, Place.id == Bookable.place_id)
        .outerjoin(Attendance, marked)
        .where(UploadedEntry.lesson_id == lesson_id, *_OPEN)
        .order_by(UploadedEntry.id)
    )  # fmt: skip
    return [_shown(row) for row in rows]


def _shown(row: AnyRow) -> dict[str, Any]:
    facts = {"person": row.name, "title": row.title, "place": row.place_name}
    reason = _REASONS[row.errcode](**facts, found=word(row.stands))
    return {
        "id": row.id,
        "conflict": row.outcome == Outcome.CONFLICT,
        "kind": row.kind,
        "at": clock.rfc3339(row.at),
        "name": row.name,
        "code": row.code,
        "wanted": word(row.presence),
        "stands": word(row.stands),
        "sentence": str(reason),
        "clock_off": row.clock_off if abs(row.clock_off) >= WRONG_CLOCK else None,
        "by": row.staff_name,
        "may_apply": row.bookable_id == row.run_id and row.state == State.CONFIRMED,
    }


def decide(
    session: Session, lesson_id: int, entry_id: int, decision: Decision, staff_id: int,
    now: datetime,
) -> None:  # fmt: skip
    """Take the device's (it is applied as of its time) or leave the server's.

    Raises NotFound, AlreadyDecided, and what refuses a mark: LessonCancelled, CheckInNotOpen,
    NotHeld.
    """
    entry = session.execute(
        select(
            UploadedEntry.kind, UploadedEntry.at, UploadedEntry.booking_id, UploadedEntry.presence,
            Bookable.place_id,
        )
        .join(Lesson, Lesson.id == UploadedEntry.lesson_id)
        .join(Bookable, Bookable.id == Lesson.run_id)
        .where(UploadedEntry.id == entry_id, UploadedEntry.lesson_id == lesson_id)
    ).first()  # fmt: skip
    if entry is None:
        raise NotFound()
    decided = session.execute(
        update(UploadedEntry)
        .where(UploadedEntry.id == entry_id, *_OPEN)
        .values(decision=decision, decided_at=now, decided_by=staff_id)
        .returning(UploadedEntry.id)
        .execution_options(synchronize_session=False)
    ).first()
    if decided is None:
        raise AlreadyDecided()
    audit.record(
        session, staff_id, "attendance.decide", "lesson", lesson_id, place_id=entry.place_id,
        before={"entry_id": entry_id}, after={"decision": decision},
    )  # fmt: skip
    if decision == Decision.DEVICE:
        _apply(session, lesson_id, entry, staff_id)


def _apply(session: Session, lesson_id: int, entry: AnyRow, staff_id: int) -> None:
    if entry.booking_id is None:
        raise NotHeld()
    presence, by = entry.presence and Presence(entry.presence), CheckInBy.TAP
    if entry.kind == Kind.SCAN:
        lesson = attendance.open_lesson(session, lesson_id)
        presence, by = attendance.presence_at(lesson, entry.at), CheckInBy.RESIDENT_CODE
    attendance.mark(session, lesson_id, entry.booking_id, presence, by, staff_id, entry.at)
