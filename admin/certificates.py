"""Certificates of a class: who has earned one, issuing them, and the papers to print."""

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _

from admin.blueprint import pages
from admin.doors import staff
from admin.papers import pdf
from backend import clock
from backend.db import db
from backend.errors import NotFound
from backend.night_school import classes
from backend.night_school.certificates import issuing, paper
from backend.staff.access import Permission, SignedInStaff

MANAGE = Permission.MANAGE_CLASSES


@pages.get("/classes/<id:run_id>/certificates")
@staff(needs=MANAGE)
def certificates(run_id: int, me: SignedInStaff) -> Any:
    """Everybody of the class with how often they came."""
    session, now = db.session(), clock.now()
    return render_template(
        "admin/classes/certificates.html",
        run=classes.get_class(session, me, run_id),
        people=issuing.of_class(session, run_id, now),
        needed_share=issuing.NEEDED,
    )


@pages.post("/classes/<id:run_id>/certificates")
@staff(writes=True, needs=MANAGE, page=certificates)
def issue_certificates(run_id: int, me: SignedInStaff) -> Any:
    """Issue to all who have earned one."""
    count = issuing.issue_to_class(db.session(), me, run_id, clock.now())
    flash(
        _("已为 %(count)s 位学员生成结业证书，可以打印了。", count=count)
        if count
        else _("没有新的结业证书需要生成。")
    )
    return redirect(url_for("admin.certificates", run_id=run_id))


@pages.get("/classes/<id:run_id>/certificates.pdf")
@staff(needs=MANAGE)
def certificates_pdf(run_id: int, me: SignedInStaff) -> Any:
    """The papers of the class, one page each, in the order of the list."""
    run = classes.get_class(db.session(), me, run_id)
    issued = [one for one in issuing.of_class(db.session(), run_id, clock.now()) if one["code"]]
    if not issued:
        raise NotFound()
    return pdf(_("%(title)s结业证书", title=run["title"]), paper.draw(issued))
