"""Recurring reservations: the dates, what clashes, all or nothing, and giving them back."""

from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from backend.booking import service as booking
from backend.booking.errors import CancelTooLate, NotLive
from backend.booking.models import Booking, State
from backend.booking.service import Actor
from backend.commands.check import audit
from backend.db import db
from backend.errors import KeyReused, NotFound
from backend.people.deleting import delete_account
from backend.places.models import Occupancy
from backend.reminders.models import Reminder
from backend.reminders.wording import Due, compose
from backend.venues import errors, mine, service
from backend.venues.models import OpenRoom, RoomRules
from backend.venues.series import ending, finding, making, putting_back, queries
from backend.venues.series.dates import MOST_DATES, Pattern, spans
from backend.venues.series.making import Wanted
from backend.venues.series.models import Series, SeriesDate
from backend.venues.service import Change
from tests.venues.conftest import at

DAY = timedelta(days=1)


@pytest.fixture
def house(house, make):
    """Its hall may be reserved again and again, a hundred days ahead."""
    make.rules(house.hall, series_dates=20, series_days=100)
    return house


def wanted(room, who, start, times=4, hours=1, **more) -> Wanted:
    """Every week from `start` on."""
    end = start + timedelta(hours=hours)
    rule = {"weekdays", "every_weeks", "until"} & set(more)
    pattern = Pattern(
        starts_at=start, ends_at=end, times=None if "until" in more else times,
        **{name: more.pop(name) for name in rule},
    )  # fmt: skip
    given = {"person_id": who.person.id, "title": "舞蹈队排练", "headcount": 12}
    return Wanted(room_id=room.id, pattern=pattern, **given | more)


def dates(series_id) -> list[tuple[str, str | None]]:
    """(day, why it is skipped) of each date."""
    rows = db.session.execute(
        select(SeriesDate.starts_at, SeriesDate.why)
        .where(SeriesDate.series_id == series_id)
        .order_by(SeriesDate.starts_at)
    )
    return [(f"{row.starts_at + timedelta(hours=8):%m-%d}", row.why) for row in rows]


def states(series_id) -> list[str]:
    return db.session.scalars(
        select(Booking.state)
        .join(SeriesDate, SeriesDate.booking_id == Booking.id)
        .where(SeriesDate.series_id == series_id)
        .order_by(Booking.starts_at)
    ).all()


def held(room) -> tuple[int, int]:
    """How many reservations are counted, and how many parts are in use at all."""
    taken = db.session.scalar(select(OpenRoom.taken).where(OpenRoom.room_id == room.id))
    return taken, db.session.scalar(select(func.count()).select_from(Occupancy))


def nothing_written() -> bool:
    tables = (Series, SeriesDate, Booking, Occupancy, Reminder)
    return not any(db.session.scalar(select(func.count()).select_from(one)) for one in tables)


def sound() -> bool:
    db.session.commit()
    return not [one for one in audit(timedelta(hours=1)) if one.rows]


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ({"times": 3}, ["03-13 14", "03-20 14", "03-27 14"]),
        ({"until": date(2026, 3, 27)}, ["03-13 14", "03-20 14", "03-27 14"]),
        ({"until": date(2026, 3, 26)}, ["03-13 14", "03-20 14"]),
        ({"until": date(2026, 4, 30), "times": 2}, ["03-13 14", "03-20 14"]),
        ({"every_weeks": 2, "times": 3}, ["03-13 14", "03-27 14", "04-10 14"]),
        ({"weekdays": frozenset({0, 4}), "times": 3}, ["03-13 14", "03-16 14", "03-20 14"]),
        ({"weekdays": frozenset({0}), "times": 2}, ["03-16 14", "03-23 14"]),
        ({"times": MOST_DATES}, None),
    ],
)
def test_from_a_pattern_to_dates(pattern, found) -> None:
    made = spans(Pattern(starts_at=at(2, 14), ends_at=at(2, 16), **pattern))
    if found is None:
        assert len(made) == MOST_DATES
    else:
        assert [f"{one.starts_at:%m-%d %H}" for one in made] == found
    assert {one.ends_at - one.starts_at for one in made} == {timedelta(hours=2)}


@pytest.mark.parametrize(
    ("pattern", "refusal"),
    [
        ({"times": 500}, errors.TooManyDates),
        ({"until": date(9999, 12, 31)}, errors.TooManyDates),
        ({"times": 0}, errors.NoDates),
        ({"until": date(2026, 3, 12)}, errors.NoDates),
        ({"times": 2, "ends_at": at(2, 14)}, errors.EndsBeforeStart),
        ({"times": 2, "ends_at": at(2, 13)}, errors.EndsBeforeStart),
    ],
)
def test_patterns_without_sense(pattern, refusal) -> None:
    with pytest.raises(refusal):
        spans(Pattern(**{"starts_at": at(2, 14), "ends_at": at(2, 16)} | pattern))


def test_each_date_is_a_reservation(house, neighbour, now, session) -> None:
    me = neighbour()
    made = making.reserve(session, me.me, wanted(house.hall, me, at(2, 14)), now)
    assert (made.dates, made.skipped, made.state) == (4, 0, "confirmed")
    assert dates(made.series_id) == [(day, None) for day in ("03-13", "03-20", "03-27", "04-03")]
    assert held(house.hall) == (4, 8)
    first = session.scalars(select(Booking).order_by(Booking.starts_at)).first()
    assert (first.account_id, first.cancel_until, first.once_key) == (
        me.account.id, at(2, 13), None,
    )  # fmt: skip
    one = session.execute(select(Reminder.kind, Reminder.booking_id, Reminder.facts)).all()
    assert one == [("booked", first.id, {"dates": 4, "skipped": 0})]
    assert sound()


def test_one_message_says_how_many(house, neighbour, now, session) -> None:
    me = neighbour()
    making.reserve(session, me.me, wanted(house.hall, me, at(2, 14)), now)
    row = session.scalars(select(Reminder)).one()
    due = Due(row.id, row.kind, me.person.id, "王秀英", booking_id=row.booking_id, facts=row.facts)
    said = next(iter(compose(session, [due], now).messages.values()))
    assert "已经约好，一共 4 次：第一次 3月13日（周五）14:00–15:00" in said.body


def test_holidays_closures_and_uses_are_skipped_with_their_reason(
    house, neighbour, make, now, session
) -> None:
    """Qingming on 6 April, the house closed for repairs, and a neighbour who was first."""
    make.rules(make.once(f"venue {house.place.id}", lambda: None), holiday="")
    make.closure(house.place, starts_on=date(2026, 3, 29), ends_on=date(2026, 3, 31))
    me, other = neighbour(), neighbour("李建国")
    service.reserve(session, other.me, house.wanted(house.left, other, at(12, 14)), now)
    wish = wanted(house.hall, me, at(5, 14), times=5, skip_clashes=True)  # Mondays
    shown = making.preview(session, me.me, wish, now)
    reasons = [one.refusal and type(one.refusal).__name__ for one in shown]
    assert reasons == [None, "InUse", "RoomClosed", "RoomClosed", None]
    made = making.reserve(session, me.me, wish, now)
    assert (made.dates, made.skipped) == (2, 3)
    assert dates(made.series_id) == [
        ("03-16", None), ("03-23", "这个时间已经有人预约了。"),
        ("03-30", "这个时间不开放：装修。"), ("04-06", "这个时间不开放：清明。"), ("04-13", None),
    ]  # fmt: skip
    assert sound()


def test_all_or_nothing(house, neighbour, now, session) -> None:
    me, other = neighbour(), neighbour("李建国")
    service.reserve(session, other.me, house.wanted(house.left, other, at(9, 14)), now)
    before = held(house.hall)
    with pytest.raises(errors.DatesClash) as refused:
        making.reserve(session, me.me, wanted(house.hall, me, at(2, 14)), now)
    assert refused.value.data["count"] == 1
    assert [one["errcode"] for one in refused.value.data["dates"]] == [errors.InUse.errcode]
    assert held(house.hall) == before
    assert session.scalar(select(func.count()).select_from(Series)) == 0


def test_days_left_out_by_choice_can_be_named(house, neighbour, now, session) -> None:
    me = neighbour()
    wish = wanted(house.hall, me, at(2, 14), skip=frozenset({date(2026, 3, 20)}))
    made = making.reserve(session, me.me, wish, now)
    assert (made.dates, made.skipped) == (3, 1)
    assert dates(made.series_id)[1] == ("03-20", "没有选这一次")


@pytest.mark.parametrize(
    ("rules", "asked", "refusal"),
    [
        ({"series_dates": 0}, {}, errors.SeriesByStaff),
        ({"series_dates": 3}, {}, errors.TooManyDates),
        ({}, {"times": 500}, errors.TooManyDates),
        ({}, {"until": date(2026, 3, 12)}, errors.NoDates),
        ({}, {"until": date(2026, 3, 13), "skip": frozenset({date(2026, 3, 13)})}, errors.NoDates),
        ({}, {"hours": -1}, errors.EndsBeforeStart),
        ({}, {"headcount": 81}, errors.TooManyPeople),
        ({}, {"start": at(2, 22)}, errors.RoomClosed),
        ({"audience": "staff", "series_dates": 0}, {}, errors.StaffOnly),
        ({"person_live": 1}, {"reserved": True}, errors.EnoughReserved),
        ({"series_days": 14}, {}, errors.DatesClash),
        ({"person_week_minutes": 60}, {"weekdays": frozenset({3, 4})}, errors.DatesClash),
    ],
)
def test_a_rule_refuses(house, neighbour, make, now, session, rules, asked, refusal) -> None:
    make.rules(house.left, **{"series_dates": 20, "series_days": 100} | rules)
    me = neighbour()
    more = {"start": at(2, 14)} | asked
    if more.pop("reserved", False):
        service.reserve(session, me.me, house.wanted(house.left, me, at(1, 14)), now)
        with pytest.raises(refusal):
            making.reserve(session, me.me, wanted(house.left, me, **more), now)
        return
    with pytest.raises(refusal):
        making.reserve(session, me.me, wanted(house.left, me, **more), now)
    assert nothing_written()


def test_the_limits_count_a_series_once_and_its_hours_each(
    house, neighbour, make, now, session
) -> None:
    make.rules(house.left, series_dates=20, series_days=100, person_live=2, person_week_minutes=120)
    me = neighbour()
    making.reserve(session, me.me, wanted(house.left, me, at(2, 14)), now)
    service.reserve(session, me.me, house.wanted(house.left, me, at(2, 16)), now)
    with pytest.raises(errors.EnoughReserved):
        service.reserve(session, me.me, house.wanted(house.left, me, at(9, 16)), now)
    with pytest.raises(errors.EnoughReserved):
        making.reserve(session, me.me, wanted(house.left, me, at(9, 16)), now)
    one = session.scalars(
        select(Booking.id).join(SeriesDate, SeriesDate.booking_id == Booking.id)
        .order_by(Booking.starts_at.desc())
    ).first()  # fmt: skip
    # a date of it moves, as far ahead as a series may lie: the series is not in its own way
    service.change(session, me.me, one, Change(starts_at=at(22, 10), ends_at=at(22, 11)), now)
    assert mine.why_not(
        session, me.me, house.wanted(house.left, me, at(23, 10)).slot(), now, moving=one
    ) == []  # fmt: skip


def test_the_same_key_answers_with_the_same_series(house, neighbour, now, session) -> None:
    me = neighbour()
    keyed = {"idempotency_key": "k", "idempotency_hash": "h"}
    first = making.reserve(session, me.me, wanted(house.hall, me, at(2, 14), **keyed), now)
    again = making.reserve(session, me.me, wanted(house.hall, me, at(2, 14), **keyed), now)
    assert again.replayed
    assert (again.series_id, again.dates, again.state) == (first.series_id, 4, first.state)
    other = wanted(house.hall, me, at(2, 16), **keyed | {"idempotency_hash": "x"})
    with pytest.raises(KeyReused):
        making.reserve(session, me.me, other, now)


def test_staff_make_what_residents_may_not(house, neighbour, make, now, session) -> None:
    make.rules(house.left, series_dates=0, horizon_days=30)
    me, staff = neighbour(), make.staff()
    wish = wanted(house.left, me, at(2, 14), times=6)
    assert [one.refusal is None for one in making.preview_at_desk(session, wish, now)] == (
        [True] * 5 + [False]
    )
    made = making.reserve_at_desk(session, staff.id, wish, now, overruled_reason="年度活动")
    assert made.dates == 6
    assert set(states(made.series_id)) == {"confirmed"}


def test_a_room_on_request_is_asked_for_on_every_date(house, neighbour, make, now, session) -> None:
    make.rules(house.left, approval=True, series_days=100)
    me = neighbour()
    made = making.reserve(session, me.me, wanted(house.left, me, at(2, 14)), now)
    assert made.state == State.REQUESTED
    assert held(house.left) == (0, 0)
    assert session.scalars(select(Reminder.kind)).all() == ["waitlisted"]


@pytest.fixture
def series(house, neighbour, now, session):
    """Somebody with four Fridays from two to three."""
    me = neighbour()
    return me, making.reserve(session, me.me, wanted(house.hall, me, at(2, 14)), now).series_id


def date_ids(series_id) -> list[int]:
    return db.session.scalars(
        select(SeriesDate.id)
        .where(SeriesDate.series_id == series_id)
        .order_by(SeriesDate.starts_at)
    ).all()


@pytest.mark.parametrize(("number", "left"), [(None, 0), (0, 0), (2, 2), (3, 3)])
def test_giving_back_from_one_on_or_all(house, series, now, session, number, left) -> None:
    me, series_id = series
    from_id = None if number is None else date_ids(series_id)[number]
    assert ending.cancel(session, me.me, series_id, now, from_id=from_id) == 4 - left
    assert states(series_id) == ["confirmed"] * left + ["cancelled"] * (4 - left)
    assert held(house.hall) == (left, 2 * left)
    assert session.scalars(select(Reminder.kind)).all() == ["booked"]  # they know
    assert sound()


def test_giving_back_one_is_giving_back_a_reservation(house, series, now, session) -> None:
    me, series_id = series
    one = session.scalars(select(Booking.id).order_by(Booking.starts_at)).first()
    booking.cancel(session, one, Actor(account_id=me.account.id), now)
    shown = queries.get_mine(session, me.me, series_id, now)
    assert [one["state"] for one in shown["dates"]] == ["cancelled"] + ["confirmed"] * 3
    assert [one["can_be_put_back"] for one in shown["dates"]] == [True, False, False, False]
    assert (shown["coming"], shown["weekdays"]) == (3, [4])


def test_what_is_over_stays_and_the_deadline_counts(house, series, now, session) -> None:
    me, series_id = series
    late = at(9, 13, 30)  # half an hour after the deadline of the second
    with pytest.raises(CancelTooLate):
        ending.cancel(session, me.me, series_id, late)
    assert ending.cancel(session, me.me, series_id, late, late=True) == 3
    assert states(series_id) == ["confirmed"] + ["cancelled"] * 3
    with pytest.raises(NotLive):
        ending.cancel(session, me.me, series_id, late)


def test_others_series_are_not_there(series, neighbour, now, session) -> None:
    _, series_id = series
    other = neighbour("李建国")
    with pytest.raises(NotFound):
        queries.get_mine(session, other.me, series_id, now)
    with pytest.raises(NotFound):
        ending.cancel(session, other.me, series_id, now)
    with pytest.raises(NotFound):
        ending.cancel(session, series[0].me, series_id, now, from_id=999_999)


def test_the_list_shows_the_next_date_of_a_series(house, series, now, session) -> None:
    me, series_id = series
    service.reserve(session, me.me, house.wanted(house.left, me, at(3, 10)), now)
    shown = [
        (one["starts_at"][:10], one["series_id"], one["series_coming"])
        for one in mine.list_mine(session, me.me, now)
    ]
    assert shown == [("2026-03-13", series_id, 4), ("2026-03-14", None, 1)]
    past = mine.list_mine(session, me.me, at(11, 0), past=True)
    assert [one["starts_at"][:10] for one in past] == ["2026-03-20", "2026-03-14", "2026-03-13"]


def test_deleting_an_account_blanks_what_it_was_for(series, now, session) -> None:
    me, series_id = series
    delete_account(session, me.me, now)
    assert session.get_one(Series, series_id, populate_existing=True).title == ""


def test_a_skipped_date_is_put_back_once_it_can_be(house, neighbour, now, session) -> None:
    me, other = neighbour(), neighbour("李建国")
    first = service.reserve(session, other.me, house.wanted(house.left, other, at(9, 14)), now)
    wish = wanted(house.hall, me, at(2, 14), skip_clashes=True)
    series_id = making.reserve(session, me.me, wish, now).series_id
    skipped = date_ids(series_id)[1]
    with pytest.raises(errors.InUse):
        putting_back.put_back(session, me.me, series_id, skipped, now)
    booking.cancel(session, first.booking_id, Actor(account_id=other.account.id), now)
    made = putting_back.put_back(session, me.me, series_id, skipped, now)
    assert session.get_one(Booking, made).starts_at == at(9, 14)
    assert states(series_id) == ["confirmed"] * 4
    assert dates(series_id)[1] == ("03-20", None)
    with pytest.raises(errors.NotSkipped):
        putting_back.put_back(session, me.me, series_id, skipped, now)
    with pytest.raises(NotFound):
        putting_back.put_back(session, other.me, series_id, skipped, now)
    with pytest.raises(NotFound):
        putting_back.put_back(session, me.me, series_id, 999_999, now)
    assert sound()


def test_a_cancelled_date_is_put_back_within_the_limits(series, house, make, now, session) -> None:
    """The rest of the series is not in its way; its time must lie ahead."""
    me, series_id = series
    make.rules(house.left, person_live=1)
    one = session.scalars(select(Booking.id).order_by(Booking.starts_at)).first()
    booking.cancel(session, one, Actor(account_id=me.account.id), now)
    with pytest.raises(errors.NotSkipped):
        putting_back.put_back(session, me.me, series_id, date_ids(series_id)[0], at(2, 14))
    putting_back.put_back(session, me.me, series_id, date_ids(series_id)[0], now)
    assert states(series_id) == ["confirmed"] * 4
    assert sound()


def test_staff_put_back_what_residents_may_not(series, house, make, now, session) -> None:
    me, series_id = series
    ending.cancel(session, me.me, series_id, now)
    rules = session.scalars(select(RoomRules).where(RoomRules.room_id == house.hall.id)).one()
    rules.audience, rules.friday = "staff", "18:00-21:00"
    session.flush()
    with pytest.raises(errors.RoomClosed):
        putting_back.put_back(session, me.me, series_id, date_ids(series_id)[0], now)
    row, staff = finding.mine(session, me.me, series_id, now), make.staff()
    putting_back.put_back_at_desk(
        session, staff.id, row, date_ids(series_id)[0], now, overruled_reason="校庆排练"
    )
    assert states(series_id) == ["confirmed"] + ["cancelled"] * 3
