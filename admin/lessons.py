"""The lessons of a class: move one or several, call one off, put it back, add one."""

from collections.abc import Mapping
from typing import Any

from flask import render_template, request
from flask_babel import gettext as _

from admin.blueprint import pages
from admin.classes import to_class
from admin.doors import staff
from admin.schemas.lessons import EditForm, ReasonForm, SpanForm
from admin.uploads import dump_original, load_original
from backend import clock
from backend.db import db
from backend.night_school import classes as reads
from backend.night_school import deadlines, editing, lessons, timetable
from backend.night_school.editing import Edit, Plan, Scope
from backend.night_school.reach import access_lesson
from backend.staff import audit
from backend.staff.access import Permission, SignedInStaff
from backend.staff.meanwhile import Original

MANAGE = Permission.MANAGE_CLASSES


@pages.get("/classes/lessons/<id:lesson_id>/change")
@staff(needs=MANAGE)
def lesson_page(lesson_id: int, me: SignedInStaff) -> Any:
    """The form to move a lesson, call it off, or put it back."""
    session = db.session()
    lesson = access_lesson(session, me, MANAGE, lesson_id)
    rooms = reads.rooms_of(session, lesson.place_id)
    teachers = reads.teachers_of(session, lesson.run_teacher_id)
    return render_template(
        "admin/classes/lesson.html", lesson=lesson, rooms=rooms, teachers=teachers,
        original=_shown(lesson.run_id), typed=_typed(request.args),
        deadlines=deadlines.without(session, lesson.run_id, [lesson_id]),
    )  # fmt: skip


@pages.post("/classes/lessons/<id:lesson_id>/change")
@staff(writes=True, needs=MANAGE, form=EditForm, page=lesson_page)
def edit_lesson(lesson_id: int, me: SignedInStaff, asked: dict[str, Any]) -> Any:
    """Another time or room, for this lesson or several; what reaches further is shown first."""
    session, now = db.session(), clock.now()
    confirmed = asked.pop("confirmed")
    edit, original = Edit(**asked), _original(me, lesson_id)
    if not confirmed:
        plan = editing.plan_edit(session, me, lesson_id, edit, now, original)
        warned = plan.clashes and not plan.refused
        if plan.deadlines or warned or edit.scope != Scope.THIS:
            audit.unchanged(session)
            return _preview(plan)
    run_id = editing.edit_lessons(session, me, lesson_id, edit, now, original)
    return to_class(_("课次已调整，会通知所有学员。"), run_id)


@pages.post("/classes/lessons/<id:lesson_id>/cancel")
@staff(writes=True, needs=MANAGE, form=ReasonForm, page=lesson_page)
def cancel_lesson(lesson_id: int, me: SignedInStaff, asked: dict[str, Any]) -> Any:
    """The lesson does not take place."""
    run_id = lessons.cancel_lesson(
        db.session(), me, lesson_id, asked["reason"], clock.now(), _original(me, lesson_id)
    )
    return to_class(_("这次课已取消，会通知所有学员。"), run_id)


@pages.post("/classes/lessons/<id:lesson_id>/put-back")
@staff(writes=True, needs=MANAGE, form=SpanForm, page=lesson_page)
def put_back_lesson(lesson_id: int, me: SignedInStaff, asked: dict[str, Any]) -> Any:
    """A cancelled lesson takes place after all."""
    run_id = lessons.put_back(
        db.session(), me, lesson_id, now=clock.now(), original=_original(me, lesson_id), **asked
    )
    return to_class(_("这次课已恢复，会通知所有学员。"), run_id)


@pages.get("/classes/<id:run_id>/lessons/new")
@staff(needs=MANAGE)
def new_lesson(run_id: int, me: SignedInStaff) -> Any:
    """The form for one more lesson."""
    session = db.session()
    run = reads.get_class(session, me, run_id)
    now = clock.now()
    held = reads.lessons_of(session, run_id, now)
    return render_template(
        "admin/classes/lesson_new.html", run=run, last=held[-1] if held else None,
        rooms=reads.rooms_of(session, run["place_id"]),
        skipped=timetable.skipped(session, run_id, now), day=request.args.get("day"),
        original=_shown(run_id),
    )  # fmt: skip


@pages.post("/classes/<id:run_id>/lessons/new")
@staff(writes=True, needs=MANAGE, form=SpanForm, page=new_lesson)
def add_lesson(run_id: int, me: SignedInStaff, asked: dict[str, Any]) -> Any:
    """One more lesson."""
    original = load_original(f"lessons/{run_id}")
    lessons.add_lesson(db.session(), me, run_id, now=clock.now(), original=original, **asked)
    return to_class(_("已加上一次课，会通知所有学员。"), run_id)


def _shown(run_id: int) -> str:
    """How the lessons stand as a form is opened."""
    return dump_original(f"lessons/{run_id}", timetable.stands(db.session(), run_id))


def _original(me: SignedInStaff, lesson_id: int) -> Original | None:
    """How the lessons stood when the form was opened."""
    lesson = access_lesson(db.session(), me, MANAGE, lesson_id)
    return load_original(f"lessons/{lesson.run_id}")


def _typed(given: Mapping[str, str]) -> dict[str, str]:
    """What was filled in, for the way back from the look at what moves."""
    names = ("day", "start", "until", "room_id", "teacher_id", "scope", "reason")
    return {name: given[name] for name in names if given.get(name)}


def _preview(plan: Plan) -> str:
    session = db.session()
    return render_template(
        "admin/classes/lesson_preview.html", plan=plan, lesson=plan.lesson,
        rooms=dict(reads.rooms_of(session, plan.lesson.place_id)),
        teachers=dict(reads.teachers_of(session)), typed=_typed(request.form),
    )  # fmt: skip
