"""My household: whom I may act for, who asks me, who acts for me."""

from typing import Any

from flask import Response

from backend import clock
from backend.db import db
from backend.people import household, household_queries
from backend.people.queries import Resident
from backend.reminders import consents
from miniprogram_api.blueprint import Blueprint
from miniprogram_api.doors import resident
from miniprogram_api.envelope import answer
from miniprogram_api.schemas.people import (
    ActingForMeSchema,
    AdultBody,
    AskedSchema,
    ChildBody,
    MemberAddedSchema,
    MemberSchema,
)

blueprint = Blueprint("household", __name__, url_prefix="/household", description="家人代办")


@blueprint.get("")
@resident()
@blueprint.answers(MemberSchema, many=True)
def list_household(*, me: Resident) -> Response:
    """Whom I may act for, and whom I have asked."""
    return answer(household_queries.list_mine(db.session(), me, clock.now()))


@blueprint.post("/children")
@resident(writes=True)
@blueprint.arguments(ChildBody)
@blueprint.answers(MemberAddedSchema, status=201)
@blueprint.refuses(409)
def add_child(body: dict[str, Any], *, me: Resident) -> Response:
    """Add a minor as their guardian; the consent ends on the eighteenth birthday."""
    del body["is_guardian"]
    added = household.add_child(db.session(), me, household.Child(**body), clock.now())
    return answer(
        {"id": added.consent_id, "person_id": added.person_id, "state": "given"}, status=201
    )


@blueprint.post("/adults")
@resident(writes=True, limit="20/day")
@blueprint.arguments(AdultBody)
@blueprint.answers(MemberAddedSchema, status=201)
@blueprint.refuses(409)
def add_adult(body: dict[str, Any], *, me: Resident) -> Response:
    """Ask a grown-up for consent; they answer in their own app, or before staff.

    The answer is the same whether the phone is known or not.
    """
    asked = consents.ask(db.session(), me, **body, now=clock.now())
    return answer({"id": asked, "person_id": None, "state": "requested"}, status=201)


@blueprint.get("/requests")
@resident()
@blueprint.answers(AskedSchema, many=True)
def list_requests(*, me: Resident) -> Response:
    """Who asks to act for me, by the phone I have bound."""
    return answer(household_queries.list_requests(db.session(), me))


@blueprint.post("/requests/<id:consent_id>/accept")
@resident(writes=True)
@blueprint.answers()
def accept(*, consent_id: int, me: Resident) -> Response:
    """Let them book, cancel and check in for me."""
    consents.accept(db.session(), me, consent_id, clock.now())
    return answer()


@blueprint.post("/requests/<id:consent_id>/refuse")
@resident(writes=True)
@blueprint.answers()
def refuse(*, consent_id: int, me: Resident) -> Response:
    """Say no; whoever asked is not told."""
    consents.refuse(db.session(), me, consent_id, clock.now())
    return answer()


@blueprint.get("/acting-for-me")
@resident()
@blueprint.answers(ActingForMeSchema, many=True)
def list_acting_for_me(*, me: Resident) -> Response:
    """Whose accounts may act for me."""
    return answer(household_queries.list_acting_for_me(db.session(), me, clock.now()))


@blueprint.post("/<id:consent_id>/withdraw")
@resident(writes=True)
@blueprint.answers()
def withdraw(*, consent_id: int, me: Resident) -> Response:
    """End it, from either side; bookings that were made stay."""
    consents.withdraw(db.session(), me, consent_id, clock.now())
    return answer()
