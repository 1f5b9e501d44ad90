"""What a teacher's link opens: the attendance of that class, by name, and nothing else.

The link signs nobody in. Its key is kept in a cookie that only these addresses are sent.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import g, redirect, render_template, request, session, url_for

from admin.blueprint import pages
from admin.device import device
from admin.doors import audited, public, refusable
from admin.forms import read
from admin.schemas.classes import MarkForm
from backend import clock, config
from backend.db import db
from backend.night_school import attendance, checkin, roster
from backend.night_school.models import CheckInBy, Presence
from backend.night_school.teacher_links import service
from backend.night_school.teacher_links.service import Link

COOKIE = "xingfu_teacher"
PATH = "/admin/teacher"
LASTS = 200 * 86400

Page = Callable[..., Any]


def teacher(*, writes: bool = False, page: Page | None = None) -> Callable[[Page], Page]:
    """A link is needed; the page is handed `link`. With `writes` in one audited transaction.

    `page`: the page to show again when the post is refused.
    """

    def decorate(view: Page) -> Page:
        def enter(*args: Any, **kwargs: Any) -> Any:
            key = request.cookies.get(COOKIE, "")
            link = service.open_link(db.session(), key, clock.now())
            return view(*args, link=link, **kwargs)

        inner = audited(enter) if writes else enter
        asked = inner if page is None else refusable(page)(inner)

        @wraps(view)
        def door(*args: Any, **kwargs: Any) -> Any:
            g.language = session.get("language")
            return asked(*args, **kwargs)

        door.sign_in = "teacher"  # type: ignore[attr-defined]
        door.writes = writes  # type: ignore[attr-defined]
        return door

    return decorate


@pages.get("/teacher")
@public(why="the way in by a teacher's link")
def teacher_enter() -> Any:
    """Keep the key, so that it does not stay in the address."""
    key = request.args.get("key", "")
    service.open_link(db.session(), key, clock.now())
    response = redirect(url_for("admin.teacher_class"))
    response.set_cookie(
        COOKIE, key, max_age=LASTS, path=PATH, httponly=True, samesite="Lax",
        secure=config.current().production,
    )  # fmt: skip
    return response


@pages.get("/teacher/class")
@teacher()
def teacher_class(link: Link) -> Any:
    """Straight to the lesson to be marked now."""
    lessons = service.lessons(db.session(), link, clock.now())
    now_on = next((lesson["id"] for lesson in lessons if lesson["on"]), None)
    first = now_on or (lessons[0]["id"] if lessons else None)
    if first is None:
        return render_template("admin/teacher/lesson.html", link=link, lessons=[], lesson=None)
    return redirect(url_for("admin.teacher_lesson", lesson_id=first))


@pages.get("/teacher/lessons/<id:lesson_id>")
@teacher()
def teacher_lesson(lesson_id: int, link: Link) -> Any:
    """Everybody of the class, to be marked."""
    sql, now = db.session(), clock.now()
    lesson = service.check_lesson(sql, link, lesson_id)
    people = service.names(sql, link, lesson_id)
    return render_template(
        "admin/teacher/lesson.html", link=link, lesson=lesson, people=people,
        lessons=service.lessons(sql, link, now), counts=roster.count(people),
        early=now < lesson.starts_at - attendance.OPENS_BEFORE,
        undoable=checkin.last_change(sql, lesson_id, device(), now) is not None,
    )  # fmt: skip


def again(lesson_id: int, booking_id: int | None = None) -> Any:
    """The page once more, with what was refused."""
    return teacher_lesson(lesson_id=lesson_id)


@pages.post("/teacher/lessons/<id:lesson_id>/marks/<id:booking_id>")
@teacher(writes=True, page=again)
def teacher_mark(lesson_id: int, booking_id: int, link: Link) -> Any:
    """A tap."""
    presence = read(MarkForm)["presence"]
    service.check_lesson(db.session(), link, lesson_id)
    attendance.mark(
        db.session(), lesson_id, booking_id, Presence(presence) if presence else None,
        CheckInBy.TAP, link.staff_id, clock.now(), device(), link.id,
    )  # fmt: skip
    return _back(lesson_id, f"row-{booking_id}")


@pages.post("/teacher/lessons/<id:lesson_id>/all-present")
@teacher(writes=True, page=again)
def teacher_all_present(lesson_id: int, link: Link) -> Any:
    """Everybody without a mark is here."""
    service.check_lesson(db.session(), link, lesson_id)
    attendance.mark_all_present(
        db.session(), lesson_id, link.staff_id, clock.now(), device(), link.id
    )  # fmt: skip
    return _back(lesson_id)


@pages.post("/teacher/lessons/<id:lesson_id>/undo")
@teacher(writes=True, page=again)
def teacher_undo(lesson_id: int, link: Link) -> Any:
    """Take the last change made on this device back."""
    service.check_lesson(db.session(), link, lesson_id)
    checkin.undo(
        db.session(), lesson_id, link.staff_id, device(), clock.now(), link_id=link.id
    )  # fmt: skip
    return _back(lesson_id)


def _back(lesson_id: int, anchor: str | None = None) -> Any:
    return redirect(url_for("admin.teacher_lesson", lesson_id=lesson_id, _anchor=anchor))
