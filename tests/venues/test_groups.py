"""Groups: whose quota counts, who may reserve for them, and what becomes of it when one leaves."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest
from flask_babel import force_locale
from sqlalchemy import select

from backend.booking import queries as bookings
from backend.booking import service as booking
from backend.booking import visits
from backend.booking.models import Booking, BookingEvent
from backend.booking.service import Actor
from backend.commands.check import audit
from backend.db import db
from backend.errors import Invalid, NotFound
from backend.people import own_data
from backend.people.deleting import delete_account
from backend.people.merging import merge
from backend.places.models import PlaceKind
from backend.reminders.models import Kind, Reminder
from backend.reminders.wording import Due, compose
from backend.venues import coming, errors, mine, room_codes, service
from backend.venues.groups import errors as group_errors
from backend.venues.groups import service as groups
from backend.venues.groups.models import Group, GroupMember
from backend.venues.groups.service import Registration
from backend.venues.models import Reservation
from backend.venues.service import Change
from tests.factories import Signed
from tests.venues.conftest import House, at


@dataclass(frozen=True, slots=True)
class Team:
    """A dance team of three in the house's community."""

    group: Group
    leader: Signed
    second: Signed
    third: Signed


@pytest.fixture
def team(make, neighbour) -> Team:
    people = [neighbour(name) for name in ("周桂兰", "李建国", "孙玉珍")]
    return Team(make.group(*(one.person for one in people), name="晚霞舞蹈队"), *people)


@pytest.fixture
def reserve(house: House, team: Team, now, session) -> Callable[..., int]:
    """A member reserves the hall for the team; the booking's id."""

    def reserve(who: Signed, *args, room=None, **more) -> int:
        more = {"group_id": team.group.id} | more
        wanted = house.wanted(room or house.hall, who, *args, **more)
        return service.reserve(session, who.me, wanted, now).booking_id

    return reserve


def of(booking_id: int) -> tuple[int, int | None]:
    """In whose name it stands: the person and the account."""
    row = db.session.execute(
        select(Booking.person_id, Booking.account_id).where(Booking.id == booking_id)
    ).one()
    return row.person_id, row.account_id


def test_what_is_for_the_group_counts_for_the_group_alone(house, team, reserve, make) -> None:
    make.rules(house.hall, person_live=1, household_live=1, group_live=2)
    reserve(team.leader, at(2, 10))
    reserve(team.second, at(2, 12))
    reserve(team.second, at(2, 14), group_id=None)  # their own is still free
    with pytest.raises(group_errors.GroupHasEnough):
        reserve(team.third, at(2, 16))
    with pytest.raises(errors.EnoughReserved):
        reserve(team.second, at(3, 16), group_id=None)
    reserve(team.third, at(2, 16), group_id=None)


@pytest.mark.parametrize(
    ("rules", "had", "hours", "refusal"),
    [
        ({"group_week_minutes": 180}, [("hall", 2, 2)], 1, None),
        ({"group_week_minutes": 180}, [("hall", 2, 2)], 1.5, group_errors.GroupHasEnoughThisWeek),
        ({"group_week_minutes": 180}, [("left", 2, 3)], 1, None),  # another room
        ({"group_week_minutes": 180, "across_venue": True}, [("left", 2, 3)], 1,
         group_errors.GroupHasEnoughThisWeek),
        ({"group_week_minutes": 180}, [("hall", 5, 3)], 1, None),  # next week's
        ({"person_week_minutes": 60, "household_week_minutes": 60}, [("hall", 2, 3)], 1, None),
    ],
)  # fmt: skip
def test_hours_of_a_week(house, team, reserve, make, rules, had, hours, refusal) -> None:
    make.rules(house.hall, **rules)
    for room, day, length in had:
        reserve(team.leader, at(day, 9), length, room=getattr(house, room))
    if refusal is None:
        reserve(team.second, at(3, 14), hours)
        return
    with pytest.raises(refusal):
        reserve(team.second, at(3, 14), hours)


def test_the_nearest_limit_counts(house, team, reserve, make) -> None:
    make.rules(make.once(f"venue {house.place.id}", lambda: None), group_live=1)
    make.rules(house.left, group_live=0)
    reserve(team.leader, at(2, 10), room=house.left)
    reserve(team.leader, at(2, 12), room=house.left)
    reserve(team.leader, at(2, 14))
    with pytest.raises(group_errors.GroupHasEnough):
        reserve(team.leader, at(2, 16))


@pytest.mark.parametrize(
    ("audience", "registered", "alone", "together"),
    [
        ("groups", "same", group_errors.GroupsOnly, None),
        ("groups", "far", group_errors.GroupsOnly, None),
        ("community", "same", None, None),
        ("community", "next", None, group_errors.GroupElsewhere),
        ("street", "next", None, None),
        ("street", "far", None, group_errors.GroupElsewhere),
        ("district", "far", None, None),
        ("everyone", "far", None, None),
        ("staff", "same", errors.StaffOnly, errors.StaffOnly),
    ],
)
def test_who_may(house, team, reserve, make, session, audience, registered, alone, together):
    make.rules(make.once(f"venue {house.place.id}", lambda: None), audience=audience)
    street = make.once("street", lambda: None)
    place_id = {
        "same": lambda: house.place.id,
        "next": lambda: make.place(parent=street).id,
        "far": lambda: make.place(parent=make.place(PlaceKind.STREET)).id,
    }[registered]()
    session.get_one(Group, team.group.id).place_id = place_id
    session.commit()
    for hour, refusal, more in ((14, alone, {"group_id": None}), (16, together, {})):
        if refusal is None:
            reserve(team.leader, at(2, hour), **more)
            continue
        with pytest.raises(refusal):
            reserve(team.leader, at(2, hour), **more)


def test_somebody_elses_group_is_not_found(house, team, reserve, neighbour, make, now, session):
    stranger, child = neighbour("赵强"), neighbour("周小雨")
    with pytest.raises(NotFound):
        reserve(stranger, at(2, 14))
    with pytest.raises(NotFound):
        reserve(team.leader, at(2, 14), group_id=99999)
    with pytest.raises(NotFound):  # a member, but nobody they may act for
        reserve(team.leader, at(2, 14), person_id=team.second.person.id)
    make.consent(child.account, team.leader.person)
    reserve(child, at(2, 14), person_id=team.leader.person.id)  # the daughter does it for her
    staff = make.staff()
    wanted = house.wanted(house.hall, stranger, at(2, 16), group_id=team.group.id)
    with pytest.raises(NotFound):
        service.reserve_at_desk(session, staff.id, wanted, now)


@pytest.mark.parametrize(
    ("days", "day", "ended", "fits"),
    [(2, 2, False, True), (1, 2, False, False), (None, 13, False, True), (None, 2, True, False)],
)
def test_it_is_registered_to_a_day(team, reserve, now, session, days, day, ended, fits) -> None:
    row = session.get_one(Group, team.group.id)
    row.valid_until = None if days is None else at(days, 0).date()
    row.ended_at = now if ended else None
    session.commit()
    if fits:
        reserve(team.leader, at(day, 20))
        return
    with pytest.raises(group_errors.GroupNotRegistered):
        reserve(team.leader, at(day, 20))


def test_every_member_sees_moves_comes_and_cancels(house, team, reserve, make, now, session):
    make.rules(house.hall, check_in_minutes=30, no_show_minutes=15)
    ident = reserve(team.leader, at(2, 14))
    for one in (team.second, team.third):
        assert mine.get_mine(session, one.me, ident, now)["group_name"] == "晚霞舞蹈队"
        assert [row["id"] for row in mine.list_mine(session, one.me, now)] == [ident]
        assert [row["id"] for row in bookings.list_mine(session, one.me, now)] == [ident]
    stranger = make.resident("赵强")
    assert mine.list_mine(session, stranger.me, now) == []
    with pytest.raises(NotFound):
        bookings.check_mine(session, stranger.me, ident, now)
    to = Change(starts_at=at(2, 16), ends_at=at(2, 17))
    with pytest.raises(NotFound):
        service.change(session, stranger.me, ident, to, now)
    service.change(session, team.second.me, ident, to, now)
    assert session.scalars(select(Reminder.kind)).all() == ["booked", "changed"]  # who booked
    reserve(team.third, at(0, 13))
    code = room_codes.room_code(house.hall.id, at(0, 13))
    coming.check_in(session, team.leader.me, house.hall.id, code, at(0, 13))
    coming.end_early(session, team.second.me, ident + 1, at(0, 13, 30))
    bookings.check_mine(session, team.third.me, ident, now)
    booking.cancel(session, ident, Actor(account_id=team.third.account.id), now)
    assert session.get_one(Booking, ident).state == "cancelled"
    assert {one.check.name: one.rows for one in audit(timedelta(hours=1)) if one.rows} == {}


def test_moving_keeps_to_the_groups_limits(house, team, reserve, make, now, session) -> None:
    make.rules(house.hall, group_week_minutes=120, person_live=1)
    ident = reserve(team.leader, at(2, 14))
    reserve(team.leader, at(2, 9))
    longer = Change(starts_at=at(2, 16), ends_at=at(2, 17, 30))
    with pytest.raises(group_errors.GroupHasEnoughThisWeek):
        service.change(session, team.second.me, ident, longer, now)
    service.change(
        session, team.second.me, ident, Change(starts_at=at(2, 16), ends_at=at(2, 17)), now
    )


def test_who_leaves_hands_over(team, reserve, now, session) -> None:
    ident = reserve(team.second, at(2, 14))
    own = reserve(team.second, at(2, 16), group_id=None)
    visits.derive(session, at(1, 12))
    gone = groups.remove_by(session, team.leader.me, team.group.id, team.second.person.id, now)
    assert gone == 1
    reminded = select(Reminder.person_id).where(
        Reminder.booking_id == ident, Reminder.kind.in_((Kind.VISIT_EVE, Kind.VISIT_SOON))
    )
    assert set(session.scalars(reminded)) == {team.leader.person.id}
    assert of(ident) == (team.leader.person.id, team.leader.account.id)
    assert of(own) == (team.second.person.id, team.second.account.id)
    with pytest.raises(NotFound):
        bookings.check_mine(session, team.second.me, ident, now)
    with pytest.raises(NotFound):
        reserve(team.second, at(3, 14))
    last = session.scalars(select(Reminder).order_by(Reminder.id.desc())).first()
    due = Due(last.id, last.kind, team.leader.person.id, "周桂兰", booking_id=ident,
              facts=last.facts)  # fmt: skip
    with force_locale("zh"):
        [said] = compose(session, [due], now).messages.values()
    assert said.body.startswith("周桂兰您好，晚霞舞蹈队预约的多功能厅转到了您名下，已经约好：")
    event = session.scalars(select(BookingEvent).order_by(BookingEvent.id.desc())).first()
    assert (event.reason, event.account_id) == ("member_left", team.leader.account.id)
    again = groups.remove_by(session, team.leader.me, team.group.id, team.second.person.id, now)
    assert again == 0


def test_who_lets_whom_go(team, make, now, session) -> None:
    def remove(by, whom):
        return groups.remove_by(session, by.me, team.group.id, whom.person.id, now)

    with pytest.raises(NotFound):
        remove(make.resident("赵强"), team.third)
    with pytest.raises(group_errors.LeadersOnly):
        remove(team.second, team.third)
    with pytest.raises(group_errors.LastLeader):
        remove(team.leader, team.leader)
    remove(team.third, team.third)
    remove(team.third, team.third)
    groups.add_member(session, team.group.id, team.second.person.id, now, leads=True)
    remove(team.leader, team.leader)
    with pytest.raises(group_errors.LastLeader):
        groups.add_member(session, team.group.id, team.second.person.id, now, leads=False)


def test_a_deleted_account_hands_over_and_the_last_ends_all(team, reserve, now, session) -> None:
    ident = reserve(team.leader, at(2, 14))
    delete_account(session, team.leader.me, now)
    assert of(ident)[0] == team.second.person.id  # nobody leads: the longest-standing member
    assert session.get_one(Reservation, ident).title == "合唱排练"
    delete_account(session, team.second.me, now)
    delete_account(session, team.third.me, now)
    assert session.get_one(Booking, ident).state == "cancelled"
    assert {one.check.name: one.rows for one in audit(timedelta(hours=1)) if one.rows} == {}


def test_a_merged_person_is_one_member(team, reserve, make, now, session) -> None:
    twin = make.person("周桂兰")
    groups.add_member(session, team.group.id, twin.id, now)
    ident = reserve(team.leader, at(2, 14))
    merge(session, team.leader.person.id, twin.id, now)
    assert of(ident)[0] == twin.id
    leads = select(GroupMember.leads).where(
        GroupMember.person_id == twin.id, GroupMember.removed_at.is_(None)
    )
    assert session.scalars(leads).all() == [True]
    assert {one.check.name: one.rows for one in audit(timedelta(hours=1)) if one.rows} == {}


def test_an_ended_group_gives_its_rooms_back(team, reserve, make, now, session) -> None:
    ident = reserve(team.second, at(2, 14))
    own = reserve(team.second, at(2, 16), group_id=None)
    staff = make.staff()
    assert groups.end(session, team.group.id, "团队解散", staff.id, now) == 1
    assert groups.end(session, team.group.id, "团队解散", staff.id, now) == 0
    states = [session.get_one(Booking, one).state for one in (ident, own)]
    assert states == ["cancelled", "confirmed"]
    groups.remove_member(session, team.group.id, team.leader.person.id, Actor(), now)


def test_a_name_once_per_place(team, make, now, session) -> None:
    wanted = Registration(name="晚霞舞蹈队", place_id=team.group.place_id)
    staff, somebody = make.staff(), make.person("赵强")
    with pytest.raises(Invalid):
        groups.register(session, staff.id, wanted, somebody.id, now)
    groups.change(session, team.group.id, wanted)  # its own name is no other's
    groups.end(session, team.group.id, "团队解散", staff.id, now)
    assert groups.register(session, staff.id, wanted, somebody.id, now) != team.group.id
    with pytest.raises(NotFound):
        groups.change(session, 99999, wanted)


def test_its_owner_reads_of_it(team, now, session) -> None:
    with force_locale("zh"):
        told = own_data.gather(session, team.leader.me, now)
    [section] = [one for one in told["sections"] if one["title"] == "团队"]
    [row] = section["rows"]
    assert list(row.values()) == ["晚霞舞蹈队", "负责人 2026-03-11 12:00 – 至今"]
