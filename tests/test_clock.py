"""The clock: aware, in UTC, told in Shanghai's time, movable."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest

from backend import clock

NOON = datetime(2026, 3, 11, 4, 0, tzinfo=UTC)


def test_now_is_aware_and_in_utc() -> None:
    before = datetime.now(UTC)
    now = clock.now()
    assert now.tzinfo is UTC
    assert before <= now <= datetime.now(UTC)


def test_it_can_be_held_still_and_goes_on_afterwards() -> None:
    with clock.frozen(NOON):
        assert clock.now() == clock.now() == NOON
        with clock.frozen(NOON + timedelta(hours=1)):
            assert clock.now() == NOON + timedelta(hours=1)
        assert clock.now() == NOON
    assert clock.now() > NOON


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"), clock.frozen(datetime(2026, 3, 11)):  # noqa: DTZ001
        pass


def test_no_thread_holds_the_clock_of_all() -> None:
    def hold() -> None:
        with clock.frozen(NOON):
            pass

    with ThreadPoolExecutor(1) as pool, pytest.raises(RuntimeError, match="before threads"):
        pool.submit(hold).result()
    assert clock.now() > NOON


def test_a_rehearsal_runs_ahead() -> None:
    clock.shift(timedelta(days=2))
    try:
        assert clock.now() - datetime.now(UTC) > timedelta(days=1, hours=23)
    finally:
        clock.shift(timedelta())


@pytest.mark.parametrize(
    ("at", "day"),
    [
        (datetime(2026, 3, 10, 15, 59, 59, tzinfo=UTC), date(2026, 3, 10)),
        (datetime(2026, 3, 10, 16, 0, tzinfo=UTC), date(2026, 3, 11)),
        (datetime(2026, 12, 31, 16, 0, tzinfo=UTC), date(2027, 1, 1)),
    ],
)
def test_the_day_begins_at_midnight_in_shanghai(at: datetime, day: date) -> None:
    assert clock.today(at) == day
    with clock.frozen(at):
        assert clock.today() == day


def test_moments_are_told_with_offset_to_the_second() -> None:
    assert clock.rfc3339(NOON.replace(microsecond=999_999)) == "2026-03-11T12:00:00+08:00"
    assert clock.rfc3339(NOON.astimezone(timezone(timedelta(hours=-5)))) == (
        "2026-03-11T12:00:00+08:00"
    )
    assert clock.rfc3339(None) is None


def test_nobody_else_reads_the_clock() -> None:
    root = Path(clock.__file__).parent.parent
    asking = (
        "datetime.now(", "date.today(", "time.time(", "utcnow(", "datetime.today(",
        "CURRENT_TIMESTAMP", "func.now(",
    )  # fmt: skip
    found = [
        f"{path.relative_to(root)}: {call}"
        for folder in ("backend", "miniprogram_api", "admin")
        for path in (root / folder).rglob("*.py")
        for call in asking
        if call in path.read_text(encoding="utf-8") and path.name != "clock.py"
    ]
    # The stand-in plays WeChat's servers, which have a clock of their own.
    assert [one for one in found if "wechat/standin" not in one] == []
