"""What somebody said about lessons, for themselves to read."""

from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.booking.models import Bookable, Booking
from backend.night_school.models import Lesson
from backend.night_school.ratings.models import Rating
from backend.people.own_data import Section, tells
from backend.people.queries import Resident


@tells
def ratings_told(session: Session, me: Resident, now: datetime) -> Section:
    """Every rating of mine, the latest lesson first."""
    section = Section(_("课程评价"))
    rows = session.execute(
        select(Bookable.title, Lesson.number, Rating.stars, Rating.comment)
        .join(Lesson, Lesson.id == Rating.lesson_id)
        .join(Booking, Booking.id == Rating.booking_id)
        .join(Bookable, Bookable.id == Booking.bookable_id)
        .where(Booking.person_id == me.person_id)
        .order_by(Lesson.starts_at.desc())
    )
    for row in rows:
        said = _("%(title)s 第 %(number)s 课", title=row.title, number=row.number)
        section.add(said, " ".join(filter(None, (_("%(n)s 分", n=row.stars), row.comment))))
    return section
