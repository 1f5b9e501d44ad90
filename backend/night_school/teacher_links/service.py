"""Handing a class's attendance to a teacher without an account, and taking it back.

What is done by a link is audited under whoever handed it out, with the link's number.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask_babel import lazy_gettext as _
from itsdangerous import BadData, URLSafeSerializer
from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from backend import clock, config
from backend.booking.models import Bookable, Booking, State
from backend.db import AnyRow
from backend.errors import Invalid, NotFound
from backend.night_school.attendance import OPENS_BEFORE
from backend.night_school.models import Attendance, Lesson
from backend.night_school.reach import access_class
from backend.night_school.teacher_links.models import TeacherLink
from backend.people.models import Person
from backend.people.naming import shown_name
from backend.places.models import Place
from backend.staff import audit
from backend.staff.access import Permission, SignedInStaff
from backend.staff.models import Staff

AFTER_THE_END = timedelta(days=2)
"""How long after the last lesson a teacher may still put attendance right."""

ENDED = _("这个链接已经失效，请联系社区工作人员。")


@dataclass(frozen=True, slots=True)
class Link:
    """A link in use: of which class, whose it is, and in whose name it acts."""

    id: int
    run_id: int
    name: str
    staff_id: int
    title: str
    place_name: str


def create(
    session: Session, me: SignedInStaff, run_id: int, name: str, now: datetime
) -> int:  # fmt: skip
    """A new link for somebody. Raises NotFound, and Invalid for a class that is over."""
    run = access_class(session, me, Permission.MANAGE_CLASSES, run_id)
    if run.cancelled_at is not None or run.ends_at + AFTER_THE_END <= now:
        raise Invalid(sentence=_("这个班已经结束，不用再发链接。"))
    link_id: int = session.execute(
        insert(TeacherLink)
        .values(run_id=run_id, name=name, staff_id=me.staff_id, created_at=now)
        .returning(TeacherLink.id)
    ).scalar_one()
    _note(session, me, "teacher_link.create", run, {"link_id": link_id, "name": name})
    return link_id


def revoke(session: Session, me: SignedInStaff, run_id: int, link_id: int, now: datetime) -> None:
    """The link opens nothing any more. Repeated, it changes nothing. Raises NotFound."""
    run = access_class(session, me, Permission.MANAGE_CLASSES, run_id)
    mine = (TeacherLink.id == link_id, TeacherLink.run_id == run_id)
    if session.scalar(select(TeacherLink.id).where(*mine)) is None:
        raise NotFound()
    ended = session.execute(
        update(TeacherLink)
        .where(*mine, TeacherLink.revoked_at.is_(None))
        .values(revoked_at=now, revoked_by=me.staff_id)
        .returning(TeacherLink.name)
        .execution_options(synchronize_session=False)
    ).scalar()
    if ended is None:
        audit.unchanged(session)
        return
    _note(session, me, "teacher_link.revoke", run, {"link_id": link_id, "name": ended})


def list_open(session: Session, run_id: int) -> list[dict[str, Any]]:
    """The links of a class that are not revoked, the newest first, each with its address."""
    rows = session.execute(
        select(
            TeacherLink.id, TeacherLink.name, TeacherLink.created_at, Staff.name.label("staff_name")
        )
        .join(Staff, Staff.id == TeacherLink.staff_id)
        .where(TeacherLink.run_id == run_id, TeacherLink.revoked_at.is_(None))
        .order_by(TeacherLink.id.desc())
    )
    return [
        {
            "id": row.id,
            "name": row.name,
            "by": row.staff_name,
            "created_at": clock.rfc3339(row.created_at),
            "address": f"{config.current().public_url}/admin/teacher?key={key_of(row.id)}",
        }
        for row in rows
    ]


def key_of(link_id: int) -> str:
    """The signed key of a link."""
    return str(_signer().dumps(link_id))


def open_link(session: Session, key: str, now: datetime) -> Link:
    """The link behind a key. Raises NotFound for one that is not ours, revoked or over."""
    try:
        link_id = _signer().loads(key)
    except BadData as error:
        raise NotFound(ENDED) from error
    row = session.execute(
        select(
            TeacherLink.id, TeacherLink.run_id, TeacherLink.name, TeacherLink.staff_id,
            Bookable.title, Place.name.label("place_name"),
        )
        .join(Bookable, Bookable.id == TeacherLink.run_id)
        .join(Place, Place.id == Bookable.place_id)
        .where(
            TeacherLink.id == link_id,
            TeacherLink.revoked_at.is_(None),
            Bookable.cancelled_at.is_(None),
            Bookable.published_at.is_not(None),
            Bookable.ends_at > now - AFTER_THE_END,
        )
    ).first()  # fmt: skip
    if row is None:
        raise NotFound(ENDED)
    return Link(row.id, row.run_id, row.name, row.staff_id, row.title, row.place_name)


def lessons(session: Session, link: Link, now: datetime) -> list[dict[str, Any]]:
    """The class's lessons that take place; `on`: the one to be marked now, else the last begun."""
    rows = session.execute(
        select(Lesson.id, Lesson.number, Lesson.starts_at, Lesson.ends_at)
        .where(Lesson.run_id == link.run_id, Lesson.cancelled_at.is_(None))
        .order_by(Lesson.starts_at)
    ).all()
    begun = [row.id for row in rows if row.starts_at - OPENS_BEFORE <= now]
    return [
        {
            "id": row.id,
            "number": row.number,
            "starts_at": clock.rfc3339(row.starts_at),
            "ends_at": clock.rfc3339(row.ends_at),
            "early": now < row.starts_at - OPENS_BEFORE,
            "on": bool(begun) and row.id == begun[-1],
        }
        for row in rows
    ]


def check_lesson(session: Session, link: Link, lesson_id: int) -> AnyRow:
    """A lesson of the link's own class. Raises NotFound."""
    row = session.execute(
        select(Lesson.id, Lesson.number, Lesson.starts_at, Lesson.ends_at, Lesson.cancelled_at)
        .where(Lesson.id == lesson_id, Lesson.run_id == link.run_id)
    ).first()  # fmt: skip
    if row is None:
        raise NotFound()
    return row


def names(session: Session, link: Link, lesson_id: int) -> list[dict[str, Any]]:
    """Who is in the class, by name alone, with their mark at the lesson."""
    rows = session.execute(
        select(Booking.id, shown_name().label("name"), Attendance.presence)
        .join(Person, Person.id == Booking.person_id)
        .outerjoin(
            Attendance,
            (Attendance.booking_id == Booking.id) & (Attendance.lesson_id == lesson_id),
        )
        .where(Booking.bookable_id == link.run_id, Booking.state == State.CONFIRMED)
        .order_by(Booking.created_at, Booking.id)
    )
    return [{"booking_id": row.id, "name": row.name, "presence": row.presence} for row in rows]


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(config.current().secret_key, salt="teacher-link")


def _note(
    session: Session, me: SignedInStaff, action: str, run: AnyRow, after: dict[str, Any]
) -> None:
    audit.record(
        session, me.staff_id, action, "course_run", run.id, place_id=run.place_id, after=after
    )
