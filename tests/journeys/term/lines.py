"""10 to 12 March: a class fills as its sign-up opens; what is given back goes down the lines."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from backend.booking.models import Bookable, Booking, BookingEvent, State
from tests.journeys.doors import hidden, says
from tests.journeys.term.district import Neighbour
from tests.journeys.term.drawing import ALLOWED, Drawing
from tests.journeys.term.world import World, at

FULL = 40904


@dataclass(frozen=True)
class Place:
    """A booking and whose it is."""

    who: Neighbour
    booking_id: int
    state: str
    queue_no: int = 0


def look_before_it_opens(world: World, run_id: int, who: Neighbour) -> None:
    """The client says from when, before anybody taps."""
    [answer] = world.phone(who).get(f"/night-school/eligibility?ids={run_id}")
    assert (answer["can"], answer["from_when"]) == ("no", "2026-03-10T09:00:00+08:00")


def fill_as_it_opens(
    world: World, run_id: int, young: list[Neighbour], older: list[Neighbour]
) -> list[Place]:
    """24 tap at once for 16 places, 4 more are kept for people of 60; then there is a line."""
    tried = world.all_at_once(lambda who: _sign_up(world, run_id, who), young[:24])
    got = [one for one in tried if one.booking_id]
    assert len(got) == 16
    assert {one.state for one in got} == {"confirmed"}
    kept = [_sign_up(world, run_id, who) for who in older[:4]]
    assert {one.state for one in kept} == {"confirmed"}
    waits = [_sign_up(world, run_id, who, wait=True) for who in older[4:9]]
    turned_away = [one.who for one in tried if not one.booking_id]
    others = [*turned_away, *young[24:36]]
    waits += world.all_at_once(lambda who: _sign_up(world, run_id, who, wait=True), others)
    waits.sort(key=lambda one: one.queue_no)
    assert [one.queue_no for one in waits] == list(range(1, 26))
    assert {one.state for one in waits} == {"waiting"}
    first = world.phone(waits[0].who).get(f"/bookings/{waits[0].booking_id}")
    assert first["position"] == 1
    assert _counted(world, run_id) == (20, 25)
    return [*got, *kept, *waits]


def give_places_back(world: World, run_id: int, places: list[Place]) -> dict[str, list[Place]]:
    """Three give theirs back; the first in line are asked, with a day to answer.

    One says yes, one says no and the next is asked, one says nothing.
    """
    leaving, line = places[:3], [one for one in places if one.state == "waiting"]
    for one in leaving:
        world.phone(one.who).post(f"/bookings/{one.booking_id}/cancel")
    assert _states(world, line[:4]) == ["offered"] * 3 + ["waiting"]
    offer = world.phone(line[0].who).get(f"/bookings/{line[0].booking_id}")
    world.scheduler_runs()
    for one in line[:3]:
        told = world.standin.messages(one.who.openid)
        assert "standin-offered" in [message["template_id"] for message in told]
    until = datetime.fromisoformat(offer["offer_until"])
    assert at(3, 12, 19) <= until < at(3, 12, 19, 5), "a day, in which the night does not count"
    world.phone(line[0].who).post(f"/bookings/{line[0].booking_id}/accept")
    world.phone(line[1].who).post(f"/bookings/{line[1].booking_id}/decline")
    assert _states(world, line[:5]) == ["confirmed", "declined", "offered", "offered", "waiting"]
    assert _counted(world, run_id) == (20, 21)
    world.phone(line[3].who).post(f"/bookings/{line[3].booking_id}/accept")
    return {"left": leaving, "in": [line[0], line[3]], "silent": [line[2]], "next": [line[4]],
            "rest": line[5:]}  # fmt: skip


def let_an_offer_run_out(world: World, moved: dict[str, list[Place]]) -> None:
    """Nobody answered: the scheduler passes the place on, and both are told."""
    world.scheduler_runs()
    [silent], [following] = moved["silent"], moved["next"]
    assert _states(world, [silent, following]) == ["declined", "offered"]
    world.phone(following.who).post(f"/bookings/{following.booking_id}/accept")
    [why] = world.rows(
        select(BookingEvent.reason)
        .where(BookingEvent.booking_id == silent.booking_id, BookingEvent.state == "declined")
    )  # fmt: skip
    assert why.reason == "offer_expired"
    moved["in"].append(following)


def add_two_places(world: World, run_id: int, moved: dict[str, list[Place]]) -> None:
    """More chairs were found: the next two are asked at once, and come."""
    worker = world.clerk("wang")
    path = f"/classes/{run_id}/capacity"
    form = {"capacity": "22", "original": hidden(worker.get(path), "original")[0]}
    assert "名额已改为 22" in worker.does(path, form)
    asked = moved["rest"][:2]
    assert _states(world, moved["rest"][:3]) == ["offered", "offered", "waiting"]
    for one in asked:
        world.phone(one.who).post(f"/bookings/{one.booking_id}/accept")
    moved["in"] += asked
    assert _counted(world, run_id)[0] == 22
    page = says(worker.get(f"/classes/{run_id}"))
    assert moved["rest"][2].who.name in page


def give_drawn_places_back(world: World, draw: Drawing, everybody: list[Neighbour]) -> None:
    """Two of those drawn do not come after all: their places go down the drawn order."""
    run_id = draw.runs["声乐基础"]
    by_id = {who.person_id: who for who in everybody}
    held = world.rows(
        select(Booking.id, Booking.person_id)
        .where(
            Booking.bookable_id == run_id, Booking.state == State.CONFIRMED,
            Booking.party_id.is_(None), Booking.person_id.in_(by_id),
        )
        .order_by(Booking.id)
    )  # fmt: skip
    for one in held[:2]:
        world.phone(by_id[one.person_id]).post(f"/bookings/{one.id}/cancel")
    members: dict[str, int] = {}
    for one in draw.file["entries"]["applications"]:
        lot = one["together"] or one["code"]
        members[lot] = members.get(lot, 0) + 1
    [result] = [one for one in draw.file["result"]["runs"] if one["id"] == run_id]
    free, due = 2, 0
    for lot in result["line"]:  # the head waits for enough places rather than be split
        if members[lot] > free:
            break
        free, due = free - members[lot], due + members[lot]
    line = world.rows(
        select(Booking.state)
        .where(Booking.bookable_id == run_id, Booking.queue_no.is_not(None))
        .order_by(Booking.queue_no)
    )
    assert len(line) == sum(members[lot] for lot in result["line"])
    assert [one.state for one in line] == ["offered"] * due + ["waiting"] * (len(line) - due)


def who_learns(places: list[Place], moved: dict[str, list[Place]]) -> list[Place]:
    """Those with a place once the lines have settled."""
    stayed = [one for one in places if one.state == "confirmed" and one not in moved["left"]]
    return stayed + moved["in"]


def _sign_up(world: World, run_id: int, who: Neighbour, *, wait: bool = False) -> Place:
    if who.openid:
        world.standin.popup(who.openid, ALLOWED)
    answer = world.phone(who).send(
        "POST", f"/night-school/runs/{run_id}/enrolments",
        {"person_id": who.person_id, "wait": wait},
        **{"Idempotency-Key": f"{run_id}-{who.person_id}-{wait}"},
    ).json()  # fmt: skip
    if answer["errcode"]:
        assert (wait, answer["errcode"]) == (False, FULL), answer
        return Place(who, 0, "refused")
    got = answer["data"]
    return Place(who, got["booking_id"], got["state"], got["queue_no"] or 0)


def _states(world: World, places: list[Place]) -> list[str]:
    """As each reads it on the phone."""
    return [world.phone(one.who).get(f"/bookings/{one.booking_id}")["state"] for one in places]


def _counted(world: World, run_id: int) -> tuple[int, int]:
    """How many have or hold a place, and how many wait."""
    [run] = world.rows(select(Bookable.taken, Bookable.waiting).where(Bookable.id == run_id))
    return run.taken, run.waiting
