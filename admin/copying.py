"""Copying a term: last term's classes of a community once more, each seen before it is written."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from admin.blueprint import pages
from admin.doors import staff
from admin.forms import form_of, read
from admin.schemas.planning import CopyForm
from backend import clock
from backend.db import db
from backend.night_school.planning import copying, offers
from backend.staff import audit
from backend.staff.access import Permission, SignedInStaff

MANAGE = Permission.MANAGE_CLASSES


@pages.get("/planning/copy")
@staff(needs=MANAGE)
def copy_page(me: SignedInStaff) -> Any:
    """Which term, into which, where; and when residents sign up."""
    session = db.session()
    return render_template(
        "admin/planning/copy.html",
        form=form_of(), places=offers.places(session, me), terms=offers.terms(session),
        coming=offers.coming_terms(session, clock.today()),
    )  # fmt: skip


@pages.post("/planning/copy")
@staff(writes=True, needs=MANAGE, form=CopyForm, page=copy_page)
def copy_preview(me: SignedInStaff, asked: dict[str, Any]) -> Any:
    """Every class with its new dates and clashes; nothing is written."""
    audit.unchanged(db.session())
    return _preview_page(me, asked | {"chosen": None}, seen=None)


@staff(needs=MANAGE, page=copy_page)
def copy_again(me: SignedInStaff) -> Any:
    """The preview as it is by now, with what is new in it."""
    asked = read(CopyForm)
    return _preview_page(me, asked, seen=asked["seen"])


@pages.post("/planning/copy/create")
@staff(writes=True, needs=MANAGE, form=CopyForm, page=copy_again)
def copy_create(me: SignedInStaff, asked: dict[str, Any]) -> Any:
    """Open the ticked classes as drafts: all of them, or none."""
    count = copying.copy_classes(db.session(), me, now=clock.now(), **asked)
    flash(_("已复制 %(count)s 个班，核对后就可以发布。", count=count))
    wish = asked["asked"]
    return redirect(
        url_for("admin.classes", when="drafts", place_id=wish.place_id, term_id=wish.term_id)
    )


def _preview_page(me: SignedInStaff, asked: dict[str, Any], seen: Any) -> str:
    wish = asked["asked"]
    return render_template(
        "admin/planning/copy_preview.html",
        copies=copying.preview_copies(db.session(), me, wish, clock.now(), asked["chosen"]),
        wish=wish, seen=seen, form=form_of(),
        typed=[
            (name, value) for name, value in request.form.items()
            if name not in ("csrf_token", "chosen", "seen")
        ],
    )  # fmt: skip
