"""Hours taught: the lessons that took place in a month or term, by who really gave them."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from backend import clock, spreadsheets
from backend.db import table_of
from backend.errors import NotFound
from backend.night_school.models import Teacher, Term
from backend.night_school.reach import LESSONS, TAUGHT_BY, bookable, lesson, place, reaches, run
from backend.spreadsheets import Column
from backend.staff.access import Permission, SignedInStaff

_term, _gives = table_of(Term), table_of(Teacher).alias("gives")


def period(session: Session, asked: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """What is asked for: a `term_id`, else a `month` (its first day); without either this month.

    Answers `term_id`, `month` and the `name` of the period. Raises NotFound for no such term.
    """
    if asked.get("term_id"):
        name = session.scalar(select(_term.c.name).where(_term.c.id == asked["term_id"]))
        if name is None:
            raise NotFound()
        return {"term_id": asked["term_id"], "month": None, "name": name}
    month = (asked.get("month") or clock.today(now)).replace(day=1)
    name = _("%(year)s年%(month)s月", year=month.year, month=month.month)
    return {"term_id": None, "month": month, "name": name}


def lessons_taught(
    session: Session, me: SignedInStaff, asked: Mapping[str, Any], now: datetime
) -> list[dict[str, Any]]:
    """Each lesson in reach that took place in the period (`term_id` or `month`), by teacher, time.

    Cancelled lessons, what is still to come and classes that were never published do not count;
    of a class that was cancelled, what had been held before does.
    """
    rows = session.execute(
        select(
            lesson.c.id, lesson.c.number, lesson.c.starts_at, lesson.c.ends_at, bookable.c.title,
            run.c.id.label("run_id"), place.c.name.label("place_name"),
            TAUGHT_BY.label("teacher_id"), _gives.c.name.label("teacher_name"),
            _gives.c.organisation, lesson.c.teacher_id.is_not(None).label("substituted"),
        )
        .select_from(LESSONS.outerjoin(_gives, _gives.c.id == TAUGHT_BY))
        .where(
            reaches(me, Permission.MANAGE_CLASSES),
            lesson.c.cancelled_at.is_(None),
            lesson.c.ends_at <= now,
            bookable.c.published_at.is_not(None),
            or_(
                bookable.c.cancelled_at.is_(None), bookable.c.cancelled_at >= lesson.c.ends_at
            ),
            _within(asked),
        )
        .order_by(_gives.c.name, TAUGHT_BY, lesson.c.starts_at, lesson.c.id)
    )  # fmt: skip
    return [
        dict(row._mapping) | {"minutes": int((row.ends_at - row.starts_at).total_seconds()) // 60}
        for row in rows
    ]


def _within(asked: Mapping[str, Any]) -> ColumnElement[bool]:
    if asked["term_id"]:
        return run.c.term_id.in_([asked["term_id"]])
    first: date = asked["month"]
    after = first.replace(year=first.year + first.month // 12, month=first.month % 12 + 1)
    since, until = (
        datetime.combine(day, datetime.min.time(), clock.LOCAL) for day in (first, after)
    )
    return and_(lesson.c.starts_at >= since, lesson.c.starts_at < until)


def by_teacher(taught: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same summed up: each teacher with `lessons`, `minutes`, and so for each class."""
    teachers: dict[int | None, dict[str, Any]] = {}
    for one in taught:
        teacher = teachers.setdefault(
            one["teacher_id"],
            {
                "teacher_id": one["teacher_id"], "name": one["teacher_name"],
                "organisation": one["organisation"], "lessons": 0, "minutes": 0, "runs": {},
            },
        )  # fmt: skip
        run_of = teacher["runs"].setdefault(
            one["run_id"],
            {
                "id": one["run_id"], "title": one["title"], "place_name": one["place_name"],
                "lessons": 0, "minutes": 0, "substituted": 0,
            },
        )  # fmt: skip
        for sums in (teacher, run_of):
            sums["lessons"] += 1
            sums["minutes"] += one["minutes"]
        run_of["substituted"] += one["substituted"]
    return [one | {"runs": list(one["runs"].values())} for one in teachers.values()]


def sheet(name: str, taught: list[dict[str, Any]]) -> bytes:
    """A line per lesson as XLSX, and a sum after each teacher's."""
    columns = [
        Column(_("老师"), 14), Column(_("单位"), 20), Column(_("班级"), 20), Column(_("社区"), 16),
        Column(_("课次"), 6), Column(_("日期"), 12), Column(_("时间"), 14), Column(_("分钟"), 8),
        Column(_("代课"), 6),
    ]  # fmt: skip
    rows: list[list[Any]] = []
    for teacher in by_teacher(taught):
        who = teacher["name"] or _("没有老师")
        for one in taught:
            if one["teacher_id"] == teacher["teacher_id"]:
                at, until = clock.local(one["starts_at"]), clock.local(one["ends_at"])
                rows.append([
                    who, teacher["organisation"], one["title"], one["place_name"], one["number"],
                    at.date(), f"{at:%H:%M}–{until:%H:%M}", one["minutes"],
                    _("是") if one["substituted"] else None,
                ])  # fmt: skip
        total = _("%(name)s合计", name=who)
        rows.append([total, None, None, None, teacher["lessons"], None, None, teacher["minutes"]])
    return spreadsheets.write(name, columns, rows)
