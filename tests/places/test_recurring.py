"""Days that come again."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.places.recurring import days

ONE_YEAR = st.dates(date(2025, 1, 1), date(2027, 12, 31))


@pytest.mark.parametrize(
    ("first", "last", "weekdays", "every", "found"),
    [
        # Tuesdays over a month's end, and a leap day
        (date(2026, 3, 24), date(2026, 4, 7), {1}, 1, ["03-24", "03-31", "04-07"]),
        (date(2028, 2, 22), date(2028, 3, 7), {1}, 1, ["02-22", "02-29", "03-07"]),
        # over the year's end, every second week: the weeks are counted, not their numbers
        (date(2026, 12, 16), date(2027, 1, 31), {2}, 2, ["12-16", "12-30", "01-13", "01-27"]),
        # two weekdays every second week, begun on the second of them
        (date(2026, 3, 12), date(2026, 4, 9), {1, 3}, 2,
         ["03-12", "03-24", "03-26", "04-07", "04-09"]),
        # the first day is none of them
        (date(2026, 3, 11), date(2026, 3, 20), {4}, 1, ["03-13", "03-20"]),
        (date(2026, 3, 11), date(2026, 3, 11), {2}, 1, ["03-11"]),
        (date(2026, 3, 11), date(2026, 3, 10), {2}, 1, []),
        (date(2026, 3, 11), date(2026, 6, 1), set(), 1, []),
    ],
)  # fmt: skip
def test_in_a_table(first, last, weekdays, every, found) -> None:
    assert [f"{day:%m-%d}" for day in days(first, last, weekdays, every)] == found


@given(ONE_YEAR, st.integers(0, 200), st.sets(st.integers(0, 6), min_size=1), st.integers(1, 4))
def test_weekdays_and_distance_hold(first, length, weekdays, every) -> None:
    last = date.fromordinal(first.toordinal() + length)
    found = list(days(first, last, weekdays, every))
    assert found == sorted(set(found))
    assert all(first <= day <= last and day.weekday() in weekdays for day in found)
    weeks = {day.toordinal() - day.weekday() for day in found}
    begun = first.toordinal() - first.weekday()
    assert all((monday - begun) % (7 * every) == 0 for monday in weeks)
