"""The figures of one stall, of many, of a service or a place: all of them add up."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

_SETS = ("days", "waits")


@dataclass(slots=True)
class Figures:
    """Counts over stalls; `minutes` worked; `waits`: how many waited so many whole minutes."""

    days: set[int] = field(default_factory=set)
    stalls: int = 0
    minutes: int = 0
    numbers: int = 0
    served: int = 0
    booked: int = 0
    no_show: int = 0
    missed: int = 0
    left: int = 0
    closed: int = 0
    waits: Counter[int] = field(default_factory=Counter)

    def add(self, other: "Figures") -> None:
        """Have the other's as well."""
        self.days |= other.days
        self.waits.update(other.waits)
        for name in COUNTS:
            setattr(self, name, getattr(self, name) + getattr(other, name))


COUNTS = tuple(name for name in Figures.__slots__ if name not in _SETS)


def quantile(waits: Counter[int], share: float) -> int | None:
    """The least minutes that at least that share of them did not wait longer than."""
    left: Any = share * sum(waits.values())
    for minutes, count in sorted(waits.items()):
        left -= count
        if left <= 0:
            return minutes
    return None
