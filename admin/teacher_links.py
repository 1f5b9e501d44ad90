"""Links to one class's attendance, for teachers without an account: handed out and taken back."""

from typing import Any

import segno
from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from markupsafe import Markup

from admin.blueprint import pages
from admin.doors import staff
from admin.schemas.classes import TeacherLinkForm
from backend import clock
from backend.db import db
from backend.night_school import classes as reads
from backend.night_school.reach import access_class
from backend.night_school.teacher_links import service
from backend.staff.access import Permission, SignedInStaff

MANAGE = Permission.MANAGE_CLASSES


@pages.get("/classes/<id:run_id>/teacher-links")
@staff(needs=MANAGE)
def teacher_links(run_id: int, me: SignedInStaff) -> Any:
    """The links in use, and the form for another."""
    session = db.session()
    access_class(session, me, MANAGE, run_id)
    links = service.list_open(session, run_id)
    return render_template(
        "admin/classes/teacher_links.html", run=reads.get_class(session, me, run_id),
        links=[link | {"drawn": _drawn(link["address"])} for link in links],
    )  # fmt: skip


@pages.post("/classes/<id:run_id>/teacher-links")
@staff(writes=True, needs=MANAGE, form=TeacherLinkForm, page=teacher_links)
def create_teacher_link(run_id: int, me: SignedInStaff, asked: dict[str, Any]) -> Any:
    """Another link."""
    service.create(db.session(), me, run_id, asked["name"], clock.now())
    flash(_("链接已生成，请发给%(name)s。", name=asked["name"]), "success")
    return redirect(url_for("admin.teacher_links", run_id=run_id))


@pages.post("/classes/<id:run_id>/teacher-links/<id:link_id>/revoke")
@staff(writes=True, needs=MANAGE, page=teacher_links)
def revoke_teacher_link(run_id: int, link_id: int, me: SignedInStaff) -> Any:
    """It opens nothing any more."""
    service.revoke(db.session(), me, run_id, link_id, clock.now())
    flash(_("链接已收回，不能再打开。"), "success")
    return redirect(url_for("admin.teacher_links", run_id=run_id))


def _drawn(address: str) -> Markup:
    drawn = segno.make(address, error="m", micro=False)
    return Markup(drawn.svg_inline(omitsize=True, border=2))  # noqa: S704 - segno's own
