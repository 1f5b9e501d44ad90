"""The figures of one cell, and whom it is about; cells add up."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Band(StrEnum):
    """Age bands, in years on the day of the class's first lesson."""

    UNDER_18 = "under_18"
    TO_34 = "18_34"
    TO_59 = "35_59"
    TO_69 = "60_69"
    FROM_70 = "70_up"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Group:
    """Whom a cell is about: so many bookings, by people whose ids lie from `low` to `high`.

    (id - low) * (id - high) is below zero for everybody in between, so over all bookings it adds
    up to zero exactly if there are no more than two people. That can be told from sums, which
    add up from cell to cell as a list of people would not.
    """

    count: int = 0
    ids: int = 0
    squares: int = 0
    low: int | None = None
    high: int | None = None

    def __add__(self, other: "Group") -> "Group":
        lows = [one for one in (self.low, other.low) if one is not None]
        highs = [one for one in (self.high, other.high) if one is not None]
        return Group(
            self.count + other.count, self.ids + other.ids, self.squares + other.squares,
            min(lows, default=None), max(highs, default=None),
        )  # fmt: skip

    @property
    def is_small(self) -> bool:
        """Whether it is one or two people."""
        if self.low is None or self.high is None:
            return False
        low, high = self.low, self.high
        return self.squares - (low + high) * self.ids + self.count * low * high == 0


@dataclass(frozen=True, slots=True)
class Figures:
    """One cell of a cut. Counts add up; whom they are about stands in `taking_part`, `in_line`.

    runs: classes published and not cancelled; cancelled: published, then cancelled; places: their
    capacities, classes without a limit left out; lessons: held until now. enrolled: bookings that
    are confirmed; seated: those of them in classes with a limit; waiting: in line or with an open
    offer. came, absent, excused, unknown: marks at lessons that were not cancelled, of everybody
    who was ever enrolled, also of those who left later.
    """

    runs: int = 0
    cancelled: int = 0
    places: int = 0
    lessons: int = 0
    enrolled: int = 0
    seated: int = 0
    waiting: int = 0
    came: int = 0
    absent: int = 0
    excused: int = 0
    unknown: int = 0
    taking_part: Group = Group()
    in_line: Group = Group()

    def __add__(self, other: "Figures") -> "Figures":
        return Figures(*(mine + theirs for mine, theirs in zip(_of(self), _of(other), strict=True)))


def _of(figures: Figures) -> tuple[Any, ...]:
    return tuple(getattr(figures, name) for name in Figures.__slots__)
