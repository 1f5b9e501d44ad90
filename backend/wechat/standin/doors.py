"""Helper doors under `/_test`: what a person or a phone would do, and switches for faults.

They exist for tests, load drivers and the browser client of the demo; WeChat has none of them.
"""

from dataclasses import asdict
from typing import Any

from flask import Blueprint, Response, request

from backend.wechat.standin.answers import Refused, ok
from backend.wechat.standin.faults import Fault
from backend.wechat.standin.world import world

doors = Blueprint("doors", __name__, url_prefix="/_test")


def _body() -> dict[str, Any]:
    body = request.get_json(force=True, silent=True)
    if not isinstance(body, dict):
        raise Refused(47001, "data format error")
    return body


def _wanted(body: dict[str, Any], name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str) or not value:
        raise Refused(40097, f"{name} is missing")
    return value


@doors.after_request
def allow_browser_client(response: Response) -> Response:
    """Let the one configured origin call from a browser."""
    origin = world().settings.origin
    response.headers["Vary"] = "Origin"
    if origin and request.headers.get("Origin") == origin:
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Access-Control-Allow-Headers"] = "Content-Type"
    return response


@doors.post("/login-code")
def login_code() -> Response:
    """`wx.login` for {openid}: {code}."""
    return ok(code=world().state.new_login_code(_wanted(_body(), "openid")))


@doors.post("/phone-code")
def phone_code() -> Response:
    """The getPhoneNumber button for {openid?, phone?}: {code}. The phone defaults to the file's."""
    body = _body()
    openid, phone = str(body.get("openid") or ""), str(body.get("phone") or "")
    return ok(code=world().state.new_phone_code(openid, phone))


@doors.post("/popup")
def popup() -> Response:
    """`wx.requestSubscribeMessage` for {openid, answers: {template_id: accept|reject}}."""
    body = _body()
    answers = body.get("answers")
    if not isinstance(answers, dict) or not answers:
        raise Refused(40097, "answers is missing")
    for template_id, status in answers.items():
        if template_id not in world().templates:
            raise Refused(20001, "no template data return, verify the template id exist")
        if status not in ("accept", "reject"):
            raise Refused(40097, "an answer is accept or reject")
    world().answer_popup(_wanted(body, "openid"), answers)
    return ok(**answers)


@doors.post("/switch-off")
def switch_off() -> Response:
    """Refuse {template_id} for {openid} in WeChat's settings."""
    body = _body()
    world().switch_off(_wanted(body, "openid"), _wanted(body, "template_id"))
    return ok()


@doors.get("/messages")
def messages() -> Response:
    """The messages that arrived, oldest first: all, or those of ?openid=."""
    found = world().state.messages(request.args.get("openid"))
    return ok(messages=[asdict(message) for message in found])


@doors.get("/grants")
def grants() -> Response:
    """Messages ?openid= still allows, by template."""
    return ok(grants=world().state.grants(request.args.get("openid", "")))


@doors.get("/pushes")
def pushes() -> Response:
    """Events pushed to the callback, and what became of them."""
    return ok(pushes=[asdict(push) for push in world().pusher.pushes])


@doors.post("/repeat-push")
def repeat_push() -> Response:
    """Push the last event once more."""
    world().pusher.repeat_last()
    return ok()


@doors.post("/expire-token")
def expire_token() -> Response:
    """Every access token handed out so far stops working."""
    world().issuer.expire_now()
    return ok()


@doors.post("/token-life")
def token_life() -> Response:
    """Tokens issued from now on live {seconds}."""
    world().issuer.seconds = int(_body().get("seconds", 7200))
    return ok()


@doors.post("/faults")
def faults() -> Response:
    """Switch a fault on: {path, kind, times?, errcode?, status?, seconds?}."""
    try:
        fault = Fault(**_body())
    except TypeError as error:
        raise Refused(40097, str(error)) from None
    world().faults.add(fault)
    return ok()


@doors.post("/rate-limit")
def rate_limit() -> Response:
    """Answer 45011 beyond {per_minute} calls of {path}; null lifts the limit."""
    body = _body()
    world().faults.limit(_wanted(body, "path"), body.get("per_minute"))
    return ok()


@doors.get("/calls")
def calls() -> Response:
    """How often each door was called, and how many access tokens were issued."""
    here = world()
    return ok(calls=dict(here.faults.calls), tokens_issued=here.issuer.issued)


@doors.post("/reset")
def reset() -> Response:
    """Forget codes, grants, messages, texts, pushes and switches; the access token stays valid."""
    here = world()
    here.state.forget()
    here.texts.forget()
    here.faults.forget()
    here.pusher.pushes.clear()
    return ok()
