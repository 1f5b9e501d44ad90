"""Calendars (RFC 5545): the feed behind a secret link, and one enrolment's lessons as a file."""

import secrets
from datetime import date, datetime
from typing import Any
from urllib.parse import urlsplit

from flask_babel import force_locale
from flask_babel import gettext as _
from icalendar import Calendar, Event, Timezone
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend import clock, config
from backend.booking.errors import NotHeld
from backend.booking.queries import check_mine
from backend.db import AnyRow
from backend.errors import NotFound
from backend.night_school import my_lessons
from backend.people.models import Account
from backend.people.queries import Resident

_ZONE = Timezone.from_tzid(
    clock.LOCAL.key, first_date=date(2000, 1, 1), last_date=date(2037, 12, 31)
)


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
    feed = Calendar()
    feed.add("prodid", "-//Xingfu//Night School//ZH")
    feed.add("version", "2.0")
    feed.add("method", "PUBLISH")
    feed.add("x-wr-calname", _("幸福夜校课表"))
    feed.add("x-wr-timezone", clock.LOCAL.key)
    feed.add("refresh-interval;value=duration", "PT1H")
    feed.add_component(_ZONE)
    for lesson in lessons:
        feed.add_component(_event(lesson))
    return bytes(feed.to_ical())


def _event(lesson: AnyRow) -> Any:
    """One lesson of one person; the UID stays when it is moved, so that the entry moves too."""
    cancelled = lesson.cancelled_at or lesson.run_cancelled_at
    event = Event()
    site = urlsplit(config.current().public_url).hostname
    event.add("uid", f"lesson-{lesson.lesson_id}-booking-{lesson.booking_id}@{site}")
    event.add("dtstamp", cancelled or lesson.created_at)
    event.add("dtstart", clock.local(lesson.starts_at))
    event.add("dtend", clock.local(lesson.ends_at))
    event.add(
        "summary",
        _("%(title)s（第 %(number)s 次课）", title=lesson.title, number=lesson.number)
        + f" {lesson.person_name}".rstrip(),
    )
    event.add("location", " ".join(filter(None, _where(lesson))))
    event.add("status", "CANCELLED" if cancelled else "CONFIRMED")
    event.add("sequence", 1 if cancelled else 0)
    return event


def _where(lesson: AnyRow) -> tuple[str | None, ...]:
    return lesson.place_name, lesson.room_name, lesson.address
