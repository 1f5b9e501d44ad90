"""A series for a room that is given on request, decided as one: what can be, all or none."""

import pytest
from sqlalchemy import select

from backend.booking.models import BookingEvent
from backend.errors import NotFound
from backend.reminders.models import Reminder
from backend.staff.access import Scope, SignedInStaff
from backend.staff.models import AuditEntry, Role
from backend.venues import errors, request_list, requests, service
from backend.venues.series import deciding, making
from backend.venues.service import Change
from tests.venues.conftest import at
from tests.venues.test_requests import state, told
from tests.venues.test_series import held, sound, states, wanted


@pytest.fixture
def house(house, make):
    make.rules(house.hall, approval=True, series_dates=20, series_days=100)
    return house


@pytest.fixture
def ask(house, neighbour, session, now):
    """Somebody asks for four Fridays (days 2, 9, 16, 23) from two to three."""

    def make_one(name="王秀英", start=None):
        who = neighbour(name)
        made = making.reserve(session, who.me, wanted(house.hall, who, start or at(2, 14)), now)
        return who, made.series_id

    return make_one


def ids(session, worker, series_id, now) -> list[int]:
    return [one["id"] for one in request_list.get_series(session, worker, series_id, now)["dates"]]


def kinds(session) -> list[str]:
    return session.scalars(select(Reminder.kind).order_by(Reminder.id)).all()


def test_what_can_be_is_approved_and_rivals_lose(
    house, ask, neighbour, worker, session, now
) -> None:
    who, first = ask()
    rival, second = ask("李建国")
    other = neighbour("张桂芳")
    one = service.reserve(session, other.me, house.wanted(house.hall, other, at(2, 14)), now)
    service.reserve(session, other.me, house.wanted(house.left, other, at(9, 14)), now)
    bookings, lost = ids(session, worker, first, now), ids(session, worker, second, now)

    assert request_list.count_open(session, worker, now) == 3
    listed = request_list.list_open(session, worker, now)
    assert [(x["series_id"], x["dates"], x["contested"]) for x in listed] == [
        (first, 4, 4), (second, 4, 4), (None, 1, 1),
    ]  # fmt: skip
    seen = request_list.get_series(session, worker, first, now)
    assert (seen["possible"], seen["losing"]) == (3, 4)
    assert [bool(x["in_the_way"]) for x in seen["dates"]] == [False, True, False, False]
    assert [len(x["rivals"]) for x in seen["dates"]] == [2, 1, 1, 1]

    before = len(kinds(session))
    done = deciding.approve(session, worker, first, now, read=[x["mark"] for x in seen["dates"]])
    assert (done.approved, done.impossible, done.lost) == (3, 1, 4)
    assert states(first) == ["confirmed", "declined", "confirmed", "confirmed"]
    # what was not to be had for the first is still open for the second
    assert states(second) == ["declined", "requested", "declined", "declined"]
    assert state(one.booking_id) == "declined"
    assert held(house.hall)[0] == 3
    assert kinds(session)[before:] == ["booked", "cancelled", "cancelled"]
    assert told(session, who, bookings[0], now)[-1].startswith(
        "王秀英您好，您预约的多功能厅已经约好，一共 3 次：第一次 3月13日（周五）14:00–15:00，"
        "在春晖社区党群服务中心。另有 1 次没有约上。"
    )
    assert told(session, rival, lost[0], now)[-1].endswith(
        "有 3 次申请没有通过，最早的一次是 3月13日（周五）14:00–15:00。"
        "这个时间已经安排给了别的申请，可以换个时间再约。"
    )
    why = session.scalars(
        select(BookingEvent.reason).where(BookingEvent.booking_id == bookings[1])
    ).all()
    assert why[-1] == "这个时间已经有人预约了。"
    audited = session.scalars(select(AuditEntry)).one()
    assert (audited.action, audited.after["impossible"]) == ("series.approve", [bookings[1]])
    with pytest.raises(errors.AlreadyDecided):
        deciding.approve(session, worker, first, now)
    assert sound()


def test_none_of_them(house, ask, worker, session, now) -> None:
    who, series_id = ask()
    [first, *_] = ids(session, worker, series_id, now)
    assert deciding.decline(session, worker, series_id, "暑期装修。", now) == 4
    assert states(series_id) == ["declined"] * 4
    assert held(house.hall) == (0, 0)
    assert kinds(session)[1:] == ["cancelled"]
    assert told(session, who, first, now)[-1] == (
        "王秀英您好，您预约的多功能厅有 4 次申请没有通过，"
        "最早的一次是 3月13日（周五）14:00–15:00。原因：暑期装修。"
    )
    assert session.scalars(select(AuditEntry.action)).all() == ["series.decline"]
    with pytest.raises(errors.AlreadyDecided):
        deciding.decline(session, worker, series_id, "不", now)
    assert request_list.get_series(session, worker, series_id, now)["dates"] == []
    assert sound()


def test_one_by_itself_and_then_the_rest(ask, worker, session, now) -> None:
    _, series_id = ask()
    first, second, *_ = ids(session, worker, series_id, now)
    requests.approve(session, worker, first, now)
    requests.decline(session, worker, second, "开会", now)
    assert [x["dates"] for x in request_list.list_open(session, worker, now)] == [2]
    assert deciding.approve(session, worker, series_id, now).approved == 2
    assert states(series_id) == ["confirmed", "declined", "confirmed", "confirmed"]
    assert sound()


def test_what_was_moved_meanwhile_is_read_again(ask, worker, session, now) -> None:
    who, series_id = ask()
    seen = request_list.get_series(session, worker, series_id, now)["dates"]
    to = Change(starts_at=at(3, 9), ends_at=at(3, 10))
    service.change(session, who.me, seen[0]["id"], to, now)
    with pytest.raises(errors.RequestMoved):
        deciding.approve(session, worker, series_id, now, read=[one["mark"] for one in seen])
    assert states(series_id) == ["requested"] * 4


def test_what_has_begun_waits_no_more(ask, worker, session, now) -> None:
    _, series_id = ask()
    late = at(9, 14)
    assert len(ids(session, worker, series_id, late)) == 2
    assert deciding.approve(session, worker, series_id, late).approved == 2
    with pytest.raises(errors.AlreadyDecided):
        deciding.decline(session, worker, series_id, "不", late)


def test_what_cannot_be_at_all_is_not_approved(house, ask, make, worker, session, now) -> None:
    _, series_id = ask()
    make.closure(house.place, starts_on=at(1, 0).date(), ends_on=at(40, 0).date())
    with pytest.raises(errors.RoomClosed):
        deciding.approve(session, worker, series_id, now)
    assert states(series_id) == ["requested"] * 4


def test_others_series_are_not_found(ask, make, session, now) -> None:
    _, series_id = ask()
    there = make.place(name="滨江社区")
    scope = Scope(Role.WORKER, there.id, there.path, there.name)
    stranger = SignedInStaff(make.staff("worker", there, name="周敏").id, "周敏", (scope,))
    for verb in (
        lambda: deciding.approve(session, stranger, series_id, now),
        lambda: deciding.decline(session, stranger, series_id, "不", now),
        lambda: request_list.get_series(session, stranger, series_id, now),
    ):
        with pytest.raises(NotFound):
            verb()
    assert states(series_id) == ["requested"] * 4
