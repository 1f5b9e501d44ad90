"""Who is in a class: the roster, the waiting list with its offers, and the sheet of one lesson."""

import hashlib
from collections import Counter
from datetime import datetime
from typing import Any

from sqlalchemy import and_, case, func, select
from sqlalchemy.orm import Session, aliased

from backend import clock
from backend.booking.models import Bookable, Booking, State
from backend.booking.rules import age_on
from backend.db import AnyRow
from backend.errors import NotFound
from backend.night_school import absences
from backend.night_school.attendance import CAME, EXCUSES
from backend.night_school.excuses.models import Excuse
from backend.night_school.models import Attendance, Lesson, Presence
from backend.people.masking import mask_phone
from backend.people.models import Account, Person
from backend.people.naming import shown_name
from backend.places.models import Place
from backend.reminders.moments import last_day

_holder = aliased(Person)
_PERSON = (
    Booking.id, Booking.person_id, Booking.state, Booking.short_code, Booking.created_at,
    Booking.offer_until, Booking.offer_before, Booking.cancel_until, Booking.queue_no,
    Booking.party_id, shown_name().label("name"), Person.birth_date, Person.gender,
    Person.phone, Person.note, Place.name.label("home_name"),
    _holder.name.label("holder_name"), _holder.phone.label("holder_phone"),
    Account.person_id.label("holder_id"),
)  # fmt: skip


def _shown(row: AnyRow, now: datetime) -> dict[str, Any]:
    """The person with whom to call: themselves, or whoever of the family booked."""
    by_family = row.phone is None and row.holder_phone is not None
    phone = row.holder_phone if by_family else row.phone
    return {
        "booking_id": row.id,
        "person_id": row.person_id,
        "name": row.name,
        "age": age_on(row.birth_date, clock.today(now)) if row.birth_date else None,
        "gender": row.gender,
        "home_name": row.home_name,
        "phone": mask_phone(phone) if phone else None,
        "last_four": phone[-4:] if phone else None,
        "contact_name": row.holder_name if by_family else None,
        "short_code": row.short_code,
        "note": row.note,
        "created_at": clock.rfc3339(row.created_at),
    }


def _people(*columns: Any) -> Any:
    return (
        select(*_PERSON, *columns)
        .select_from(Booking)
        .join(Person, Person.id == Booking.person_id)
        .outerjoin(Place, Place.id == Person.home_place_id)
        .outerjoin(Account, Account.id == Booking.account_id)
        .outerjoin(_holder, _holder.id == Account.person_id)
    )


def roster(session: Session, run_id: int, now: datetime) -> list[dict[str, Any]]:
    """The confirmed, in the order they enrolled; how often each came, was absent, was excused."""
    seen = (
        select(
            Attendance.booking_id,
            func.count().filter(Attendance.presence.in_(CAME)).label("came"),
            func.count().filter(Attendance.presence == Presence.ABSENT).label("absent"),
            func.count().filter(Attendance.presence.in_(EXCUSES)).label("excused"),
        )
        .group_by(Attendance.booking_id)
        .subquery()
    )
    rows = session.execute(
        _people(
            seen.c.came,
            seen.c.absent,
            seen.c.excused,
            absences.in_a_row.label("in_a_row"),
            absences.warned_at.label("warned_at"),
        )
        .outerjoin(seen, seen.c.booking_id == Booking.id)
        .where(Booking.bookable_id == run_id, Booking.state == State.CONFIRMED)
        .order_by(Booking.created_at, Booking.id)
    )
    counted = ("came", "absent", "excused", "in_a_row")
    return [
        _shown(row, now)
        | {name: getattr(row, name) or 0 for name in counted}
        | {"warned_at": row.warned_at}
        for row in rows
    ]


def marks(session: Session, run_id: int) -> dict[tuple[int, int], str]:
    """Every mark of the class, by booking and lesson."""
    rows = session.execute(
        select(Attendance.booking_id, Attendance.lesson_id, Attendance.presence)
        .join(Lesson, Lesson.id == Attendance.lesson_id)
        .where(Lesson.run_id == run_id)
    )
    return {(row.booking_id, row.lesson_id): row.presence for row in rows}


def waiting_list(session: Session, run_id: int, now: datetime) -> list[dict[str, Any]]:
    """Offers that are open, by their deadline, then the line in its order with positions.

    `together` is how many go together and wait or are asked, oneself included.
    """
    offered_first = case((Booking.state == State.OFFERED, 0), else_=1)
    rows = session.execute(
        _people()
        .where(
            Booking.bookable_id == run_id, Booking.state.in_([State.OFFERED, State.WAITING])
        )
        .order_by(offered_first, Booking.offer_until, Booking.rank, Booking.queue_no)
    ).all()  # fmt: skip
    together = Counter(row.party_id for row in rows)
    people, position = [], 0
    for row in rows:
        position += row.state == State.WAITING
        people.append(
            _shown(row, now)
            | {
                "state": row.state,
                "offer_until": clock.rfc3339(row.offer_until),
                "last_day": last_day(row.offer_before) if row.offer_before else None,
                "position": position if row.state == State.WAITING else None,
                "together": 1 if row.party_id is None else together[row.party_id],
            }
        )
    return people


def enrolment(session: Session, run_id: int, booking_id: int, now: datetime) -> dict[str, Any]:
    """One person of the class, placed or waiting. Raises NotFound."""
    row = session.execute(
        _people().where(Booking.id == booking_id, Booking.bookable_id == run_id)
    ).first()
    if row is None:
        raise NotFound()
    return _shown(row, now) | {"state": row.state, "cancel_until": row.cancel_until}


def sheet(session: Session, lesson_id: int, run_id: int, now: datetime) -> list[dict[str, Any]]:
    """Everybody of the class with their mark at this lesson, in the order they enrolled."""
    marked = and_(Attendance.booking_id == Booking.id, Attendance.lesson_id == lesson_id)
    query = (
        _people(
            Attendance.presence, Attendance.at.label("marked_at"), Attendance.taken_by,
            Booking.code,
            Lesson.number.label("made_up_number"), Lesson.starts_at.label("made_up_at"),
            Bookable.title.label("made_up_title"), Excuse.reason.label("excuse_reason"),
        )
        .outerjoin(Attendance, marked)
        .outerjoin(Lesson, Lesson.id == Attendance.made_up_lesson_id)
        .outerjoin(Bookable, Bookable.id == Lesson.run_id)
        .outerjoin(
            Excuse,
            and_(
                Excuse.booking_id == Booking.id,
                Excuse.lesson_id == lesson_id,
                Excuse.withdrawn_at.is_(None),
            ),
        )
        .where(Booking.bookable_id == run_id, Booking.state == State.CONFIRMED)
        .order_by(Booking.created_at, Booking.id)
    )  # fmt: skip
    return [
        _shown(row, now)
        | {
            "code": row.code,
            "presence": row.presence,
            "marked_at": clock.rfc3339(row.marked_at),
            "taken_by": row.taken_by,
            "made_up": _made_up(row),
            "excuse_reason": row.excuse_reason,
        }
        for row in session.execute(query)
    ]


def _made_up(row: AnyRow) -> dict[str, Any] | None:
    if row.made_up_at is None:
        return None
    return {
        "title": row.made_up_title,
        "number": row.made_up_number,
        "starts_at": clock.rfc3339(row.made_up_at),
    }


def count(people: list[dict[str, Any]]) -> dict[str, int]:
    """How many of a sheet have which mark, came, and have none yet."""
    marks = [one["presence"] for one in people]
    return {str(presence): marks.count(presence) for presence in Presence} | {
        "enrolled": len(people),
        "came": sum(mark in CAME for mark in marks),
        "unmarked": marks.count(None),
    }


def fingerprint(people: list[dict[str, Any]]) -> str:
    """Changes whenever a mark or the list does, so that a page asks for news cheaply."""
    marks = ",".join(f"{one['booking_id']}:{one['presence']}" for one in people)
    return hashlib.blake2b(marks.encode(), digest_size=8).hexdigest()
