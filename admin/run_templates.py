"""Templates of classes: save one from a class, throw one away."""

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _

from admin.blueprint import pages
from admin.doors import staff
from admin.planning import planning
from admin.schemas.planning import TemplateForm
from backend.db import db
from backend.night_school import classes as reads
from backend.night_school.planning import templates
from backend.staff.access import Permission, SignedInStaff

MANAGE = Permission.MANAGE_CLASSES


@pages.get("/classes/<id:run_id>/template")
@staff(needs=MANAGE)
def template_page(run_id: int, me: SignedInStaff) -> Any:
    """The form for the template's name."""
    run = reads.get_class(db.session(), me, run_id)
    return render_template("admin/classes/template.html", run=run)


@pages.post("/classes/<id:run_id>/template")
@staff(writes=True, needs=MANAGE, form=TemplateForm, page=template_page)
def save_template(run_id: int, me: SignedInStaff, asked: dict[str, Any]) -> Any:
    """Keep what the class was planned by."""
    templates.save(db.session(), me, run_id, asked["name"])
    flash(_("已存为模板“%(name)s”。", name=asked["name"]))
    return redirect(url_for("admin.planning"))


@pages.post("/planning/templates/<id:template_id>/delete")
@staff(writes=True, needs=MANAGE, page=planning)
def delete_template(template_id: int, me: SignedInStaff) -> Any:
    """Throw a template away."""
    templates.throw_away(db.session(), me, template_id)
    flash(_("模板已删除。"))
    return redirect(url_for("admin.planning"))
