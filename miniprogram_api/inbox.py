"""My inbox: everything I was told, whether WeChat delivered it or not."""

from typing import Any

from flask import Response

from backend import clock
from backend.db import db
from backend.people.queries import Resident
from backend.reminders import inbox
from miniprogram_api.blueprint import Blueprint
from miniprogram_api.doors import resident
from miniprogram_api.envelope import answer
from miniprogram_api.schemas.base import Cursor
from miniprogram_api.schemas.inbox import InboxPageSchema

blueprint = Blueprint("inbox", __name__, url_prefix="/inbox", description="消息")


@blueprint.get("")
@resident()
@blueprint.arguments(Cursor, location="query")
@blueprint.answers(InboxPageSchema)
def list_messages(asked: dict[str, Any], *, me: Resident) -> Response:
    """Messages, newest first, and how many are unread."""
    return answer(inbox.list_messages(db.session(), me, **asked))


@blueprint.post("/<id:message_id>/read")
@resident(writes=True)
@blueprint.answers()
def read(*, message_id: int, me: Resident) -> Response:
    """I have read this one."""
    inbox.mark_read(db.session(), me, message_id, clock.now())
    return answer()


@blueprint.post("/read-all")
@resident(writes=True)
@blueprint.answers()
def read_all(*, me: Resident) -> Response:
    """I have read everything."""
    inbox.mark_all_read(db.session(), me, clock.now())
    return answer()
