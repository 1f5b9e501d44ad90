"""Moving a series: from one date on or all, who stays and why, and the deadlines of old starts."""

import pytest
from sqlalchemy import func, select

from backend.booking import service as booking
from backend.booking.errors import NotLive
from backend.booking.models import Booking
from backend.booking.service import Actor
from backend.db import db
from backend.errors import NotFound
from backend.places.models import Occupancy
from backend.reminders.models import Reminder
from backend.venues import errors, service
from backend.venues.series import finding, making, moving
from backend.venues.series.models import SeriesDate
from backend.venues.series.moving import Shift
from backend.venues.service import Change
from tests.venues.conftest import at
from tests.venues.test_series import date_ids, held, sound, states, wanted


@pytest.fixture
def house(house, make):
    make.rules(house.hall, series_dates=20, series_days=100)
    return house


@pytest.fixture
def series(house, neighbour, now, session):
    """Somebody with four Fridays (days 2, 9, 16, 23) from two to three."""
    me = neighbour()
    return me, making.reserve(session, me.me, wanted(house.hall, me, at(2, 14)), now).series_id


def starts(series_id) -> list:
    rows = db.session.execute(
        select(Booking.starts_at, SeriesDate.starts_at.label("planned_at"))
        .join(SeriesDate, SeriesDate.booking_id == Booking.id)
        .where(SeriesDate.series_id == series_id)
        .order_by(SeriesDate.starts_at)
    )
    return [row.starts_at for row in rows]


def shift(series_id, number, start, hours=1, **more) -> Shift:
    end = start.replace(hour=start.hour + hours)
    return Shift(date_id=date_ids(series_id)[number], starts_at=start, ends_at=end, **more)


@pytest.mark.parametrize(
    ("number", "to", "everything", "found"),
    [
        (0, at(2, 16), False, [at(2, 16), at(9, 16), at(16, 16), at(23, 16)]),
        (2, at(16, 16), False, [at(2, 14), at(9, 14), at(16, 16), at(23, 16)]),
        (2, at(16, 16), True, [at(2, 16), at(9, 16), at(16, 16), at(23, 16)]),
        (1, at(10, 9), True, [at(3, 9), at(10, 9), at(17, 9), at(24, 9)]),  # to Saturdays
        (0, at(9, 14), True, [at(9, 14), at(16, 14), at(23, 14), at(30, 14)]),  # a week on
        (3, at(16, 15), True, None),  # a week earlier: the first would be past
        (0, at(2, 14, 30), True, [at(2, 14, 30), at(9, 14, 30), at(16, 14, 30), at(23, 14, 30)]),
    ],
)
def test_where_they_go(house, series, now, session, number, to, everything, found) -> None:
    me, series_id = series
    wish = shift(series_id, number, to, everything=everything)
    if found is None:
        with pytest.raises(errors.DatesClash) as refused:
            moving.move(session, me.me, series_id, wish, now)
        assert [one["errcode"] for one in refused.value.data["dates"]] == [errors.Past.errcode]
        return
    moves = 4 - number if not everything else 4
    assert moving.move(session, me.me, series_id, wish, now) == moves
    assert starts(series_id) == found
    assert states(series_id) == ["confirmed"] * 4
    assert held(house.hall) == (4, 8)
    assert session.scalars(select(Reminder.kind)).all() == ["booked"]
    assert sound()


def test_who_cannot_follow_stays(house, series, neighbour, now, session) -> None:
    me, series_id = series
    other = neighbour("李建国")
    service.reserve(session, other.me, house.wanted(house.left, other, at(9, 16)), now)
    wish = shift(series_id, 0, at(2, 16))
    seen = moving.preview(session, me.me, series_id, wish, now)
    assert [one.refusal and one.refusal.errcode for one in seen] == [None, 409113, None, None]
    with pytest.raises(errors.DatesClash):
        moving.move(session, me.me, series_id, wish, now)
    assert starts(series_id) == [at(2, 14), at(9, 14), at(16, 14), at(23, 14)]
    wish = shift(series_id, 0, at(2, 16), skip_clashes=True)
    assert moving.move(session, me.me, series_id, wish, now) == 3
    assert starts(series_id) == [at(2, 16), at(9, 14), at(16, 16), at(23, 16)]
    assert sound()


def test_who_stays_is_in_the_way_of_the_one_behind(house, series, make, now, session) -> None:
    """A week on: the last cannot, so none can take the place of the next."""
    me, series_id = series
    make.closure(house.place, starts_on=at(30, 0).date(), ends_on=at(30, 0).date())
    wish = shift(series_id, 0, at(9, 14), skip_clashes=True)
    seen = [one.refusal for one in moving.preview(session, me.me, series_id, wish, now)]
    assert [type(one).__name__ for one in seen] == ["InUse"] * 3 + ["RoomClosed"]
    with pytest.raises(errors.DatesClash):
        moving.move(session, me.me, series_id, wish, now)
    assert starts(series_id) == [at(2, 14), at(9, 14), at(16, 14), at(23, 14)]


def test_moved_alone_keeps_its_time_and_too_late_stays(house, series, now, session) -> None:
    me, series_id = series
    ids = session.scalars(select(Booking.id).order_by(Booking.starts_at)).all()
    alone = Change(starts_at=at(17, 10), ends_at=at(17, 11))
    service.change(session, me.me, ids[2], alone, now)
    booking.cancel(session, ids[3], Actor(account_id=me.account.id), now)
    late = at(2, 13, 30)  # after the deadline of the first
    wish = shift(series_id, 1, at(9, 16), everything=True, skip_clashes=True)
    seen = moving.preview(session, me.me, series_id, wish, late)
    assert [type(one.refusal).__name__ for one in seen] == ["ChangeTooLate", "NoneType"]
    assert moving.move(session, me.me, series_id, wish, late) == 1
    assert starts(series_id) == [at(2, 14), at(9, 16), at(17, 10), at(23, 14)]
    # the one that was moved by itself is picked: it goes along with those behind it
    wish = shift(series_id, 2, at(16, 9))
    assert moving.move(session, me.me, series_id, wish, late) == 1
    assert starts(series_id)[2] == at(16, 9)


def test_on_request_they_are_asked_for_anew(house, make, neighbour, now, session) -> None:
    make.rules(house.left, approval=True, series_days=100)
    me, staff = neighbour(), make.staff()
    made = making.reserve_at_desk(session, staff.id, wanted(house.left, me, at(2, 14)), now)
    wish = shift(made.series_id, 0, at(2, 16))
    assert moving.move(session, me.me, made.series_id, wish, now) == 4
    assert states(made.series_id) == ["requested"] * 4
    assert session.scalar(select(func.count()).select_from(Occupancy)) == 0


def test_staff_move_and_tell_once(house, series, make, now, session) -> None:
    me, series_id = series
    row, staff = finding.mine(session, me.me, series_id, now), make.staff()
    wish = shift(series_id, 1, at(9, 10))
    assert moving.move_at_desk(session, staff.id, row, wish, now) == 3
    told = session.execute(select(Reminder.kind, Reminder.facts).order_by(Reminder.id)).all()[1:]
    assert [(one.kind, one.facts["dates"]) for one in told] == [("changed", 3)]


def test_what_does_not_move(house, series, neighbour, now, session) -> None:
    me, series_id = series
    with pytest.raises(NotFound):
        moving.move(session, neighbour("李建国").me, series_id, shift(series_id, 0, at(2, 16)), now)
    strange = Shift(date_id=999_999, starts_at=at(2, 16), ends_at=at(2, 17))
    with pytest.raises(NotFound):
        moving.move(session, me.me, series_id, strange, now)
    with pytest.raises(errors.EndsBeforeStart):
        moving.move(session, me.me, series_id, shift(series_id, 0, at(2, 16), 0), now)
    with pytest.raises(errors.RoomClosed):
        moving.move(session, me.me, series_id, shift(series_id, 0, at(2, 22)), now)
    with pytest.raises(NotLive):
        moving.move(session, me.me, series_id, shift(series_id, 0, at(2, 16)), at(40, 0))
    assert starts(series_id) == [at(2, 14), at(9, 14), at(16, 14), at(23, 14)]
