"""From weekly hours to dates: which days become lessons, which are passed over and why."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from backend import clock
from backend.night_school.clashes import Clash
from backend.night_school.planning.plan import Frame, Hour, Plan
from backend.places import recurring
from backend.places.holidays import ServingCalendar

BEYOND = timedelta(weeks=26)
"""How far past the term's end dates are still listed, so that staff see what does not fit."""


class Outcome(StrEnum):
    """What becomes of a date."""

    LESSON = "lesson"
    PASSED = "passed"  # a day off, or closed
    SKIPPED = "skipped"  # by the clerk


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """One date of a plan; only lessons have a number."""

    starts_at: datetime
    ends_at: datetime
    outcome: Outcome
    number: int | None = None
    why: str | None = None
    made_up: bool = False
    beyond: bool = False
    clashes: tuple[Clash, ...] = ()

    @property
    def key(self) -> str:
        """How a form names the date: 2026-04-03T19:00."""
        return f"{clock.local(self.starts_at):%Y-%m-%dT%H:%M}"

    @property
    def mark(self) -> str:
        """The date with all a clerk was shown of it."""
        shown = sorted(clash.mark for clash in self.clashes)
        return "|".join((self.key, self.outcome, self.why or "", *shown))


def first_day(plan: Plan, frame: Frame, now: datetime) -> date:
    """No lesson is planned before it; tomorrow is the earliest."""
    earliest = max(frame.term_starts_on, clock.today(now) + timedelta(days=1))
    return max(earliest, plan.first_day or earliest)


def meetings(
    plan: Plan, frame: Frame, calendar: ServingCalendar, skipped: Collection[str], now: datetime
) -> list[Meeting]:
    """The dates of a plan in their order.

    A date that is passed over or skipped is made up for at the end, as long as the term lasts;
    dates beyond it are listed, too, and are not made up for.
    """
    found: list[Meeting] = []
    left = plan.lessons
    for one in _dates(plan, frame, now):
        if left == 0 or (plan.lessons is None and one.beyond):
            break
        day = clock.local(one.starts_at).date()
        why = calendar.why_off(day, frame.path)
        number = sum(each.outcome is Outcome.LESSON for each in found) + 1
        if why is not None:
            found.append(replace(one, outcome=Outcome.PASSED, why=why))
            continue
        made_up = calendar.is_made_up(day)
        if one.key in skipped:
            found.append(replace(one, outcome=Outcome.SKIPPED, made_up=made_up))
        else:
            found.append(replace(one, number=number, made_up=made_up))
        if left is not None and (found[-1].outcome is Outcome.LESSON or one.beyond):
            left -= 1
    return _without_tail(found)


def _dates(plan: Plan, frame: Frame, now: datetime) -> Iterator[Meeting]:
    by_weekday: dict[int, list[Hour]] = {}
    for hour in sorted(plan.hours):
        by_weekday.setdefault(hour.weekday, []).append(hour)
    last = frame.term_ends_on + BEYOND
    for day in recurring.days(first_day(plan, frame, now), last, by_weekday):
        for hour in by_weekday[day.weekday()]:
            starts_at = datetime.combine(day, time(), clock.LOCAL) + timedelta(
                minutes=hour.from_minute
            )
            yield Meeting(
                starts_at=starts_at, ends_at=starts_at + timedelta(minutes=hour.minutes),
                outcome=Outcome.LESSON, beyond=day > frame.term_ends_on,
            )  # fmt: skip


def _without_tail(found: list[Meeting]) -> list[Meeting]:
    """Days off after the last date that the plan has a say in are nobody's business."""
    while found and found[-1].outcome is Outcome.PASSED and found[-1].beyond:
        found.pop()
    return found
