"""Rooms that are given on request: asking, deciding, competing, moving, and nobody deciding."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from backend import clock
from backend.booking import service as booking
from backend.booking.errors import NotLive
from backend.booking.models import Booking, BookingEvent
from backend.booking.service import Actor
from backend.commands.check import audit
from backend.db import RunAgain, db
from backend.errors import NotFound
from backend.places.models import Occupancy
from backend.reminders.models import Reminder
from backend.reminders.wording import Due, compose
from backend.scheduler import decline_requests
from backend.staff.access import Scope, SignedInStaff
from backend.staff.models import AuditEntry, Role
from backend.venues import errors, request_list, requests, service
from backend.venues.models import OpenRoom, Reservation, RoomRules
from backend.venues.service import Change
from tests.venues.conftest import at

MINUTE = timedelta(minutes=1)


@pytest.fixture
def house(house, make):
    make.rules(house.hall, approval=True, no_show_minutes=15)
    return house


@pytest.fixture
def ask(house, neighbour, session, now):
    def make_one(name="王秀英", start=None, room=None, **more):
        who = neighbour(name)
        wanted = house.wanted(room or house.hall, who, start or at(2, 14), **more)
        return who, service.reserve(session, who.me, wanted, now).booking_id

    return make_one


def _rules_of(room) -> RoomRules:
    return db.session.scalars(select(RoomRules).where(RoomRules.room_id == room.id)).one()


def state(booking_id) -> str:
    return db.session.get_one(Booking, booking_id, populate_existing=True).state


def held(room) -> tuple[int, int]:
    """How many reservations are counted, and how many parts are in use at all."""
    taken = db.session.scalar(select(OpenRoom.taken).where(OpenRoom.room_id == room.id))
    return taken, db.session.scalar(select(func.count()).select_from(Occupancy))


def told(session, who, booking_id, now) -> list[str]:
    rows = session.scalars(
        select(Reminder).where(Reminder.booking_id == booking_id).order_by(Reminder.id)
    )
    dues = [
        Due(row.id, row.kind, who.person.id, "王秀英", booking_id=booking_id, facts=row.facts or {})
        for row in rows
    ]
    return [one.body for one in compose(session, dues, now).messages.values()]


def sound() -> bool:
    db.session.commit()
    return not [one for one in audit(timedelta(hours=1)) if one.rows]


def test_asking_holds_nothing(house, ask, session, now) -> None:
    who, first = ask()
    _, second = ask("李建国")
    assert (state(first), state(second), held(house.hall)) == ("requested", "requested", (0, 0))
    assert session.get_one(Reservation, first).no_show_at is None
    [said] = told(session, who, first, now)
    assert said == (
        "王秀英您好，您预约的多功能厅已经提交申请：3月13日（周五）14:00–15:00，"
        "在春晖社区党群服务中心。工作人员审核后马上通知您。"
    )


def test_a_request_counts_like_a_reservation(house, make, ask, session, now) -> None:
    _rules_of(house.hall).person_live = 1
    session.commit()
    who, _ = ask()
    again = house.wanted(house.hall, who, at(3, 9))
    with pytest.raises(errors.EnoughReserved):
        service.reserve(session, who.me, again, now)
    with pytest.raises(errors.Past):  # once its start has passed it counts no more
        service.reserve(session, who.me, house.wanted(house.hall, who, at(2, 14)), at(2, 14))
    assert service.reserve(session, who.me, again, at(2, 14)).state == "requested"


def test_staff_reserve_at_once(house, neighbour, worker, session, now) -> None:
    who = neighbour()
    made = service.reserve_at_desk(
        session, worker.staff_id, house.wanted(house.hall, who, at(2, 14)), now
    )
    assert (made.state, held(house.hall)) == ("confirmed", (1, 2))


@pytest.mark.parametrize(
    ("room", "start", "rules", "lost"),
    [
        ("hall", at(2, 14), {}, True),
        ("left", at(2, 14), {}, True),  # a half of the hall
        ("hall", at(2, 15), {}, False),
        ("hall", at(2, 13), {}, False),
        ("hall", at(3, 14), {}, False),
        ("hall", at(2, 15), {"buffer_after": 30}, True),  # too close
        ("hall", at(2, 13), {"buffer_before": 30}, True),
    ],
)
def test_approving_one_declines_those_it_rules_out(
    house, make, ask, worker, session, now, room, start, rules, lost
) -> None:
    make.rules(house.left, approval=True)
    for name, minutes in rules.items():
        setattr(_rules_of(house.hall), name, minutes)
    db.session.commit()
    who, first = ask()
    other, second = ask("李建国", start, getattr(house, room))
    assert requests.approve(session, worker, first, now) == int(lost)
    assert (state(first), held(house.hall)) == ("confirmed", (1, 2))
    assert session.get_one(Reservation, first, populate_existing=True).no_show_at == at(2, 14, 15)
    assert "已经约好" in told(session, who, first, now)[-1]
    assert state(second) == ("declined" if lost else "requested")
    if lost:
        assert told(session, other, second, now)[-1].endswith(
            "的申请没有通过。这个时间已经安排给了别的申请，可以换个时间再约。"
        )
        with pytest.raises(errors.AlreadyDecided):
            requests.approve(session, worker, second, now)
    audited = session.scalars(select(AuditEntry)).one()
    assert (audited.action, audited.after["declined"]) == (
        "room_request.approve", [second] if lost else [],
    )  # fmt: skip
    assert sound()


def test_declining_says_why(house, ask, worker, session, now) -> None:
    who, booking_id = ask()
    requests.decline(session, worker, booking_id, "当天区里要开会。", now)
    assert (state(booking_id), held(house.hall)) == ("declined", (0, 0))
    assert told(session, who, booking_id, now)[-1].endswith("没有通过。原因：当天区里要开会。")
    event = session.scalars(select(BookingEvent).order_by(BookingEvent.id.desc())).first()
    assert (event.staff_id, event.reason) == (worker.staff_id, "当天区里要开会。")
    for verb in (requests.approve, lambda *a: requests.decline(*a[:3], "不", a[3])):
        with pytest.raises(errors.AlreadyDecided):
            verb(session, worker, booking_id, now)


def test_what_is_in_use_meanwhile_is_not_approved(
    house, neighbour, ask, worker, session, now
) -> None:
    _, booking_id = ask()
    other = neighbour("李建国")
    service.reserve(session, other.me, house.wanted(house.left, other, at(2, 14)), now)
    with pytest.raises(errors.InUse):
        requests.approve(session, worker, booking_id, now)
    one = request_list.get_request(session, worker, booking_id, now)
    assert one["in_the_way"] == ["这个时间已经有人预约了。"]


def test_a_request_is_withdrawn(house, ask, worker, session, now) -> None:
    who, booking_id = ask()
    booking.cancel(session, booking_id, Actor(account_id=who.account.id), now)
    assert state(booking_id) == "cancelled"
    with pytest.raises(errors.AlreadyDecided):
        requests.approve(session, worker, booking_id, now)
    assert sound()


def test_changing_goes_back_to_approval(house, ask, worker, session, now) -> None:
    who, booking_id = ask()
    requests.approve(session, worker, booking_id, now)
    to = Change(starts_at=at(3, 9), ends_at=at(3, 10))
    service.change(session, who.me, booking_id, to, now)
    assert (state(booking_id), held(house.hall)) == ("requested", (0, 0))
    assert session.get_one(Reservation, booking_id, populate_existing=True).no_show_at is None
    with pytest.raises(errors.AwaitsDecision):
        service.change_at_desk(session, worker.staff_id, booking_id, to, now)
    requests.approve(session, worker, booking_id, now)
    later = Change(starts_at=at(3, 10), ends_at=at(3, 11))
    service.change_at_desk(session, worker.staff_id, booking_id, later, now)
    assert (state(booking_id), held(house.hall)) == ("confirmed", (1, 2))
    instant = Change(starts_at=at(3, 10), ends_at=at(3, 11), room_id=house.left.id)
    service.change(session, who.me, booking_id, instant, now)
    assert (state(booking_id), held(house.hall), held(house.left)) == (
        "confirmed", (0, 1), (1, 1),
    )  # fmt: skip
    with pytest.raises(errors.ChangeTooLate):  # the deadline is that of the old start
        service.change(session, who.me, booking_id, to, at(3, 9, 30))
    assert sound()


def test_a_request_is_moved_before_anybody_decides(house, ask, worker, session, now) -> None:
    who, booking_id = ask()
    _, rival = ask("李建国", at(3, 9))
    to = Change(starts_at=at(3, 9), ends_at=at(3, 10))
    late = at(2, 13, 30)  # after the deadline of what it asked for: nobody waits for that room
    service.change(session, who.me, booking_id, to, late)
    assert (state(booking_id), held(house.hall)) == ("requested", (0, 0))
    requests.approve(session, worker, booking_id, late)
    assert (state(rival), held(house.hall)) == ("declined", (1, 2))
    assert session.get_one(Booking, booking_id).starts_at == at(3, 9)
    third, other = ask("张桂芳", at(4, 9))
    with pytest.raises(NotLive):  # its start has passed, and nobody has decided
        service.change(session, third.me, other, to, at(4, 9))
    assert sound()


def test_nobody_decides(house, ask, worker, session, now, api) -> None:
    who, booking_id = ask()
    session.commit()
    late, path = at(2, 14), f"/venues/reservations/{booking_id}"
    with clock.frozen(late - MINUTE):
        assert api.get(path, as_=who.token).json["data"]["state"] == "requested"
        assert request_list.count_open(session, worker, late - MINUTE) == 1
    with clock.frozen(late):  # true before any job ran
        said = api.get(path, as_=who.token).json["data"]
        assert (said["state"], said["reason"]) == (
            "declined", "开始前没有来得及审核，很抱歉，可以换个时间再约。",
        )  # fmt: skip
        assert api.get("/venues/reservations", as_=who.token).json["data"] == []
        assert api.get("/bookings", as_=who.token).json["data"] == []
        assert api.get(f"/bookings/{booking_id}", as_=who.token).json["data"]["state"] == "declined"
    assert request_list.list_open(session, worker, late) == []
    with pytest.raises(RunAgain) as again:
        requests.approve(session, worker, booking_id, late)
    assert again.value.first() == 1
    assert state(booking_id) == "declined"
    assert "开始前没有来得及审核" in told(session, who, booking_id, late)[-1]


def test_a_job_declines_them(house, ask, session) -> None:
    _, booking_id = ask()
    session.commit()
    with clock.frozen(at(2, 14) - MINUTE):
        assert decline_requests(lambda: False) == 0
    with clock.frozen(at(2, 16)):  # the scheduler rested
        late = {one.check.name for one in audit(timedelta(hours=1)) if one.rows}
        assert "requests-decided" in late
        session.rollback()
    with clock.frozen(at(2, 14)):
        assert decline_requests(lambda: False) == 1
        assert decline_requests(lambda: False) == 0
    assert state(booking_id) == "declined"


def test_the_rule_is_the_nearest_and_shown(house, api) -> None:
    for room, expected in ((house.hall, True), (house.left, False)):
        path = f"/venues/rooms/{room.id}"
        assert api.get(path).json["data"]["rules"]["approval"] is expected
        assert api.get(f"{path}/starts").json["data"]["approval"] is expected


def test_it_is_at_their_places_only(house, ask, make, session, now) -> None:
    _, booking_id = ask()
    elsewhere = make.place(name="滨江社区")
    scope = Scope(Role.WORKER, elsewhere.id, elsewhere.path, elsewhere.name)
    other = SignedInStaff(make.staff("worker", elsewhere).id, "周敏", (scope,))
    for verb in (requests.approve, request_list.get_request):
        with pytest.raises(NotFound):
            verb(session, other, booking_id, now)
    assert request_list.list_open(session, other, now) == []
