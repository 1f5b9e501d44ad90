"""What the night school has noted about somebody's lessons: attendance, excuses, ratings."""

from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from backend.booking.models import Bookable, Booking
from backend.db import AnyRow
from backend.night_school.excuses.models import Excuse
from backend.night_school.models import Attendance, Lesson
from backend.night_school.ratings.models import Rating
from backend.night_school.uploads.models import Outcome, UploadedEntry
from backend.night_school.wording import word
from backend.people.own_data import Section, moment, tells
from backend.people.queries import Resident


@tells
def attendance_told(session: Session, me: Resident, now: datetime) -> Section:
    """Every mark of mine, the latest lesson first."""
    section = Section(_("考勤"))
    marked = _of_mine(me, Attendance, Lesson.starts_at, Attendance.presence)
    for row in session.execute(marked.order_by(Lesson.starts_at.desc())):
        section.add(_lesson(row), f"{moment(row.starts_at)} {word(row.presence)}")
    waiting = session.execute(
        select(Bookable.title, Lesson.number, UploadedEntry.at)
        .join(Lesson, Lesson.id == UploadedEntry.lesson_id)
        .join(Booking, Booking.id == UploadedEntry.booking_id)
        .join(Bookable, Bookable.id == Lesson.run_id)
        .where(
            Booking.person_id == me.person_id,
            UploadedEntry.outcome.in_((Outcome.CONFLICT, Outcome.KEPT)),
            UploadedEntry.decided_at.is_(None),
        )
        .order_by(UploadedEntry.id)
    )
    for one in waiting:
        section.add(_lesson(one), _("%(when)s 的现场记录，工作人员还在核对", when=moment(one.at)))
    return section


@tells
def excuses_told(session: Session, me: Resident, now: datetime) -> Section:
    """Every time I asked to be excused, or was by one of the family."""
    section = Section(_("请假"))
    asked = _of_mine(me, Excuse, Excuse.asked_at, Excuse.reason, Excuse.withdrawn_at)
    for row in session.execute(asked.order_by(Excuse.asked_at.desc())):
        ended = _("已撤回") if row.withdrawn_at else ""
        section.add(_lesson(row), " ".join(filter(None, (moment(row.asked_at), row.reason, ended))))
    return section


@tells
def ratings_told(session: Session, me: Resident, now: datetime) -> Section:
    """Every rating of mine, the latest lesson first."""
    section = Section(_("课程评价"))
    rated = _of_mine(me, Rating, Rating.stars, Rating.comment)
    for row in session.execute(rated.order_by(Lesson.starts_at.desc())):
        stars = _("%(n)s 分", n=row.stars)
        section.add(_lesson(row), " ".join(filter(None, (stars, row.comment))))
    return section


def _of_mine(
    me: Resident, noted: type[Attendance | Excuse | Rating], *columns: Any
) -> Select[tuple[Any, ...]]:
    """What was noted about me at a lesson, with what is needed to name the lesson."""
    return (
        select(Bookable.title, Lesson.number, *columns)
        .join(Lesson, Lesson.id == noted.lesson_id)
        .join(Booking, Booking.id == noted.booking_id)
        .join(Bookable, Bookable.id == Booking.bookable_id)
        .where(Booking.person_id == me.person_id)
    )


def _lesson(row: AnyRow) -> str:
    return str(_("%(title)s 第 %(number)s 课", title=row.title, number=row.number))
