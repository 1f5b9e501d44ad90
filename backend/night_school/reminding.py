"""Telling about lessons: reminders derived from lesson x booking, and changes told to a class."""

from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import Insert, String, bindparam, insert, select
from sqlalchemy.dialects.postgresql import insert as insert_new  # SQLite compiles it too
from sqlalchemy.orm import Session

from backend import clock
from backend.booking.models import Bookable, Booking, State
from backend.db import BigInt, Json, UtcDateTime, table_of
from backend.errors import NotFound
from backend.night_school.messages.lessons import SOON
from backend.night_school.models import Lesson
from backend.reminders import outbox
from backend.reminders.models import Kind, Reminder
from backend.reminders.quiet import after_quiet

EVENING = time(18, 30)
"""When the evening before a lesson is reminded of."""

AHEAD = timedelta(hours=48)
"""How long before a lesson its reminders are written: always before the evening they go out."""

_reminder, _booking = table_of(Reminder), table_of(Booking)

_per_booking = (
    select(
        _booking.c.id, _booking.c.person_id, _booking.c.account_id,
        bindparam("what", type_=String), bindparam("lesson", type_=BigInt),
        bindparam("occasion", type_=UtcDateTime), bindparam("due", type_=UtcDateTime),
        bindparam("made", type_=UtcDateTime),
    )
    .where(_booking.c.bookable_id == bindparam("run", type_=BigInt))
)  # fmt: skip
_COLUMNS = (
    "booking_id", "person_id", "account_id", "kind", "lesson_id", "occasion_at", "due_at",
    "created_at",
)  # fmt: skip

_derive = (
    insert_new(_reminder)
    .from_select(
        list(_COLUMNS),
        _per_booking.where(_booking.c.state == State.CONFIRMED),
        include_defaults=False,
    )
    .on_conflict_do_nothing(
        index_elements=[
            _reminder.c.booking_id,
            _reminder.c.lesson_id,
            _reminder.c.kind,
            _reminder.c.occasion_at,
        ]
    )
)
_tell_class = insert(_reminder).from_select(
    [*_COLUMNS, "facts"],
    _per_booking.where(
        _booking.c.state.in_((State.CONFIRMED, State.OFFERED))
    ).add_columns(bindparam("told", type_=Json)),
    include_defaults=False,
)  # fmt: skip


def derive(session: Session, now: datetime) -> int:
    """Write the reminders of all lessons of the next two days that are not written yet; how many.

    The evening before and two hours before, for each confirmed booking; what would have been due
    by now is left out, so whoever enrols late gets what is still to come. Running it twice changes
    nothing. A moved lesson is another occasion: it gets reminders of its own, and the old ones no
    longer apply when they are due.
    """
    lessons = session.execute(
        select(Lesson.id, Lesson.run_id, Lesson.starts_at)
        .join(Bookable, Bookable.id == Lesson.run_id)
        .where(
            Lesson.starts_at > now,
            Lesson.starts_at <= now + AHEAD,
            Lesson.cancelled_at.is_(None),
            Bookable.cancelled_at.is_(None),
        )
        .order_by(Lesson.id)
    ).all()
    wanted = [
        {
            "lesson": lesson.id, "run": lesson.run_id, "occasion": lesson.starts_at,
            "what": kind, "due": due, "made": now,
        }
        for lesson in lessons
        for kind, due in _moments(lesson.starts_at)
        if due > now
    ]  # fmt: skip
    return _count(session, _derive, wanted) if wanted else 0


def _moments(starts_at: datetime) -> tuple[tuple[Kind, datetime], ...]:
    day_before = clock.local(starts_at).date() - timedelta(days=1)
    evening = datetime.combine(day_before, EVENING, clock.LOCAL)
    return (Kind.LESSON_EVE, evening), (Kind.LESSON_SOON, after_quiet(starts_at - SOON))


def tell_lesson_changed(
    session: Session, lesson_id: int, now: datetime, *, was_at: datetime, was_room: str | None,
    concerns_today: bool = False, first_moved: bool = False, **facts: Any,
) -> int:  # fmt: skip
    """Tell the class that a lesson was moved, called off, put back or added; how many are told.

    Call it in the transaction of the change, after it, with the start and the room's name from
    before. `first_moved`: the class begins at another moment, so until when one may give the place
    back is told, too. `facts`: `put_back`, `added`, or `series`, of how many moved lessons this is
    the first. What concerns today is told at any hour. Raises NotFound.
    """
    lesson = session.execute(
        select(Lesson.run_id, Lesson.starts_at).where(Lesson.id == lesson_id)
    ).first()
    if lesson is None:
        raise NotFound()
    today = clock.today(now) in (clock.today(was_at), clock.today(lesson.starts_at))
    values = {
        "lesson": lesson_id, "run": lesson.run_id, "what": Kind.CHANGED, "occasion": None,
        "due": outbox.due(now, concerns_today=today or concerns_today), "made": now,
        "told": {"was_at": clock.rfc3339(was_at), "was_room": was_room}
        | ({"first_moved": True} if first_moved else {})
        | facts,
    }  # fmt: skip
    return _count(session, _tell_class, [values])


def _count(session: Session, statement: Insert, values: list[dict[str, Any]]) -> int:
    options = {"preserve_rowcount": True}  # an INSERT's count is not kept unless asked for
    return session.connection().execute(statement, values, execution_options=options).rowcount
