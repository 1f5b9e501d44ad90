"""The page of a class's ratings: averages that tell on nobody, comments for staff alone."""

import pytest

from backend import clock
from backend.db import db
from backend.night_school.ratings.models import Rating
from tests.admin.classes import ClassTonight
from tests.console import Console, text_of
from tests.factories import Make


@pytest.fixture
def tonight(make: Make) -> ClassTonight:
    return ClassTonight(make)


def rated(tonight: ClassTonight, stars: int, comment: str | None, name: str) -> None:
    booking = tonight.enrol(name)
    db.session.add(
        Rating(
            lesson_id=tonight.lesson.id, booking_id=booking.id, stars=stars, comment=comment,
            at=clock.now(),
        )
    )  # fmt: skip
    db.session.commit()


def test_comments_are_read_and_few_ratings_have_no_average(
    console: Console, tonight: ClassTonight
) -> None:
    worker, path = console.as_(tonight.worker), f"/classes/{tonight.run.id}/ratings"
    assert "还没有评价" in text_of(worker.get(path))
    rated(tonight, 2, "教室太冷", "王秀英")
    page = text_of(worker.get(path))
    assert "教室太冷" in page
    assert "评价太少" in page
    rated(tonight, 5, None, "李雪梅")
    rated(tonight, 4, None, "赵国强")
    page = text_of(worker.get(path))
    assert "3 份评价" in page
    assert "3.7 分" in page


def test_teachers_and_strangers_do_not_read_it(console: Console, tonight: ClassTonight) -> None:
    rated(tonight, 2, "教室太冷", "王秀英")
    path = f"/classes/{tonight.run.id}/ratings"
    assert console.as_(tonight.teacher).get(path).status_code in (403, 404)
    assert console.as_(tonight.stranger).get(path).status_code == 404
