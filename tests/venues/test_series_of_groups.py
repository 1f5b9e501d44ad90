"""Recurring reservations for a group: its quota, who may change them, and when somebody leaves."""

from datetime import timedelta

import pytest
from flask_babel import force_locale
from sqlalchemy import select, update

from backend.booking.models import Booking
from backend.booking.service import Actor
from backend.commands.check import audit
from backend.db import db
from backend.errors import NotFound
from backend.people import own_data
from backend.people.deleting import delete_account
from backend.reminders.models import Reminder
from backend.reminders.wording import Due, compose
from backend.venues import errors, mine
from backend.venues.groups import errors as group_errors
from backend.venues.groups import service as groups
from backend.venues.models import Reservation, RoomRules
from backend.venues.series import ending, making, moving, putting_back, queries
from backend.venues.series.models import Series, SeriesDate
from tests.venues.conftest import at
from tests.venues.test_groups import Team
from tests.venues.test_series import date_ids, states, wanted
from tests.venues.test_series_moving import shift, starts


@pytest.fixture
def house(house, make):
    make.rules(house.hall, series_dates=20, series_days=100)
    return house


@pytest.fixture
def allow(house, session):
    """Other rules for the hall."""

    def allow(**rules) -> None:
        session.execute(update(RoomRules).where(RoomRules.room_id == house.hall.id).values(**rules))

    return allow


@pytest.fixture
def team(make, neighbour) -> Team:
    people = [neighbour(name) for name in ("周桂兰", "李建国", "孙玉珍")]
    return Team(make.group(*(one.person for one in people), name="晚霞舞蹈队"), *people)


@pytest.fixture
def reserve(house, team, now, session):
    """A member reserves Fridays from two to three for the team; what was made."""

    def reserve(who, start=None, **more):
        asked = wanted(house.hall, who, start or at(2, 14), **{"group_id": team.group.id} | more)
        return making.reserve(session, who.me, asked, now)

    return reserve


def names() -> set[tuple[int, int | None, int | None]]:
    """In whose names the series and its dates stand: person, account, group."""
    rows = db.session.execute(
        select(Booking.person_id, Booking.account_id, Reservation.group_id)
        .join(Reservation, Reservation.booking_id == Booking.id)
        .where(Booking.state.in_(("requested", "confirmed")))
        .union_all(select(Series.person_id, Series.account_id, Series.group_id))
    )
    return {tuple(row) for row in rows}


def sound() -> bool:
    db.session.commit()
    return not [one for one in audit(timedelta(hours=1)) if one.rows]


def test_it_counts_for_the_group_as_one(team, reserve, allow) -> None:
    allow(person_live=1, household_live=1, group_live=1)
    assert reserve(team.leader).dates == 4
    with pytest.raises(group_errors.GroupHasEnough):
        reserve(team.second, at(3, 9))
    reserve(team.leader, at(3, 9), group_id=None)  # their own is still free
    assert sound()


def test_the_groups_week_counts_every_date(team, reserve, allow) -> None:
    allow(group_week_minutes=60)
    with pytest.raises(errors.DatesClash):
        reserve(team.leader, weekdays=frozenset({0, 4}))
    made = reserve(team.leader, weekdays=frozenset({0, 4}), skip_clashes=True)
    assert (made.dates, made.skipped) == (3, 1)  # Friday; Monday and not that week's Friday; Monday


@pytest.mark.parametrize(
    ("rules", "group", "refusal"),
    [
        ({"audience": "groups"}, {"group_id": None}, group_errors.GroupsOnly),
        ({"audience": "groups"}, {}, None),
        ({"audience": "staff"}, {}, errors.StaffOnly),
        ({"series_dates": 3}, {}, errors.TooManyDates),
        ({"group_live": 9}, {"group_id": 999_999}, NotFound),
    ],
)
def test_who_may(team, reserve, allow, rules, group, refusal) -> None:
    allow(**rules)
    if refusal is None:
        assert reserve(team.second, **group).dates == 4
        return
    with pytest.raises(refusal):
        reserve(team.second, **group)


def test_a_registration_ends_before_the_last_date(team, reserve, session) -> None:
    team.group.valid_until = at(16, 0).date()
    session.flush()
    made = reserve(team.second, skip_clashes=True)
    assert (made.dates, made.skipped) == (3, 1)


def test_not_for_others_groups(house, team, neighbour, reserve, now, session) -> None:
    made, stranger = reserve(team.leader), neighbour("赵强")
    with pytest.raises(NotFound):
        reserve(stranger, at(3, 9))
    wish = shift(made.series_id, 0, at(2, 16))
    for verb in (
        lambda: queries.get_mine(session, stranger.me, made.series_id, now),
        lambda: ending.cancel(session, stranger.me, made.series_id, now),
        lambda: moving.move(session, stranger.me, made.series_id, wish, now),
    ):
        with pytest.raises(NotFound):
            verb()


def test_every_member_acts_on_it(house, team, reserve, now, session) -> None:
    made = reserve(team.leader)
    found = queries.get_mine(session, team.third.me, made.series_id, now)
    assert (found["group_name"], found["coming"]) == ("晚霞舞蹈队", 4)
    [listed] = mine.list_mine(session, team.third.me, now)
    assert (listed["series_id"], listed["series_coming"]) == (made.series_id, 4)
    moving.move(session, team.second.me, made.series_id, shift(made.series_id, 1, at(9, 16)), now)
    assert starts(made.series_id) == [at(2, 14), at(9, 16), at(16, 16), at(23, 16)]
    third = date_ids(made.series_id)[2]
    assert ending.cancel(session, team.third.me, made.series_id, now, from_id=third) == 2
    putting_back.put_back(session, team.second.me, made.series_id, third, now)
    assert states(made.series_id) == ["confirmed"] * 3 + ["cancelled"]
    # in the name of who made it, who hears of what the others did
    assert names() == {(team.leader.person.id, team.leader.account.id, team.group.id)}
    told = session.execute(select(Reminder.kind, Reminder.account_id).order_by(Reminder.id)).all()
    assert {row.account_id for row in told} == {team.leader.account.id}
    assert [row.kind for row in told] == ["booked", "changed", "cancelled", "booked"]
    assert sound()


def test_who_made_it_reads_which_teammate_gave_it_back(house, team, reserve, now, session) -> None:
    made = reserve(team.leader)
    ending.cancel(session, team.third.me, made.series_id, now)
    row = session.scalars(select(Reminder).where(Reminder.kind == "cancelled")).one()
    due = Due(
        row.id, row.kind, team.leader.person.id, "周桂兰", booking_id=row.booking_id,
        facts=row.facts,
    )  # fmt: skip
    said = next(iter(compose(session, [due], now).messages.values())).body
    assert "晚霞舞蹈队" in said
    assert said.endswith(
        "已取消 4 次，最早的一次是 3月13日（周五）14:00–15:00。是队友孙玉珍取消的。"
    )


def leave(team: Team, now) -> int:
    return groups.remove_by(
        db.session(), team.second.me, team.group.id, team.second.person.id, now
    )  # fmt: skip


def test_who_leaves_hands_it_over(house, team, reserve, now, session) -> None:
    made = reserve(team.second)
    assert leave(team, now) == 4
    assert names() == {(team.leader.person.id, team.leader.account.id, team.group.id)}
    with pytest.raises(NotFound):
        queries.get_mine(session, team.second.me, made.series_id, now)
    row = session.scalars(select(Reminder).order_by(Reminder.id.desc())).first()
    assert (row.account_id, row.facts) == (
        team.leader.account.id, {"handed_over": True, "dates": 4},
    )  # fmt: skip
    due = Due(
        row.id, row.kind, team.leader.person.id, "周桂兰", booking_id=row.booking_id,
        facts=row.facts,
    )  # fmt: skip
    said = next(iter(compose(session, [due], now).messages.values())).body
    assert "晚霞舞蹈队预约的多功能厅转到了您名下" in said
    assert "一共 4 次：第一次 3月13日（周五）14:00–15:00" in said
    assert session.query(Reminder).count() == 2  # one as it was made, one now
    first = date_ids(made.series_id)[0]
    ending.cancel(session, team.third.me, made.series_id, now)
    putting_back.put_back(session, team.third.me, made.series_id, first, now)
    assert sound()


def test_what_is_over_stays_in_the_old_name(house, team, reserve, now, session) -> None:
    reserve(team.second)
    later = at(2, 15)
    leave(team, later)
    people = session.scalars(select(Booking.person_id).order_by(Booking.starts_at)).all()
    assert people == [team.second.person.id] + [team.leader.person.id] * 3


def test_an_account_is_deleted(house, team, reserve, now, session) -> None:
    reserve(team.second)
    delete_account(session, team.second.me, now)
    assert names() == {(team.leader.person.id, team.leader.account.id, team.group.id)}
    assert session.scalars(select(Series.title)).one() == "舞蹈队排练"
    assert sound()


def test_a_group_ends_and_each_series_is_told_once(
    house, team, reserve, make, now, session
) -> None:
    made = reserve(team.second)
    staff = make.staff("worker", house.place)
    assert groups.end(session, team.group.id, "队员都搬走了", staff.id, now) == 4
    assert states(made.series_id) == ["cancelled"] * 4
    told = session.scalars(select(Reminder).where(Reminder.kind == "cancelled")).one()
    assert told.facts == {"dates": 4, "reason": "队员都搬走了"}
    assert sound()


def test_own_data_names_the_group(house, team, reserve, now, session) -> None:
    reserve(team.second)
    with force_locale("zh"):
        told = own_data.gather(session, team.second.me, now)
    [section] = [one for one in told["sections"] if one["title"] == "固定预约"]
    assert "晚霞舞蹈队 舞蹈队排练 共 4 次" in str(section["rows"])


def test_a_removed_member_is_asked_nothing_more(house, team, reserve, now, session) -> None:
    """A leader lets somebody go: what they had reserved is the leader's to move."""
    made = reserve(team.third)
    actor = Actor(account_id=team.leader.account.id)
    groups.remove_member(session, team.group.id, team.third.person.id, actor, now)
    wish = shift(made.series_id, 0, at(2, 16), everything=True)
    assert moving.move(session, team.leader.me, made.series_id, wish, now) == 4
    assert session.scalars(select(SeriesDate.starts_at).order_by(SeriesDate.starts_at)).first() == (
        at(2, 16)
    )
