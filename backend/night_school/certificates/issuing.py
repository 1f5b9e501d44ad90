"""Issuing certificates: to a resident who asks, or by staff to everybody of a class."""

import secrets
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.dialects.postgresql import insert  # SQLite compiles the same ON CONFLICT
from sqlalchemy.orm import Session

from backend import clock
from backend.booking.models import Bookable, Booking, State
from backend.booking.queries import check_mine
from backend.db import AnyRow, table_of
from backend.errors import NotFound
from backend.night_school.attendance import CAME
from backend.night_school.certificates.models import Certificate
from backend.night_school.errors import CertificateNotEarned, ClassNotOver
from backend.night_school.models import Attendance, Lesson, Term
from backend.night_school.models import CourseRun as Run
from backend.night_school.reach import access_class
from backend.people.models import Person
from backend.people.naming import shown_name
from backend.people.queries import Resident
from backend.places.models import Place
from backend.staff import audit
from backend.staff.access import Permission, SignedInStaff

NEEDED = 80
"""A certificate is earned by coming to this many per cent of the lessons that took place."""

_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # nothing that looks like something else
_LENGTH = 12
_run = table_of(Run)

_took_place = (
    select(func.count())
    .where(Lesson.run_id == Booking.bookable_id, Lesson.cancelled_at.is_(None))
    .correlate(Booking)
    .scalar_subquery()
)
_came = (
    select(func.count())
    .select_from(Attendance)
    .join(Lesson, and_(Lesson.id == Attendance.lesson_id, Lesson.cancelled_at.is_(None)))
    .where(Attendance.booking_id == Booking.id, Attendance.presence.in_(CAME))
    .correlate(Booking)
    .scalar_subquery()
)


def new_code(choose: Callable[[str], str] = secrets.choice) -> str:
    """Twelve characters that are easy to read off paper: 59 random bits."""
    return "".join(choose(_ALPHABET) for _ in range(_LENGTH))


def lessons_needed(lessons: int) -> int:
    """The least number of lessons that makes `NEEDED` per cent of them."""
    return -(-lessons * NEEDED // 100)


def for_booking(
    session: Session, me: Resident, booking_id: int, now: datetime
) -> dict[str, Any]:  # fmt: skip
    """How a resident stands: lessons, came, needed, over, earned and the code, if issued.

    Raises NotFound.
    """
    check_mine(session, me, booking_id, now)
    found = learners(session, Booking.id == booking_id, now=now)
    if not found:
        raise NotFound()
    return found[0]


def issue(session: Session, me: Resident, booking_id: int, now: datetime) -> dict[str, Any]:
    """The certificate of an enrolment; asked again, the same one.

    Raises NotFound, ClassNotOver, CertificateNotEarned (`came`, `needed`).
    """
    learner = for_booking(session, me, booking_id, now)
    if learner["code"] is not None:
        return learner
    if not learner["over"]:
        raise ClassNotOver()
    if not learner["earned"]:
        raise CertificateNotEarned(came=learner["came"], needed=learner["needed"])
    _write(session, [learner], now)
    return for_booking(session, me, booking_id, now)


def issued(session: Session, me: Resident, booking_id: int, now: datetime) -> dict[str, Any]:
    """The certificate of an enrolment, if there is one. Raises NotFound."""
    learner = for_booking(session, me, booking_id, now)
    if learner["code"] is None:
        raise NotFound()
    return learner


def issue_to_class(session: Session, me: SignedInStaff, run_id: int, now: datetime) -> int:
    """Issue to everybody of a class who has earned one; how many are new.

    Raises NotFound, ClassNotOver.
    """
    found = access_class(session, me, Permission.MANAGE_CLASSES, run_id)
    everybody = of_class(session, run_id, now)
    if not all(one["over"] for one in everybody):
        raise ClassNotOver()
    new = [one for one in everybody if one["earned"] and one["code"] is None]
    if not new:
        audit.unchanged(session)
        return 0
    _write(session, new, now)
    audit.record(
        session, me.staff_id, "certificate.issue", "course_run", run_id, place_id=found.place_id,
        after={"people": [one["person_id"] for one in new]},
    )  # fmt: skip
    return len(new)


def of_class(session: Session, run_id: int, now: datetime) -> list[dict[str, Any]]:
    """Everybody who holds a place in the class, those who came most often first."""
    everybody = learners(session, Booking.bookable_id == run_id, now=now)
    return sorted(everybody, key=lambda one: (-one["came"], one["name"]))


def learners(
    session: Session, *where: ColumnElement[bool], now: datetime
) -> list[dict[str, Any]]:  # fmt: skip
    """Confirmed enrolments with what a certificate says of them."""
    rows = session.execute(
        select(
            Booking.id, Booking.person_id, shown_name().label("name"), Bookable.title,
            Bookable.starts_at, Bookable.ends_at, Bookable.cancelled_at,
            Place.name.label("place_name"), Term.name.label("term_name"),
            func.coalesce(Certificate.lessons, _took_place).label("lessons"),
            func.coalesce(Certificate.came, _came).label("came"),
            Certificate.code, Certificate.issued_at,
        )
        .select_from(Booking)
        .join(Bookable, Bookable.id == Booking.bookable_id)
        .join(_run, _run.c.id == Bookable.id)
        .join(Term, Term.id == _run.c.term_id)
        .join(Place, Place.id == Bookable.place_id)
        .join(Person, Person.id == Booking.person_id)
        .outerjoin(Certificate, Certificate.booking_id == Booking.id)
        .where(or_(Booking.state == State.CONFIRMED, Certificate.id.is_not(None)), *where)
        .order_by(Booking.id)
    )  # fmt: skip
    return [_learner(row, now) for row in rows]


def _learner(row: AnyRow, now: datetime) -> dict[str, Any]:
    over = row.cancelled_at is None and row.ends_at <= now
    needed = lessons_needed(row.lessons)
    return {
        "booking_id": row.id,
        "person_id": row.person_id,
        "name": row.name,
        "title": row.title,
        "term_name": row.term_name,
        "place_name": row.place_name,
        "starts_on": clock.today(row.starts_at).isoformat(),
        "ends_on": clock.today(row.ends_at).isoformat(),
        "lessons": row.lessons,
        "came": row.came,
        "needed": needed,
        "over": over,
        "earned": row.code is not None or (over and 0 < needed <= row.came),
        "code": row.code,
        "issued_on": clock.today(row.issued_at).isoformat() if row.issued_at else None,
    }


def _write(session: Session, earned: Sequence[dict[str, Any]], now: datetime) -> None:
    """One row each; who was quicker stays."""
    session.execute(
        insert(table_of(Certificate))
        .values(
            [
                {
                    "booking_id": one["booking_id"], "code": new_code(),
                    "lessons": one["lessons"], "came": one["came"], "issued_at": now,
                }
                for one in sorted(earned, key=lambda one: int(one["booking_id"]))
            ]
        )
        .on_conflict_do_nothing(index_elements=["booking_id"])
    )  # fmt: skip
