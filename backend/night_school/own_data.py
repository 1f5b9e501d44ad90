"""What the night school has noted about somebody: the attendance of each lesson."""

from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.booking.models import Bookable, Booking
from backend.night_school.excuses.models import Excuse
from backend.night_school.models import Attendance, Lesson
from backend.night_school.uploads.models import Outcome, UploadedEntry
from backend.night_school.wording import word
from backend.people.own_data import Section, moment, tells
from backend.people.queries import Resident


@tells
def attendance_told(session: Session, me: Resident, now: datetime) -> Section:
    """Every mark of mine, the latest lesson first."""
    section = Section(_("考勤"))
    rows = session.execute(
        select(Bookable.title, Lesson.number, Lesson.starts_at, Attendance.presence)
        .join(Lesson, Lesson.id == Attendance.lesson_id)
        .join(Booking, Booking.id == Attendance.booking_id)
        .join(Bookable, Bookable.id == Booking.bookable_id)
        .where(Booking.person_id == me.person_id)
        .order_by(Lesson.starts_at.desc())
    )
    for row in rows:
        said = _("%(title)s 第 %(number)s 课", title=row.title, number=row.number)
        section.add(said, f"{moment(row.starts_at)} {word(row.presence)}")
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
        said = _("%(title)s 第 %(number)s 课", title=one.title, number=one.number)
        section.add(said, _("%(when)s 的现场记录，工作人员还在核对", when=moment(one.at)))
    return section


@tells
def excuses_told(session: Session, me: Resident, now: datetime) -> Section:
    """Every time I asked to be excused, or was by one of the family."""
    section = Section(_("请假"))
    rows = session.execute(
        select(Bookable.title, Lesson.number, Excuse.asked_at, Excuse.reason, Excuse.withdrawn_at)
        .join(Lesson, Lesson.id == Excuse.lesson_id)
        .join(Booking, Booking.id == Excuse.booking_id)
        .join(Bookable, Bookable.id == Booking.bookable_id)
        .where(Booking.person_id == me.person_id)
        .order_by(Excuse.asked_at.desc())
    )
    for row in rows:
        said = _("%(title)s 第 %(number)s 课", title=row.title, number=row.number)
        ended = _("已撤回") if row.withdrawn_at else ""
        section.add(said, " ".join(filter(None, (moment(row.asked_at), row.reason, ended))))
    return section
