"""The way in and out."""

from typing import Any

from flask import Response as FlaskResponse
from flask import redirect, render_template, request, session, url_for

from admin.blueprint import pages
from admin.doors import COOKIE, me_or_none, public, refusable, staff
from admin.forms import read
from admin.returning import inside
from admin.schemas.own import LanguageForm, SignInForm
from backend import clock, config
from backend.db import db, transactional
from backend.staff import accounts, signin
from backend.staff.access import SignedInStaff
from backend.staff.signin import Try

SIGN_INS = "30/5 minutes"


@pages.get("/sign-in")
@public(why="the way in")
def sign_in() -> Any:
    """The form."""
    me = me_or_none()
    if me is not None:
        return redirect(inside(request.args.get("next")))
    return render_template("admin/sign_in.html")


@pages.post("/sign-in")
@public(limit=SIGN_INS, why="the way in")
@refusable(sign_in)
def enter() -> Any:
    """Check the password; a right one opens a session."""
    asked, now = read(SignInForm), clock.now()
    attempt = transactional(signin.begin)(db.session(), asked["username"], now)
    if not signin.is_right(attempt, asked["password"]):
        transactional(signin.fail)(db.session(), attempt, now)
        signin.refuse()
    return _opened(attempt, asked, now)


def _opened(attempt: Try, asked: dict[str, Any], now: Any) -> FlaskResponse:
    device = request.user_agent.string[:120]
    token = transactional(signin.finish)(db.session(), attempt, asked["password"], device, now)
    settings = config.current()
    response = redirect(inside(asked["next"]))
    response.set_cookie(
        COOKIE, token, max_age=settings.staff_session_hours * 3600, path="/admin",
        httponly=True, samesite="Lax", secure=settings.production,
    )  # fmt: skip
    return response


@pages.post("/sign-out")
@staff(writes=True, any_password=True)
def leave(me: SignedInStaff) -> Any:
    """End this sign-in."""
    signin.sign_out(db.session(), me, clock.now())
    response = redirect(url_for("admin.sign_in"))
    response.delete_cookie(COOKIE, path="/admin")
    return response


@pages.post("/language")
@staff(writes=True, form=LanguageForm, any_password=True)
def change_language(me: SignedInStaff, asked: dict[str, Any]) -> Any:
    """Speak the other language from now on."""
    accounts.set_language(db.session(), me, asked["language"])
    return redirect(inside(asked["back"]))


@pages.post("/sign-in/language")
@public(why="a choice of the browser's own, before signing in")
def change_language_outside() -> Any:
    """The other language on the sign-in page."""
    session["language"] = read(LanguageForm)["language"]
    return redirect(url_for("admin.sign_in"))
