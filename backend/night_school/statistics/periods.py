"""Which classes a statistic is about: those of a term, or those that begin in a year or span."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, bindparam, select
from sqlalchemy.orm import Session

from backend import clock
from backend.db import UtcDateTime
from backend.errors import Invalid, NotFound
from backend.night_school.models import CourseRun, Term

NO_PERIOD = "none"
KEY = re.compile(r"term-[1-9][0-9]{0,14}|year-[1-9][0-9]{3}|none")


@dataclass(frozen=True, slots=True)
class Period:
    """A term's classes, or those whose first lesson lies from `since` to `until` (both days in)."""

    key: str
    name: str
    since: date
    until: date
    term_id: int | None = None

    def holds(self) -> ColumnElement[bool]:
        """The period as a filter of selects from CourseRun; its bounds are written out."""
        if self.term_id is not None:
            return CourseRun.term_id == bindparam(None, self.term_id, literal_execute=True)
        until = _midnight(self.until + timedelta(days=1)) - timedelta.resolution
        return CourseRun.starts_at.between(_moment(_midnight(self.since)), _moment(until))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, datetime.min.time(), clock.LOCAL)


def _moment(at: datetime) -> ColumnElement[datetime]:
    return bindparam(None, at, UtcDateTime(), literal_execute=True)


def list_periods(session: Session) -> list[Period]:
    """Every term, the newest first, then every year that a term begins in."""
    terms = session.execute(
        select(Term.id, Term.name, Term.starts_on, Term.ends_on).order_by(Term.starts_on.desc())
    ).all()
    years = sorted({row.starts_on.year for row in terms}, reverse=True)
    return [
        Period(f"term-{row.id}", row.name, row.starts_on, row.ends_on, row.id) for row in terms
    ] + [
        Period(
            f"year-{year}", _("%(year)s 年全年", year=year), date(year, 1, 1), date(year, 12, 31)
        )
        for year in years
    ]


def span(since: date | None, until: date) -> Period:
    """From day to day. Raises Invalid without a beginning, or where it lies after the end."""
    if since is None or since > until:
        raise Invalid(sentence=_("请选择开始日期，并且不要晚于结束日期。"))
    name = _("%(since)s 至 %(until)s", since=since.isoformat(), until=until.isoformat())
    return Period("", name, since, until)


def find(periods: Sequence[Period], key: str) -> Period:
    """The one with that key. Raises NotFound."""
    for period in periods:
        if period.key == key:
            return period
    raise NotFound()


def usual(periods: Sequence[Period], today: date) -> Period | None:
    """The term that has begun last; before the first one, the first. None without terms."""
    terms = [period for period in periods if period.term_id is not None]
    begun = [term for term in terms if term.since <= today]
    return begun[0] if begun else terms[-1] if terms else None


def before(periods: Sequence[Period], period: Period) -> Period | None:
    """What a term or a year is compared with of itself: the one before it."""
    if not period.key:
        return None
    alike = [each for each in periods if (each.term_id is None) == (period.term_id is None)]
    return next((each for each in alike if each.since < period.since), None)
