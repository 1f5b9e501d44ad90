"""Venues (阵地): rooms, when they are free, and reserving them."""

from typing import Any

from flask import Response

from backend import clock
from backend.db import db
from backend.people.queries import Resident
from backend.venues import calendar, coming, mine, queries, service
from backend.venues.facts import Slot
from backend.venues.search import search as find_rooms
from backend.venues.search import wish_of
from backend.venues.starts_each import Wanted
from miniprogram_api.blueprint import Blueprint
from miniprogram_api.doors import cached, idempotency, public, resident
from miniprogram_api.envelope import answer
from miniprogram_api.rush import starts_together
from miniprogram_api.schemas.night_school import ReasonSchema
from miniprogram_api.schemas.venues import (
    ChangeBody,
    CheckedInRoomSchema,
    ReservationBody,
    ReservationDetailSchema,
    ReservationSchema,
    ReservationsQuery,
    ReservedSchema,
    RoomCheckInBody,
    RoomDetailSchema,
    SearchQuery,
    SearchSchema,
    StartsQuery,
    StartsSchema,
    VenueDetailSchema,
    VenueSchema,
    VenuesQuery,
    WhyNotQuery,
)

blueprint = Blueprint("venues", __name__, url_prefix="/venues", description="阵地")

WHY = "everybody may see which rooms there are and when they are free"


@blueprint.get("")
@public(why=WHY)
@blueprint.arguments(VenuesQuery, location="query")
@blueprint.answers(VenueSchema, many=True)
def list_venues(asked: dict[str, Any]) -> Response:
    """The venues that have rooms to reserve, street by street."""
    key = ("venues", *sorted((name, str(value)) for name, value in asked.items()))
    return cached(key, lambda: queries.list_venues(db.session(), asked))


@blueprint.get("/search")
@public(why=WHY)
@blueprint.arguments(SearchQuery, location="query")
@blueprint.answers(SearchSchema)
@blueprint.refuses(404)
def search(asked: dict[str, Any]) -> Response:
    """Rooms with free starts on a day, across all venues; the nearest alternatives if none fits."""
    wish = wish_of(asked)
    return cached(("search", wish), lambda: find_rooms(db.session(), wish, clock.now()))


@blueprint.get("/<id:venue_id>")
@public(why=WHY)
@blueprint.answers(VenueDetailSchema)
def get_venue(venue_id: int) -> Response:
    """One venue with its rooms."""
    return cached(("venue", venue_id), lambda: queries.get_venue(db.session(), venue_id))


@blueprint.get("/rooms/<id:room_id>")
@public(why=WHY)
@blueprint.answers(RoomDetailSchema)
def get_room(room_id: int) -> Response:
    """One room with its rules and usual hours."""
    return cached(("room", room_id), lambda: queries.get_room(db.session(), room_id, clock.now()))


@blueprint.get("/rooms/<id:room_id>/starts")
@public(why=WHY)
@blueprint.arguments(StartsQuery, location="query")
@blueprint.answers(StartsSchema)
def list_starts(asked: dict[str, Any], room_id: int) -> Response:
    """Day by day each start of the room: how long it is free from there, or why it is not.

    What is the same for everybody is judged here; limits and who may reserve are in `why-not`.
    """
    key = ("starts", room_id, *sorted((name, str(value)) for name, value in asked.items()))
    now = clock.now()
    wanted = Wanted(room_id, *queries.days_of(asked, now))
    return cached(
        key,
        lambda: queries.list_starts(db.session(), room_id, asked, now),
        together=lambda: starts_together(wanted, asked.get("minutes"), now),
    )


@blueprint.get("/rooms/<id:room_id>/why-not")
@resident()
@blueprint.arguments(WhyNotQuery, location="query")
@blueprint.answers(ReasonSchema, many=True)
@blueprint.refuses(404)
def list_reasons(asked: dict[str, Any], *, room_id: int, me: Resident) -> Response:
    """Every reason against a reservation, by the rules that making one follows; none: go ahead."""
    moving = asked.pop("booking_id", None)
    slot = Slot(**{"room_id": room_id, "person_id": me.person_id} | asked)
    return answer(mine.why_not(db.session(), me, slot, clock.now(), moving=moving))


@blueprint.post("/rooms/<id:room_id>/reservations")
@resident(writes=True, one_write=True)
@blueprint.arguments(ReservationBody)
@blueprint.answers(ReservedSchema, status=201)
@blueprint.answers(ReservedSchema, status=200)
@blueprint.refuses(409)
@blueprint.keyed
def reserve(body: dict[str, Any], *, room_id: int, me: Resident) -> Response:
    """Reserve the room, or ask for it, for oneself, somebody of the household or a group.

    Repeat with the same Idempotency-Key.
    """
    wanted = service.Wanted(room_id=room_id, **body, **idempotency())
    booked = service.reserve(db.session(), me, wanted, clock.now())
    return answer(
        {"booking_id": booked.booking_id, "state": booked.state},
        status=200 if booked.replayed else 201,
    )


@blueprint.get("/reservations")
@resident()
@blueprint.arguments(ReservationsQuery, location="query")
@blueprint.answers(ReservationSchema, many=True)
@blueprint.refuses(404)
def list_reservations(asked: dict[str, Any], *, me: Resident) -> Response:
    """Mine, those of the people I may act for and of our groups.

    They are cancelled as every booking is.
    """
    return answer(mine.list_mine(db.session(), me, clock.now(), **asked))


@blueprint.get("/reservations/<id:booking_id>")
@resident()
@blueprint.answers(ReservationDetailSchema)
def get_reservation(*, booking_id: int, me: Resident) -> Response:
    """One reservation with all that its page shows."""
    return answer(mine.get_mine(db.session(), me, booking_id, clock.now()))


@blueprint.get("/reservations/<id:booking_id>/starts")
@resident()
@blueprint.arguments(StartsQuery, location="query")
@blueprint.answers(StartsSchema)
def list_starts_for(asked: dict[str, Any], *, booking_id: int, me: Resident) -> Response:
    """The starts of its room for moving it: the reservation is not in its own way."""
    return answer(mine.starts_for(db.session(), me, booking_id, asked, clock.now()))


@blueprint.get("/reservations/<id:booking_id>/calendar.ics")
@resident()
@blueprint.answers_file("text/calendar")
@blueprint.refuses(409)
def get_calendar(*, booking_id: int, me: Resident) -> Response:
    """One reservation, to be added to the phone's calendar."""
    made = calendar.of_reservation(db.session(), me, booking_id, clock.now())
    response = Response(made, content_type="text/calendar; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="room-{booking_id}.ics"'
    return response


@blueprint.post("/check-in")
@resident(writes=True)
@blueprint.arguments(RoomCheckInBody)
@blueprint.answers(CheckedInRoomSchema)
@blueprint.refuses(409)
def check_in(body: dict[str, Any], *, me: Resident) -> Response:
    """Check in at a room's door with the code on show there. A second scan changes nothing."""
    return answer(coming.check_in(db.session(), me, now=clock.now(), **body))


@blueprint.post("/reservations/<id:booking_id>/end")
@resident(writes=True)
@blueprint.answers()
@blueprint.refuses(409)
def end_early(*, booking_id: int, me: Resident) -> Response:
    """Give the rest of the time back to the neighbours. May be repeated."""
    coming.end_early(db.session(), me, booking_id, clock.now())
    return answer()


@blueprint.post("/reservations/<id:booking_id>/change")
@resident(writes=True)
@blueprint.arguments(ChangeBody)
@blueprint.answers()
@blueprint.refuses(409)
def change(body: dict[str, Any], *, booking_id: int, me: Resident) -> Response:
    """Move it to another time or room, until the deadline of the time it has. May be repeated.

    Where staff approve, it is asked for anew, and the old time is given back.
    """
    service.change(db.session(), me, booking_id, service.Change(**body), clock.now())
    return answer()
