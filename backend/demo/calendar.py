"""The demo's calendar: terms around today, the week's slots, and lessons that skip holidays."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from backend import clock
from backend.places.holidays import is_public_holiday
from backend.reminders import quiet

TERM_BEGAN = 3  # weeks before the present one
PAST_BEGAN = 18  # weeks before the present term
SOONEST = timedelta(minutes=10)  # from now to the class that is about to begin
DOORS_OPEN, LAST_START = 8 * 60 + 30, 20 * 60  # minutes after midnight: no class at night

_FROM = {"morning": 540, "afternoon": 870, "evening": 1140, "weekend": 570}
_SEASONS = {2: "春季", 3: "春季", 4: "春季", 5: "夏季", 6: "夏季", 7: "夏季", 8: "秋季", 9: "秋季",
            10: "秋季", 11: "冬季", 12: "冬季", 1: "冬季"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Slot:
    """A weekday (0 Monday) and a part of the day; the same slot is the same hour everywhere."""

    weekday: int
    part: str
    from_minute: int

    @property
    def key(self) -> tuple[int, str]:
        """What two classes must not share if they share a room or a teacher."""
        return (self.weekday, self.part)


def slot(weekday: int, part: str, later: int = 0) -> Slot:
    """The usual slot of a part of the day, `later` minutes after the usual start."""
    return Slot(weekday, part, _FROM[part] + later)


def slot_from_now(now: datetime) -> Slot:
    """Today, at the next quarter of an hour that people can still reach; never at night."""
    soon = clock.local(now + SOONEST)
    minute = -(-(soon.hour * 60 + soon.minute) // 15) * 15
    if clock.today(now + SOONEST) != clock.today(now):
        minute = LAST_START
    return Slot(clock.today(now).weekday(), "now", min(max(minute, DOORS_OPEN), LAST_START))


def monday(today: date) -> date:
    """The Monday of this week."""
    return today - timedelta(days=today.weekday())


def term_starts(today: date) -> tuple[date, date]:
    """The Mondays on which the past and the present term began."""
    present = monday(today) - timedelta(weeks=TERM_BEGAN)
    return present - timedelta(weeks=PAST_BEGAN), present


def term_name(starts_on: date) -> str:
    """2026年秋季学期, after the season it begins in."""
    return f"{starts_on.year}年{_SEASONS[starts_on.month]}学期"


def moment(day: date, minute: int) -> datetime:
    """`minute` minutes after midnight of `day` in Shanghai, in UTC."""
    wall = time(minute // 60, minute % 60)
    return datetime.combine(day, wall, clock.LOCAL).astimezone(UTC)


def last_waking(now: datetime) -> datetime:
    """`now`, or the quarter of an hour before the night that it falls into."""
    return quiet.night_began(now) - timedelta(minutes=15) if quiet.is_quiet(now) else now


def lesson_days(first_monday: date, weekday: int, count: int, today: date) -> list[date]:
    """`count` days, a week apart, public holidays left out.

    Today is never left out: whoever opens the demo on a holiday finds classes all the same.
    """
    days: list[date] = []
    day = first_monday + timedelta(days=weekday)
    while len(days) < count:
        if day == today or not is_public_holiday(day):
            days.append(day)
        day += timedelta(weeks=1)
    return days
