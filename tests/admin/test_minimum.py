"""The page where staff decide about a class that stayed too small."""

from datetime import timedelta

import pytest

from backend.db import db
from tests.admin.classes import ClassTonight
from tests.console import text_of
from tests.factories import fresh


@pytest.fixture
def small(make) -> ClassTonight:
    tonight = ClassTonight(make)
    tonight.run.minimum, tonight.run.closes_at = 8, make.now - timedelta(hours=1)
    tonight.run.starts_at = make.now + timedelta(days=3)
    db.session.commit()
    return tonight


def test_it_is_listed_where_staff_look(console, small) -> None:
    worker = console.as_(small.worker)
    for path in ("/", "/classes"):
        assert "人数不足，等您决定" in text_of(worker.get(path)), path
        assert "人数不足" not in text_of(console.as_(small.stranger).get(path))
    assert "请决定是否开班" in text_of(worker.get(f"/classes/{small.run.id}"))
    assert "照常开班" in text_of(worker.get(f"/classes/{small.run.id}/minimum"))


def test_running_anyway(console, small) -> None:
    worker, path = console.as_(small.worker), f"/classes/{small.run.id}/minimum/run"
    assert worker.post(path, {"reason": " "}).status_code == 422
    assert console.as_(small.stranger).post(path, {"reason": "好"}).status_code == 404
    assert console.as_(small.teacher).post(path, {"reason": "好"}).status_code == 403
    assert worker.post(path, {"reason": "老师愿意"}).status_code == 302
    assert "等您决定" not in text_of(worker.get("/"))
    assert "决定照常开班" in text_of(worker.get(f"/classes/{small.run.id}/minimum"))


def test_extending(console, small) -> None:
    worker, path = console.as_(small.worker), f"/classes/{small.run.id}/minimum/extend"
    form = {"day": "2026-03-12", "until": "18:00", "reason": "再等等"}
    for bad in ({"day": "2026-03-20"}, {"day": ""}, {"until": "x"}, {"reason": ""}):
        assert worker.post(path, form | bad).status_code == 422, bad
    assert worker.post(path, form).status_code == 302
    assert f"{fresh(small.run).closes_at:%m-%d %H:%M}" == "03-12 10:00"
    again = worker.post(path, form)
    assert again.status_code == 409
    assert "不需要决定" in text_of(again)


def test_the_number_itself(console, small) -> None:
    worker, path = console.as_(small.worker), f"/classes/{small.run.id}/minimum"
    for bad in ("0", "x", "61"):
        assert worker.post(path, {"minimum": bad}).status_code == 422, bad
    assert worker.post(path, {"minimum": ""}).status_code == 302
    assert fresh(small.run).minimum is None
    assert console.as_(small.stranger).post(path, {"minimum": "3"}).status_code == 404
    assert worker.get("/classes/98765/minimum").status_code == 404
