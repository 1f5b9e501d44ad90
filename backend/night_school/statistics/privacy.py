"""Keeps small groups out of sight: no cell about one or two people, none found by subtraction.

Within one table whose sum is shown, a hidden cell could be had by taking the others from the sum.
So at least one more cell, the smallest, is hidden beside the small ones, and another until what
is hidden leaves it open whether a small one is of one person or of two.
"""

from collections.abc import Sequence
from enum import StrEnum

from backend.night_school.statistics.figures import Group

SMALLEST = 3
"""Groups of fewer people are never shown."""


class Hidden(StrEnum):
    """What stands in place of a figure: too few people, or hidden to guard those."""

    FEW = "<3"
    GUARD = "—"


def veil(groups: Sequence[Group], *, all_of_them: bool = False) -> list[Hidden | None]:
    """What to show instead of each group's figures; None: the figures. Empty groups are shown.

    `all_of_them`: their sum is hidden itself.
    """
    few = [group.is_small for group in groups]
    veiled: list[Hidden | None] = [Hidden.FEW if small else None for small in few]
    others = sorted(
        (number for number, group in enumerate(groups) if group.count and not few[number]),
        key=lambda number: groups[number].count,
    )
    hidden, guards = sum(group.count for group, small in zip(groups, few, strict=True) if small), 0
    for number in others:
        safe = guards and hidden > sum(few) + SMALLEST * guards
        if not all_of_them and (not any(few) or safe):
            break
        veiled[number] = Hidden.GUARD
        hidden, guards = hidden + groups[number].count, guards + 1
    return veiled
