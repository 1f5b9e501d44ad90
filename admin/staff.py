"""Staff accounts, for managers: who works at my places, their roles, passwords, and leaving."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from admin.blueprint import pages
from admin.doors import staff
from admin.schemas.staff import LeaveForm, NameForm, NewStaffForm, RoleForm
from backend import clock
from backend.db import db
from backend.night_school.handover import hand_over_classes
from backend.staff import accounts, leaving, queries, sessions
from backend.staff.access import Permission, SignedInStaff
from backend.staff.models import Role

MANAGE = Permission.MANAGE_STAFF


def _one(staff_id: int) -> Any:
    return redirect(url_for("admin.staff_one", staff_id=staff_id))


@pages.get("/staff")
@staff(needs=MANAGE)
def staff_list(me: SignedInStaff) -> Any:
    """Who works at my places."""
    text, left = request.args.get("q", "").strip()[:40], "left" in request.args
    found = queries.list_staff(db.session(), me, clock.now(), text, left=left)
    return render_template("admin/staff/list.html", found=found, text=text, left=left)


@pages.get("/staff/new")
@staff(needs=MANAGE)
def staff_new(me: SignedInStaff) -> Any:
    """The form for a new account."""
    return render_template("admin/staff/new.html", places=queries.list_places(db.session(), me))


@pages.post("/staff/new")
@staff(writes=True, needs=MANAGE, form=NewStaffForm, page=staff_new)
def staff_create(me: SignedInStaff, asked: dict[str, Any]) -> Any:
    """A new account; its one-time password is shown on this page only."""
    made = accounts.create(
        db.session(), me, asked["username"], asked["name"], Role(asked["role"]),
        asked["place_id"], clock.now(),
    )  # fmt: skip
    return _password_page(me, made.staff_id, made.password)


def _password_page(me: SignedInStaff, staff_id: int, password: str) -> Any:
    one = queries.get_staff(db.session(), me, staff_id, clock.now())
    return render_template("admin/staff/password.html", one=one, password=password)


@pages.get("/staff/<id:staff_id>")
@staff(needs=MANAGE)
def staff_one(me: SignedInStaff, staff_id: int) -> Any:
    """One account."""
    now = clock.now()
    one = queries.get_staff(db.session(), me, staff_id, now)
    return render_template(
        "admin/staff/one.html", one=one, places=queries.list_places(db.session(), me),
        live=sessions.list_live(db.session(), staff_id, now),
    )  # fmt: skip


@pages.post("/staff/<id:staff_id>/name")
@staff(writes=True, needs=MANAGE, form=NameForm, page=staff_one)
def staff_rename(me: SignedInStaff, staff_id: int, asked: dict[str, Any]) -> Any:
    """Correct a name."""
    accounts.rename(db.session(), me, staff_id, asked["name"])
    flash(_("姓名已更改。"), "success")
    return _one(staff_id)


@pages.post("/staff/<id:staff_id>/roles")
@staff(writes=True, needs=MANAGE, form=RoleForm, page=staff_one)
def staff_grant(me: SignedInStaff, staff_id: int, asked: dict[str, Any]) -> Any:
    """One more role."""
    accounts.grant(db.session(), me, staff_id, Role(asked["role"]), asked["place_id"])
    flash(_("岗位已添加。"), "success")
    return _one(staff_id)


@pages.post("/staff/<id:staff_id>/roles/<id:role_id>/withdraw")
@staff(writes=True, needs=MANAGE, page=staff_one)
def staff_withdraw(me: SignedInStaff, staff_id: int, role_id: int) -> Any:
    """Take a role."""
    accounts.withdraw(db.session(), me, staff_id, role_id)
    flash(_("岗位已撤销。"), "success")
    return _one(staff_id)


@pages.post("/staff/<id:staff_id>/password")
@staff(writes=True, needs=MANAGE, page=staff_one)
def staff_reset_password(me: SignedInStaff, staff_id: int) -> Any:
    """A new one-time password, shown on this page only."""
    password = accounts.reset_password(db.session(), me, staff_id, clock.now())
    return _password_page(me, staff_id, password)


@pages.post("/staff/<id:staff_id>/sign-ins/end")
@staff(writes=True, needs=MANAGE, page=staff_one)
def staff_end_sign_ins(me: SignedInStaff, staff_id: int) -> Any:
    """End all their sign-ins."""
    accounts.end_sign_ins(db.session(), me, staff_id, clock.now())
    flash(_("已让这位同事的所有设备退出登录。"), "success")
    return _one(staff_id)


@pages.get("/staff/<id:staff_id>/leave")
@staff(needs=MANAGE)
def staff_leaving(me: SignedInStaff, staff_id: int) -> Any:
    """Who takes the work over?"""
    now = clock.now()
    return render_template(
        "admin/staff/leave.html",
        one=queries.get_staff(db.session(), me, staff_id, now),
        successors=queries.list_successors(db.session(), me, staff_id, now),
    )


@pages.post("/staff/<id:staff_id>/leave")
@staff(writes=True, needs=MANAGE, form=LeaveForm, page=staff_leaving)
def staff_leave(me: SignedInStaff, staff_id: int, asked: dict[str, Any]) -> Any:
    """Close the account and hand the work over."""
    session, now, successor_id = db.session(), clock.now(), asked["successor_id"]
    leaving.leave(session, me, staff_id, successor_id, now)
    hand_over_classes(session, me, staff_id, successor_id, now)
    flash(_("已办理离岗，工作已交接。"), "success")
    return _one(staff_id)
