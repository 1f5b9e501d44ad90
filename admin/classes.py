"""Classes: the list, one class with its lessons and people, and what staff do to them."""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from flask import Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from admin.blueprint import pages
from admin.doors import staff
from admin.forms import read
from admin.schemas.classes import (
    CancelForm,
    CapacityForm,
    ClassFilter,
    DeadlineForm,
    ReasonForm,
)
from admin.uploads import dump_original, load_original
from backend import clock, spreadsheets
from backend.db import db
from backend.night_school import (
    absences,
    as_shown,
    desk,
    minimum,
    printing,
    roster,
    standstill,
    timetable,
)
from backend.night_school import classes as reads
from backend.night_school.admission import composing, wording
from backend.night_school.fees import queries as fees
from backend.staff.access import Permission, SignedInStaff
from backend.staff.meanwhile import Original

SEE, MANAGE = Permission.SEE_CLASSES, Permission.MANAGE_CLASSES


@pages.get("/classes")
@staff(needs=SEE)
def classes(me: SignedInStaff) -> Any:
    """The classes in reach, by what they are narrowed to."""
    asked = read(ClassFilter, request.args)
    return render_template(
        "admin/classes/list.html",
        found=reads.list_classes(db.session(), me, asked, clock.now()),
        filters=reads.filters(db.session(), me),
        too_small=minimum.list_too_small(db.session(), me, clock.now()),
        asked=asked,
    )


@pages.get("/classes/<id:run_id>")
@staff(needs=SEE)
def class_page(run_id: int, me: SignedInStaff) -> Any:
    """One class: facts, lessons, roster, waiting list."""
    session, now = db.session(), clock.now()
    run = reads.get_class(session, me, run_id)
    waiting = roster.waiting_list(session, run_id, now)
    owed = fees.of_run(session, run_id)
    people = roster.roster(session, run_id, now)
    return render_template(
        "admin/classes/class.html",
        run=run,
        small=minimum.standing(run, now),
        absent=absences.among(run, people) if run["ends_at"] > clock.rfc3339(now) else [],
        lessons=reads.lessons_of(session, run_id, now),
        people=people,
        waiting=waiting,
        fees=owed,
        fee_sums=fees.sums(owed),
        original=class_original(run),
        standstill=standstill.reasons(run, waiting, now),
        may_move=standstill.may_move(run, waiting, now),
        rule_sentences=wording.sentences(composing.get_rules(session, run_id, now), now),
    )


@pages.get("/classes/<id:run_id>/capacity")
@staff(needs=MANAGE)
def capacity_page(run_id: int, me: SignedInStaff) -> Any:
    """The form for more or fewer places."""
    return with_class("admin/classes/capacity.html", me, run_id)


@pages.post("/classes/<id:run_id>/capacity")
@staff(writes=True, needs=MANAGE, form=CapacityForm, page=capacity_page)
def change_capacity(run_id: int, me: SignedInStaff, asked: dict[str, Any]) -> Any:
    """More or fewer places; added ones go to the line at once."""
    original = posted_original(run_id)
    desk.change_capacity(db.session(), me, run_id, now=clock.now(), original=original, **asked)
    return to_class(_("名额已改为 %(count)s。", count=asked["capacity"]), run_id)


@pages.get("/classes/<id:run_id>/deadline")
@staff(needs=MANAGE)
def deadline_page(run_id: int, me: SignedInStaff) -> Any:
    """The form for the deadline of giving places back."""
    return with_class("admin/classes/deadline.html", me, run_id)


@pages.post("/classes/<id:run_id>/deadline")
@staff(writes=True, needs=MANAGE, form=DeadlineForm, page=deadline_page)
def change_deadline(run_id: int, me: SignedInStaff, asked: dict[str, Any]) -> Any:
    """Until how many hours before the first lesson places may be given back."""
    original = posted_original(run_id)
    desk.change_deadline(db.session(), me, run_id, asked["hours"], clock.now(), original)
    return to_class(_("取消期限已更改。"), run_id)


@pages.get("/classes/<id:run_id>/cancel")
@staff(needs=MANAGE)
def cancel_class_page(run_id: int, me: SignedInStaff) -> Any:
    """What cancelling means, and the reason."""
    lessons = timetable.stands(db.session(), run_id)
    return with_class("admin/classes/cancel.html", me, run_id, shown=lessons)


@pages.post("/classes/<id:run_id>/cancel")
@staff(writes=True, needs=MANAGE, form=ReasonForm, page=cancel_class_page)
def cancel_class(run_id: int, me: SignedInStaff, asked: dict[str, Any]) -> Any:
    """Cancel the class and every enrolment."""
    original = posted_original(run_id)
    ended = desk.cancel_class(db.session(), me, run_id, asked["reason"], clock.now(), original)
    return to_class(_("班级已取消，已通知 %(count)s 位报名和候补的居民。", count=ended), run_id)


@pages.get("/classes/<id:run_id>/enrolments/<id:booking_id>/cancel")
@staff(needs=MANAGE)
def cancel_enrolment_page(run_id: int, booking_id: int, me: SignedInStaff) -> Any:
    """Whom it concerns, and the reason they are told."""
    person = roster.enrolment(db.session(), run_id, booking_id, clock.now())
    return with_class("admin/classes/cancel_enrolment.html", me, run_id, person=person)


@pages.post("/classes/<id:run_id>/enrolments/<id:booking_id>/cancel")
@staff(writes=True, needs=MANAGE, form=CancelForm, page=cancel_enrolment_page)
def cancel_enrolment(run_id: int, booking_id: int, me: SignedInStaff, asked: Any) -> Any:
    """Take one person off the list; the line moves up."""
    desk.cancel_enrolment(db.session(), me, run_id, booking_id, now=clock.now(), **asked)
    return to_class(_("已取消这位居民的报名，空出的名额会通知下一位候补。"), run_id)


@pages.get("/classes/<id:run_id>/enrolments/<id:booking_id>/pass-over")
@staff(needs=MANAGE)
def pass_over_page(run_id: int, booking_id: int, me: SignedInStaff) -> Any:
    """What it means for those who wait, and the reason."""
    person = roster.enrolment(db.session(), run_id, booking_id, clock.now())
    return with_class("admin/classes/pass_over.html", me, run_id, person=person)


@pages.post("/classes/<id:run_id>/enrolments/<id:booking_id>/pass-over")
@staff(writes=True, needs=MANAGE, form=ReasonForm, page=pass_over_page)
def pass_over(run_id: int, booking_id: int, me: SignedInStaff, asked: dict[str, Any]) -> Any:
    """The free places go to those behind a party that does not fit."""
    session, now = db.session(), clock.now()
    offered = desk.pass_over(session, me, run_id, booking_id, asked["reason"], now)
    return to_class(
        _("空名额已先留给后面 %(count)s 位候补居民，等他们确认。", count=offered), run_id
    )


@pages.get("/classes/<id:run_id>/sign-in-sheet")
@staff(needs=SEE)
def sign_in_sheet(run_id: int, me: SignedInStaff) -> Any:
    """A4 to print: names in rows, lessons in columns, for signatures."""
    return with_class(
        "admin/classes/sheet.html", me, run_id,
        lessons=reads.lessons_of(db.session(), run_id, clock.now()),
        people=roster.roster(db.session(), run_id, clock.now()),
    )  # fmt: skip


@pages.get("/classes/<id:run_id>/roster.xlsx")
@staff(needs=SEE)
def roster_xlsx(run_id: int, me: SignedInStaff) -> Any:
    """The roster as a spreadsheet."""
    run = reads.get_class(db.session(), me, run_id)
    packed = printing.roster(db.session(), run, clock.now())
    return xlsx(_("%(title)s名单", title=run["title"]), packed)


def xlsx(name: str, packed: bytes | Iterator[bytes]) -> Response:
    """A spreadsheet, whole or in pieces, to save under a name that may be Chinese."""
    response = Response(packed, mimetype=spreadsheets.MIMETYPE)
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}.xlsx"
    return response


def with_class(
    template: str, me: SignedInStaff, run_id: int, shown: Mapping[str, str] | None = None,
    **more: Any,
) -> str:  # fmt: skip
    """A page about a class that carries how the class stands, and what else it has `shown`."""
    run = reads.get_class(db.session(), me, run_id)
    return render_template(template, run=run, original=class_original(run, shown), **more)


def class_original(run: Mapping[str, Any], shown: Mapping[str, str] | None = None) -> str:
    """How a class stands as a page about it is opened, for the field `original` of its forms."""
    return dump_original(f"classes/{run['id']}", as_shown.stands(run) | dict(shown or {}))


def posted_original(run_id: int) -> Original | None:
    """That of the post; None without one."""
    return load_original(f"classes/{run_id}")


def to_class(sentence: str, run_id: int) -> Any:
    """Back to the class after a post, saying what was done."""
    flash(sentence)
    return redirect(url_for("admin.class_page", run_id=run_id))
