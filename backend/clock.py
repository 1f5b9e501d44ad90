"""The one place that reads the clock.

Callers ask `now()` at the door (a request, a job, a command) and pass the moment down, so that a
test or a rehearsal can move time by moving it here.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

LOCAL = ZoneInfo("Asia/Shanghai")

_shift = timedelta()
_frozen: datetime | None = None


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return _frozen if _frozen is not None else datetime.now(UTC) + _shift


def today(at: datetime | None = None) -> date:
    """The calendar day residents live in at `at` (default: now)."""
    return (at or now()).astimezone(LOCAL).date()


def local(at: datetime) -> datetime:
    """`at` as residents read it on the wall: Asia/Shanghai."""
    return at.astimezone(LOCAL)


def at_minute(day: date, minute: int = 0) -> datetime:
    """The moment so many minutes after the day's midnight, on the residents' wall."""
    return datetime(day.year, day.month, day.day, tzinfo=LOCAL) + timedelta(minutes=minute)


@lru_cache(maxsize=4096)  # lists say the same moments over and over
def rfc3339(at: datetime | None) -> str | None:
    """`at` with the residents' offset, to the second: the form moments have in answers."""
    return None if at is None else local(at).isoformat(timespec="seconds")


def monotonic() -> float:
    """Seconds that never run backwards; for measuring, never for dates."""
    return time.monotonic()


def shift(by: timedelta) -> None:
    """Run this whole process `by` ahead of (or behind) real time, for rehearsals."""
    global _shift
    _shift = by


@contextmanager
def frozen(at: datetime) -> Iterator[None]:
    """Hold the clock still at `at`; for tests.

    It is the whole process's, so threads do not hold it: two that let go in another order than they
    took it would leave it standing still for good.
    """
    global _frozen
    if threading.current_thread() is not threading.main_thread():
        raise RuntimeError("hold the clock before threads start, not in them")
    if at.tzinfo is None:
        raise ValueError("the clock takes aware moments only")
    before, _frozen = _frozen, at.astimezone(UTC)
    try:
        yield
    finally:
        _frozen = before
