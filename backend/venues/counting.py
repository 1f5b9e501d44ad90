"""What the limits count: the reservations of a person, a household or a group."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from backend import clock
from backend.booking.models import State
from backend.venues.asked import MINUTE, Group, Person


@dataclass(frozen=True, slots=True)
class Had:
    """A reservation, as the limits count it: my own, of this room, of a series."""

    n: int
    word: str
    starts_at: datetime
    ends_at: datetime
    before: int
    after: int
    more: str | None


@dataclass(frozen=True, slots=True)
class Counted:
    """A series is one live reservation, its hours count one by one; `series_id` does not count."""

    had: Sequence[Any]
    monday: datetime
    now: datetime
    series_id: int | None
    across: bool

    def person(self, row: Any) -> Person:
        """What a person and their household have."""
        live, week = self._live(), self._week()
        return Person(
            home_path=row.word,
            live=_times(one for one in live if one.before),
            household_live=_times(live),
            week_minutes=_minutes(one for one in week if one.before),
            household_week_minutes=_minutes(week),
        )

    def group(self, row: Any) -> Group:
        """What a group has."""
        return Group(
            place_path=row.word, valid_until=row.until, ended=row.ends_at is not None,
            live=_times(self._live()), week_minutes=_minutes(self._week()),
        )  # fmt: skip

    def _relevant(self) -> list[Any]:
        """A request whose start has passed undecided counts for nothing."""
        return [
            row
            for row in self.had
            if (self.across or row.after)
            and (row.word != State.REQUESTED or row.starts_at > self.now)
        ]

    def _live(self) -> list[Any]:
        return [
            row
            for row in self._relevant()
            if row.ends_at > self.now
            and row.word != State.MISSED
            and (row.more is None or row.more != str(self.series_id))
        ]

    def _week(self) -> list[Any]:
        end = self.monday + timedelta(days=7)
        return [row for row in self._relevant() if self.monday <= row.starts_at < end]


def monday_of(at: datetime) -> datetime:
    """The midnight with which its week begins."""
    local = clock.local(at).replace(hour=0, minute=0, second=0, microsecond=0)
    return local - timedelta(days=local.weekday())


def _times(rows: Any) -> int:
    return len({f"series {row.more}" if row.more else f"booking {row.n}" for row in rows})


def _minutes(rows: Any) -> int:
    return sum(int((row.ends_at - row.starts_at) / MINUTE) for row in rows)
