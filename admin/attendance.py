"""Attendance at the classroom door: a tap, a scan, six digits; and the code on the big screen."""

from typing import Any

from flask import redirect, render_template, request, url_for

from admin.blueprint import pages
from admin.device import device
from admin.doors import staff
from admin.forms import form_of
from admin.refusals import by_htmx
from admin.rotating_codes import rotating_code
from admin.schemas.classes import CodeForm, MadeUpForm, MarkForm
from backend import clock
from backend.db import db
from backend.night_school import attendance, checkin, class_codes, classes, made_up, roster
from backend.night_school.models import CheckInBy, Presence
from backend.night_school.reach import access_lesson
from backend.night_school.uploads import deciding
from backend.staff.access import Permission, SignedInStaff

TAKE = Permission.TAKE_ATTENDANCE


@pages.get("/scan")
@staff(needs=TAKE)
def scan(me: SignedInStaff) -> Any:
    """Today's lessons, to choose where to check people in; straight there if only one is on."""
    today = classes.lessons_today(db.session(), me, clock.now())
    open_now = [lesson for lesson in today if lesson["open"]]
    if len(open_now) == 1:
        return redirect(url_for("admin.attendance_page", lesson_id=open_now[0]["id"]))
    return render_template("admin/attendance/choose.html", lessons=today)


@pages.get("/classes/lessons/<id:lesson_id>")
@staff(needs=TAKE)
def attendance_page(lesson_id: int, me: SignedInStaff) -> Any:
    """Everybody of the class, to be marked."""
    return render_template("admin/attendance/page.html", **_sheet(me, lesson_id))


@pages.get("/classes/lessons/<id:lesson_id>/rows")
@staff(needs=TAKE)
def attendance_rows(lesson_id: int, me: SignedInStaff) -> Any:
    """The rows if anybody's mark has changed since the page saw them (`seen`)."""
    sheet = _sheet(me, lesson_id)
    if request.args.get("seen") == sheet["seen"]:
        return "", 204
    return render_template("admin/attendance/rows.html", **sheet)


@pages.post("/classes/lessons/<id:lesson_id>/marks/<id:booking_id>")
@staff(writes=True, needs=TAKE, form=MarkForm)
def mark(lesson_id: int, booking_id: int, me: SignedInStaff, asked: dict[str, Any]) -> Any:
    """A tap."""
    session, presence = db.session(), asked["presence"]
    access_lesson(session, me, TAKE, lesson_id)
    attendance.mark(
        session, lesson_id, booking_id, Presence(presence) if presence else None, CheckInBy.TAP,
        me.staff_id, clock.now(), device(),
    )  # fmt: skip
    return _after(me, lesson_id, booking_id)


@pages.get("/classes/lessons/<id:lesson_id>/made-up/<id:booking_id>")
@staff(needs=TAKE)
def made_up_page(lesson_id: int, booking_id: int, me: SignedInStaff) -> Any:
    """At which lesson of another class somebody made this one up."""
    session, now = db.session(), clock.now()
    lesson = access_lesson(session, me, TAKE, lesson_id)
    person = roster.enrolment(session, lesson.run_id, booking_id, now)
    elsewhere = made_up.lessons_elsewhere(session, lesson_id, now)
    return render_template(
        "admin/attendance/made_up.html", lesson=lesson, person=person, elsewhere=elsewhere
    )


@pages.post("/classes/lessons/<id:lesson_id>/made-up/<id:booking_id>")
@staff(writes=True, needs=TAKE, form=MadeUpForm, page=made_up_page)
def note_made_up(lesson_id: int, booking_id: int, me: SignedInStaff, asked: dict[str, Any]) -> Any:
    """There, or nobody knows where."""
    session = db.session()
    access_lesson(session, me, TAKE, lesson_id)
    made_up.note(session, lesson_id, booking_id, asked["elsewhere_id"], me.staff_id, clock.now())
    return redirect(url_for("admin.attendance_page", lesson_id=lesson_id))


@pages.post("/classes/lessons/<id:lesson_id>/all-present")
@staff(writes=True, needs=TAKE)
def mark_all_present(lesson_id: int, me: SignedInStaff) -> Any:
    """Everybody without a mark is here."""
    access_lesson(db.session(), me, TAKE, lesson_id)
    attendance.mark_all_present(db.session(), lesson_id, me.staff_id, clock.now(), device())
    return _after(me, lesson_id)


@pages.post("/classes/lessons/<id:lesson_id>/undo")
@staff(writes=True, needs=TAKE)
def undo_mark(lesson_id: int, me: SignedInStaff) -> Any:
    """Take the last change made on this device back."""
    access_lesson(db.session(), me, TAKE, lesson_id)
    checkin.undo(db.session(), lesson_id, me.staff_id, device(), clock.now())
    return _after(me, lesson_id)


def code_refused(lesson_id: int, me: SignedInStaff | None = None) -> Any:
    """The card that says why a code was not taken."""
    if not by_htmx():
        return attendance_page(lesson_id=lesson_id)
    return render_template("admin/attendance/result.html", problem=form_of().problem)


@pages.post("/classes/lessons/<id:lesson_id>/codes")
@staff(writes=True, needs=TAKE, form=CodeForm, page=code_refused)
def take_code(lesson_id: int, me: SignedInStaff, asked: dict[str, Any]) -> Any:
    """A resident's code, scanned or typed."""
    access_lesson(db.session(), me, TAKE, lesson_id)
    result = checkin.mark_by_code(
        db.session(), lesson_id, asked["code"], me.staff_id, clock.now(), device()
    )  # fmt: skip
    if not by_htmx():
        return redirect(url_for("admin.attendance_page", lesson_id=lesson_id))
    sheet = _sheet(me, lesson_id, result.get("booking_id"))
    return render_template("admin/attendance/result.html", result=result, **sheet)


@pages.get("/classes/lessons/<id:lesson_id>/code")
@staff(needs=TAKE)
def class_code_page(lesson_id: int, me: SignedInStaff) -> Any:
    """The class's rotating code, for the screen at the door."""
    return render_template("admin/attendance/code.html", **_code(me, lesson_id))


@pages.get("/classes/lessons/<id:lesson_id>/code/now")
@staff(needs=TAKE)
def class_code_now(lesson_id: int, me: SignedInStaff) -> Any:
    """The part of that page that changes."""
    return render_template("admin/attendance/code_now.html", **_code(me, lesson_id))


def _sheet(me: SignedInStaff, lesson_id: int, booking_id: int | None = None) -> dict[str, Any]:
    session, now = db.session(), clock.now()
    lesson = access_lesson(session, me, TAKE, lesson_id)
    people = roster.sheet(session, lesson_id, lesson.run_id, now)
    return {
        "lesson": lesson,
        "people": people,
        "changed": [one for one in people if one["booking_id"] == booking_id],
        "counts": roster.count(people),
        "seen": roster.fingerprint(people),
        "kept": deciding.open_entries(session, lesson_id),
        "undoable": checkin.last_change(session, lesson_id, device(), now) is not None,
        "opens_at": lesson.starts_at - attendance.OPENS_BEFORE,
        "early": now < lesson.starts_at - attendance.OPENS_BEFORE,
        "open": attendance.is_open(lesson, now),
        "now": now,
    }


def _after(me: SignedInStaff, lesson_id: int, booking_id: int | None = None) -> Any:
    if not by_htmx():
        return redirect(url_for("admin.attendance_page", lesson_id=lesson_id))
    part = "one" if booking_id else "rows"
    return render_template(f"admin/attendance/{part}.html", **_sheet(me, lesson_id, booking_id))


def _code(me: SignedInStaff, lesson_id: int) -> dict[str, Any]:
    session, now = db.session(), clock.now()
    lesson = access_lesson(session, me, TAKE, lesson_id)
    return {
        "lesson": lesson,
        "open": attendance.is_open(lesson, now),
        "opens_at": lesson.starts_at - attendance.OPENS_BEFORE,
        "code": rotating_code(
            class_codes.class_code(lesson_id, now), class_codes.check_in_link(lesson_id, now), now
        ),
        "counts": attendance.counts(session, lesson_id),
        "now": now,
    }
