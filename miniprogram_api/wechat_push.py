"""Where WeChat pushes its messages to: outside the API's envelope, each call signed by WeChat."""

import structlog
from flask import Blueprint, Response, request

from backend import clock, config
from backend.db import db, transactional
from backend.errors import NotFound
from backend.reminders import subscriptions
from backend.wechat import push
from backend.wechat.push import PushKeys, PushRefused
from miniprogram_api.doors import public

log = structlog.get_logger(__name__)

blueprint = Blueprint("wechat_push", __name__, url_prefix="/wechat")

WHY = "WeChat signs each call"


@blueprint.get("/push")
@public(why=WHY)
def check_address() -> Response:
    """WeChat's question whether this address is ours: answered with its own words."""
    told = push.check_url(_keys(), request.args, clock.now())
    return Response(told, content_type="text/plain; charset=utf-8")


@blueprint.post("/push")
@public(why=WHY)
def take_in() -> Response:
    """A pushed message. WeChat repeats it until it hears `success`; each counts once."""
    now = clock.now()
    events = push.events(push.open_message(_keys(), request.args, request.get_data(), now))
    transactional(subscriptions.ingest)(db.session(), events, now)
    return Response("success", content_type="text/plain")


@blueprint.errorhandler(PushRefused)
def refuse(refusal: PushRefused) -> tuple[str, int]:
    log.warning("push refused", reason=str(refusal))
    return "refused", 403


def _keys() -> PushKeys:
    settings = config.current()
    if not settings.push_configured:
        raise NotFound()
    return PushKeys(settings.wx_push_token, settings.wx_push_aes_key, settings.wx_appid)
