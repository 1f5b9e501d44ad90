"""At the door: in time, too early, too late; nobody comes and somebody else does; ending early."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from backend import clock
from backend.booking.errors import CodeExpired, NotLive
from backend.booking.models import Booking, BookingEvent
from backend.db import RunAgain, db, transactional
from backend.errors import NotFound
from backend.night_school import lessons
from backend.places.errors import RoomTaken
from backend.places.models import Occupancy
from backend.reminders.models import Reminder
from backend.reminders.wording import Due, compose
from backend.scheduler import let_rooms_go
from backend.standing.sources import recorded
from backend.venues import coming, errors, queries, room_codes, service
from backend.venues.models import Reservation
from tests.venues.conftest import at

MINUTE = timedelta(minutes=1)
START = at(2, 14)


@pytest.fixture
def mine(house, neighbour, make, now, session):
    """Two hours in the hall, of which the rest is free after a quarter of an hour."""
    make.rules(house.hall, no_show_minutes=15, check_in_minutes=10, person_live=1)
    me = neighbour()
    booked = service.reserve(session, me.me, house.wanted(house.hall, me, START, 2), now)
    session.commit()
    return me, booked.booking_id


def state(booking_id) -> str:
    return db.session.get_one(Booking, booking_id, populate_existing=True).state


def scan(session, room, me, moment):
    code = room_codes.room_code(room.id, moment)
    return coming.check_in(session, me.me, room.id, code, moment)


@pytest.mark.parametrize(
    ("minutes", "refusal"),
    [(-11, errors.CheckInLater), (-10, None), (0, None), (14, None), (15, errors.RoomLetGo)],
)
def test_check_in_has_its_time(house, mine, session, minutes, refusal) -> None:
    me, booking_id = mine
    moment = START + minutes * MINUTE
    if refusal is not None:
        with pytest.raises(refusal):
            scan(session, house.hall, me, moment)
        assert state(booking_id) == "confirmed"
        return
    done = scan(session, house.hall, me, moment)
    assert (done["booking_id"], done["room_name"], done["already"]) == (
        booking_id, "多功能厅", False,
    )  # fmt: skip
    assert scan(session, house.left, me, moment + MINUTE)["already"]  # a door of its part serves
    assert state(booking_id) == "attended"
    events = select(BookingEvent.state).order_by(BookingEvent.id)
    assert session.scalars(events).all() == ["confirmed", "attended"]
    assert coming.due(session, START + timedelta(hours=1)) == []


def test_another_code_or_room_or_person(house, mine, make, neighbour, session) -> None:
    me, _ = mine
    old = room_codes.room_code(house.hall.id, START - 2 * MINUTE)
    with pytest.raises(CodeExpired):
        coming.check_in(session, me.me, house.hall.id, old, START)
    elsewhere = make.open_room(house.place, name="书画室")
    with pytest.raises(errors.NothingHere):
        scan(session, elsewhere, me, START)
    with pytest.raises(errors.NothingHere):
        scan(session, house.hall, neighbour("李建国"), START)


def test_who_comes_late_hears_until_when_the_room_was_kept(house, mine, session) -> None:
    me, booking_id = mine
    kept_until = START + 15 * MINUTE
    for note in (lambda: None, lambda: coming.release([booking_id], kept_until)):
        note()
        with pytest.raises(errors.RoomLetGo) as late:
            scan(session, house.hall, me, START + 20 * MINUTE)
        assert late.value.data == {
            "booking_id": booking_id, "room_id": house.hall.id, "let_go_at": kept_until,
        }  # fmt: skip


def test_of_two_in_a_row_the_door_takes_the_open_one(house, mine, make, session, now) -> None:
    me, booking_id = mine
    make.rules(house.left, person_live=0)
    scan(session, house.hall, me, START)
    after = house.wanted(house.left, me, START + timedelta(hours=2))
    then = service.reserve(session, me.me, after, now).booking_id
    ends = START + timedelta(hours=2)
    assert scan(session, house.left, me, ends - 40 * MINUTE)["booking_id"] == booking_id
    assert scan(session, house.left, me, ends - MINUTE)["booking_id"] == then


def test_staff_check_in_as_well(house, mine, make, session) -> None:
    _, booking_id = mine
    coming.check_in_at_desk(session, make.staff().id, booking_id, START)
    assert state(booking_id) == "attended"
    with pytest.raises(NotFound):
        coming.check_in_at_desk(session, 1, 99999, START)


def test_nobody_came_and_the_rest_is_free_without_a_job(house, mine, neighbour, session) -> None:
    me, booking_id = mine
    after = START + 15 * MINUTE
    for moment, use in ((after - MINUTE, "reservation"), (after, None)):
        [today] = queries.list_starts(session, house.left.id, {"days": 1}, moment)["days"]
        shown = {one["starts_at"][11:16]: one["use"] for one in today["starts"]}
        assert shown["15:00"] == use
    other = neighbour("李建国")
    wanted = house.wanted(house.left, other, at(2, 14, 30))
    with pytest.raises(RunAgain) as again:  # the door notes who did not come, and starts over
        service.reserve(session, other.me, wanted, after)
    assert again.value.first is not None
    again.value.first()
    assert state(booking_id) == "missed"
    service.reserve(session, other.me, wanted, after)
    spans = session.execute(
        select(Occupancy.starts_at, Occupancy.ends_at).where(Occupancy.occupant_id == booking_id)
    )
    assert set(spans.all()) == {(START, after)}  # it was kept so long
    with pytest.raises(errors.RoomLetGo):
        scan(session, house.hall, me, after)


def test_who_lost_the_room_may_reserve_the_rest_before_any_job(house, mine, session) -> None:
    me, booking_id = mine
    after = START + 20 * MINUTE
    again = house.wanted(
        house.hall, me, at(2, 14, 30)
    )  # one at a time: the lost one counts no more
    booked = transactional(service.reserve)(session, me.me, again, after)
    assert state(booking_id) == "missed"
    assert state(booked.booking_id) == "confirmed"


def test_everybody_reads_missed_before_any_job(api, house, mine, session) -> None:
    me, booking_id = mine
    with clock.frozen(START + 15 * MINUTE):
        for path in ("/venues/reservations", "/bookings"):
            assert api.get(path, as_=me.token).json["data"] == []
            [past] = api.get(f"{path}?past=true", as_=me.token).json["data"]
            one = api.get(f"{path}/{booking_id}", as_=me.token).json["data"]
            assert (past["state"], one["state"]) == ("missed", "missed")
        assert state(booking_id) == "confirmed"
        refused = api.post(f"/bookings/{booking_id}/cancel", {"late": True}, as_=me.token)
        assert (refused.status_code, refused.json["errcode"]) == (409, NotLive.errcode)
    assert state(booking_id) == "missed"  # giving back what was lost already notes it


def test_a_lesson_planned_before_any_job_finds_the_room_free(
    house, mine, make, session, now
) -> None:
    _, booking_id = mine
    lesson = make.run(lead=START - now + timedelta(hours=1))
    span = (lesson.id, lesson.starts_at, lesson.starts_at + timedelta(minutes=90))
    take_room = transactional(lessons.take_room)
    with pytest.raises(RoomTaken):
        take_room(session, house.left.id, [span], START + 14 * MINUTE)
    take_room(session, house.left.id, [span], START + 15 * MINUTE)
    assert state(booking_id) == "missed"


def test_a_job_does_it_sooner_and_tells_them(house, mine, session, now) -> None:
    me, booking_id = mine
    after = START + 15 * MINUTE
    with clock.frozen(after - MINUTE):
        assert let_rooms_go(lambda: False) == 0
    with clock.frozen(after):
        assert let_rooms_go(lambda: False) == 1
        assert let_rooms_go(lambda: False) == 0
    assert state(booking_id) == "missed"
    reminder = session.scalars(select(Reminder).order_by(Reminder.id.desc())).first()
    due = Due(reminder.id, reminder.kind, me.person.id, "王秀英", booking_id=booking_id)
    [said] = compose(session, [due], after).messages.values()
    assert said.title == "房间已让出"
    [missed] = recorded(session, [me.person.id], after)  # and it counts in their standing
    assert (missed.booking_id, missed.why, missed.title) == (booking_id, "absent", "多功能厅")


def test_ending_early_gives_time_back(house, mine, neighbour, session) -> None:
    me, booking_id = mine
    other = neighbour("李建国")
    with pytest.raises(errors.NotCheckedIn):
        coming.end_early(session, me.me, booking_id, START + 5 * MINUTE)
    scan(session, house.hall, me, START)
    with pytest.raises(NotFound):
        coming.end_early(session, other.me, booking_id, START + 5 * MINUTE)
    done = START + 40 * MINUTE
    coming.end_early(session, me.me, booking_id, done)
    coming.end_early(session, me.me, booking_id, done + MINUTE)
    row = session.get_one(Booking, booking_id, populate_existing=True)
    assert (row.state, row.ends_at) == ("attended", done)
    service.reserve(session, other.me, house.wanted(house.left, other, at(2, 15)), done)
    service.reserve(session, me.me, house.wanted(house.hall, me, at(3, 15)), done)  # not live


def test_what_is_moved_is_watched_at_its_new_time(house, mine, session, now) -> None:
    me, booking_id = mine
    to = service.Change(starts_at=at(3, 10), ends_at=at(3, 11))
    service.change(session, me.me, booking_id, to, now)
    watched = session.get_one(Reservation, booking_id, populate_existing=True)
    assert (watched.check_in_from, watched.no_show_at) == (at(3, 9, 50), at(3, 10, 15))


def test_through_the_api(api, house, mine, now) -> None:
    me, booking_id = mine
    with clock.frozen(START):
        body = {"room_id": house.hall.id, "code": room_codes.room_code(house.hall.id, START)}
        done = api.post("/venues/check-in", body, as_=me.token)
        assert done.json["data"]["booking_id"] == booking_id
        wrong = api.post("/venues/check-in", body | {"code": "AAAAAAAA"}, as_=me.token)
        assert (wrong.status_code, wrong.json["errcode"]) == (409, 40916)
    with clock.frozen(START + 30 * MINUTE):
        path = f"/venues/reservations/{booking_id}"
        assert api.post(f"{path}/end", as_=me.token).status_code == 200
        assert api.get(path, as_=me.token).json["data"]["ends_at"] == at(2, 14, 30).isoformat()
