"""Likely duplicates among residents' cards: listed, compared, merged or dismissed."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from admin.blueprint import pages
from admin.doors import staff
from admin.schemas.people import MergeForm
from backend import clock
from backend.db import db
from backend.desk import duplicates as desk
from backend.staff import queries as staff_queries
from backend.staff.access import Permission, SignedInStaff

MERGE = Permission.MERGE_PEOPLE


@pages.get("/duplicates")
@staff(needs=MERGE)
def duplicates(me: SignedInStaff) -> Any:
    """Pairs that may be one person each, of all my places or of one."""
    session = db.session()
    chosen = request.args.get("place", type=int)
    options = staff_queries.list_communities(session, me, MERGE)
    path = next((place["path"] for place in options if place["id"] == chosen), None)
    return render_template(
        "admin/duplicates/list.html", pairs=desk.list_pairs(session, me, path), options=options,
        chosen=chosen if path else None, most=desk.MOST_LISTED,
    )  # fmt: skip


@pages.get("/duplicates/<id:one_id>/<id:other_id>")
@staff(needs=MERGE)
def duplicates_compare(me: SignedInStaff, one_id: int, other_id: int) -> Any:
    """Two cards side by side."""
    pair = desk.compare(db.session(), me, one_id, other_id)
    return render_template("admin/duplicates/compare.html", **pair)


@pages.post("/duplicates/<id:one_id>/<id:other_id>/merge")
@staff(writes=True, needs=MERGE, form=MergeForm, page=duplicates_compare)
def duplicates_merge(me: SignedInStaff, one_id: int, other_id: int, asked: dict[str, Any]) -> Any:
    """Make them one."""
    kept = desk.merge_pair(db.session(), me, one_id, other_id, asked["keep_id"], clock.now())
    flash(_("两份档案已合并。"), "success")
    return redirect(url_for("admin.person", person_id=kept))


@pages.post("/duplicates/<id:one_id>/<id:other_id>/dismiss")
@staff(writes=True, needs=MERGE, page=duplicates_compare)
def duplicates_dismiss(me: SignedInStaff, one_id: int, other_id: int) -> Any:
    """They are two people."""
    desk.dismiss(db.session(), me, one_id, other_id, clock.now())
    flash(_("已标记为不是同一人，以后不再提示。"), "success")
    return redirect(url_for("admin.duplicates"))
