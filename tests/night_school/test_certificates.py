"""Who earns a certificate, that it is issued once, and that its paper can be read."""

from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont
from pypdf import PdfReader
from sqlalchemy import select

from backend import paper as pages
from backend.booking.models import Booking
from backend.db import db, transaction
from backend.demo import names
from backend.errors import NotFound
from backend.night_school.certificates import checking, issuing, paper
from backend.night_school.certificates.models import Certificate
from backend.night_school.errors import CertificateNotEarned, ClassNotOver
from backend.night_school.models import Attendance, CheckInBy, Lesson, Presence
from backend.night_school.service import Enrolment, enrol

FONT = pages.FONT


@pytest.fixture
def course(make):
    """A class of ten lessons."""
    return make.run(lessons=10)


def came(booking, marks: str, at) -> None:
    """p present, l late, e left early, m made up, x excused, a absent, . not marked."""
    kinds = {"p": "present", "l": "late", "e": "left_early", "m": "made_up", "x": "excused",
             "a": "absent"}  # fmt: skip
    lessons = db.session.scalars(
        select(Lesson).where(Lesson.run_id == booking.bookable_id).order_by(Lesson.number)
    )
    for lesson, mark in zip(lessons, marks, strict=True):
        if mark != ".":
            db.session.add(
                Attendance(
                    lesson_id=lesson.id, booking_id=booking.id, presence=Presence(kinds[mark]),
                    taken_by=CheckInBy.TAP, at=at,
                )
            )  # fmt: skip
    db.session.commit()


@pytest.fixture
def wang(make, course):
    who = make.resident()
    with transaction() as session:
        booked = enrol(session, who.me, Enrolment(run_id=course.id, person_id=who.person.id),
                       make.now)  # fmt: skip
    return who, db.session.get_one(Booking, booked.booking_id)


@pytest.fixture
def after(course):
    return course.ends_at + timedelta(hours=1)


@pytest.mark.parametrize(
    ("lessons", "needed"), [(10, 8), (12, 10), (11, 9), (5, 4), (4, 4), (1, 1), (0, 0)]
)
def test_eighty_per_cent_are_needed(lessons: int, needed: int) -> None:
    assert issuing.lessons_needed(lessons) == needed


@pytest.mark.parametrize(
    ("marks", "earned"),
    [
        ("pppppppp..", True),
        ("plempppp.a", True),  # late, left early and made up count
        ("ppppppp...", False),
        ("pppppppxxx", False),  # an excuse is no attendance
        ("..........", False),
    ],
)
def test_it_is_earned_by_coming(wang, after, marks: str, earned: bool) -> None:
    who, booking = wang
    came(booking, marks, after)
    stands = issuing.for_booking(db.session(), who.me, booking.id, after)
    assert stands["earned"] is earned
    if earned:
        with transaction() as session:
            code = issuing.issue(session, who.me, booking.id, after)["code"]
        assert db.session.scalars(select(Certificate.code)).all() == [code]
    else:
        with pytest.raises(CertificateNotEarned), transaction() as session:
            issuing.issue(session, who.me, booking.id, after)
        assert db.session.scalars(select(Certificate)).all() == []


def test_a_lesson_that_was_cancelled_is_not_asked_for(wang, after) -> None:
    who, booking = wang
    came(booking, "ppppppp...", after)
    for number in (9, 10):
        lesson = db.session.scalars(select(Lesson).where(Lesson.number == number)).one()
        lesson.cancelled_at = after
    db.session.commit()
    stands = issuing.for_booking(db.session(), who.me, booking.id, after)
    assert (stands["lessons"], stands["needed"], stands["earned"]) == (8, 7, True)


def test_not_before_the_last_lesson_is_over(wang, course) -> None:
    who, booking = wang
    came(booking, "pppppppppp", course.starts_at)
    with pytest.raises(ClassNotOver), transaction() as session:
        issuing.issue(session, who.me, booking.id, course.ends_at - timedelta(minutes=1))
    assert db.session.scalars(select(Certificate)).all() == []


def test_asked_again_it_is_the_same_and_stays_as_it_was(wang, after) -> None:
    who, booking = wang
    came(booking, "pppppppp..", after)
    with transaction() as session:
        first = issuing.issue(session, who.me, booking.id, after)
    db.session.execute(Attendance.__table__.delete())  # whatever is corrected later
    db.session.commit()
    with transaction() as session:
        again = issuing.issue(session, who.me, booking.id, after + timedelta(days=3))
    assert again == first
    assert (again["came"], again["lessons"]) == (8, 10)


def test_nobody_elses(wang, make, after) -> None:
    _, booking = wang
    came(booking, "pppppppppp", after)
    stranger = make.resident("李雪梅")
    for verb in (issuing.for_booking, issuing.issue, issuing.issued):
        with pytest.raises(NotFound), transaction() as session:
            verb(session, stranger.me, booking.id, after)


def test_a_code_is_checked_however_it_is_typed(wang, after) -> None:
    who, booking = wang
    came(booking, "pppppppppp", after)
    with transaction() as session:
        code = issuing.issue(session, who.me, booking.id, after)["code"]
    for typed in (code, code.lower(), paper.shown_code(code), f" {code[:4]} {code[4:]}"):
        found = checking.check(db.session(), typed, after)
        assert (found["name"], found["came"], found["code"]) == ("王*英", 10, code)
    with pytest.raises(NotFound):
        checking.check(db.session(), code[:-1], after)


def test_the_paper_says_it_all(app) -> None:
    told = {
        "name": "欧阳玥㛃", "title": "太极拳（二十四式）与八段锦", "starts_on": "2026-03-02",
        "ends_on": "2026-06-01", "lessons": 12, "came": 11, "code": "ABCD2345WXYZ",
        "place_name": "翠竹街道翠北社区", "issued_on": "2026-06-03",
    }  # fmt: skip
    drawn = PdfReader(BytesIO(paper.draw([told, told | {"name": "王英"}])))
    pages = ["".join(page.extract_text().split()) for page in drawn.pages]
    assert [page.count("结业证书") for page in pages] == [1, 1]
    for words in (
        "欧阳玥㛃学员", "2026年3月2日至2026年6月1日", "太极拳（二十四式）与八段锦",
        "共12次，您出勤11次", "ABCD-2345-WXYZ", "翠竹街道翠北社区", "2026年6月3日",
    ):  # fmt: skip
        assert words in pages[0]
    assert "王英学员" in pages[1]


def test_every_name_of_the_demo_can_be_printed() -> None:
    known = TTFont(FONT).getBestCmap()
    letters = set(Path(names.__file__).with_suffix(".json").read_text(encoding="utf-8")) - {"\n"}
    assert {char for char in letters if ord(char) not in known} == set()
