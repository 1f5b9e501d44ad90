"""The days of a room with their starts, as answers show them."""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from backend import clock
from backend.errors import Refusal
from backend.venues import starts
from backend.venues.asked import RuleSet, Use
from backend.venues.errors import InUse
from backend.venues.hours import OpenDay
from backend.venues.starts import DayAlone


def shown(room_id: int, rules: RuleSet, days: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The room's days with what of its rules somebody needs who picks a start."""
    return {
        "room_id": room_id,
        "grid_minutes": rules.grid_minutes,
        "min_minutes": rules.min_minutes,
        "max_minutes": rules.max_minutes,
        "whole_day": rules.whole_day,
        "approval": rules.approval,
        "days": days,
    }


def days(
    open_days: Sequence[OpenDay], uses: Sequence[Use], rules: RuleSet, now: datetime,
    minutes: int | None,
) -> list[dict[str, Any]]:  # fmt: skip
    """Each of the days with each start: how long it is free, or why it is not."""
    return [_day(one, rules, minutes) for one in starts.apart(open_days, uses, rules, now)]


@lru_cache(maxsize=16_384)
def _day(alone: DayAlone, rules: RuleSet, minutes: int | None) -> dict[str, Any]:
    """A day as it is shown, for as long as its hours, its uses and the rules are the same."""
    day = starts.of_day(alone, rules, minutes)
    return {
        "day": day.day.isoformat(),
        "state": day.state,
        "why": day.why,
        "open": [
            {"starts_at": clock.rfc3339(one.starts_at), "ends_at": clock.rfc3339(one.ends_at)}
            for one in day.spans
        ],
        "starts": [
            one
            for found in day.by_span
            for one in map(_shown, found.said, found.minutes, map(_told, found.whys))
        ],
    }


_Told = tuple[int, str | None, str | None]


@lru_cache(maxsize=4096)
def _told(why: Refusal | None) -> _Told:
    """What answers say of a refusal: its errcode, what the room is used for, and staff's reason."""
    if why is None:
        return 0, None, None
    reason = why.data.get("why") if isinstance(why, InUse) else None
    return why.errcode, why.data.get("use"), reason


@lru_cache(maxsize=16_384)
def _shown(said: str, minutes: int, told: _Told) -> dict[str, Any]:
    """One start; the same object for all rooms whose starts look like it."""
    errcode, use, why = told
    shown = {"starts_at": said, "minutes": minutes, "errcode": errcode, "use": use}
    return shown if why is None else shown | {"why": why}
