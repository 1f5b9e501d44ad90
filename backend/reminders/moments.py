"""Moments as people say them, and as the fields of a WeChat message want them."""

from bisect import bisect
from datetime import date, datetime, timedelta

from flask_babel import format_date, format_datetime
from flask_babel import lazy_gettext as _

from backend import clock

_PARTS_FROM = (6, 12, 13, 18)
_PARTS_OF_DAY = (
    (_("今天凌晨"), _("今天上午"), _("今天中午"), _("今天下午"), _("今晚")),
    (_("明天凌晨"), _("明天上午"), _("明天中午"), _("明天下午"), _("明晚")),
)
_DATE = _("M月d日（EEE）")
_DAY = _("M月d日（EEE）HH:mm")  # a pattern of CLDR, as babel takes it


def spoken(at: datetime, now: datetime) -> str:
    """`at` seen from `now`: 明晚 19:00 for today and tomorrow, else 3月18日（周三）19:00."""
    wall = clock.local(at)
    days = (wall.date() - clock.today(now)).days
    if days not in (0, 1):
        return str(format_datetime(at, str(_DAY)))
    return f"{_PARTS_OF_DAY[days][bisect(_PARTS_FROM, wall.hour)]} {wall:%H:%M}"


def last_day(before: datetime) -> str:
    """The last day on which it is still before `before`: 3月18日（周三）."""
    return day(clock.local(before - timedelta(microseconds=1)).date())


def day(of: date) -> str:
    """3月18日（周三）."""
    return str(format_date(of, str(_DATE)))


def field(at: datetime) -> str:
    """`at` for a `time` field, in the one form every template takes."""
    wall = clock.local(at)
    return f"{wall.year}年{wall.month}月{wall.day}日 {wall:%H:%M}"


def time_of_day(at: datetime) -> str:
    """`at` as a clock shows it: 21:00."""
    return f"{clock.local(at):%H:%M}"
