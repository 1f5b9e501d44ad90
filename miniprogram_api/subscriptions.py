"""WeChat's one-time subscriptions: which templates to ask for, and what was tapped."""

from flask import Response

from backend import clock
from backend.db import db
from backend.people.queries import Resident
from backend.reminders import subscriptions
from miniprogram_api.blueprint import Blueprint
from miniprogram_api.doors import public, resident
from miniprogram_api.envelope import answer
from miniprogram_api.schemas.subscriptions import (
    SubscriptionsBody,
    SubscriptionsCountedSchema,
    TemplateSchema,
)

blueprint = Blueprint(
    "subscriptions", __name__, url_prefix="/subscriptions", description="订阅消息"
)


@blueprint.get("/templates")
@public(why="template ids are in every client")
@blueprint.answers(TemplateSchema, many=True)
def list_templates() -> Response:
    """What to pass to `wx.requestSubscribeMessage`, at most three in one tap."""
    return answer(subscriptions.templates())


@blueprint.post("")
@resident(writes=True)
@blueprint.arguments(SubscriptionsBody)
@blueprint.answers(SubscriptionsCountedSchema)
def report(body: dict[str, str], *, me: Resident) -> Response:
    """Report what `wx.requestSubscribeMessage` answered, as it came, without `errMsg`.

    It is counted only where WeChat's own message push is not configured.
    """
    return answer({"counted": subscriptions.report(db.session(), me, body, clock.now())})
