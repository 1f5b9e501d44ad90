"""Which days a statistic is about: by name, or from day to day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from flask_babel import gettext as _

from backend.errors import Invalid

KEYS = ("weeks", "month", "last-month", "quarter", "last-quarter", "year", "last-year")
LONGEST = 3 * 366
"""Days that a statistic can be about."""

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Period:
    """From `since` to `until`, both days in; without a key it was asked for by its days."""

    key: str
    name: str
    since: date
    until: date


def list_periods(today: date) -> list[Period]:
    """What can be chosen by name; first the usual one, in which all weekdays occur alike."""
    month, year = today.replace(day=1), today.replace(month=1, day=1)
    quarter = month.replace(month=(today.month - 1) // 3 * 3 + 1)
    firsts = (month, _before(month, 1), quarter, _before(quarter, 3), year, _before(year, 12))
    lasts = (today, month - _DAY, today, quarter - _DAY, today, year - _DAY)
    names = (_("本月"), _("上月"), _("本季度"), _("上季度"), _("今年"), _("去年"))
    weeks = Period("weeks", _("近四周"), today - 28 * _DAY, today - _DAY)
    return [weeks, *map(Period, KEYS[1:], names, firsts, lasts)]


def _before(first: date, months: int) -> date:
    """The first of a month, so many months before that of another."""
    years, month = divmod(first.month - 1 - months, 12)
    return date(first.year + years, month + 1, 1)


def choose(
    every: Sequence[Period], key: str | None, since: date | None, until: date | None, today: date
) -> Period:
    """The one asked for; days count before the name. Raises Invalid for days that are no span."""
    if since is None and until is None:
        return next((one for one in every if one.key == key), every[0])
    until = until or today
    if since is None or since > until:
        raise Invalid(sentence=_("请选择开始日期，并且不要晚于结束日期。"))
    if (until - since).days >= LONGEST:
        raise Invalid(sentence=_("一次最多统计三年，请把时间改短一些。"))
    return Period("", "", since, until)
