"""What the attendance page that a tablet keeps reads and sends; and what staff then decide."""

import hashlib
from typing import Any

from flask import flash, jsonify, redirect, url_for
from flask_babel import gettext as _
from flask_wtf.csrf import generate_csrf

from admin.attendance import attendance_page
from admin.blueprint import pages
from admin.doors import staff
from admin.schemas.uploads import DecisionForm, UploadBody
from backend import clock
from backend.db import db
from backend.night_school import attendance, roster
from backend.night_school.reach import access_lesson
from backend.night_school.uploads import deciding, service
from backend.staff.access import Permission, SignedInStaff

TAKE = Permission.TAKE_ATTENDANCE
SHOWN = (
    "booking_id", "name", "age", "home_name", "last_four", "short_code", "presence", "marked_at",
    "taken_by", "made_up", "excuse_reason",
)  # fmt: skip
"""Of each person, what the page shows; no phone numbers go onto tablets."""


@pages.get("/classes/lessons/<id:lesson_id>/sheet.json")
@staff(needs=TAKE)
def sheet_json(lesson_id: int, me: SignedInStaff) -> Any:
    """The lesson with its people, to be kept for when there is no network."""
    return jsonify(_sheet(me, lesson_id))


@pages.post("/classes/lessons/<id:lesson_id>/uploads")
@staff(writes=True, needs=TAKE, body=UploadBody)
def upload(lesson_id: int, me: SignedInStaff, asked: service.Upload) -> Any:
    """Taps and scans made without a network; the same ones again change nothing."""
    now = clock.now()
    access_lesson(db.session(), me, TAKE, lesson_id)
    results = service.take(db.session(), lesson_id, asked, me.staff_id, now)
    return jsonify(
        server_now=clock.rfc3339(now), results=results, sheet=_sheet(me, lesson_id)
    )  # fmt: skip


@pages.post("/classes/lessons/<id:lesson_id>/uploads/<id:entry_id>/decide")
@staff(writes=True, needs=TAKE, form=DecisionForm, page=attendance_page)
def decide_upload(lesson_id: int, entry_id: int, me: SignedInStaff, asked: dict[str, Any]) -> Any:
    """The device's or the server's."""
    session, decision = db.session(), asked["decision"]
    access_lesson(session, me, TAKE, lesson_id)
    deciding.decide(session, lesson_id, entry_id, decision, me.staff_id, clock.now())
    flash(_("已处理这条现场记录。"), "success")
    return redirect(url_for("admin.attendance_page", lesson_id=lesson_id))


def _sheet(me: SignedInStaff, lesson_id: int) -> dict[str, Any]:
    session, now = db.session(), clock.now()
    lesson = access_lesson(session, me, TAKE, lesson_id)
    people = roster.sheet(session, lesson_id, lesson.run_id, now)
    return {
        "lesson": {
            "id": lesson.id,
            "run_id": lesson.run_id,
            "title": lesson.title,
            "number": lesson.number,
            "place_name": lesson.place_name,
            "starts_at": clock.rfc3339(lesson.starts_at),
            "ends_at": clock.rfc3339(lesson.ends_at),
            "opens_at": clock.rfc3339(lesson.starts_at - attendance.OPENS_BEFORE),
            "cancelled": bool(lesson.cancelled_at or lesson.run_cancelled_at),
        },
        "people": [
            {name: one[name] for name in SHOWN} | {"code_hash": _hash(one["code"])}
            for one in people
        ],
        "counts": roster.count(people),
        "to_decide": len(deciding.open_entries(session, lesson_id)),
        "version": roster.fingerprint(people),
        "server_now": clock.rfc3339(now),
        "csrf": generate_csrf(),
    }


def _hash(code: str) -> str:
    """A tablet knows a code again that it is shown, but cannot show it itself."""
    return hashlib.sha256(code.encode()).hexdigest()
