"""Slots: the opening's own grid minus the breaks, and which places are kept for walk-ups."""

from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend.market import grid

NINE, TEN, ELEVEN = 540, 600, 660

UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.mark.parametrize(
    ("opens", "closes", "breaks", "minutes", "expected"),
    [
        (NINE, TEN, (), 20, (540, 560, 580)),
        (NINE, TEN, (), 25, (540, 565)),  # ten minutes are left over
        (NINE, TEN, (), 60, (540,)),
        (NINE, TEN, (), 61, ()),
        (NINE, ELEVEN, ((600, 615),), 15, (540, 555, 570, 585, 615, 630, 645)),
        (NINE, ELEVEN, ((590, 610),), 20, (540, 560, 620, 640)),  # 580 and 600 reach into it
        (NINE, ELEVEN, ((560, 570), (640, 650)), 20, (540, 580, 600, 620)),
        (547, TEN, (), 20, (547, 567)),  # anchored where it opens, not on the clock
    ],
)
def test_starts(opens, closes, breaks, minutes, expected) -> None:
    assert grid.starts(opens, closes, breaks, minutes) == expected


@pytest.mark.parametrize(
    ("slots", "at_once", "percent", "expected"),
    [
        (4, 2, 0, (2, 2, 2, 2)),
        (4, 2, 100, (0, 0, 0, 0)),
        (4, 2, 50, (1, 1, 1, 1)),
        (4, 1, 50, (0, 1, 0, 1)),
        (3, 1, 50, (0, 0, 1)),  # two of three are kept: at least the share
        (0, 3, 50, ()),
    ],
)
def test_bookable(slots, at_once, percent, expected) -> None:
    assert grid.bookable(slots, at_once, percent) == expected


@st.composite
def openings(draw):
    opens = draw(st.integers(0, 1300))
    closes = draw(st.integers(opens + 1, 1440))
    at = st.integers(opens, closes)
    breaks = [tuple(sorted(draw(st.tuples(at, at)))) for _ in range(draw(st.integers(0, 3)))]
    return opens, closes, [one for one in breaks if one[0] < one[1]], draw(st.integers(1, 90))


@UNHURRIED
@given(openings())
def test_slots_fill_the_opening_without_touching_a_break(opening) -> None:
    opens, closes, breaks, minutes = opening
    found = set(grid.starts(*opening))
    for start in range(opens, closes - minutes + 1, minutes):
        within = any(set(range(start, start + minutes)) & set(range(*one)) for one in breaks)
        assert (start in found) != within
    assert all((start - opens) % minutes == 0 and start + minutes <= closes for start in found)


@UNHURRIED
@given(st.integers(0, 80), st.integers(1, 8), st.integers(0, 100))
def test_the_share_of_walk_ups_is_kept_and_spread(slots, at_once, percent) -> None:
    found = grid.bookable(slots, at_once, percent)
    kept = slots * at_once - sum(found)
    assert kept * 100 >= slots * at_once * percent > (kept - 1) * 100
    assert all(0 <= one <= at_once for one in found)
    assert max(found, default=0) - min(found, default=0) <= 1


@UNHURRIED
@given(st.lists(st.tuples(st.integers(0, 60), st.integers(1, 20)), max_size=8))
def test_merged_spans_cover_the_same_minutes(pairs) -> None:
    spans = [(first, first + length) for first, length in pairs]
    found = grid.merged(spans)
    assert {m for one in found for m in range(*one)} == {m for one in spans for m in range(*one)}
    assert all(before[1] < after[0] for before, after in pairwise(found))
