"""The demo district holds what is promised of it, keeps every rule, and is the same each time."""

import json
from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import func, select

from backend import clock
from backend.booking.models import LIVE, Bookable, Booking, State
from backend.booking.rules import age_on
from backend.commands.check import audit
from backend.db import db
from backend.demo import district as demo
from backend.demo import phones as phone_list
from backend.demo.calendar import lesson_days, slot_from_now
from backend.demo.people import PHONES
from backend.demo.staff import PASSWORD, SIGN_INS
from backend.night_school.attendance import OPENS_BEFORE
from backend.night_school.certificates.models import Certificate
from backend.night_school.models import Attendance, Course, CourseRun, Lesson, Presence, Teacher
from backend.night_school.ratings.models import Rating
from backend.notices.models import Notice
from backend.notices.queries import list_notices
from backend.people.models import Account, Consent, Identity, Person
from backend.places.models import Place, PlaceKind, Room, Venue
from backend.reminders.models import Delivery, InboxMessage, Reminder
from backend.staff import passwords
from backend.staff.models import Staff
from backend.venues.blocks.models import RoomBlockHit
from backend.venues.models import OpenRoom, Reservation
from backend.venues.queries import list_starts
from backend.venues.series.models import SeriesDate
from backend.wechat.standin.residents import Residents
from tests.conftest import NOON


def count(model, *where) -> int:
    return db.session.scalar(select(func.count()).select_from(model).where(*where))


def test_it_has_the_size_of_a_real_one(district) -> None:
    places = dict(db.session.execute(select(Place.kind, func.count()).group_by(Place.kind)).all())
    building = places.pop(PlaceKind.BUILDING)
    assert places == {"district": 1, "street": 12, "community": 156, "estate": 371}
    assert building > 4 * 371
    assert count(Course) == 36
    assert count(Teacher) == 25


def test_six_thousand_people_live_there(district) -> None:
    born = db.session.scalars(select(Person.birth_date)).all()
    ages = Counter(age_on(day, clock.today()) > 60 for day in born)
    assert ages == {True: 1500, False: 4500}
    assert count(Account) == pytest.approx(4000, abs=150)
    assert count(Identity) == 2 * count(Account)
    phones = db.session.scalars(select(Person.phone).where(Person.phone.is_not(None)).limit(200))
    assert all(phone.startswith(PHONES) and len(phone) == 11 for phone in phones)
    assert count(Person, Person.phone.is_(None)) > 500


def test_families_may_act_for_one_another(district) -> None:
    given = Consent.given_at.is_not(None)
    by_relation = dict(
        db.session.execute(
            select(Consent.relation, func.count()).where(given).group_by(Consent.relation)
        ).all()
    )
    assert by_relation["child"] > 1000
    assert by_relation["parent"] > 200
    assert count(Consent, Consent.given_at.is_(None)) > 10
    assert count(Consent, Consent.witness_staff_id.is_not(None)) > 10


def test_everybody_finds_notices_to_read(district) -> None:
    own = db.session.scalars(select(Place).where(Place.kind == "community").order_by(Place.id))
    home = own.first()
    assert home is not None
    for place_id, least in ((None, 3), (home.id, 6)):
        shown = list_notices(db.session(), place_id, NOON)
        assert len(shown) >= least
        assert len({one["title"] for one in shown}) == len(shown)
    assert any("停水" in one["title"] for one in shown)
    assert count(Notice, Notice.published_at > NOON) == 0


def test_a_holiday_is_announced_even_in_years_not_known_yet(app) -> None:
    rows = demo.build(datetime(2039, 12, 12, 4, tzinfo=UTC)).rows
    [holiday] = [one for one in rows.of(Notice) if "节假日" in one["title"]]
    assert holiday["body"].startswith("1月1日放假期间")


def test_classes_are_at_every_stage(district) -> None:
    published = CourseRun.published_at <= NOON
    coming = [published, CourseRun.ends_at > NOON]
    assert count(CourseRun, *coming) >= 60
    assert db.session.scalar(select(func.count(func.distinct(CourseRun.place_id)))) == 12
    has_places = CourseRun.taken < CourseRun.capacity
    assert 36 <= count(CourseRun, *coming, has_places, CourseRun.waiting == 0) <= 55
    assert count(CourseRun, *coming, CourseRun.waiting > 0) >= 5
    assert count(CourseRun, *coming, CourseRun.starts_at <= NOON) >= 20
    assert count(CourseRun, *coming, CourseRun.opens_at > NOON) >= 5
    assert count(CourseRun, CourseRun.published_at.is_(None)) >= 3
    assert count(CourseRun, CourseRun.ends_at < NOON) >= 40
    assert count(Booking, Booking.state == State.OFFERED, Booking.offer_until > NOON) == 1


def test_rooms_can_be_reserved_and_some_are(district) -> None:
    assert count(Venue) == 156 + 1 + 25
    assert count(Room) == count(OpenRoom) > 800
    assert count(SeriesDate) == 8
    coming = Booking.starts_at > NOON
    assert count(Reservation, Reservation.booking_id == Booking.id, coming) == 15 + 8 + 1
    assert count(RoomBlockHit) >= 2
    assert count(Reservation) > 400
    today = Reservation.title.in_(["写春联", "老友象棋"])  # at the centre's doors
    states = db.session.scalars(select(Booking.state).join(Reservation).where(today))
    assert sorted(states) == ["confirmed", "missed"]
    strip = list_starts(db.session(), 1, {}, NOON)["days"]
    assert {"free"} <= {day["state"] for day in strip}


def test_every_course_is_offered_and_has_its_picture(district) -> None:
    offered = set(db.session.scalars(select(CourseRun.course_id).distinct()))
    assert offered == set(db.session.scalars(select(Course.id)))
    for course in db.session.scalars(select(Course)):
        assert course.summary
        assert course.description
        assert (demo.catalogue.PICTURES / course.picture).read_text().startswith("<svg")


def test_every_rule_of_the_system_holds(district) -> None:
    broken = [finding for finding in audit(timedelta(0)) if finding.rows]
    assert broken == []


def test_nobody_is_enrolled_against_the_rules(district) -> None:
    home, limit = db.aliased(Place), db.aliased(Place)
    rows = db.session.execute(
        select(
            CourseRun.min_age, CourseRun.max_age, CourseRun.starts_at, CourseRun.opens_at,
            Person.birth_date, home.path, limit.path.label("limit"), Booking.created_at,
        )
        .join(Booking, Booking.bookable_id == CourseRun.id)
        .join(Person, Person.id == Booking.person_id)
        .join(home, home.id == Person.home_place_id)
        .outerjoin(limit, limit.id == CourseRun.home_place_id)
        .where(Booking.state.in_(LIVE), CourseRun.draw_id.is_(None))
    ).all()  # fmt: skip
    assert len(rows) > 1500
    assert any(row.limit for row in rows)
    for row in rows:
        age = age_on(row.birth_date, clock.today(row.starts_at))
        assert (row.min_age or 0) <= age <= (row.max_age or 150)
        assert row.path.startswith(row.limit or "")
        assert row.opens_at <= row.created_at <= NOON


def test_the_past_term_was_attended_as_in_life(district) -> None:
    past = [Lesson.ends_at < NOON - timedelta(weeks=4)]
    marks = Counter(
        db.session.scalars(
            select(Attendance.presence).join(Lesson, Lesson.id == Attendance.lesson_id).where(*past)
        )
    )
    came = marks[Presence.PRESENT] + marks[Presence.LATE] + marks[Presence.LEFT_EARLY]
    assert sum(marks.values()) > 5000
    assert 0.7 < came / sum(marks.values()) < 0.95
    assert set(marks) == set(Presence)
    assert not count(Attendance, Attendance.at > NOON)


def test_lessons_were_rated_and_certificates_issued(district) -> None:
    stars = db.session.scalars(select(Rating.stars)).all()
    assert 4 < sum(stars) / len(stars) < 5
    assert count(Rating, Rating.comment.is_not(None)) > 50
    earned = db.session.execute(select(Certificate.came, Certificate.lessons)).all()
    assert len(earned) > 100
    assert all(100 * one.came >= 80 * one.lessons for one in earned)


def test_staff_have_work_to_do(district) -> None:
    own = db.session.scalar(select(CourseRun.place_id).order_by(CourseRun.place_id).limit(1))
    to_call = count(
        Reminder, Reminder.state == Delivery.UNREACHED, Reminder.called_at.is_(None),
        Reminder.place_id == own,
    )  # fmt: skip
    assert 2 <= to_call <= 15
    assert count(InboxMessage) > 1000
    twice = select(Person.name).group_by(Person.name, Person.birth_date).having(func.count() > 1)
    assert len(db.session.scalars(twice).all()) >= 6


def test_the_printed_password_opens_every_account(district) -> None:
    staff = db.session.scalars(select(Staff)).all()
    assert {one.username for one in staff} == {one.username for one in SIGN_INS}
    assert all(passwords.fits(PASSWORD, one.password_hash) for one in staff)


def test_what_comes_later_gets_a_number_of_its_own(district) -> None:
    db.session.add(Person(name="新来的", created_at=NOON))
    db.session.flush()
    db.session.rollback()


def test_two_loads_are_the_same(calculating) -> None:
    once, again = demo.build(NOON), demo.build(NOON)
    assert {table.name: rows for table, rows in once.rows.tables()} == {
        table.name: rows for table, rows in again.rows.tables()
    }


@pytest.mark.parametrize(
    "at",
    [
        datetime(2026, 3, 11, 0, 40, tzinfo=UTC),  # 08:40 in Shanghai
        datetime(2026, 3, 14, 6, 0, tzinfo=UTC),  # a Saturday afternoon
        datetime(2026, 10, 1, 11, 30, tzinfo=UTC),  # the evening of the National Day
        datetime(2026, 12, 31, 15, 50, tzinfo=UTC),  # before midnight, and before a year unknown
        datetime(2028, 2, 28, 17, 17, tzinfo=UTC),  # a leap day, at night
    ],
)
def test_today_has_classes_whenever_it_is_loaded(calculating, at) -> None:
    rows = demo.build(at).rows
    runs = [row for row in rows.of(Bookable) if row["kind"] == "course_run"]
    own = runs[-1]["place_id"] - 11
    here = {row["id"] for row in runs if row["place_id"] == own}
    today = [
        lesson for lesson in rows.of(Lesson)
        if lesson["run_id"] in here and clock.today(lesson["starts_at"]) == clock.today(at)
        and lesson["cancelled_at"] is None
    ]  # fmt: skip
    assert 3 <= len(today) <= 5
    assert clock.local(max(lesson["starts_at"] for lesson in today)).hour >= 18


def test_a_class_begins_at_once_where_the_hour_allows(calculating) -> None:
    rows = demo.build(NOON).rows
    open_now = [
        lesson for lesson in rows.of(Lesson)
        if lesson["starts_at"] - OPENS_BEFORE <= NOON < lesson["starts_at"]
    ]  # fmt: skip
    run = rows.get(Bookable, open_now[0]["run_id"])
    assert run["closes_at"] > NOON
    assert run["taken"] < run["capacity"]
    assert slot_from_now(datetime(2026, 3, 11, 18, 0, tzinfo=UTC)).from_minute == 510  # 02:00
    assert slot_from_now(datetime(2026, 3, 11, 15, 55, tzinfo=UTC)).from_minute == 1200  # 23:55


def test_public_holidays_have_no_lessons() -> None:
    days = lesson_days(date(2026, 9, 14), 4, 10, date(2026, 9, 16))
    assert date(2026, 9, 25) not in days  # Mid-Autumn
    assert date(2026, 10, 2) not in days
    assert len(days) == 10


def test_the_first_phones_are_worth_a_look(district, phones) -> None:
    assert phone_list.write(db.session(), phones, NOON) == len(Residents(phones).all())
    notes = [entry["note"] for entry in json.loads(phones.read_text())[:30]]
    for words in (
        "今天", "待确认的名额", "候补第", "为孩子", "亲", "家人请求", "还没有报过名", "摇中《",
        "没有摇中", "等结果", "想换到另一个", "一起报",
    ):  # fmt: skip
        assert any(words in note for note in notes), (words, notes)
