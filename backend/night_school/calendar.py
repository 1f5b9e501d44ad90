"""Lessons in calendars (RFC 5545): their part of the feed, and one enrolment's as a file."""

from collections.abc import Iterator
from datetime import datetime

from flask_babel import gettext as _
from icalendar import Event
from sqlalchemy.orm import Session

from backend.booking import ics
from backend.booking.calendar_feed import fills_calendar
from backend.booking.errors import NotHeld
from backend.booking.queries import check_mine
from backend.db import AnyRow
from backend.night_school import my_lessons
from backend.people.queries import Resident


@fills_calendar
def lessons_of(session: Session, me: Resident, now: datetime) -> Iterator[Event]:
    """All lessons, for the feed."""
    return map(_event, my_lessons.for_calendar(session, me, now))


def of_booking(session: Session, me: Resident, booking_id: int, now: datetime) -> bytes:
    """The lessons of one enrolment, to be put into a phone's calendar once.

    Raises NotFound, and NotHeld for who has no place yet or no more.
    """
    check_mine(session, me, booking_id, now)
    lessons = my_lessons.for_calendar(session, me, now, booking_id)
    if not lessons:
        raise NotHeld(_("报名成功以后才能把课程加入日历。"))
    return ics.calendar("Night School", _("幸福夜校课表"), map(_event, lessons))


def _event(lesson: AnyRow) -> Event:
    """One lesson of one person."""
    cancelled = lesson.cancelled_at or lesson.run_cancelled_at
    return ics.event(
        f"lesson-{lesson.lesson_id}-booking-{lesson.booking_id}",
        lesson.starts_at, lesson.ends_at, made_at=cancelled or lesson.created_at,
        summary=_("%(title)s（第 %(number)s 次课）", title=lesson.title, number=lesson.number)
        + f" {lesson.person_name}".rstrip(),
        where=(lesson.place_name, lesson.room_name, lesson.address), cancelled=bool(cancelled),
    )  # fmt: skip
