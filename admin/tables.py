"""Plain tables: one list, one form, spreadsheets in and out, for every entry of backend/tables."""

from contextlib import AbstractContextManager, nullcontext
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from admin.blueprint import pages
from admin.classes import xlsx
from admin.doors import staff
from admin.forms import Form, form_of, read
from admin.schemas.tables import ListQuery
from admin.uploads import dump_lines, dump_original, load_lines, load_original, uploaded
from backend import clock
from backend.db import db
from backend.staff import audit
from backend.staff.access import Permission, SignedInStaff
from backend.tables import TABLES, importing, pictures, reading, table_named, writing
from backend.tables.table import Table
from backend.venues import changing_hours, outside

EDIT = Permission.EDIT_TABLES


@pages.get("/tables")
@staff(needs=EDIT)
def tables(me: SignedInStaff) -> Any:
    """Which tables there are."""
    return render_template("admin/tables/index.html", tables=TABLES.values())


@pages.get("/tables/<name>")
@staff(needs=EDIT)
def table_list(name: str, me: SignedInStaff) -> Any:
    """The rows in reach: searched, sorted, paged."""
    table, asked = table_named(name), read(ListQuery, request.args)
    found = reading.list_rows(db.session(), me, table, **asked)
    return render_template("admin/tables/list.html", table=table, found=found, asked=asked)


@pages.get("/tables/<name>/export.xlsx")
@staff(needs=EDIT)
def table_export(name: str, me: SignedInStaff) -> Any:
    """What the list shows, as a spreadsheet that can be sent back."""
    table, asked = table_named(name), read(ListQuery, request.args)
    packed = importing.export(db.session(), me, table, asked["text"])
    return xlsx(f"{table.title} {clock.today()}", packed)


@pages.get("/tables/<name>/template.xlsx")
@staff(needs=EDIT)
def table_template(name: str, me: SignedInStaff) -> Any:
    """An empty sheet with the headings."""
    table = table_named(name)
    return xlsx(_("%(title)s模板", title=table.title), importing.template(table))


@pages.get("/tables/<name>/new")
@staff(needs=EDIT)
def table_new(name: str, me: SignedInStaff) -> Any:
    """The form for a new row."""
    return _form_page(me, table_named(name), form_of())


@pages.post("/tables/<name>/new")
@staff(writes=True, needs=EDIT, page=table_new)
def table_create(name: str, me: SignedInStaff) -> Any:
    """A new row."""
    table = table_named(name)
    with _looked_at(me, table):
        ident = writing.create_row(db.session(), me, table, _typed(table), clock.now())
    flash(_("已新增%(noun)s。", noun=table.noun))
    if table.page:
        endpoint, argument = table.page
        return redirect(url_for(endpoint, **{argument: ident}))
    return _hit_by(me, table) or redirect(url_for("admin.table_row", name=name, ident=ident))


@pages.get("/tables/<name>/<id:ident>")
@staff(needs=EDIT)
def table_row(name: str, ident: int, me: SignedInStaff) -> Any:
    """The form for a row that exists; it carries how the row stands now."""
    table, session = table_named(name), db.session()
    choices = reading.choices_of(session, me, table)
    stands = reading.shown(table, reading.get_row(session, me, table, ident), choices)
    form = form_of(dict(stands))
    # What was typed says nothing of the fields that are fixed.
    form = Form(stands | form.values, form.errors, form.refusal)
    picture = pictures.of_row(session, table, ident)
    return _form_page(
        me,
        table,
        form,
        ident=ident,
        picture=picture,
        original=dump_original(f"{name}/{ident}", stands),
    )


@pages.post("/tables/<name>/<id:ident>")
@staff(writes=True, needs=EDIT, page=table_row)
def table_change(name: str, ident: int, me: SignedInStaff) -> Any:
    """Change a row, unless somebody else has since the form was opened."""
    table = table_named(name)
    original = load_original(f"{name}/{ident}")
    with _looked_at(me, table):
        writing.change_row(db.session(), me, table, ident, _typed(table), original, clock.now())
    flash(_("已保存。"))
    return _hit_by(me, table) or redirect(url_for("admin.table_row", name=name, ident=ident))


@pages.post("/tables/<name>/<id:ident>/picture")
@staff(writes=True, needs=EDIT, page=table_row)
def table_picture(name: str, ident: int, me: SignedInStaff) -> Any:
    """A picture for a row that shows one."""
    pictures.set_picture(db.session(), me, table_named(name), ident, uploaded("picture"))
    flash(_("图片已更新。"))
    return redirect(url_for("admin.table_row", name=name, ident=ident))


@pages.get("/tables/<name>/import")
@staff(needs=EDIT)
def table_import(name: str, me: SignedInStaff) -> Any:
    """Where a sheet is uploaded."""
    return render_template("admin/tables/import.html", table=table_named(name))


@pages.post("/tables/<name>/import")
@staff(writes=True, needs=EDIT, page=table_import)
def table_preview(name: str, me: SignedInStaff) -> Any:
    """What would become of each row; nothing is written."""
    table = table_named(name)
    lines = importing.read(table, uploaded("file"))
    session, now = db.session(), clock.now()
    planned = importing.plan(session, me, table, lines, now)
    looked = importing.outside(session, me, table, planned, now)
    audit.unchanged(session)
    return render_template(
        "admin/tables/preview.html", looked=looked,
        table=table, planned=planned, counts=importing.count(planned),
        lines=dump_lines(table.name, lines), previewed=importing.fingerprint(planned),
    )  # fmt: skip


@pages.post("/tables/<name>/import/confirm")
@staff(writes=True, needs=EDIT, page=table_import)
def table_confirm(name: str, me: SignedInStaff) -> Any:
    """Write what was previewed: all of it, or nothing."""
    table = table_named(name)
    lines = load_lines(table.name, request.form.get("lines", ""))
    with _looked_at(me, table):
        counts = importing.apply(
            db.session(), me, table, lines, request.form.get("previewed", ""), clock.now()
        )
    flash(_("导入完成：新增 %(new)s 条，更改 %(changed)s 条。", **counts))
    return _hit_by(me, table) or redirect(url_for("admin.table_list", name=name))


def _looked_at(me: SignedInStaff, table: Table) -> AbstractContextManager[None]:
    """Whoever the change would leave outside the hours was on show before, or it is refused."""
    if not table.moves_hours:
        return nullcontext()
    shown = request.form.get("outside", "")
    return changing_hours.confirmed(db.session(), me, shown, clock.now())


def _hit_by(me: SignedInStaff, table: Table) -> Any:
    """Where the change leaves reservations outside the hours: to whose they are."""
    if not table.moves_hours or not (hit := outside.count(db.session(), me, clock.now())):
        return None
    flash(_("有 %(n)s 个预约落在开放时间以外，请处理。", n=hit.total()), "warning")
    if len(hit) == 1:
        return redirect(url_for("admin.outside_hours", venue_id=next(iter(hit))))
    return redirect(url_for("admin.outside_venues"))


def _form_page(me: SignedInStaff, table: Table, form: Form, **more: Any) -> str:
    choices = reading.choices_of(db.session(), me, table)
    return render_template(
        "admin/tables/form.html",
        table=table, form=form, choices=choices, may_edit=table.may_edit(me), **more,
    )  # fmt: skip


def _typed(table: Table) -> dict[str, str]:
    return {
        name: request.form[name] for name in table.fields() if request.form.get(name, "").strip()
    }
