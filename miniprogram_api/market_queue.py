"""Queue numbers at markets: taking one at the stall, a stall's line, one's own numbers."""

from typing import Any

from flask import Response

from backend import clock
from backend.db import db
from backend.market import lines, numbers
from backend.market.number_facts import Wish
from backend.people.queries import Resident
from miniprogram_api.blueprint import Blueprint
from miniprogram_api.doors import cached, public, resident
from miniprogram_api.envelope import answer
from miniprogram_api.rush import NUMBER, Take, in_company
from miniprogram_api.schemas.market_queue import (
    LineSchema,
    NumberBody,
    NumberTakenSchema,
    TicketSchema,
)

blueprint = Blueprint("market_queue", __name__, url_prefix="/market", description="集市排队")


@blueprint.get("/stalls/<id:stall_id>/line")
@public(why="everybody in line asks how it goes on; it holds numbers and nobody's name")
@blueprint.answers(LineSchema)
def get_line(stall_id: int) -> Response:
    """A stall's line: who is called, who waits, how many are before each, and for how long.

    It is the same for everybody: one's own place is that of one's number.
    """
    return cached(
        ("market-line", stall_id), lambda: lines.of_stall(db.session(), stall_id, clock.now())
    )


@blueprint.post("/stalls/<id:stall_id>/tickets")
@in_company(NUMBER)
@blueprint.arguments(NumberBody)
@blueprint.answers(NumberTakenSchema, status=201)
@blueprint.answers(NumberTakenSchema, status=200)
@blueprint.refuses(409)
def take_number(body: dict[str, Any], *, stall_id: int, take: Take) -> Response:
    """Take a number with the code on show at the stall; who has booked is checked in with it.

    Who has a number already is answered with that one (200).
    """
    taken = take(Wish(stall_id=stall_id, **body))
    return answer(
        {"ticket_id": taken.ticket_id, "number": taken.number},
        status=200 if taken.replayed else 201,
    )


@blueprint.get("/tickets")
@resident()
@blueprint.answers(TicketSchema, many=True)
def list_tickets(*, me: Resident) -> Response:
    """Today's numbers of mine and of those I may act for, the last taken first."""
    return answer(lines.list_mine(db.session(), me, clock.now()))


@blueprint.post("/tickets/<id:ticket_id>/leave")
@resident(writes=True)
@blueprint.answers()
def leave_line(*, ticket_id: int, me: Resident) -> Response:
    """Give a number back. May be repeated."""
    numbers.leave(db.session(), me, ticket_id, clock.now())
    return answer()
