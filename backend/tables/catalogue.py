"""The night school's catalogue: categories, courses, teachers. All managers see it; what the
whole district shares is edited by those who manage the district.
"""

from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from marshmallow import Schema
from sqlalchemy import ColumnElement, select, true
from sqlalchemy.orm import Session

from backend.db import table_of
from backend.errors import Invalid
from backend.night_school.models import Course, CourseCategory, Teacher, Term
from backend.places.models import Place
from backend.staff.access import Permission, SignedInStaff
from backend.staff.models import Role, Staff, StaffRole
from backend.tables.fields import Code, Day, Line, Lines, Number, Ref
from backend.tables.table import Option, Table
from backend.tables.writing import insert_into, update_of

category, course = table_of(CourseCategory), table_of(Course)
teacher, term = table_of(Teacher), table_of(Term)


def everybody(me: SignedInStaff) -> ColumnElement[bool]:
    """Shared by the district: whoever holds the permission sees it all."""
    return true()


def any_manager(me: SignedInStaff) -> bool:
    """Whoever edits tables anywhere."""
    return me.holds(Permission.EDIT_TABLES)


def district_manager(me: SignedInStaff) -> bool:
    """Those whose reach is the whole district: `/1/`."""
    return any(path.count("/") == 2 for path in me.paths(Permission.EDIT_TABLES))


def categories(session: Session, _me: SignedInStaff) -> list[Option]:
    """The shelves of the catalogue."""
    rows = session.execute(
        select(category.c.id, category.c.code, category.c.name).order_by(category.c.sort)
    )
    return [Option(row.id, row.code, row.name) for row in rows]


def courses(session: Session, _me: SignedInStaff) -> list[Option]:
    """The courses that are offered."""
    rows = session.execute(
        select(course.c.id, course.c.code, course.c.title)
        .where(course.c.withdrawn_at.is_(None))
        .order_by(course.c.title)
    )
    return [Option(row.id, row.code, row.title) for row in rows]


def terms(session: Session, _me: SignedInStaff) -> list[Option]:
    """The terms, newest first."""
    rows = session.execute(select(term.c.id, term.c.name).order_by(term.c.starts_on.desc()))
    return [Option(row.id, row.name, row.name) for row in rows]


def teachers(session: Session, _me: SignedInStaff) -> list[Option]:
    """The teachers, by name and where they come from."""
    rows = session.execute(
        select(teacher.c.id, teacher.c.name, teacher.c.organisation).order_by(teacher.c.name)
    )
    return [
        Option(row.id, f"{row.id} {row.name}", f"{row.name}（{row.organisation}）"
               if row.organisation else row.name)
        for row in rows
    ]  # fmt: skip


def sign_ins(session: Session, me: SignedInStaff) -> list[Option]:
    """Accounts of teachers in reach that are in use."""
    rows = session.execute(
        select(Staff.id, Staff.username, Staff.name)
        .distinct()
        .join(StaffRole, StaffRole.staff_id == Staff.id)
        .join(Place, Place.id == StaffRole.place_id)
        .where(
            me.covers(Permission.MANAGE_STAFF, Place.path),
            StaffRole.role == Role.TEACHER,
            Staff.left_at.is_(None),
        )
        .order_by(Staff.name, Staff.id)
    )
    return [Option(row.id, row.username, f"{row.name}（{row.username}）") for row in rows]


def agreement_lasts(values: dict[str, Any], _choices: Any) -> None:
    """An agreement does not end before it begins."""
    since, until = values.get("agreement_from"), values.get("agreement_until")
    if since and until and until < since:
        raise Invalid({"agreement_until": [gettext("协议结束不能早于协议开始。")]})


class CategoryRow(Schema):
    """The columns of categories."""

    code = Code(_("编码"), 24)
    name = Line(_("名称"), 20, required=True)
    name_en = Line(_("英文名称"), 40, required=True)
    sort = Number(_("排序"), 0, 999, required=True)


class CourseRow(Schema):
    """The columns of courses."""

    code = Code(_("编码"), 24)
    title = Line(_("课程名称"), 60, required=True, width=22)
    category_id = Ref(_("分类"), categories, required=True)
    summary = Line(_("一句话介绍"), 120, required=True, width=36)
    description = Lines(_("详细介绍"), 2000, listed=False, width=50)
    bring = Line(_("自带物品"), 120, listed=False, width=24)


class TeacherRow(Schema):
    """The columns of teachers."""

    name = Line(_("姓名"), 40, required=True)
    organisation = Line(_("单位"), 60, width=24)
    intro = Line(_("简介"), 200, width=44)
    agreement_from = Day(_("协议开始"), listed=False)
    agreement_until = Day(_("协议结束"), hint=_("排在协议期以外的课会提醒您。"))
    staff_id = Ref(_("登录账号"), sign_ins, hint=_("老师自己的工作台账号，登录后只看自己的班。"))


CATEGORIES = Table(
    name="categories", subject="course_category",
    title=_("课程分类"), noun=_("分类"), drawing="grid", schema=CategoryRow,
    source=category, ident=category.c.id, key="code", scope=everybody, may_edit=district_manager,
    columns={name: category.c[name] for name in ("code", "name", "name_en", "sort")},
    search=(category.c.name, category.c.code), order=(category.c.sort,),
    create=insert_into(CourseCategory), change=update_of(CourseCategory),
)  # fmt: skip
COURSES = Table(
    name="courses", subject="course",
    title=_("课程目录"), noun=_("课程"), drawing="journal-text", schema=CourseRow,
    source=course, ident=course.c.id, key="code", scope=everybody, may_edit=district_manager,
    columns={
        name: course.c[name]
        for name in ("code", "title", "category_id", "summary", "description", "bring")
    },
    search=(course.c.title, course.c.code, course.c.summary), order=(course.c.title,),
    create=insert_into(Course), change=update_of(Course), pictures=Course,
)  # fmt: skip
TEACHERS = Table(
    name="teachers", subject="teacher",
    title=_("老师名录"), noun=_("老师"), drawing="person", schema=TeacherRow,
    source=teacher, ident=teacher.c.id, scope=everybody, may_edit=any_manager,
    columns={
        name: teacher.c[name]
        for name in (
            "name", "organisation", "intro", "agreement_from", "agreement_until", "staff_id",
        )
    },
    unique=("staff_id",),
    search=(teacher.c.name, teacher.c.organisation), order=(teacher.c.name,),
    create=insert_into(Teacher), change=update_of(Teacher), rules=(agreement_lasts,),
)  # fmt: skip

__all__ = ["CATEGORIES", "COURSES", "TEACHERS"]
