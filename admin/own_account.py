"""One's own account: password, sign-ins on other devices."""

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _

from admin.blueprint import pages
from admin.doors import staff
from admin.schemas.own import PasswordForm
from backend import clock
from backend.db import db
from backend.staff import sessions, signin
from backend.staff.access import SignedInStaff


@pages.get("/account")
@staff()
def own_account(me: SignedInStaff) -> Any:
    """My roles and where I am signed in."""
    return render_template(
        "admin/own_account.html", live=sessions.list_live(db.session(), me.staff_id, clock.now())
    )


@pages.get("/account/password")
@staff(any_password=True)
def own_password(me: SignedInStaff) -> Any:
    """The form for a new password."""
    return render_template("admin/own_password.html")


@pages.post("/account/password")
@staff(writes=True, form=PasswordForm, page=own_password, any_password=True)
def change_own_password(me: SignedInStaff, asked: dict[str, Any]) -> Any:
    """A new password; other sign-ins end."""
    signin.change_password(db.session(), me, asked["current"], asked["password"], clock.now())
    flash(_("密码已更改，其他设备上的登录已退出。"), "success")
    return redirect(url_for("admin.own_account"))


@pages.post("/account/sessions/<session_hash>/revoke")
@staff(writes=True)
def revoke_own_session(me: SignedInStaff, session_hash: str) -> Any:
    """Sign out on another device."""
    signin.revoke_own(db.session(), me, session_hash, clock.now())
    flash(_("已退出那台设备上的登录。"), "success")
    return redirect(url_for("admin.own_account"))
