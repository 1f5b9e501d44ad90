"""Quiet hours and clocks that stand at night, as tables. All moments are Shanghai's."""

from datetime import datetime, timedelta

import pytest

from backend.clock import LOCAL
from backend.reminders.quiet import add_awake, after_quiet, awake_between, is_quiet


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-03-{text}").replace(tzinfo=LOCAL)


HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("moment", "quiet"),
    [
        ("11T21:59:59", False),
        ("11T22:00", True),
        ("11T23:59:59", True),
        ("12T00:00", True),
        ("12T06:59:59", True),
        ("12T07:00", False),
    ],
)
def test_quiet_hours(moment: str, quiet: bool) -> None:
    assert is_quiet(at(moment)) is quiet


@pytest.mark.parametrize(
    ("moment", "told"),
    [
        ("11T12:00", "11T12:00"),
        ("11T21:59:59", "11T21:59:59"),
        ("11T22:00", "12T07:00"),
        ("12T00:00", "12T07:00"),
        ("12T06:59:59", "12T07:00"),
        ("12T07:00", "12T07:00"),
    ],
)
def test_after_quiet(moment: str, told: str) -> None:
    assert after_quiet(at(moment)) == at(told)


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        ("11T12:00", 0, "11T12:00"),
        ("11T12:00", 9, "11T21:00"),
        ("11T12:00", 10, "11T22:00"),
        ("11T12:00", 11, "12T08:00"),
        ("11T12:00", 24, "12T21:00"),  # 10 today, 14 of tomorrow's 15
        ("11T12:00", 25, "12T22:00"),
        ("11T12:00", 26, "13T08:00"),
        ("11T22:00", 1, "12T08:00"),
        ("12T03:00", 1, "12T08:00"),
        ("11T21:30", 1, "12T07:30"),
    ],
)
def test_add_awake(start: str, hours: int, end: str) -> None:
    assert add_awake(at(start), hours * HOUR) == at(end)
    if not is_quiet(at(start)):
        assert awake_between(at(start), at(end)) == hours * HOUR


@pytest.mark.parametrize(
    ("start", "end", "minutes"),
    [
        ("11T12:00", "11T12:00", 0),
        ("11T12:00", "11T11:00", 0),
        ("11T22:00", "12T07:00", 0),
        ("11T23:00", "12T06:00", 0),
        ("11T21:59", "12T07:01", 2),
        ("11T21:00", "12T09:00", 180),
        ("11T12:00", "13T12:00", 30 * 60),
    ],
)
def test_awake_between(start: str, end: str, minutes: int) -> None:
    assert awake_between(at(start), at(end)) == timedelta(minutes=minutes)


def test_the_zone_of_the_caller_is_kept() -> None:
    utc = at("11T23:00").astimezone(tz=None)
    assert after_quiet(utc) == at("12T07:00")
