"""A class as the console's forms show it, to see whether somebody else changed it meanwhile."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend import clock
from backend.night_school import timetable
from backend.night_school.reach import RUNS, bookable, run
from backend.staff import meanwhile
from backend.staff.meanwhile import Original

PLACES = ("capacity", "overbooked")
DEADLINE = ("starts_at", "cancel_until")
MINIMUM = ("minimum", "closes_at", "run_anyway_at")
PUBLISHING = ("published_at",)
WHOLE = (*PLACES, *DEADLINE, *MINIMUM, *PUBLISHING)

LABELS = {
    "capacity": lazy_gettext("名额"),
    "overbooked": lazy_gettext("超额"),
    "starts_at": lazy_gettext("第一次课"),
    "cancel_until": lazy_gettext("可取消至"),
    "minimum": lazy_gettext("开班人数"),
    "closes_at": lazy_gettext("报名截止"),
    "run_anyway_at": lazy_gettext("照常开班"),
    "published_at": lazy_gettext("发布时间"),
}
_READ = select(
    *(bookable.c[name] if name in bookable.c else run.c[name] for name in WHOLE)
).select_from(RUNS)


def stands(shown: Mapping[str, Any]) -> dict[str, str]:
    """What the forms show of a class, as `classes.get_class` or a row has it: text by field."""
    return {name: _text(shown[name]) for name in WHOLE}


def check(session: Session, original: Original | None, run_id: int, fields: Sequence[str]) -> None:
    """Whether these fields of a class stand as a form showed them. The run's row is locked.

    Raises ChangedMeanwhile.
    """
    if original is None:
        return
    row = session.execute(_READ.where(run.c.id == run_id)).one()
    labels = {name: LABELS[name] for name in fields}
    meanwhile.check(session, original, stands(dict(row._mapping)), labels, [("course_run", run_id)])


def check_whole(session: Session, original: Original | None, run_id: int) -> None:
    """The same of everything that staff decide about a class, its lessons included."""
    check(session, original, run_id, WHOLE)
    timetable.check(session, original, run_id)


def _text(value: Any) -> str:
    if isinstance(value, datetime):
        value = clock.rfc3339(value)
    return "" if value is None else str(value)[:16].replace("T", " ")
