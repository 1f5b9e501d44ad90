"""Calendars (RFC 5545): the feed behind a secret link, and one enrolment's lessons as a file."""

import secrets
from datetime import datetime

from flask_babel import force_locale
from flask_babel import gettext as _
from icalendar import Event
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.booking import ics
from backend.booking.errors import NotHeld
from backend.booking.queries import check_mine
from backend.db import AnyRow
from backend.errors import NotFound
from backend.night_school import my_lessons
from backend.people.models import Account
from backend.people.queries import Resident


def make_link(session: Session, me: Resident) -> str:
    """A new secret for the feed, 256 random bits; the one before stops working."""
    account = session.get_one(Account, me.account_id)
    account.calendar_token = secrets.token_urlsafe(32)
    session.flush()
    return account.calendar_token


def drop_link(session: Session, me: Resident) -> None:
    """Nobody reads the feed any more."""
    session.get_one(Account, me.account_id).calendar_token = None
    session.flush()


def feed(session: Session, token: str, now: datetime) -> bytes:
    """The whole feed behind the secret, in its owner's language; the same bytes until something
    changes. Raises NotFound.
    """
    account = session.scalars(
        select(Account).where(Account.calendar_token == token, Account.closed_at.is_(None))
    ).first()
    if account is None:
        raise NotFound()
    lessons = my_lessons.for_calendar(session, Resident(account.id, account.person_id), now)
    with force_locale(account.language):
        return _calendar(lessons)


def of_booking(session: Session, me: Resident, booking_id: int, now: datetime) -> bytes:
    """The lessons of one enrolment, to be put into a phone's calendar once.

    Raises NotFound, and NotHeld for who has no place yet or no more.
    """
    check_mine(session, me, booking_id, now)
    lessons = my_lessons.for_calendar(session, me, now, booking_id)
    if not lessons:
        raise NotHeld(_("报名成功以后才能把课程加入日历。"))
    return _calendar(lessons)


def _calendar(lessons: list[AnyRow]) -> bytes:
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
