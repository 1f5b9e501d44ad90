"""Registered groups (团队): whose members I and mine are, and leaving them."""

from flask import Response

from backend import clock
from backend.db import db
from backend.people.queries import Resident
from backend.venues.groups import queries, service
from miniprogram_api.blueprint import Blueprint
from miniprogram_api.doors import resident
from miniprogram_api.envelope import answer
from miniprogram_api.schemas.groups import GroupDetailSchema, GroupSchema

blueprint = Blueprint("groups", __name__, url_prefix="/venues/groups", description="团队")


@blueprint.get("")
@resident()
@blueprint.answers(GroupSchema, many=True)
def list_groups(*, me: Resident) -> Response:
    """The groups I, or people I may act for, reserve for. Staff register groups and members."""
    return answer(queries.list_mine(db.session(), me, clock.now()))


@blueprint.get("/<id:group_id>")
@resident()
@blueprint.answers(GroupDetailSchema)
def get_group(*, group_id: int, me: Resident) -> Response:
    """One of them with its members."""
    return answer(queries.get_mine(db.session(), me, group_id, clock.now()))


@blueprint.post("/<id:group_id>/members/<id:person_id>/remove")
@resident(writes=True)
@blueprint.answers()
@blueprint.refuses(409)
def remove_member(*, group_id: int, person_id: int, me: Resident) -> Response:
    """A leader lets a member go, or somebody of ours leaves. May be repeated.

    What they reserved for the group goes on in a leader's name.
    """
    service.remove_by(db.session(), me, group_id, person_id, clock.now())
    return answer()
