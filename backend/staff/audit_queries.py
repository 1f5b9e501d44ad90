"""Reads of the audit, for managers: what was done at their places."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.orm import Session, aliased

from backend import clock, paging
from backend.places.models import Place
from backend.staff.access import Permission, SignedInStaff
from backend.staff.models import AuditEntry, Staff, StaffRole

_theirs = aliased(Place)
PAGE = 50


def _in_reach(me: SignedInStaff) -> ColumnElement[bool]:
    """What belongs to my places; what belongs to none, if its author works at mine."""
    works_here = exists().where(
        StaffRole.staff_id == AuditEntry.staff_id,
        _theirs.id == StaffRole.place_id,
        me.covers(Permission.SEE_AUDIT, _theirs.path),
    )
    return or_(
        me.covers(Permission.SEE_AUDIT, Place.path),
        and_(AuditEntry.place_id.is_(None), works_here),
    )


def list_entries(session: Session, me: SignedInStaff, asked: Mapping[str, Any]) -> dict[str, Any]:
    """A page of entries, the newest first: `items` and `next_cursor`.

    `asked` may name a `staff_id`, an `action`, a `subject_kind` and `subject_id`, days `since` and
    `until` (inclusive), and a `cursor`. Raises Invalid for a cursor that is none.
    """
    query = (
        select(
            AuditEntry.id, AuditEntry.at, AuditEntry.action, AuditEntry.subject_kind,
            AuditEntry.subject_id, AuditEntry.before, AuditEntry.after, AuditEntry.request_id,
            Staff.id.label("staff_id"), Staff.name.label("staff_name"),
            Place.name.label("place_name"),
        )
        .join(Staff, Staff.id == AuditEntry.staff_id)
        .outerjoin(Place, Place.id == AuditEntry.place_id)
        .where(_in_reach(me), *_wanted(asked))
        .order_by(AuditEntry.id.desc())
        .limit(PAGE + 1)
    )  # fmt: skip
    if cursor := asked.get("cursor"):
        query = query.where(AuditEntry.id < paging.decode(cursor, int)[0])
    rows = session.execute(query).all()
    return paging.page(rows, PAGE, lambda row: (row.id,), lambda row: dict(row._mapping))


def _wanted(asked: Mapping[str, Any]) -> list[ColumnElement[bool]]:
    where: list[ColumnElement[bool]] = []
    for name in ("staff_id", "action", "subject_kind", "subject_id"):
        if asked.get(name):
            where.append(getattr(AuditEntry, name) == asked[name])
    if since := asked.get("since"):
        where.append(AuditEntry.at >= _midnight(since))
    if until := asked.get("until"):
        where.append(AuditEntry.at < _midnight(until + timedelta(days=1)))
    return where


def _midnight(day: Any) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=clock.LOCAL)


def list_authors(session: Session, me: SignedInStaff) -> list[tuple[int, str]]:
    """Whoever has or had a role at my places, as (id, name)."""
    rows = session.execute(
        select(Staff.id, Staff.name)
        .where(
            exists().where(
                StaffRole.staff_id == Staff.id,
                _theirs.id == StaffRole.place_id,
                me.covers(Permission.SEE_AUDIT, _theirs.path),
            )
        )
        .order_by(Staff.name)
    )
    return [(row.id, row.name) for row in rows]
