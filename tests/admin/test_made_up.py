"""The page where staff note in which other class a lesson was made up."""

from datetime import timedelta
from io import BytesIO

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from backend import clock
from backend.db import db
from backend.night_school.models import Attendance, Lesson
from tests.admin.classes import ClassTonight
from tests.console import Console, text_of
from tests.factories import Make


@pytest.fixture
def tonight(make: Make) -> ClassTonight:
    return ClassTonight(make)


@pytest.fixture
def worker(console: Console, tonight: ClassTonight) -> Console:
    return console.as_(tonight.worker)


def path_of(tonight, booking) -> str:
    return f"/classes/lessons/{tonight.lesson.id}/made-up/{booking.id}"


def made_up_at():
    db.session.expire_all()
    return [(row.presence, row.made_up_lesson_id) for row in db.session.scalars(select(Attendance))]


def test_it_is_chosen_from_the_other_classes_lessons(worker, tonight) -> None:
    booking = tonight.enrol()
    run = tonight.make.run(lead=timedelta(days=-2), course_id=tonight.run.course_id)
    elsewhere = db.session.scalars(select(Lesson).where(Lesson.run_id == run.id)).first()
    page = worker.get(path_of(tonight, booking))
    assert "王秀英在哪次课补的？" in text_of(page)
    assert f'<option value="{elsewhere.id}"' in page.text
    assert worker.post(path_of(tonight, booking), {"elsewhere_id": ""}).status_code == 302
    assert made_up_at() == [("made_up", None)]
    page = text_of(worker.get(f"/classes/lessons/{tonight.lesson.id}"))
    assert "在哪次课补的？" in page
    worker.post(path_of(tonight, booking), {"elsewhere_id": str(elsewhere.id)})
    assert made_up_at() == [("made_up", elsewhere.id)]
    page = text_of(worker.get(f"/classes/lessons/{tonight.lesson.id}"))
    assert "补课：声乐基础 第 1 次课" in page
    assert "1 / 1 已到" in page


@pytest.mark.parametrize("chosen", ["0", "x", "987654"])
def test_an_odd_choice_is_refused(worker, tonight, chosen) -> None:
    booking = tonight.enrol()
    assert worker.post(path_of(tonight, booking), {"elsewhere_id": chosen}).status_code == 422
    assert made_up_at() == []


def test_it_is_for_those_in_reach(console, worker, tonight) -> None:
    booking = tonight.enrol()
    for someone in (tonight.stranger, tonight.other_teacher):
        assert console.as_(someone).get(path_of(tonight, booking)).status_code == 404
        assert console.as_(someone).post(path_of(tonight, booking), {}).status_code == 404
    assert worker.get(f"/classes/lessons/{tonight.lesson.id}/made-up/987654").status_code == 404
    assert worker.post(path_of(tonight, booking), {}, csrf=False).status_code == 400
    assert made_up_at() == []


def test_the_spreadsheet_has_the_word_of_each_lesson(console, worker, tonight, now) -> None:
    booking = tonight.enrol()
    worker.post(f"/classes/lessons/{tonight.lesson.id}/marks/{booking.id}",
                {"presence": "excused_after"})  # fmt: skip
    with clock.frozen(now + timedelta(hours=3)):
        answer = console.as_(tonight.worker).get(f"/classes/{tonight.run.id}/roster.xlsx")
    sheet = load_workbook(BytesIO(answer.data)).active
    row = dict(
        zip((cell.value for cell in sheet[1]), (cell.value for cell in sheet[2]), strict=True)
    )
    assert (row["到课次数"], row["缺席次数"], row["请假次数"]) == (0, 0, 1)
    assert row["第1次 03-11"] == "补请假"
    assert "第2次 03-18" not in row
