"""Rules that look at what somebody has had before: a course needed, once a year, so many a term."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select, update

from backend.booking.models import Booking
from backend.db import db
from backend.night_school.models import Attendance, Lesson, Term
from tests.api import ApiClient
from tests.factories import Make, Signed, fresh

WEEK = timedelta(weeks=1)


def ask(api: ApiClient, run, who: Signed, person=None) -> dict:
    whom = f"&person_id={person.id}" if person else ""
    path = f"/night-school/eligibility?ids={run.id}{whom}"
    return api.get(path, as_=who.token).json["data"][0]


def enrol(api: ApiClient, run, who: Signed, **more):
    body = {"person_id": who.person.id} | more
    return api.post(f"/night-school/runs/{run.id}/enrolments", body, as_=who.token)


def booked(make: Make, run, person, state: str = "confirmed") -> Booking:
    """An enrolment of some day, as it stands now."""
    return make.add(
        Booking(
            bookable_id=run.id, person_id=person.id, state=state, once_key=f"run:{run.id}",
            starts_at=run.starts_at, ends_at=run.ends_at, code=f"c{run.id}-{person.id}",
            short_code="000000", created_at=make.now,
        )
    )  # fmt: skip


def marked(make: Make, booking: Booking, *presences: str) -> None:
    """Attendance of the first lessons, in order."""
    lessons = db.session.scalars(
        select(Lesson.id).where(Lesson.run_id == booking.bookable_id).order_by(Lesson.number)
    ).all()
    for lesson_id, presence in zip(lessons, presences, strict=False):
        make.add(
            Attendance(
                lesson_id=lesson_id, booking_id=booking.id, presence=presence, taken_by="tap",
                at=make.now,
            )
        )  # fmt: skip


def refused_alike(api: ApiClient, run, who: Signed, errcode: int) -> dict:
    """Asking and signing up say the same; nothing is written. What the refusal tells."""
    entry, refused = ask(api, run, who), enrol(api, run, who, wait=True)
    assert (refused.status_code, refused.json["errcode"]) == (409, errcode)
    assert entry["can"] == "no"
    told = {key: refused.json[key] for key in ("errcode", "errmsg", "data")}
    assert entry["reasons"] == [told]
    assert entry["from_when"] is None
    assert (fresh(run).taken, fresh(run).waiting) == (0, 0)
    return told


@pytest.fixture
def wang(make: Make) -> Signed:
    return make.resident()


@pytest.fixture
def advanced(make: Make):
    """A run for those who have been to the course for beginners."""
    beginners = make.once("beginners", lambda: make.course("书法入门"))
    return make.run(course=make.course("书法提高"), needs_course_id=beginners.id)


def earlier(make: Make, lessons: int = 4, **given):
    """A run of the course for beginners, some terms ago."""
    given = {"starts_at": make.now - 60 * WEEK} | given
    return make.run(course=make.once("beginners", lambda: None), lessons=lessons, **given)


PASTS = [
    (["present", "late"], True),  # half of four
    (["left_early", "made_up"], True),
    (["present"], False),
    (["present", "absent", "excused", "unknown"], False),
    ([], False),
]


@pytest.mark.parametrize(("presences", "enough"), PASTS)
def test_half_of_the_lessons_of_an_earlier_run_are_needed(
    api: ApiClient, make: Make, wang, advanced, presences, enough
) -> None:
    marked(make, booked(make, earlier(make), wang.person), *presences)
    if enough:
        assert ask(api, advanced, wang)["can"] == "yes"
        assert enrol(api, advanced, wang).status_code == 201
        return
    told = refused_alike(api, advanced, wang, 40981)
    assert told["errmsg"] == "报这个班，要先上过《书法入门》，并且到课一半以上。"
    assert told["data"] == {"course": "书法入门"}


def test_cancelled_lessons_are_not_asked_for(api: ApiClient, make: Make, wang, advanced) -> None:
    run = earlier(make)
    marked(make, booked(make, run, wang.person), "present")
    assert ask(api, advanced, wang)["can"] == "no"
    db.session.execute(
        update(Lesson).where(Lesson.run_id == run.id, Lesson.number > 2).values(
            cancelled_at=make.now
        )
    )  # fmt: skip
    db.session.commit()
    assert ask(api, advanced, wang)["can"] == "yes"


def test_halves_of_two_runs_are_no_half_and_others_do_not_count(
    api: ApiClient, make: Make, wang, advanced
) -> None:
    li = make.person("李建国")
    for weeks in (60, 90):
        run = earlier(make, starts_at=make.now - weeks * WEEK)
        marked(make, booked(make, run, wang.person), "present")
        marked(make, booked(make, run, li), "present", "present")
    later = earlier(make, starts_at=advanced.starts_at + WEEK)
    marked(make, booked(make, later, wang.person), "present", "present", "present", "present")
    refused_alike(api, advanced, wang, 40981)


@pytest.fixture
def yearly(make: Make):
    return make.run(once_a_year=True)


@pytest.mark.parametrize(
    ("days", "state", "again"),
    [
        (-364, "confirmed", True), (-365, "confirmed", False), (364, "confirmed", True),
        (365, "confirmed", False), (-30, "waiting", True), (-30, "offered", True),
        (-30, "missed", True), (-30, "cancelled", False), (-30, "declined", False),
    ],
)  # fmt: skip
def test_not_twice_the_same_course_in_a_year(
    api: ApiClient, make: Make, wang, yearly, days, state, again
) -> None:
    other = make.run(starts_at=yearly.starts_at + timedelta(days=days))
    booked(make, other, wang.person, state)
    if again:
        told = refused_alike(api, yearly, wang, 40982)
        assert told["data"]["starts_at"].startswith(f"{other.starts_at + 8 * HOUR:%Y-%m-%d}")
    else:
        assert enrol(api, yearly, wang).status_code == 201


HOUR = timedelta(hours=1)


def test_another_course_may_be_taken_beside_it(api: ApiClient, make: Make, wang, yearly) -> None:
    booked(make, make.run(course=make.course("太极拳")), wang.person)
    assert enrol(api, yearly, wang).status_code == 201


@pytest.fixture
def two_a_term(make: Make):
    """Three runs of a term in which everybody may have two."""
    runs = [make.run(course=make.course(title)) for title in ("剪纸", "太极拳", "合唱")]
    db.session.execute(update(Term).values(most_per_person=2))
    db.session.commit()
    return runs


def test_so_many_live_enrolments_a_term(api: ApiClient, make: Make, wang, two_a_term) -> None:
    one, two, three = two_a_term
    make_full(two)
    first = enrol(api, one, wang)
    assert first.status_code == 201
    assert enrol(api, two, wang, wait=True).json["data"]["state"] == "waiting"  # counts as well
    told = refused_alike(api, three, wang, 40983)
    assert told["errmsg"] == "每人每学期最多报 2 个班，已经报满了；取消一个，才能再报。"
    booking_id = first.json["data"]["booking_id"]
    assert api.post(f"/bookings/{booking_id}/cancel", as_=wang.token).status_code == 200
    assert enrol(api, three, wang).status_code == 201


def make_full(run) -> None:
    run.capacity = 0
    db.session.commit()


def test_another_term_is_counted_by_itself(api: ApiClient, make: Make, wang, two_a_term) -> None:
    one, two, _three = two_a_term
    autumn = make.add(
        Term(name="2026年秋季", starts_on=date(2026, 9, 1), ends_on=date(2026, 12, 31),
             most_per_person=1)
    )  # fmt: skip
    for run in (one, two):
        assert enrol(api, run, wang).status_code == 201
    later = make.run(course=make.course("陶艺"), term_id=autumn.id)
    assert enrol(api, later, wang).status_code == 201
    refused_alike(api, make.run(course=make.course("茶艺"), term_id=autumn.id), wang, 40983)


def test_the_same_key_still_answers_with_the_first_booking(
    api: ApiClient, make: Make, wang, two_a_term
) -> None:
    for number, run in enumerate(two_a_term[:2]):
        path = f"/night-school/runs/{run.id}/enrolments"
        body = {"person_id": wang.person.id}
        first = api.post(path, body, as_=wang.token, key=f"k{number}")
        again = api.post(path, body, as_=wang.token, key=f"k{number}")
        assert (first.status_code, again.status_code) == (201, 200)
        assert first.json["data"] == again.json["data"]


def test_people_who_go_together_are_each_asked(
    api: ApiClient, make: Make, wang, two_a_term
) -> None:
    one, two, three = two_a_term
    mother = make.person("李秀兰")
    make.consent(wang.account, mother)
    for run in (one, two):
        booked(make, run, mother)
    body = {"person_ids": [wang.person.id, mother.id]}
    refused = api.post(f"/night-school/runs/{three.id}/parties", body, as_=wang.token)
    assert (refused.json["errcode"], refused.json["data"]["person_id"]) == (40983, mother.id)
    assert fresh(three).taken == 0
    assert ask(api, three, wang)["can"] == "yes"
    assert ask(api, three, wang, mother)["can"] == "no"


def test_the_class_says_what_it_asks(api: ApiClient, make: Make, advanced) -> None:
    db.session.execute(update(Term).values(most_per_person=3))
    db.session.commit()
    shown = api.get(f"/night-school/runs/{advanced.id}").json["data"]
    assert shown["needs_course"] == "书法入门"
    assert (shown["once_a_year"], shown["most_per_person"]) == (False, 3)


def test_runs_without_such_rules_cost_no_further_statement(
    api: ApiClient, make: Make, statements
) -> None:
    wang, li = make.resident(), make.resident("李建国")
    plain, asking = make.run(), make.run(course=make.course("陶艺"), once_a_year=True)
    statements.clear()
    assert enrol(api, plain, wang).status_code == 201
    cost = len(statements)
    assert [one for one in statements if "FROM attendance" in one] == []
    statements.clear()
    assert ask(api, plain, li)["can"] == "yes"
    seeing = len(statements)
    statements.clear()
    assert ask(api, asking, li)["can"] == "yes"
    assert len(statements) == seeing + 1
    statements.clear()
    assert enrol(api, asking, li).status_code == 201
    assert len(statements) > cost
