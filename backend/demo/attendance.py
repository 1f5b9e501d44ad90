"""Who came to the lessons that are over: the faithful, the busy, and those who stopped coming."""

from datetime import datetime, timedelta
from random import Random

from backend.booking.models import State
from backend.demo.enrolments import Enrolled, Rolls
from backend.demo.rows import Rows, dice
from backend.demo.staff import Team
from backend.night_school.models import Attendance, CheckInBy, Lesson, Presence

UNTAKEN = 0.02  # of the lessons: nobody took attendance


def build(rows: Rows, rolls: Rolls, team: Team, now: datetime) -> None:
    """Attendance of every lesson that has ended."""
    rng = dice("attendance")
    for class_, enrolled in rolls:
        staff_id = team.at(class_.plan.centre)
        here = [one for one in enrolled if one.state is State.CONFIRMED]
        habits = {one.id: _habit(rng, len(class_.lessons)) for one in here}
        for number, (lesson_id, starts_at, ends_at) in enumerate(class_.lessons):
            cancelled = rows.get(Lesson, lesson_id)["cancelled_at"]
            if ends_at > now or cancelled or rng.random() < UNTAKEN:
                continue
            for one in here:
                if one.created_at < starts_at:
                    presence = _presence(rng, habits[one.id][number])
                    rows.add(
                        Attendance, lesson_id=lesson_id, booking_id=one.id, presence=presence,
                        **_taken(rng, one, presence, starts_at, staff_id),
                    )  # fmt: skip


def _habit(rng: Random, lessons: int) -> list[float]:
    """The chance to come, lesson by lesson: most are faithful, one in ten stops half-way."""
    faithful = rng.choices((0.96, 0.88, 0.7, 0.45), (50, 30, 14, 6))[0]
    stops = rng.randint(2, lessons) if rng.random() < 0.1 else lessons
    return [faithful if number < stops else 0.03 for number in range(lessons)]


def _presence(rng: Random, chance: float) -> Presence:
    if rng.random() > chance:
        return rng.choices(
            (Presence.ABSENT, Presence.EXCUSED, Presence.EXCUSED_AFTER, Presence.UNKNOWN),
            (64, 27, 7, 2),
        )[0]
    return rng.choices(
        (Presence.PRESENT, Presence.LATE, Presence.LEFT_EARLY, Presence.MADE_UP), (91, 6, 2, 1)
    )[0]


def _taken(
    rng: Random, one: Enrolled, presence: Presence, starts_at: datetime, staff_id: int
) -> dict[str, object]:
    """How and when it was noted; only who has the app can scan the class's code."""
    if presence not in (Presence.PRESENT, Presence.LATE):
        at = starts_at + timedelta(minutes=rng.randint(60, 85))
        return {"taken_by": CheckInBy.TAP, "staff_id": staff_id, "at": at}
    minutes = rng.randint(11, 25) if presence is Presence.LATE else rng.randint(-20, 9)
    at = starts_at + timedelta(minutes=minutes, seconds=rng.randint(0, 59))
    ways = [CheckInBy.TAP, CheckInBy.RESIDENT_CODE, CheckInBy.CLASS_CODE]
    how = rng.choices(ways, (50, 20, 30 if one.resident.account_id else 0))[0]
    by_self = how is CheckInBy.CLASS_CODE
    return {"taken_by": how, "staff_id": None if by_self else staff_id, "at": at}
