"""The page of a class's certificates: who has earned one, issuing them all, printing."""

from datetime import timedelta
from io import BytesIO

import pytest
from pypdf import PdfReader
from sqlalchemy import select

from backend import clock
from backend.db import db
from backend.night_school.certificates.models import Certificate
from backend.night_school.models import Attendance, CheckInBy, Lesson, Presence
from backend.staff.models import AuditEntry
from tests.admin.classes import ClassTonight
from tests.console import Console, text_of
from tests.factories import Make


@pytest.fixture
def tonight(make: Make) -> ClassTonight:
    return ClassTonight(make)


@pytest.fixture
def worker(console: Console, tonight: ClassTonight, request: pytest.FixtureRequest) -> Console:
    """Signed in at the time at hand: sign-ins end after some hours."""
    if "over" in request.fixturenames:
        request.getfixturevalue("over")
    return console.as_(tonight.worker)


@pytest.fixture
def path(tonight: ClassTonight) -> str:
    return f"/classes/{tonight.run.id}/certificates"


@pytest.fixture
def over(tonight: ClassTonight):
    """The class is over: 王秀英 came to both lessons, 李雪梅 to one."""
    both, one = tonight.enrol(), tonight.enrol("李雪梅")
    lessons = db.session.scalars(select(Lesson).where(Lesson.run_id == tonight.run.id)).all()
    for booking, attended in ((both, lessons), (one, lessons[:1])):
        for lesson in attended:
            db.session.add(
                Attendance(
                    lesson_id=lesson.id, booking_id=booking.id, presence=Presence.PRESENT,
                    taken_by=CheckInBy.TAP, at=lesson.starts_at,
                )
            )  # fmt: skip
    db.session.commit()
    with clock.frozen(tonight.run.ends_at + timedelta(hours=1)):
        yield both


def test_while_it_goes_on_none_is_issued(worker, tonight, path) -> None:
    tonight.enrol()
    page = text_of(worker.get(path))
    assert "课程还没有结束" in page
    assert "生成 " not in page
    refused = worker.post(path)
    assert (refused.status_code, db.session.scalars(select(Certificate)).all()) == (409, [])
    assert worker.get(f"{path}.pdf").status_code == 404


def test_those_who_came_often_enough_get_theirs(worker, over, path) -> None:
    assert "生成 1 份证书" in text_of(worker.get(path))
    worker.post(path)
    [issued] = db.session.scalars(select(Certificate)).all()
    assert (issued.booking_id, issued.came, issued.lessons) == (over.id, 2, 2)
    page = text_of(worker.get(path))
    assert issued.code in page
    assert "打印 1 份证书" in page
    papers = PdfReader(BytesIO(worker.get(f"{path}.pdf").data))
    assert [("王秀英" in one.extract_text()) for one in papers.pages] == [True]
    assert "certificate.issue" in db.session.scalars(select(AuditEntry.action)).all()


def test_issuing_again_changes_nothing(worker, over, path) -> None:
    worker.post(path)
    codes = db.session.scalars(select(Certificate.code)).all()
    again = worker.post(path, follow_redirects=True)
    assert "没有新的结业证书需要生成" in text_of(again)
    assert db.session.scalars(select(Certificate.code)).all() == codes


def test_out_of_reach_it_is_not_found(console, tonight, over, path) -> None:
    for someone in (tonight.stranger, tonight.other_teacher):
        stranger = console.as_(someone)
        answers = [stranger.get(path), stranger.post(path), stranger.get(f"{path}.pdf")]
        assert {one.status_code for one in answers} <= {403, 404}
    assert db.session.scalars(select(Certificate)).all() == []
