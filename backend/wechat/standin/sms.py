"""The door of a provider of text messages, beside WeChat's: what is posted here arrives on a phone.

It asks for no proof of who sends, as the plain protocol of `backend/sms` gives none.
"""

from dataclasses import asdict

from flask import Blueprint, Response, request

from backend.wechat.standin.answers import Refused, ok
from backend.wechat.standin.world import world

sms = Blueprint("sms", __name__)


@sms.post("/sms/messages")
def deliver() -> Response:
    """Bring {phone, text} to the phone."""
    body = request.get_json(force=True, silent=True)
    if not isinstance(body, dict):
        raise Refused(47001, "data format error")
    phone, text = body.get("phone"), body.get("text")
    if not isinstance(phone, str) or not isinstance(text, str) or not phone or not text:
        raise Refused(40097, "phone or text is missing")
    return ok(id=world().texts.deliver(phone, text).id)


@sms.get("/_test/texts")
def arrived() -> Response:
    """The texts at ?phone=, oldest first."""
    found = world().texts.of(request.args.get("phone", ""))
    return ok(texts=[asdict(message) for message in found])
