"""Around lessons: excuses, a substitute, a teacher's link, a tablet that was without a network."""

from datetime import datetime, timedelta
from random import Random
from uuid import UUID

from sqlalchemy import select

from backend.booking.models import Booking, State
from backend.demo.enrolments import Enrolled
from backend.demo.plan import Stage
from backend.demo.rows import dice
from backend.demo.runs import Class
from backend.demo.scenes.ground import OWN_CENTRE, Ground
from backend.night_school import editing
from backend.night_school.checkin import QR_PREFIX
from backend.night_school.editing import Edit
from backend.night_school.excuses import service as excuses
from backend.night_school.models import Attendance, CourseRun, Lesson, Presence, Teacher
from backend.night_school.teacher_links import service as teacher_links
from backend.night_school.uploads.applying import Entry
from backend.night_school.uploads.models import Kind
from backend.night_school.uploads.service import Upload, take
from backend.people.queries import Resident as SignedIn

MINUTE = timedelta(minutes=1)
SLOW = timedelta(hours=2, minutes=7)  # by which the tablet's clock is behind


def play(ground: Ground) -> None:
    """In the demo worker's classes that are under way."""
    under_way = [
        (class_, enrolled)
        for class_, enrolled in ground.rolls
        if class_.plan.centre == OWN_CENTRE and class_.stage is Stage.BEGUN
    ]
    _excuses(ground, *under_way[1])
    _substitute(ground, under_way[2][0])
    _link(ground, under_way[2][0])
    _without_network(ground, under_way)


def _excuses(ground: Ground, class_: Class, enrolled: list[Enrolled]) -> None:
    """One asks before the next lesson, one after the last, one has thought better of it."""
    people = [one for one in enrolled if one.state is State.CONFIRMED and one.account_id]
    coming = [one for one in class_.lessons if one[1] > ground.now and _takes_place(ground, one[0])]
    for number, (one, why) in enumerate(
        zip(people, ("家里来客人，走不开。", "要陪老伴去医院复查。"), strict=False)
    ):
        with ground.when(ground.now - timedelta(hours=3 + number)) as at:
            excuses.ask(ground.session, _phone(one), one.id, coming[number][0], why, at)
    with ground.when(ground.now - timedelta(hours=2)) as at:
        excuses.withdraw(ground.session, _phone(people[1]), people[1].id, coming[1][0], at)
    _asks_afterwards(ground)


def _asks_afterwards(ground: Ground) -> None:
    """Somebody who was marked absent tells why."""
    since = ground.now - timedelta(days=3)
    row = ground.session.execute(
        select(Attendance.lesson_id, Booking.id, Booking.account_id, Booking.person_id)
        .join(Booking, Booking.id == Attendance.booking_id)
        .join(Lesson, Lesson.id == Attendance.lesson_id)
        .where(
            Attendance.presence == Presence.ABSENT, Booking.account_id.is_not(None),
            Booking.state == State.CONFIRMED, Lesson.ends_at.between(since, ground.now),
        )
        .order_by(Lesson.ends_at.desc(), Booking.id)
        .limit(1)
    ).one()  # fmt: skip
    me = SignedIn(row.account_id, row.person_id)
    with ground.when(ground.now - MINUTE) as at:
        excuses.ask(ground.session, me, row.id, row.lesson_id, "突然发烧，忘了提前请假。", at)


def _substitute(ground: Ground, class_: Class) -> None:
    """A colleague of the same subject who is free takes the next lesson."""
    lesson_id, starts_at, ends_at = _next(ground, class_)
    own = ground.session.get_one(CourseRun, class_.id)
    for teacher_id in ground.catalogue.teachers[class_.offer.category]:
        edit = Edit(
            starts_at=starts_at, ends_at=ends_at, room_id=own.room_id, teacher_id=teacher_id,
            reason="老师外出培训",
        )  # fmt: skip
        with ground.when(ground.now - timedelta(hours=5)) as at:
            me = ground.staff("worker")
            if (
                teacher_id == own.teacher_id
                or editing.plan_edit(ground.session, me, lesson_id, edit, at).refused
            ):
                continue
            editing.edit_lessons(ground.session, me, lesson_id, edit, at)
            return


def _link(ground: Ground, class_: Class) -> None:
    """A teacher without an account takes the attendance of one class by a link."""
    name = ground.rows.get(Teacher, class_.plan.teacher_id)["name"]
    with ground.when(ground.now - timedelta(days=1)) as at:
        teacher_links.create(ground.session, ground.staff("worker"), class_.id, name, at)


def _without_network(ground: Ground, under_way: list[tuple[Class, list[Enrolled]]]) -> None:
    """A tablet sends what it kept: a mark that others made differently, and two wrong codes."""
    of_class = {one[0]: one for one in under_way[0][0].lessons}
    last = ground.session.execute(
        select(Attendance.lesson_id, Attendance.booking_id)
        .join(Lesson, Lesson.id == Attendance.lesson_id)
        .where(Lesson.id.in_(of_class), Attendance.presence == Presence.PRESENT)
        .order_by(Lesson.starts_at.desc(), Attendance.booking_id)
        .limit(1)
    ).one()
    lesson_id, starts_at, ends_at = of_class[last.lesson_id]
    code = QR_PREFIX + ground.rows.get(Booking, under_way[1][1][0].id)["code"]
    began, rng = starts_at - SLOW, dice("tablet")
    entries = [
        Entry(_nonce(rng), Kind.MARK, began + 4 * MINUTE, last.booking_id, Presence.ABSENT),
        Entry(_nonce(rng), Kind.SCAN, began + 6 * MINUTE, code=code),
        Entry(_nonce(rng), Kind.SCAN, began + 7 * MINUTE, code="906153"),
    ]
    with ground.when(ends_at + 3 * MINUTE) as at:
        upload = Upload(_nonce(rng), at - SLOW, entries)
        take(ground.session, lesson_id, upload, ground.staff("worker").staff_id, at)


def _next(ground: Ground, class_: Class) -> tuple[int, datetime, datetime]:
    """The next lesson that takes place, from tomorrow on."""
    return next(
        one for one in class_.lessons
        if one[1] > ground.at(1, 0) and _takes_place(ground, one[0])
    )  # fmt: skip


def _takes_place(ground: Ground, lesson_id: int) -> bool:
    return ground.rows.get(Lesson, lesson_id)["cancelled_at"] is None


def _phone(one: Enrolled) -> SignedIn:
    """The phone somebody was signed up with."""
    assert one.account_id is not None
    return SignedIn(one.account_id, one.resident.id)


def _nonce(rng: Random) -> str:
    return str(UUID(int=rng.getrandbits(128), version=4))
