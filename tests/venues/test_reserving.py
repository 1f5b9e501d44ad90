"""Reserving, changing and cancelling: every rule, and the rows behind the answers."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from backend.booking import service as booking
from backend.booking.models import Booking, BookingEvent
from backend.booking.service import Actor
from backend.db import RunAgain, db
from backend.errors import KeyReused, NotFound
from backend.people.deleting import delete_account
from backend.places import occupancy
from backend.places.models import Occupancy, OccupantKind, PlaceKind
from backend.places.occupancy import Use
from backend.reminders.models import Reminder
from backend.venues import errors, service
from backend.venues.models import OpenRoom, Reservation
from backend.venues.service import Change
from tests.venues.conftest import at


def uses() -> set[tuple[int, int]]:
    """(atom, occupant) of every use."""
    rows = db.session.execute(select(Occupancy.atom_id, Occupancy.occupant_id))
    return {(row[0], row[1]) for row in rows}


def taken(room) -> int:
    return db.session.scalar(select(OpenRoom.taken).where(OpenRoom.room_id == room.id))


def test_it_writes_the_booking_and_all_that_belongs_to_it(house, neighbour, now, session) -> None:
    me = neighbour()
    wanted = house.wanted(house.hall, me, at(2, 14), 2, purpose="社区合唱", wishes="三支话筒")
    booked = service.reserve(session, me.me, wanted, now)
    row = session.get_one(Booking, booked.booking_id)
    assert (row.state, row.person_id, row.account_id) == ("confirmed", me.person.id, me.account.id)
    assert (row.starts_at, row.ends_at) == (at(2, 14), at(2, 16))
    assert row.cancel_until == at(2, 13)
    assert row.once_key is None
    said = session.get_one(Reservation, row.id)
    assert (said.title, said.purpose, said.headcount, said.wishes) == (
        "合唱排练", "社区合唱", 8, "三支话筒",
    )  # fmt: skip
    assert len(uses()) == 2  # both halves
    assert taken(house.hall) == 1
    assert session.scalars(select(BookingEvent.state)).all() == ["confirmed"]
    assert session.execute(select(Reminder.kind, Reminder.booking_id)).all() == [("booked", row.id)]


def test_it_sends_four_statements(house, neighbour, now, session, statements, dialect) -> None:
    me = neighbour()
    statements.clear()
    service.reserve(session, me.me, house.wanted(house.hall, me, at(2, 14)), now)
    assert len(statements) == (4 if dialect == "postgresql" else 8)


def test_where_only_the_room_counts_it_sends_three(
    house, neighbour, now, session, statements, dialect, make
) -> None:
    room, me = make.open_room(house.place), neighbour()
    statements.clear()
    service.reserve(session, me.me, house.wanted(room, me, at(2, 14)), now)
    assert len(statements) == (3 if dialect == "postgresql" else 8)
    assert not any("FOR NO KEY UPDATE" in one for one in statements)


@pytest.mark.parametrize(
    ("first", "second", "hour", "fits"),
    [
        ("hall", "left", 14, False),
        ("left", "hall", 14, False),
        ("left", "right", 14, True),
        ("hall", "right", 15, True),
        ("hall", "right", 13, True),
        ("left", "left", 14, False),
    ],
)
def test_rooms_share_their_parts(house, neighbour, now, session, first, second, hour, fits) -> None:
    me, other = neighbour(), neighbour("李建国")
    service.reserve(session, me.me, house.wanted(getattr(house, first), me, at(2, 14)), now)
    wanted = house.wanted(getattr(house, second), other, at(2, hour))
    if fits:
        service.reserve(session, other.me, wanted, now)
        return
    with pytest.raises(errors.InUse):
        service.reserve(session, other.me, wanted, now)
    assert taken(house.hall) + taken(house.left) + taken(house.right) == 1


@pytest.mark.parametrize(
    ("rules", "asked", "refusal"),
    [
        ({}, {"start": at(2, 14), "hours": 0}, errors.EndsBeforeStart),
        ({}, {"start": at(2, 14), "hours": -1}, errors.EndsBeforeStart),
        ({}, {"start": at(0, 11)}, errors.Past),
        ({}, {"start": at(0, 12)}, errors.Past),  # this very moment
        ({}, {"start": at(2, 8)}, errors.RoomClosed),
        ({}, {"start": at(2, 20), "hours": 2}, errors.AcrossClosing),
        ({"friday": "09:00-12:00 14:00-21:00"}, {"start": at(2, 11), "hours": 4},
         errors.AcrossClosing),
        ({}, {"start": at(2, 14, 10)}, errors.OffGrid),
        ({}, {"start": at(2, 14), "hours": 1.25}, errors.OffGrid),
        ({"min_minutes": 60}, {"start": at(2, 14), "hours": 0.5}, errors.TooShort),
        ({"max_minutes": 120}, {"start": at(2, 14), "hours": 2.5}, errors.TooLong),
        ({"whole_day": True}, {"start": at(2, 14)}, errors.WholeDayOnly),
        ({"lead_minutes": 180}, {"start": at(0, 14, 30)}, errors.TooSoon),
        ({"horizon_days": 7}, {"start": at(8, 14)}, errors.TooFarAhead),
        ({}, {"start": at(2, 14), "headcount": 81}, errors.TooManyPeople),
        ({"audience": "staff"}, {"start": at(2, 14)}, errors.StaffOnly),
    ],
)  # fmt: skip
def test_a_rule_refuses(house, neighbour, make, now, session, rules, asked, refusal) -> None:
    make.rules(house.hall, **rules)
    me = neighbour()
    more = {"hours": 1} | asked
    with pytest.raises(refusal):
        service.reserve(session, me.me, house.wanted(house.hall, me, **more), now)
    assert session.scalar(select(func.count()).select_from(Booking)) == 0


@pytest.mark.parametrize(
    ("rules", "start", "hours"),
    [
        ({"lead_minutes": 180}, at(0, 15), 1),  # exactly so long before
        ({"horizon_days": 7}, at(7, 20), 1),
        ({"saturday": "18:00-02:00"}, at(3, 23), 2),  # past midnight
        ({"whole_day": True, "friday": "09:00-21:00"}, at(2, 9), 12),
        ({"friday": "09:00-20:45"}, at(2, 20), 0.75),  # to the closing
    ],
)
def test_what_is_just_right_is_done(house, neighbour, make, now, session, rules, start, hours):
    make.rules(house.hall, **rules)
    me = neighbour()
    service.reserve(session, me.me, house.wanted(house.hall, me, start, hours), now)
    assert taken(house.hall) == 1


def test_the_nearest_rule_counts(house, neighbour, make, now, session) -> None:
    """Room before venue before community; what none of them says comes from further up."""
    make.rules(make.once(f"venue {house.place.id}", lambda: None), max_minutes=60, min_minutes=60)
    make.rules(house.left, max_minutes=180)
    me = neighbour()
    with pytest.raises(errors.TooLong):
        service.reserve(session, me.me, house.wanted(house.right, me, at(2, 14), 3), now)
    with pytest.raises(errors.TooShort):
        service.reserve(session, me.me, house.wanted(house.left, me, at(2, 14), 0.5), now)
    service.reserve(session, me.me, house.wanted(house.left, me, at(2, 14), 3), now)


@pytest.mark.parametrize(
    ("audience", "home", "refusal"),
    [
        ("community", "same", None),
        ("community", "next", errors.HomeElsewhere),
        ("street", "next", None),
        ("street", "far", errors.HomeElsewhere),
        ("district", "far", None),
        ("district", None, errors.HomeUnknown),
        ("everyone", None, None),
    ],
)
def test_who_may(house, make, now, session, audience, home, refusal) -> None:
    make.rules(house.hall, audience=audience)
    street = make.once("street", lambda: None)
    home_id = {
        "same": lambda: house.place.id,
        "next": lambda: make.place(parent=street).id,
        "far": lambda: make.place(parent=make.place(PlaceKind.STREET)).id,
        None: lambda: None,
    }[home]()
    me = make.resident(home_place_id=home_id)
    wanted = house.wanted(house.hall, me, at(2, 14))
    if refusal is None:
        service.reserve(session, me.me, wanted, now)
        return
    with pytest.raises(refusal):
        service.reserve(session, me.me, wanted, now)


@pytest.mark.parametrize(
    ("rules", "had", "asked", "refusal"),
    [
        ({"person_live": 1}, [("hall", 2, 1)], ("hall", 3, 1), errors.EnoughReserved),
        ({"person_live": 1}, [("left", 2, 1)], ("hall", 3, 1), None),  # of another room
        ({"person_live": 1, "across_venue": True}, [("left", 2, 1)], ("hall", 3, 1),
         errors.EnoughReserved),
        ({"person_week_minutes": 180}, [("hall", 2, 2)], ("hall", 3, 1), None),
        ({"person_week_minutes": 180}, [("hall", 2, 2)], ("hall", 3, 1.5), errors.EnoughThisWeek),
        ({"person_week_minutes": 180}, [("hall", 2, 3)], ("hall", 5, 3), None),  # from Monday on
    ],
)  # fmt: skip
def test_limits(house, neighbour, make, now, session, rules, had, asked, refusal) -> None:
    make.rules(house.hall, **rules)
    me = neighbour()
    for room, day, hours in had:
        wanted = house.wanted(getattr(house, room), me, at(day, 10), hours)
        service.reserve(session, me.me, wanted, now)
    room, day, hours = asked
    wanted = house.wanted(getattr(house, room), me, at(day, 14), hours)
    if refusal is None:
        service.reserve(session, me.me, wanted, now)
        return
    with pytest.raises(refusal):
        service.reserve(session, me.me, wanted, now)


@pytest.mark.parametrize(
    ("rules", "refusal"),
    [
        ({"household_live": 1}, errors.HouseholdHasEnough),
        ({"household_week_minutes": 90}, errors.HouseholdHasEnoughThisWeek),
        ({"person_live": 1}, None),
    ],
)
def test_a_household_shares_a_limit(house, neighbour, make, now, session, rules, refusal) -> None:
    make.rules(house.hall, **rules)
    me, mother = neighbour(), neighbour("赵玉兰")
    make.consent(me.account, mother.person)
    service.reserve(session, mother.me, house.wanted(house.hall, mother, at(2, 10)), now)
    wanted = house.wanted(house.hall, me, at(2, 14))
    if refusal is None:
        service.reserve(session, me.me, wanted, now)
        return
    with pytest.raises(refusal):
        service.reserve(session, me.me, wanted, now)


def test_one_reserves_for_the_household_and_for_nobody_else(house, neighbour, make, now, session):
    me, mother, stranger = neighbour(), neighbour("赵玉兰"), neighbour("孙强")
    make.consent(me.account, mother.person)
    service.reserve(session, me.me, house.wanted(house.hall, mother, at(2, 10)), now)
    with pytest.raises(NotFound):
        service.reserve(session, me.me, house.wanted(house.hall, stranger, at(2, 14)), now)


def test_the_same_key_is_the_same_reservation(house, neighbour, now, session) -> None:
    me = neighbour()
    keyed = {"idempotency_key": "k", "idempotency_hash": "a"}
    wanted = house.wanted(house.hall, me, at(2, 10), **keyed)
    first = service.reserve(session, me.me, wanted, now)
    again = service.reserve(session, me.me, wanted, now)
    assert (again.booking_id, again.replayed) == (first.booking_id, True)
    other = house.wanted(house.hall, me, at(2, 14), **keyed | {"idempotency_hash": "b"})
    with pytest.raises(KeyReused):
        service.reserve(session, me.me, other, now)


def test_a_lesson_planned_meanwhile_lets_the_next_try_say_why(
    house, neighbour, now, session, monkeypatch
) -> None:
    me = neighbour()
    wanted = house.wanted(house.hall, me, at(2, 14))
    lesson = Use(house.left.id, at(2, 14), at(2, 15), OccupantKind.LESSON, 1)
    check = service.rules.check
    monkeypatch.setattr(
        service.rules, "check",
        lambda asked, **more: (check(asked, **more), occupancy.occupy(session, [lesson], now)),
    )  # fmt: skip
    with pytest.raises(RunAgain), session.begin_nested():
        service.reserve(session, me.me, wanted, now)
    monkeypatch.undo()
    occupancy.occupy(session, [lesson], now)
    with pytest.raises(errors.InUse) as refused:
        service.reserve(session, me.me, wanted, now)
    assert refused.value.data["use"] == "lesson"


def test_cancelling_frees_the_room(house, neighbour, now, session) -> None:
    me, other = neighbour(), neighbour("李建国")
    booked = service.reserve(session, me.me, house.wanted(house.hall, me, at(2, 14)), now)
    booking.cancel(session, booked.booking_id, Actor(account_id=me.account.id), now)
    assert uses() == set()
    assert taken(house.hall) == 0
    service.reserve(session, other.me, house.wanted(house.left, other, at(2, 14)), now)


def test_deleting_an_account_frees_its_rooms_and_forgets_what_for(
    house, neighbour, now, session
) -> None:
    me = neighbour()
    wanted = house.wanted(house.hall, me, at(2, 14), wishes="母亲八十大寿，请备轮椅")
    booked = service.reserve(session, me.me, wanted, now)
    delete_account(session, me.me, now)
    assert uses() == set()
    said = session.get_one(Reservation, booked.booking_id, populate_existing=True)
    assert (said.title, said.purpose, said.wishes) == ("", None, None)


@pytest.mark.parametrize(
    ("to", "refusal"),
    [
        ((2, 15, 1), None),  # against itself is fine: it overlaps its own old hour
        ((2, 14, 1), None),  # nothing changes
        ((2, 20, 2), errors.AcrossClosing),
        ((2, 10, 1), errors.InUse),
        ((20, 14, 1), errors.TooFarAhead),
    ],
)
def test_a_change_follows_the_same_rules(house, neighbour, make, now, session, to, refusal):
    make.rules(house.hall, person_live=1)
    me, other = neighbour(), neighbour("李建国")
    service.reserve(session, other.me, house.wanted(house.left, other, at(2, 10)), now)
    booked = service.reserve(session, me.me, house.wanted(house.hall, me, at(2, 14), 2), now)
    day, hour, hours = to
    change = Change(starts_at=at(day, hour), ends_at=at(day, hour + hours))
    if refusal is not None:
        with pytest.raises(refusal):
            service.change(session, me.me, booked.booking_id, change, now)
        change = Change(starts_at=at(2, 14), ends_at=at(2, 16))
    else:
        service.change(session, me.me, booked.booking_id, change, now)
    row = session.get_one(Booking, booked.booking_id, populate_existing=True)
    assert (row.starts_at, row.ends_at) == (change.starts_at, change.ends_at)
    spans = session.execute(
        select(Occupancy.starts_at, Occupancy.ends_at).where(Occupancy.occupant_id == row.id)
    ).all()
    assert set(spans) == {(change.starts_at, change.ends_at)}
    assert row.cancel_until == change.starts_at - timedelta(hours=1)


def test_the_deadline_for_changing_is_that_of_the_old_start(house, neighbour, now, session) -> None:
    me = neighbour()
    booked = service.reserve(session, me.me, house.wanted(house.hall, me, at(2, 14)), now)
    change = Change(starts_at=at(4, 14), ends_at=at(4, 15))
    with pytest.raises(errors.ChangeTooLate):
        service.change(session, me.me, booked.booking_id, change, at(2, 13))
    service.change_at_desk(session, 1, booked.booking_id, change, at(2, 13))
    assert session.scalars(select(Reminder.kind).order_by(Reminder.id)).all() == [
        "booked", "changed",
    ]  # fmt: skip


def test_a_change_to_another_room_counts_there(house, neighbour, now, session) -> None:
    me = neighbour()
    booked = service.reserve(session, me.me, house.wanted(house.left, me, at(2, 14)), now)
    change = Change(starts_at=at(2, 14), ends_at=at(2, 15), room_id=house.hall.id)
    service.change(session, me.me, booked.booking_id, change, now)
    assert (taken(house.left), taken(house.hall), len(uses())) == (0, 1, 2)


def test_nobody_changes_anothers(house, neighbour, now, session) -> None:
    me, other = neighbour(), neighbour("李建国")
    booked = service.reserve(session, me.me, house.wanted(house.left, me, at(2, 14)), now)
    with pytest.raises(NotFound):
        service.change(
            session, other.me, booked.booking_id,
            Change(starts_at=at(2, 15), ends_at=at(2, 16)), now,
        )  # fmt: skip


def test_the_desk_may_set_rules_aside_with_a_reason(house, neighbour, make, now, session) -> None:
    staff, me = make.staff(), neighbour()
    wanted = house.wanted(house.hall, me, at(20, 8), 6)
    with pytest.raises(errors.RoomClosed):
        service.reserve_at_desk(session, staff.id, wanted, now)
    booked = service.reserve_at_desk(session, staff.id, wanted, now, overruled_reason="街道借用")
    reason = select(BookingEvent.reason).where(BookingEvent.booking_id == booked.booking_id)
    assert session.scalar(reason) == "街道借用"
    with pytest.raises(errors.InUse):  # never that it is in use
        service.reserve_at_desk(session, staff.id, wanted, now, overruled_reason="街道借用")
