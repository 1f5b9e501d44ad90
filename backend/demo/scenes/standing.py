"""Who stayed away of late and says how it was: one waits for an answer, one has had it."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import func, select

from backend.booking.models import Bookable, Booking, State
from backend.db import AnyRow
from backend.demo.scenes.ground import OWN_CENTRE, Ground
from backend.night_school.models import Attendance, Lesson, Presence
from backend.people.queries import Resident as SignedIn
from backend.standing import service

HOUR = timedelta(hours=1)
LATELY = timedelta(days=25)


def play(ground: Ground) -> None:
    """In the demo worker's community, the two who were missed most often there."""
    waits, answered = _missed_most(ground)
    _tells(ground, waits, "那天孙子发烧，送他去医院，没来得及请假。", 2 * HOUR)
    appeal_id = _tells(ground, answered, "我来了，坐在后排，可能点名时没听见。", 26 * HOUR)
    with ground.when(ground.now - 3 * HOUR) as at:
        service.decide(
            ground.session, ground.staff("worker"), appeal_id,
            "问过老师了，是漏记，这一次不算。", at, granted=True,
        )  # fmt: skip


def _missed_most(ground: Ground) -> Sequence[AnyRow]:
    """Two with a phone, each with the last lesson they missed, in different classes."""
    last = func.max(Lesson.id).label("lesson_id")
    rows = ground.session.execute(
        select(
            Booking.id.label("booking_id"), Booking.bookable_id, Booking.account_id,
            Booking.person_id, last,
        )
        .join(Attendance, Attendance.booking_id == Booking.id)
        .join(Lesson, Lesson.id == Attendance.lesson_id)
        .join(Bookable, Bookable.id == Booking.bookable_id)
        .where(
            Bookable.place_id == ground.centre(OWN_CENTRE).id,
            Booking.state == State.CONFIRMED, Booking.account_id.is_not(None),
            Attendance.presence == Presence.ABSENT, Lesson.cancelled_at.is_(None),
            Lesson.starts_at.between(ground.now - LATELY, ground.now - 30 * HOUR),
        )
        .group_by(Booking.id)
        .order_by(func.count().desc(), Booking.id)
    ).all()  # fmt: skip
    first = rows[0]
    return first, next(one for one in rows if one.bookable_id != first.bookable_id)


def _tells(ground: Ground, missed: AnyRow, reason: str, ago: timedelta) -> int:
    me = SignedIn(missed.account_id, missed.person_id)
    with ground.when(ground.now - ago) as at:
        return service.appeal(ground.session, me, missed.booking_id, missed.lesson_id, reason, at)
