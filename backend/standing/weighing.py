"""What a missed occasion weighs, how that fades, and from when a sum is low enough again.

A weight halves with every half-life and is gone for good after `HALVINGS` of them. Moments are
worked out from the formula, not searched for, so that what is told to somebody holds to the minute.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Why(StrEnum):
    """What counts: stayed away without a word, or gave the place back after the deadline."""

    ABSENT = "absent"
    LATE = "late"


WEIGHT = {Why.ABSENT: 1.0, Why.LATE: 0.5}
"""When it has just happened. Whoever says something, even late, gives others half a chance."""

HALVINGS = 5
"""After so many half-lives, at a thirty-second of its weight, it is gone."""

_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Missed:
    """One missed occasion `at` a moment: `occasion_id` within a booking, 0 for the booking itself.

    `number` is that of the lesson, where there are several.
    """

    person_id: int
    booking_id: int
    occasion_id: int = 0
    why: Why
    at: datetime
    title: str = ""
    place_name: str = ""
    number: int | None = None

    @property
    def key(self) -> tuple[int, int]:
        """What names the occasion."""
        return self.booking_id, self.occasion_id


def weigh(one: Missed, half_life: timedelta, at: datetime) -> float:
    """What it weighs at a moment that is not before it."""
    halvings = (at - one.at) / half_life
    return 0.0 if halvings >= HALVINGS else WEIGHT[one.why] * 0.5**halvings


def total(missed: Sequence[Missed], half_life: timedelta, at: datetime) -> float:
    """The sum at a moment that is not before any of them."""
    return sum(weigh(one, half_life, at) for one in missed)


def gone_at(one: Missed, half_life: timedelta) -> datetime:
    """From when on it weighs nothing."""
    return one.at + HALVINGS * half_life


def free_from(missed: Sequence[Missed], limit: float, half_life: timedelta) -> datetime | None:
    """From when on, to the minute, the sum is not above `limit`; None if it never was.

    All weights fade alike, so from the last occasion on the sum does too, until the oldest is gone;
    then the same holds for the rest.
    """
    left = sorted(missed, key=lambda one: one.at)
    if not left:
        return None
    last = since = left[-1].at
    while (above := total(left, half_life, since)) > limit:
        low_at = since + half_life * math.log2(above / limit)
        gone = gone_at(left[0], half_life)
        if gone > since:
            since = min(low_at, gone)
            if low_at <= gone:
                break
        left = left[1:]
    return None if since == last else _whole_minute(since)


def _whole_minute(at: datetime) -> datetime:
    """The moment itself, or the next full minute."""
    over = timedelta(seconds=at.second, microseconds=at.microsecond)
    return at - over + _MINUTE if over else at
