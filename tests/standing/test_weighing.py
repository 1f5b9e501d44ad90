"""What is missed weighs, fades and is gone: as a table, and for any history."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.standing.weighing import Missed, Why, free_from, gone_at, total, weigh

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
HALF_LIFE = 90 * DAY
NOW = datetime(2026, 3, 11, 4, 0, tzinfo=UTC)


def missed(days_ago: float, why: Why = Why.ABSENT) -> Missed:
    return Missed(person_id=1, booking_id=1, why=why, at=NOW - days_ago * DAY)


@pytest.mark.parametrize(
    ("why", "days_ago", "weighs"),
    [
        (Why.ABSENT, 0, 1.0), (Why.ABSENT, 90, 0.5), (Why.ABSENT, 180, 0.25),
        (Why.ABSENT, 45, 2**-0.5), (Why.ABSENT, 449.99, 0.03125), (Why.ABSENT, 450, 0),
        (Why.ABSENT, 900, 0), (Why.LATE, 0, 0.5), (Why.LATE, 90, 0.25), (Why.LATE, 450, 0),
    ],
)  # fmt: skip
def test_a_weight_halves_and_is_gone(why: Why, days_ago: float, weighs: float) -> None:
    assert weigh(missed(days_ago, why), HALF_LIFE, NOW) == pytest.approx(weighs, abs=1e-5)


def test_it_is_gone_when_it_is_said_to_be() -> None:
    one = missed(10)
    at = gone_at(one, HALF_LIFE)
    assert weigh(one, HALF_LIFE, at) == 0 < weigh(one, HALF_LIFE, at - MINUTE)


FREE = [
    ([], 3, None),
    ([0, 0, 0], 3, None),  # exactly as many as may be
    ([0] * 6, 3, 90),  # twice as many: one half-life
    ([0] * 12, 3, 180),
    ([90, 90, 0, 0], 3, None),  # 1/2 + 1/2 + 1 + 1
    ([90, 90, 0, 0, 0, 0, 0], 3, 90),
    ([200] * 6, 3, -110),  # it has faded long ago
    ([449] * 64 + [0], 2, 1),  # 64 old ones weigh two, until they are gone tomorrow
]


@pytest.mark.parametrize(("days_ago", "limit", "days"), FREE)
def test_from_when_the_sum_is_low_enough(days_ago: list[int], limit: int, days: int | None) -> None:
    found = free_from([missed(ago) for ago in days_ago], limit, HALF_LIFE)
    assert found == (None if days is None else NOW + days * DAY)


histories = st.lists(
    st.builds(
        lambda minutes, why: Missed(
            person_id=1, booking_id=1, why=why, at=NOW - minutes * MINUTE
        ),
        st.integers(0, 500 * 1440),
        st.sampled_from(list(Why)),
    ),
    max_size=14,
)  # fmt: skip


@given(histories, st.lists(st.integers(0, 600 * 1440), min_size=2, max_size=6))
def test_it_never_grows_while_nothing_happens(history: list[Missed], later: list[int]) -> None:
    sums = [total(history, HALF_LIFE, NOW + minutes * MINUTE) for minutes in sorted(later)]
    assert sums == sorted(sums, reverse=True)


@given(histories, st.integers(1, 5), st.integers(1, 200))
def test_the_moment_is_exact_on_both_sides(history: list[Missed], limit: int, days: int) -> None:
    half_life = days * DAY
    at = free_from(history, limit, half_life)
    last = max((one.at for one in history), default=NOW)
    if at is None:
        assert total(history, half_life, last) <= limit
        return
    assert at > last
    assert total(history, half_life, at) <= limit + 1e-9
    assert total(history, half_life, max(at - MINUTE, last)) > limit - 1e-9


@given(histories, st.integers(1, 5), st.integers(0, 500))
def test_forgetting_what_is_gone_changes_no_answer(
    history: list[Missed], limit: int, days: int
) -> None:
    """Reads leave out what weighs nothing any more."""
    now = NOW + days * DAY
    left = [one for one in history if gone_at(one, HALF_LIFE) > now]
    at, again = free_from(history, limit, HALF_LIFE), free_from(left, limit, HALF_LIFE)
    assert (at if at and at > now else None) == (again if again and again > now else None)
