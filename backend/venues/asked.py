"""What the rules of reserving look at: the rules in force, what uses the room, who wants it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime, timedelta
from typing import NamedTuple

from backend.venues.hours import OpenDay, Span
from backend.venues.models import Audience

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class RuleSet:
    """The rules in force for one room, each from the nearest place that sets it.

    Numbers are minutes or counts; a limit of 0 is none.
    """

    grid_minutes: int = 30
    min_minutes: int = 30
    max_minutes: int = 240
    whole_day: bool = False
    buffer_before: int = 0
    buffer_after: int = 0
    lead_minutes: int = 0
    horizon_days: int = 14
    cancel_minutes: int = 60
    check_in_minutes: int = 15
    no_show_minutes: int = 0
    audience: str = Audience.DISTRICT
    person_live: int = 0
    household_live: int = 0
    person_week_minutes: int = 0
    household_week_minutes: int = 0
    group_live: int = 0
    group_week_minutes: int = 0
    across_venue: bool = False
    approval: bool = False
    series_dates: int = 10
    series_days: int = 0
    door_titles: bool = False
    _hash: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        values = (getattr(self, one.name) for one in fields(self) if one.compare)
        object.__setattr__(self, "_hash", hash(tuple(values)))

    def __hash__(self) -> int:
        """Worked out once: what is kept is found by the rules again and again."""
        return self._hash

    @property
    def is_plain(self) -> bool:
        """Whether nothing but the hours and the room itself is in the way of anybody."""
        return not (
            self.buffer_before or self.buffer_after or self.approval or self.person_live
            or self.household_live or self.person_week_minutes or self.household_week_minutes
        )  # fmt: skip

    def for_series(self) -> "RuleSet":
        """As they hold for a date of a series: it may lie further ahead."""
        return replace(self, horizon_days=max(self.horizon_days, self.series_days))


class Use(NamedTuple):
    """A part of the room in use; the buffers are minutes that it wants free around it.

    `why`: the reason of a staff block, for residents to read.
    """

    starts_at: datetime
    ends_at: datetime
    kind: str
    occupant_id: int
    buffer_before: int = 0
    buffer_after: int = 0
    why: str | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """Who reserves: where they live, and the reservations of theirs and their household's.

    `live` and `week_minutes` count those the rules speak of: of this room, or of its venue.
    """

    home_path: str | None
    live: int = 0
    household_live: int = 0
    week_minutes: int = 0
    household_week_minutes: int = 0


@dataclass(frozen=True, slots=True)
class Group:
    """The registered group it is for: where, until which day, whether it has ended, what it has.

    `live` and `week_minutes` count as those of a person do.
    """

    place_path: str
    valid_until: date | None
    ended: bool = False
    live: int = 0
    week_minutes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the rules look at: one room, one span of time, and maybe who wants it for how many.

    What is for a group has no `person`: nobody's own home and limits count.
    """

    now: datetime
    starts_at: datetime
    ends_at: datetime
    rules: RuleSet
    days: Sequence[OpenDay]
    uses: Sequence[Use] = ()
    place_path: str = "/"
    capacity: int | None = None
    headcount: int | None = None
    person: Person | None = None
    group: Group | None = None

    @property
    def minutes(self) -> int:
        return int((self.ends_at - self.starts_at) / MINUTE)

    def span(self) -> Span | None:
        """The span of opening hours in which it begins."""
        for day in self.days:
            for span in day.spans:
                if span.starts_at <= self.starts_at < span.ends_at:
                    return span
        return None


Rule = Callable[[Asked], None]
