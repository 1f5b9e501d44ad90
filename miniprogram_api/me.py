"""Myself: what is known of me, and changing it."""

from typing import Any

from flask import Response

from backend import clock
from backend.db import db
from backend.people import deleting, own_data, profile
from backend.people.queries import Resident
from miniprogram_api.blueprint import Blueprint
from miniprogram_api.doors import resident
from miniprogram_api.envelope import answer
from miniprogram_api.schemas.people import DeleteMeBody, MeBody, MeSchema, OwnDataSchema

blueprint = Blueprint("me", __name__, url_prefix="/me", description="我的资料")


@blueprint.get("")
@resident()
@blueprint.answers(MeSchema)
def get_me(*, me: Resident) -> Response:
    """My own facts, the phone masked, and everybody I may act for."""
    return answer(profile.get(db.session(), me, clock.now()))


@blueprint.get("/data")
@resident(limit="20/minute")
@blueprint.answers(OwnDataSchema)
def get_own_data(*, me: Resident) -> Response:
    """Everything that is stored about me, in sections to read, in the language of the request."""
    return answer(own_data.gather(db.session(), me, clock.now()))


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


@blueprint.post("/delete")
@resident(writes=True, limit="10/minute")
@blueprint.arguments(DeleteMeBody)
@blueprint.answers()
def delete_me(body: dict[str, bool], *, me: Resident) -> Response:
    """Delete my account for good.

    What is still booked for me is cancelled and offered on, also for children whom nobody else
    acts for; consents end, inbox, calendar link and every sign-in are gone, names, phones and
    addresses are blanked. What is over stays in the books without a name. A POST, because a body
    with `DELETE` does not reach every server.
    """
    deleting.delete_account(db.session(), me, clock.now())
    return answer()
