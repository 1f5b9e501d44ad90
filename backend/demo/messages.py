"""What the demo's residents were told: reminders, which the product's own delivery then words.

Nobody in the demo has allowed WeChat messages yet, so everything went to the inbox, and who has no
account stands on the call list.
"""

from datetime import datetime, timedelta

from sqlalchemy import and_, or_, select, update
from sqlalchemy.orm import Session

from backend import clock
from backend.booking.models import State
from backend.db import table_of
from backend.demo.calendar import last_waking
from backend.demo.enrolments import Enrolled, Rolls
from backend.demo.plan import Stage
from backend.demo.rows import Rows
from backend.demo.runs import Class
from backend.demo.staff import Team
from backend.night_school.messages import wording as _words  # noqa: F401 - registers its sentences
from backend.night_school.models import Lesson
from backend.places.models import Occupancy, OccupantKind
from backend.reminders import preparing, quiet, settling
from backend.reminders.models import Delivery, InboxMessage, Kind, Reminder
from backend.reminders.sending import Answer

EVES = timedelta(days=5)  # so far back lesson reminders are kept
EVE = timedelta(hours=19)  # after the midnight before
TO_CALL = 4
TOLD_AT = timedelta(hours=21, minutes=45)


def build(rows: Rows, rolls: Rolls, now: datetime) -> None:
    """Reminders of the present term: bookings, lines, the offer, lessons, one called off."""
    present = [(class_, enrolled) for class_, enrolled in rolls if class_.stage is not Stage.PAST]
    _call_off(rows, present, now)
    for class_, enrolled in present:
        for one in enrolled:
            _about_booking(rows, one, now)
        for lesson_id, starts_at, _ in class_.lessons:
            eve = clock.local(starts_at).replace(hour=0, minute=0) - timedelta(days=1) + EVE
            if now - EVES < eve <= now and rows.get(Lesson, lesson_id)["cancelled_at"] is None:
                _about_lesson(rows, enrolled, lesson_id, starts_at, eve)


def _tell(rows: Rows, kind: Kind, one: Enrolled, at: datetime, **more: object) -> None:
    rows.add(
        Reminder, kind=kind, person_id=one.resident.id, account_id=one.account_id,
        booking_id=one.id, due_at=quiet.after_quiet(at), created_at=at, **more,
    )  # fmt: skip


def _about_booking(rows: Rows, one: Enrolled, now: datetime) -> None:
    waited = one.queue_no is not None
    _tell(rows, Kind.WAITLISTED if waited else Kind.BOOKED, one, one.created_at)
    if one.state is State.OFFERED:
        _tell(rows, Kind.OFFERED, one, now - timedelta(minutes=95))


def _about_lesson(
    rows: Rows, enrolled: list[Enrolled], lesson_id: int, starts_at: datetime, eve: datetime
) -> None:
    for one in enrolled:
        if one.state is State.CONFIRMED and one.created_at < eve:
            _tell(rows, Kind.LESSON_EVE, one, eve, lesson_id=lesson_id, occasion_at=starts_at)


def _call_off(rows: Rows, present: Rolls, now: datetime) -> None:
    """The next lesson of a class does not take place; a few have to be told by phone."""
    class_, enrolled = min(
        ((each, who) for each, who in present
         if each.plan.centre == 0 and each.stage in (Stage.BEGUN, Stage.JOINABLE)
         and each.plan.slot.weekday != clock.today(now).weekday()),
        key=lambda pair: abs(sum(one.account_id is None for one in pair[1]) - TO_CALL),
    )  # fmt: skip
    lesson_id, starts_at = _next_lesson(class_, now)
    at = min(now - timedelta(hours=4), last_waking(now))
    rows.get(Lesson, lesson_id)["cancelled_at"] = at
    rows.drop(
        Occupancy,
        lambda row: row["occupant_kind"] == OccupantKind.LESSON and row["occupant_id"] == lesson_id,
    )
    for one in enrolled:
        if one.state is State.CONFIRMED:
            _tell(
                rows, Kind.CHANGED, one, at, lesson_id=lesson_id, occasion_at=starts_at,
                facts={"was_at": starts_at.isoformat()},
            )  # fmt: skip


def _next_lesson(class_: Class, now: datetime) -> tuple[int, datetime]:
    return next(
        (lesson_id, starts_at) for lesson_id, starts_at, _ in class_.lessons if starts_at > now
    )


def deliver(session: Session, team: Team, now: datetime) -> None:
    """Let delivery run over the past, day by day, so that each message is worded as it was then."""
    first = session.execute(
        select(Reminder.due_at).order_by(Reminder.due_at).limit(1)
    ).scalar_one_or_none()  # fmt: skip
    until = last_waking(now)
    at = first
    while at is not None and at < until:
        midnight = clock.local(at).replace(hour=0, minute=0, second=0)
        at = min((midnight + TOLD_AT).astimezone(now.tzinfo), until)
        _deliver_day(session, at)
        at = quiet.after_quiet(at + timedelta(hours=1))
    _put_back_in_time(session)
    _tick_off(session, team, now)


def _deliver_day(session: Session, at: datetime) -> None:
    while (prepared := preparing.prepare(session, at)).claimed:
        answers = {one.outgoing.reminder_id: Answer.NOT_SUBSCRIBED for one in prepared.attempts}
        if prepared.attempts:
            settling.record(session, prepared.attempts, answers, prepared.lease, at)


def _put_back_in_time(session: Session) -> None:
    """Everything was told within a minute, not at the end of its day."""
    reminder, inbox = table_of(Reminder), table_of(InboxMessage)
    session.execute(
        update(reminder)
        .where(reminder.c.settled_at.is_not(None))
        .values(settled_at=reminder.c.due_at)
    )
    told_at = select(reminder.c.due_at).where(reminder.c.id == inbox.c.reminder_id)
    session.execute(update(inbox).values(created_at=told_at.scalar_subquery()))


def _tick_off(session: Session, team: Team, now: datetime) -> None:
    """Staff have called all the earlier ones, and most of those with a lesson today."""
    reminder = table_of(Reminder)
    earlier = reminder.c.due_at < now - timedelta(hours=30)
    most = and_(reminder.c.kind == Kind.LESSON_EVE, reminder.c.id % 4 != 0)
    session.execute(
        update(reminder)
        .where(reminder.c.state == Delivery.UNREACHED, or_(earlier, most))
        .values(called_at=reminder.c.due_at, called_by_id=team.worker)
    )
