"""Quiet hours: nobody's phone rings between 22:00 and 07:00 (design, section 3)."""

from datetime import datetime, time, timedelta

from backend import clock

QUIET_FROM = time(22)
QUIET_UNTIL = time(7)


def is_quiet(at: datetime) -> bool:
    """Whether `at` falls into the night residents are left alone in."""
    wall = clock.local(at).time()
    return wall >= QUIET_FROM or wall < QUIET_UNTIL


def after_quiet(at: datetime) -> datetime:
    """`at`, or the next 07:00 if it falls into the quiet hours."""
    if not is_quiet(at):
        return at
    wall = clock.local(at)
    day = wall.date() + timedelta(days=1) if wall.time() >= QUIET_FROM else wall.date()
    return datetime.combine(day, QUIET_UNTIL, clock.LOCAL).astimezone(at.tzinfo)


def night_began(at: datetime) -> datetime:
    """The 22:00 at which the night that `at` falls into began."""
    wall = clock.local(at)
    day = wall.date() if wall.time() >= QUIET_FROM else wall.date() - timedelta(days=1)
    return datetime.combine(day, QUIET_FROM, clock.LOCAL).astimezone(at.tzinfo)


def next_morning(at: datetime) -> datetime:
    """07:00 of the day after `at`'s."""
    day = clock.local(at).date() + timedelta(days=1)
    return datetime.combine(day, QUIET_UNTIL, clock.LOCAL).astimezone(at.tzinfo)


def add_awake(at: datetime, span: timedelta) -> datetime:
    """The moment when `span` of waking hours has passed since `at`: the clock stands at night."""
    at = after_quiet(at)
    while True:
        wall = clock.local(at)
        night = datetime.combine(wall.date(), QUIET_FROM, clock.LOCAL).astimezone(at.tzinfo)
        if at + span <= night:
            return at + span
        span -= night - at
        at = after_quiet(night)


def awake_between(start: datetime, end: datetime) -> timedelta:
    """The waking hours from `start` to `end`; nothing if `end` is not after it."""
    awake = timedelta()
    at = after_quiet(start)
    while at < end:
        night = datetime.combine(clock.local(at).date(), QUIET_FROM, clock.LOCAL)
        awake += min(night.astimezone(at.tzinfo), end) - at
        at = after_quiet(night.astimezone(at.tzinfo))
    return awake
