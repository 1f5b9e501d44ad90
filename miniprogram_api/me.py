"""Myself: what is known of me, and changing it."""

from typing import Any

from flask import Response

from backend import clock
from backend.db import db
from backend.people import profile
from backend.people.queries import Resident
from miniprogram_api.blueprint import Blueprint
from miniprogram_api.doors import resident
from miniprogram_api.envelope import answer
from miniprogram_api.schemas.people import MeBody, MeSchema

blueprint = Blueprint("me", __name__, url_prefix="/me", description="我的资料")


@blueprint.get("")
@resident()
@blueprint.answers(MeSchema)
def get_me(*, me: Resident) -> Response:
    """My own facts, the phone masked, and everybody I may act for."""
    return answer(profile.get(db.session(), me, clock.now()))


@blueprint.post("")
@resident(writes=True)
@blueprint.arguments(MeBody)
@blueprint.answers(MeSchema)
def change_me(body: dict[str, Any], *, me: Resident) -> Response:
    """Change what is named, leave the rest; the answer is how it stands now.

    A POST, because `wx.request` knows no PATCH.
    """
    profile.change(db.session(), me, body)
    return answer(profile.get(db.session(), me, clock.now()))
