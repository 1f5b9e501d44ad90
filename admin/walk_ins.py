"""At the classroom door: somebody without a booking is added to the class and checked in."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from admin.blueprint import pages
from admin.device import device
from admin.doors import staff
from admin.schemas.classes import WalkInForm
from backend import clock
from backend.db import db
from backend.desk import walk_ins
from backend.night_school.reach import access_lesson
from backend.staff.access import Permission, SignedInStaff

BOOK = Permission.BOOK_FOR_PEOPLE


@pages.get("/classes/lessons/<id:lesson_id>/walk-in")
@staff(needs=BOOK)
def walk_in(lesson_id: int, me: SignedInStaff) -> Any:
    """Who is it? Each with what stands against it."""
    session, text = db.session(), request.args.get("q", "").strip()[:40]
    return render_template(
        "admin/attendance/walk_in.html",
        lesson=access_lesson(session, me, Permission.TAKE_ATTENDANCE, lesson_id),
        people=walk_ins.list_candidates(session, me, lesson_id, text, clock.now()),
        text=text, most=walk_ins.MOST_SHOWN,
    )  # fmt: skip


@pages.post("/classes/lessons/<id:lesson_id>/walk-in")
@staff(writes=True, needs=BOOK, form=WalkInForm, page=walk_in)
def add_walk_in(lesson_id: int, me: SignedInStaff, asked: dict[str, Any]) -> Any:
    """On the list and here, in one step."""
    added = walk_ins.add(
        db.session(), me, lesson_id, asked["person_id"], clock.now(), asked["reason"], device()
    )  # fmt: skip
    flash(_("%(name)s已加入本班并签到。", name=added["person_name"]), "success")
    return redirect(url_for("admin.attendance_page", lesson_id=lesson_id))
