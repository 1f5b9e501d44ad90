"""What the console shows when something is refused or breaks: a sentence and a way on."""

from typing import Any

import structlog
from flask import Response, g, jsonify, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.exceptions import HTTPException

from admin.blueprint import pages
from admin.doors import me_or_none, public
from backend.errors import (
    MalformedRequest,
    NotFound,
    Refusal,
    SignInExpired,
    SignInNeeded,
    TooLarge,
    Unavailable,
)

log = structlog.get_logger(__name__)
_BY_STATUS: dict[int, type[Refusal]] = {400: MalformedRequest, 404: NotFound, 413: TooLarge}


def by_htmx() -> bool:
    """Whether htmx asks, for a part of a page."""
    return request.headers.get("HX-Request") == "true"


def by_script() -> bool:
    """Whether a script asks that speaks JSON."""
    wants = request.accept_mimetypes.best == "application/json"
    return request.is_json or wants or request.path.endswith(".json")


@pages.get("/<path:rest>")
@public(why="tells nothing: there is no such page")
def unknown_address(rest: str) -> Any:
    """An address below /admin that is no page."""
    raise NotFound()


@pages.errorhandler(SignInNeeded)
@pages.errorhandler(SignInExpired)
def to_sign_in(refusal: Refusal) -> Any:
    """Not signed in: to the sign-in page, and back afterwards; a script is told so."""
    if by_script():
        return told(refusal)
    back = request.full_path.rstrip("?") if request.method == "GET" else None
    expired = 1 if isinstance(refusal, SignInExpired) else None
    target = url_for("admin.sign_in", next=None if by_htmx() else back, expired=expired)
    if not by_htmx():
        return redirect(target)
    response = make_response("")
    response.headers["HX-Redirect"] = target
    return response


@pages.errorhandler(Refusal)
def refused(refusal: Refusal) -> Any:
    """A rule says no."""
    return show(refusal)


@pages.errorhandler(HTTPException)
def http(error: HTTPException) -> Any:
    """What Flask itself refuses: a missing CSRF token, a body that is too large."""
    kind = _BY_STATUS.get(error.code or 500)
    if error.code == 400 and by_script() and me_or_none() is None:
        return told(SignInNeeded())  # the token went with the sign-in
    if error.code == 400:
        return show(MalformedRequest(_page_is_old()))
    return error if kind is None else show(kind())


@pages.errorhandler(Exception)
def broken(error: Exception) -> Any:
    """A fault of ours; the page gives the number it is logged under."""
    if isinstance(error, HTTPException):
        return http(error)
    log.exception("unhandled", path=request.path)
    return show(Unavailable())


def show(refusal: Refusal) -> Response:
    """A page with the sentence; for htmx, the sentence alone, put where messages stand."""
    if by_script():
        return told(refusal)
    template = "admin/parts/message.html" if by_htmx() else "admin/refused.html"
    body = render_template(template, refusal=refusal, request_id=g.get("request_id"))
    response = make_response(body, refusal.status)
    if by_htmx():
        response.headers["HX-Retarget"] = "#messages"
        response.headers["HX-Reswap"] = "innerHTML show:top"
    if "retry_after" in refusal.data:
        response.headers["Retry-After"] = str(refusal.data["retry_after"])
    return response


def told(refusal: Refusal) -> Response:
    """The refusal for a script, in the words of the residents' API."""
    body = {"errcode": refusal.errcode, "errmsg": str(refusal), "request_id": g.get("request_id")}
    response = jsonify(body | {"errors": getattr(refusal, "errors", {})})
    response.status_code = refusal.status
    return response


def _page_is_old() -> str:
    return _("页面已过期或来源不明，请刷新页面后再提交一次。")
