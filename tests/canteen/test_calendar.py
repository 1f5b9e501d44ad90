"""Which days a canteen serves on, and when orders close, around weekends and holidays."""

from datetime import UTC, date, datetime

import pytest

from backend.canteen.calendar import CanteenCalendar, Day
from backend.places.holidays import Closed, ServingCalendar

WEEKDAYS = (0, 1, 2, 3, 4)


def calendar(weekdays=WEEKDAYS, on_holidays=False, closures=(), **days) -> CanteenCalendar:
    told = {date.fromisoformat(day.replace("_", "-")[1:]): it for day, it in days.items()}
    return CanteenCalendar(
        weekdays, on_holidays, "/1/2/", ServingCalendar(closures=list(closures)), told
    )


WEATHER = Day(False, "台风停餐")
EXTRA = Day(True, "重阳敬老餐")
CLOSED = Closed("/1/", date(2026, 3, 12), date(2026, 3, 13), "停水")


@pytest.mark.parametrize(
    ("day", "serving", "serves"),
    [
        ("2026-03-11", calendar(), True),
        ("2026-03-14", calendar(), False),  # a Saturday
        ("2026-03-14", calendar((0, 5)), True),
        ("2026-10-01", calendar(), False),  # National Day, a Thursday
        ("2026-10-01", calendar(on_holidays=True), True),
        ("2026-10-10", calendar(), True),  # a Saturday worked for it
        ("2026-10-10", calendar((6,)), False),
        ("2026-03-11", calendar(d2026_03_11=WEATHER), False),
        ("2026-03-14", calendar(d2026_03_14=EXTRA), True),
        ("2026-03-12", calendar(closures=[CLOSED]), False),
        ("2026-03-12", calendar(closures=[CLOSED], d2026_03_12=EXTRA), True),
    ],
)
def test_the_days_it_serves(day, serving, serves) -> None:
    assert serving.serves(date.fromisoformat(day)) is serves


def test_why_it_does_not() -> None:
    assert calendar(d2026_03_11=WEATHER).why_not(date(2026, 3, 11)) == "台风停餐"
    assert calendar(closures=[CLOSED]).why_not(date(2026, 3, 12)) == "停水"


@pytest.mark.parametrize(
    ("day", "cutoff_days", "closes", "serving"),
    [
        ("2026-03-11", 1, "2026-03-10", calendar()),
        ("2026-03-11", 0, "2026-03-11", calendar()),
        ("2026-03-11", 2, "2026-03-09", calendar()),
        ("2026-03-16", 1, "2026-03-13", calendar()),  # Monday's orders close on Friday
        ("2026-03-11", 1, "2026-03-09", calendar(d2026_03_10=WEATHER)),
        ("2026-10-08", 1, "2026-09-30", calendar()),  # the day after the holidays
        ("2026-10-12", 1, "2026-10-10", calendar()),  # behind a Saturday that is worked
        ("2026-04-01", 1, "2026-03-31", calendar()),
    ],
)
def test_when_orders_close(day, cutoff_days, closes, serving) -> None:
    at = serving.closes(date.fromisoformat(day), cutoff_days, 16 * 60)
    assert at.astimezone(UTC) == datetime.fromisoformat(f"{closes}T08:00:00+00:00")


def test_a_canteen_that_never_serves_has_no_day_before() -> None:
    with pytest.raises(LookupError):
        calendar(()).before(date(2026, 3, 11), 1)
