"""How a reminder is said: services register the words for theirs.

A service registers two functions: `read` gathers the facts of a batch in few queries, `word` turns
one reminder's facts into a Message, or None when it no longer applies. Both run again at every
attempt, so what has been cancelled, moved or answered in the meantime is not told.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

import structlog
from flask_babel import force_locale
from sqlalchemy.orm import Session

from backend.reminders.models import Kind

log = structlog.get_logger(__name__)

TITLE_LENGTH = 40
BODY_LENGTH = 400


class Template(StrEnum):
    """The message templates a deployment configures in WX_TEMPLATES."""

    BOOKED = "booked"
    OFFERED = "offered"
    CHANGED = "changed"
    LESSON = "lesson"


@dataclass(frozen=True, slots=True)
class Due:
    """A reminder to be worded. `to` is the name of whoever reads it; `own`: it is about them."""

    id: int
    kind: Kind
    person_id: int
    to: str
    own: bool = True
    language: str = "zh"
    booking_id: int | None = None
    lesson_id: int | None = None
    occasion_at: datetime | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What is said: to the inbox (`title`, `body`), and to WeChat as `fields` of `template`.

    No template: the inbox alone. `page` opens on a tap. `place_id` is whose staff call if nothing
    reaches the person, `deadline` until when calling makes sense.
    """

    title: str
    body: str
    page: str
    template: Template | None = None
    fields: Mapping[str, str] = field(default_factory=dict)
    place_id: int | None = None
    deadline: datetime | None = None


@dataclass(frozen=True, slots=True)
class Worded:
    """The messages by reminder id, and the reminders no words could be made for.

    A reminder in neither no longer applies.
    """

    messages: dict[int, Message] = field(default_factory=dict)
    broken: set[int] = field(default_factory=set)


Read = Callable[[Session, Sequence[Due], datetime], Mapping[int, Any]]
"""The facts of those reminders that are this service's, by reminder id."""

Word = Callable[[Due, Any, datetime], Message | None]

_registered: dict[str, tuple[Read, Word]] = {}


def register(name: str, read: Read, word: Word) -> None:
    """Take in the words of a service; `name` is the bookable kind, or what else it speaks of."""
    _registered[name] = (read, word)


def compose(session: Session, dues: Sequence[Due], now: datetime) -> Worded:
    """Word a batch, each reminder in its reader's language.

    One that cannot be worded is logged and named in `broken`; it does not spoil the others.
    """
    worded = Worded()
    by_language: dict[str, list[Due]] = defaultdict(list)
    for due in dues:
        by_language[due.language].append(due)
    for language, group in by_language.items():
        with force_locale(language):
            for read, word in _registered.values():
                facts = read(session, group, now)
                for due in group:
                    if due.id in facts:
                        _word_one(due, facts[due.id], word, now, worded)
    return worded


def _word_one(due: Due, facts: Any, word: Word, now: datetime, worded: Worded) -> None:
    try:
        message = word(due, facts, now)
    except Exception:  # a fault in one sentence must not keep all others from being told
        log.exception("reminder could not be worded", reminder_id=due.id, kind=due.kind)
        worded.broken.add(due.id)
        return
    if message is not None:
        worded.messages[due.id] = message
