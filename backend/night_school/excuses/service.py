"""Asking to be excused: before the lesson, or up to some days after it; and thinking better of it.

What staff or a code have marked meanwhile holds: only no mark, an absence, an earlier excuse or
"unknown" turns into the excuse.
"""

from datetime import datetime, timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from backend import config
from backend.booking.errors import NotHeld
from backend.booking.models import Bookable, Booking, State
from backend.booking.queries import check_mine
from backend.db import AnyRow, table_of
from backend.errors import NotFound
from backend.night_school import marks
from backend.night_school.attendance import EXCUSES
from backend.night_school.errors import ExcuseRefused, LessonCancelled
from backend.night_school.excuses.models import Excuse
from backend.night_school.models import Attendance, CheckInBy, Lesson, Presence
from backend.night_school.statistics import changes
from backend.people.queries import Resident

_excuse = table_of(Excuse)
_GIVES_WAY = (None, Presence.ABSENT, Presence.UNKNOWN, *EXCUSES)
"""Marks that an excuse takes the place of."""


def asks_until(lesson: Any) -> datetime:
    """Until when somebody may still ask to be excused from a lesson."""
    ends_at: datetime = lesson.ends_at
    return ends_at + timedelta(days=config.current().excuse_days)


def may_ask(lesson: Any, presence: str | None, now: datetime) -> bool:
    """Whether the excuse would be taken, as far as lesson and mark go."""
    return presence in _GIVES_WAY and now <= asks_until(lesson)


def ask(
    session: Session, me: Resident, booking_id: int, lesson_id: int, reason: str, now: datetime
) -> None:
    """Excuse somebody of the household from a lesson; the same again only changes the reason.

    Raises NotFound, NotHeld, LessonCancelled, ExcuseRefused.
    """
    lesson = _lesson(session, me, booking_id, lesson_id, now)
    [mark] = marks.presence_of(session, lesson_id, [booking_id]).values()
    if mark not in _GIVES_WAY:
        raise ExcuseRefused(_("这次课已经登记到课，不用请假。"))
    if now > asks_until(lesson):
        raise ExcuseRefused()
    _write(session, me, booking_id, lesson_id, reason, now)
    presence = Presence.EXCUSED if now < lesson.starts_at else Presence.EXCUSED_AFTER
    if mark not in EXCUSES and not marks.replace(
        session, lesson_id, booking_id, mark, presence, CheckInBy.RESIDENT, None, now
    ):
        raise ExcuseRefused(_("这次课的考勤刚刚有变动，请刷新后再试。"))


def _lesson(
    session: Session, me: Resident, booking_id: int, lesson_id: int, now: datetime
) -> AnyRow:
    check_mine(session, me, booking_id, now)
    row = session.execute(
        select(
            Lesson.starts_at, Lesson.ends_at, Lesson.cancelled_at, Booking.state,
            Bookable.cancelled_at.label("run_cancelled_at"),
        )
        .join(Booking, Booking.bookable_id == Lesson.run_id)
        .join(Bookable, Bookable.id == Lesson.run_id)
        .where(Lesson.id == lesson_id, Booking.id == booking_id)
    ).first()  # fmt: skip
    if row is None:
        raise NotFound()
    if row.state != State.CONFIRMED:
        raise NotHeld(_("这项预约没有确认的名额，不用请假。"))
    if row.cancelled_at is not None or row.run_cancelled_at is not None:
        raise LessonCancelled(_("这次课已经取消，不用请假。"))
    return row


def _write(
    session: Session, me: Resident, booking_id: int, lesson_id: int, reason: str, now: datetime
) -> None:
    kind = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    asked = {"account_id": me.account_id, "reason": reason, "asked_at": now, "withdrawn_at": None}
    wish = kind.insert(_excuse).values(asked | {"booking_id": booking_id, "lesson_id": lesson_id})
    session.execute(
        wish.on_conflict_do_update(index_elements=["lesson_id", "booking_id"], set_=asked)
    )


def withdraw(
    session: Session, me: Resident, booking_id: int, lesson_id: int, now: datetime
) -> None:
    """They come after all: possible until the lesson starts. Repeated, it changes nothing.

    A mark that staff made stays. Raises NotFound, NotHeld, LessonCancelled, ExcuseRefused.
    """
    lesson = _lesson(session, me, booking_id, lesson_id, now)
    if now >= lesson.starts_at:
        raise ExcuseRefused(_("已经开始上课，不能再撤回请假。人到了请直接签到。"))
    session.execute(
        update(_excuse)
        .where(
            _excuse.c.lesson_id == lesson_id,
            _excuse.c.booking_id == booking_id,
            _excuse.c.withdrawn_at.is_(None),
        )
        .values(withdrawn_at=now)
    )
    changes.of_lesson(session, lesson_id)
    session.execute(
        delete(table_of(Attendance)).where(
            Attendance.lesson_id == lesson_id,
            Attendance.booking_id == booking_id,
            Attendance.presence == Presence.EXCUSED,
            Attendance.taken_by == CheckInBy.RESIDENT,
        )
    )
