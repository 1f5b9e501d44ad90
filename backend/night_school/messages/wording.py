"""Which sentence each reminder is, registered with those of the other services."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from backend.db import AnyRow
from backend.night_school.messages import bookings, lessons
from backend.night_school.messages.facts import read
from backend.reminders import wording
from backend.reminders.models import Kind
from backend.reminders.wording import Due, Message


def word(due: Due, facts: AnyRow, now: datetime) -> Message | None:
    """One reminder's sentence; None when the run is over or things have changed since."""
    say = _WORDS.get(due.kind)
    # The run of a cancelled last lesson ends earlier: a change has moments of its own to look at.
    over = now >= facts.ends_at and due.kind != Kind.CHANGED
    return None if say is None or over else say(due, facts, now)


_WORDS: Mapping[str, Callable[[Due, Any, datetime], Message | None]] = {
    Kind.BOOKED: bookings.booked,
    Kind.WAITLISTED: bookings.waitlisted,
    Kind.OFFERED: bookings.offered,
    Kind.OFFER_EXPIRED: bookings.offer_expired,
    Kind.CANCELLED: bookings.cancelled,
    Kind.CHANGED: lessons.changed,
    Kind.LESSON_EVE: lessons.lesson,
    Kind.LESSON_SOON: lessons.lesson,
    Kind.ABSENT_AGAIN: lessons.absent_again,
}

wording.register("course_run", read, word)
