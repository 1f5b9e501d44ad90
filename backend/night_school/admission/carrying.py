"""Rules that come along to a class planned after another, directly or by a template."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from backend.booking import bookables
from backend.db import AnyRow, table_of
from backend.night_school.admission.composing import read
from backend.night_school.models import CourseRun
from backend.staff.models import AuditEntry

Rules = dict[str, Any]

_run = table_of(CourseRun)
_PLAIN = ("priority_place_id", "needs_course_id", "once_a_year", "most_missed")
_FOR = ("kept_from_age", "kept_place_id")


def portable(session: Session, run_id: int) -> Rules:
    """The rules of a class apart from its dates: moments are minutes after sign-up opens.

    Age, home, price and least number are not among them: the form for a new class has those.
    """
    row = read(session, run_id)
    rules: Rules = {name: row._mapping[name] for name in _PLAIN}
    rules["priority_minutes"] = _minutes(row, row.priority_until)
    if kept := row.kept or _kept_before(session, run_id):
        rules |= {"kept": kept, "kept_minutes": _minutes(row, row.kept_until)}
        rules |= {name: row._mapping[name] for name in _FOR}
    return {name: value for name, value in rules.items() if value}


def bring(session: Session, rules: Mapping[str, Any], run_id: int, now: datetime) -> None:
    """Give a class that nobody has signed up for yet these rules.

    Whoever comes first does so for as long after the opening, and places are kept for as long; not
    at all where sign-up closes sooner than that.
    """
    row = read(session, run_id)
    first_until = _until(row, rules.get("priority_minutes"))
    kept_until = _until(row, rules.get("kept_minutes"))
    values = {name: rules[name] for name in _PLAIN if name in rules}
    values["priority_until"] = first_until
    if first_until is None:
        values["priority_place_id"] = None
    if kept_until is not None and row.capacity is not None and kept_until > now:
        values |= {name: rules.get(name) for name in _FOR}
        kept = min(rules["kept"], row.capacity)
        bookables.keep_places(session, run_id, kept, kept_until, (), now)
    session.execute(update(_run).where(_run.c.id == run_id).values(values))


def _minutes(row: AnyRow, until: datetime | None) -> int | None:
    if until is None or row.opens_at is None:
        return None
    return int((until - row.opens_at) / timedelta(minutes=1))


def _until(row: AnyRow, minutes: int | None) -> datetime | None:
    if minutes is None or row.opens_at is None:
        return None
    until: datetime = row.opens_at + timedelta(minutes=minutes)
    return until if row.closes_at is None or until < row.closes_at else None


def _kept_before(session: Session, run_id: int) -> int | None:
    """How many places were kept until their moment came: the audit remembers what staff asked."""
    asked = session.scalars(
        select(AuditEntry.after)
        .where(
            AuditEntry.subject_kind == "course_run", AuditEntry.subject_id == run_id,
            AuditEntry.action == "class.rules",
        )
        .order_by(AuditEntry.id.desc())
    )  # fmt: skip
    return next((after["kept"] for after in asked if after and "kept" in after), None)
