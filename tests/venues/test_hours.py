"""Opening hours: what the text says, and what a day is open."""

from datetime import date, datetime

import pytest

from backend import clock
from backend.places.holidays import Closed, Entry, ServingCalendar
from backend.venues.hours import Departure, Opening, read_hours, write_hours


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("", ""),
        ("9:00-12:00", "09:00-12:00"),
        ("9：00—12：00、14:00至21:00", "09:00-12:00 14:00-21:00"),
        ("00:00-24:00", "00:00-24:00"),
        ("18:00-02:00", "18:00-02:00"),
        ("08:00-12:00 18:00-08:00", "08:00-12:00 18:00-08:00"),  # up to its own next day
    ],
)
def test_hours_are_read_as_people_write_them(text: str, kept: str) -> None:
    assert write_hours(read_hours(text)) == kept


@pytest.mark.parametrize(
    "text",
    [
        "closed", "9-12", "25:00-26:00", "09:00-12:00 11:00-14:00", "24:00-02:00",
        "09:00-12:00 18:00-10:00",  # runs into its own next day
        "14:00-15:00 09:00-10:00", "09:60-10:00",
    ],
)  # fmt: skip
def test_nonsense_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        read_hours(text)


WEEK = ("09:00-21:00",) * 5 + ("10:00-18:00", "")
SUNDAY, MONDAY = date(2026, 4, 12), date(2026, 4, 13)
LABOUR_DAY = date(2026, 5, 1)  # a Friday
SATURDAY = date(2026, 4, 11)


def opening(**given: object) -> Opening:
    calendar = ServingCalendar(
        {date(2026, 4, 14): Entry("off", "区运动会")},
        [Closed("/1/4/", date(2026, 4, 15), date(2026, 4, 16), "装修")],
    )
    asked = {"week": WEEK, "holiday": None, "calendar": calendar, "days": {}, "path": "/1/4/17/"}
    return Opening(**asked | given)


@pytest.mark.parametrize(
    ("day", "given", "hours", "why"),
    [
        (MONDAY, {}, ["09:00-21:00"], None),
        (SATURDAY, {}, ["10:00-18:00"], None),
        (SUNDAY, {}, [], None),
        (LABOUR_DAY, {}, ["09:00-21:00"], None),  # holidays as on the weekday
        (LABOUR_DAY, {"holiday": ""}, [], "劳动节"),
        (LABOUR_DAY, {"holiday": "10:00-16:00"}, ["10:00-16:00"], "劳动节"),
        (date(2026, 4, 14), {"holiday": ""}, [], "区运动会"),
        (date(2026, 4, 15), {}, [], "装修"),
        (date(2026, 4, 15), {"path": "/1/5/18/"}, ["09:00-21:00"], None),
        (SUNDAY, {"days": {SUNDAY: Departure("08:00-20:00", "书画展")}}, ["08:00-20:00"], "书画展"),
        (MONDAY, {"days": {MONDAY: Departure("", "停电检修")}}, [], "停电检修"),
        (LABOUR_DAY, {"holiday": "", "days": {LABOUR_DAY: Departure("09:00-12:00", "值班")}},
         ["09:00-12:00"], "值班"),
        # what is closed stays closed
        (date(2026, 4, 15), {"days": {date(2026, 4, 15): Departure("09:00-12:00", "开放")}}, [],
         "装修"),
    ],
)  # fmt: skip
def test_the_nearest_word_counts(day: date, given: dict, hours: list[str], why: str | None) -> None:
    found = opening(**given).on(day)
    shown = [f"{one.starts_at:%H:%M}-{one.ends_at:%H:%M}" for one in found.spans]
    assert (shown, found.why) == (hours, why)


def test_a_span_past_midnight_ends_on_the_next_day_also_at_a_months_end() -> None:
    found = opening(week=("18:00-02:00",) * 7).on(date(2026, 2, 28))
    assert [(one.starts_at, one.ends_at) for one in found.spans] == [
        (datetime(2026, 2, 28, 18, tzinfo=clock.LOCAL), datetime(2026, 3, 1, 2, tzinfo=clock.LOCAL))
    ]


def test_a_night_ends_where_the_next_day_begins() -> None:
    days = opening(week=("18:00-03:00",) * 4 + ("01:00-12:00", "", "")).between(
        date(2026, 4, 9), date(2026, 4, 10)
    )
    shown = [[f"{one.starts_at:%d %H:%M}-{one.ends_at:%H:%M}" for one in day.spans] for day in days]
    assert shown == [["09 18:00-01:00"], ["10 01:00-12:00"]]
