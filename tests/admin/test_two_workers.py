"""Two workers at one form: the second sees what the first did, keeps their input, may go on."""

import re
from datetime import timedelta

import pytest

from backend.db import db
from backend.night_school.models import Lesson
from tests.admin.classes import ClassTonight
from tests.console import text_of
from tests.factories import fresh


@pytest.fixture
def tonight(make) -> ClassTonight:
    return ClassTonight(make)


@pytest.fixture
def second(tonight):
    return db.session.query(Lesson).filter_by(run_id=tonight.run.id, number=2).one()


@pytest.fixture
def li(console, make):
    """The colleague who is quicker."""
    return console.as_(make.staff("worker", name="李小红"))


def original_in(page) -> str:
    found = re.search(r'name="original" value="([^"]+)"', page.text)
    assert found, "the form does not say how things stood"
    return found[1]


def test_the_places_of_a_class(console, tonight, li) -> None:
    wang, path = console.as_(tonight.worker), f"/classes/{tonight.run.id}/capacity"
    original = original_in(wang.get(path))
    assert li.post(path, {"capacity": "40"}).status_code == 302
    late = wang.post(path, {"capacity": "50", "original": original})
    assert late.status_code == 409
    seen = text_of(late)
    for told in ("别人刚刚改过", "名额", "60", "40", "李小红"):
        assert told in seen
    assert 'value="50"' in late.text  # what they typed is kept
    assert fresh(tonight.run).capacity == 40
    again = wang.post(path, {"capacity": "50", "original": original_in(late)})
    assert again.status_code == 302
    assert fresh(tonight.run).capacity == 50


def test_sign_ups_meanwhile_do_not_stand_in_the_way(console, tonight) -> None:
    wang, path = console.as_(tonight.worker), f"/classes/{tonight.run.id}/capacity"
    original = original_in(wang.get(path))
    tonight.enrol()
    assert wang.post(path, {"capacity": "50", "original": original}).status_code == 302


def test_a_lesson(console, tonight, second, li) -> None:
    wang, path = console.as_(tonight.worker), f"/classes/lessons/{second.id}/change"
    original = original_in(wang.get(path))
    form = {"day": "2026-03-18", "start": "19:00", "until": "20:30"}
    assert li.post(path, form).status_code == 302
    late = wang.post(path, form | {"start": "18:00", "original": original})
    assert late.status_code == 409
    seen = text_of(late)
    for told in ("第 2 次课", "03-18 12:10–13:40", "03-18 19:00–20:30", "李小红"):
        assert told in seen
    assert 'value="18:00"' in late.text
    cancel = path.replace("change", "cancel")
    assert wang.post(cancel, {"reason": "停电", "original": original}).status_code == 409
    assert fresh(second).cancelled_at is None
    form |= {"start": "18:00", "original": original_in(late)}
    assert wang.post(path, form).status_code == 302
    assert f"{fresh(second).starts_at:%H:%M}" == "10:00"


def test_another_lesson_matters_only_where_it_would_move_too(console, tonight, second, li) -> None:
    wang, path = console.as_(tonight.worker), f"/classes/lessons/{second.id}/change"
    original = original_in(wang.get(path))
    first = f"/classes/lessons/{tonight.lesson.id}"
    assert li.post(f"{first}/cancel", {"reason": "停电"}).status_code == 302
    form = {"day": "2026-03-18", "start": "19:00", "until": "20:30", "original": original}
    all_of_them = wang.post(path, form | {"scope": "all"})
    assert all_of_them.status_code == 409
    assert "第 1 次课" in text_of(all_of_them)
    seen = text_of(wang.post(path, form))  # the first that takes place: deadlines are shown
    assert "会动 1 次课" in seen


def test_between_the_look_and_the_confirmation(console, tonight, second, li) -> None:
    wang, path = console.as_(tonight.worker), f"/classes/lessons/{second.id}/change"
    form = {"day": "2026-03-18", "start": "19:00", "until": "20:30", "scope": "onwards"}
    shown = wang.post(path, form | {"original": original_in(wang.get(path))})
    assert "会动 1 次课" in text_of(shown)
    li.post(f"/classes/lessons/{second.id}/cancel", {"reason": "停电"})
    form |= {"confirmed": "true", "original": original_in(shown)}
    assert wang.post(path, form).status_code == 409
    assert f"{fresh(second).starts_at:%H:%M}" == "04:10"


def test_until_when_places_may_be_given_back(console, tonight, li) -> None:
    wang, path = console.as_(tonight.worker), f"/classes/{tonight.run.id}/deadline"
    original = original_in(wang.get(path))
    assert li.post(path, {"hours": "2"}).status_code == 302
    late = wang.post(path, {"hours": "5", "original": original})
    assert late.status_code == 409
    seen = text_of(late)
    for told in ("可取消至", "2026-03-11 10:10", "李小红"):
        assert told in seen
    assert 'value="5"' in late.text
    again = {"hours": "5", "original": original_in(late)}
    assert wang.post(path, again).status_code == 302
    assert f"{fresh(tonight.run).cancel_until:%H:%M}" == "23:10"


@pytest.mark.parametrize(
    ("meanwhile", "form", "told"),
    [
        ("/classes/{run}/minimum", {"minimum": "5"}, "开班人数"),
        ("/classes/{run}/capacity", {"capacity": "40"}, "名额"),
        ("/classes/lessons/{second}/cancel", {"reason": "停电"}, "第 2 次课"),
        ("/classes/{run}/deadline", {"hours": "2"}, "可取消至"),
    ],
)
def test_a_class_is_not_cancelled_over_what_somebody_else_decided(
    console, tonight, second, li, meanwhile, form, told
) -> None:
    wang, path = console.as_(tonight.worker), f"/classes/{tonight.run.id}/cancel"
    cancel = {"reason": "人太少", "original": original_in(wang.get(path))}
    decided = li.post(meanwhile.format(run=tonight.run.id, second=second.id), form)
    assert decided.status_code == 302
    late = wang.post(path, cancel)
    assert late.status_code == 409
    assert told in text_of(late)
    assert "李小红" in text_of(late)
    assert fresh(tonight.run).cancelled_at is None
    assert wang.post(path, cancel | {"original": original_in(late)}).status_code == 302
    assert fresh(tonight.run).cancelled_at is not None


def test_sign_ups_do_not_keep_a_class_from_being_cancelled(console, tonight) -> None:
    wang, path = console.as_(tonight.worker), f"/classes/{tonight.run.id}/cancel"
    cancel = {"reason": "人太少", "original": original_in(wang.get(path))}
    tonight.enrol()
    assert wang.post(path, cancel).status_code == 302


def test_putting_a_lesson_back(console, tonight, second, li) -> None:
    wang, path = console.as_(tonight.worker), f"/classes/lessons/{second.id}"
    assert wang.post(f"{path}/cancel", {"reason": "停电"}).status_code == 302
    original = original_in(wang.get(f"{path}/change"))
    form = {"day": "2026-03-18", "start": "19:00", "until": "20:30"}
    assert li.post(f"{path}/put-back", form).status_code == 302
    late = wang.post(f"{path}/put-back", form | {"start": "18:00", "original": original})
    assert late.status_code == 409
    seen = text_of(late)
    for told in ("第 2 次课", "已取消", "03-18 19:00–20:30", "李小红"):
        assert told in seen
    assert f"{fresh(second).starts_at:%H:%M}" == "11:00"
    twice = wang.post(f"{path}/put-back", form | {"original": original})
    assert twice.status_code == 302  # what they wanted is so


def test_adding_a_lesson(console, tonight, li) -> None:
    wang, path = console.as_(tonight.worker), f"/classes/{tonight.run.id}/lessons/new"
    original = original_in(wang.get(path))
    form = {"day": "2026-06-01", "start": "19:00", "until": "20:30"}
    assert li.post(path, form).status_code == 302
    late = wang.post(path, form | {"day": "2026-06-02", "original": original})
    assert late.status_code == 409
    assert "06-01 19:00–20:30" in text_of(late)
    again = form | {"day": "2026-06-02", "original": original_in(late)}
    assert wang.post(path, again).status_code == 302


def test_publishing(console, tonight, li) -> None:
    tonight.run.published_at = None
    db.session.commit()
    wang, path = console.as_(tonight.worker), f"/classes/{tonight.run.id}"
    publish = {"original": original_in(wang.get(path))}
    schedule = {"original": original_in(wang.get(f"{path}/schedule"))}
    assert li.post(f"{path}/schedule", {"published_at": "2026-03-11T18:00"}).status_code == 302
    late = wang.post(f"{path}/publish", publish)
    assert late.status_code == 409
    assert "2026-03-11 18:00" in text_of(late)
    assert "李小红" in text_of(late)
    schedule["published_at"] = "2026-03-11T20:00"
    assert wang.post(f"{path}/schedule", schedule).status_code == 409
    recall = {"original": original_in(wang.get(path))}
    assert li.post(f"{path}/schedule", {"published_at": "2026-03-11T19:00"}).status_code == 302
    assert wang.post(f"{path}/unschedule", recall).status_code == 409
    assert wang.post(f"{path}/publish", {"original": original_in(late)}).status_code == 409
    now = original_in(wang.get(path))
    assert wang.post(f"{path}/publish", {"original": now}).status_code == 302


def test_a_fee(console, tonight, li) -> None:
    tonight.run.price_fen = 8000
    db.session.commit()
    path = f"/classes/{tonight.run.id}/enrolments/{tonight.enrol().id}/fee"
    wang = console.as_(tonight.worker)
    form = {"state": "waived", "note": "低保", "original": original_in(wang.get(path))}
    assert li.post(path, {"state": "paid", "method": "scan"}).status_code == 302
    late = wang.post(path, form)
    assert late.status_code == 409
    for told in ("未交费", "已交费", "扫码", "李小红"):
        assert told in text_of(late)


def test_the_least_number(console, tonight, li) -> None:
    wang, path = console.as_(tonight.worker), f"/classes/{tonight.run.id}/minimum"
    original = original_in(wang.get(path))
    assert li.post(path, {"minimum": "5"}).status_code == 302
    late = wang.post(path, {"minimum": "8", "original": original})
    assert late.status_code == 409
    assert "李小红" in text_of(late)
    assert fresh(tonight.run).minimum == 5


def test_a_row_of_a_table(console, tonight, make) -> None:
    one, other = (console.as_(make.staff("manager", name=name)) for name in ("周慧", "李小红"))
    path = f"/tables/runs/{tonight.run.id}"
    page = one.get(path)
    form = {
        name: value
        for name, value in re.findall(r'name="(\w+)"[^>]*? value="([^"]*)"', page.text)
        if name not in ("csrf_token", "original")
    } | {"audience": "everyone", "price_fen": "0"}  # fmt: skip
    assert (
        other.post(path, form | {"price_fen": "20", "original": original_in(page)}).status_code
        == 302
    )
    late = one.post(path, form | {"price_fen": "30", "original": original_in(page)})
    assert late.status_code == 409
    assert "李小红" in text_of(late)
    assert fresh(tonight.run).price_fen == 2000


def test_what_is_no_original_is_refused(console, tonight) -> None:
    path = f"/classes/{tonight.run.id}/capacity"
    wang = console.as_(tonight.worker)
    refused = wang.post(path, {"capacity": "50", "original": "made up"})
    assert refused.status_code == 422
    assert fresh(tonight.run).capacity == 60


def test_who_may_sign_up(console, tonight, li) -> None:
    tonight.run.opens_at = tonight.make.now + timedelta(hours=1)
    tonight.run.closes_at = tonight.run.starts_at = tonight.make.now + timedelta(days=2)
    db.session.commit()
    wang, path = console.as_(tonight.worker), f"/classes/{tonight.run.id}/rules"
    original = original_in(wang.get(path))
    assert li.post(path, {"min_age": "55"}).status_code == 302
    late = wang.post(path, {"min_age": "60", "original": original})
    assert late.status_code == 409
    seen = text_of(late)
    for told in ("别人刚刚改过", "55", "李小红"):
        assert told in seen
    assert fresh(tonight.run).min_age == 55
    again = wang.post(path, {"min_age": "60", "original": original_in(late)})
    assert again.status_code == 302
    assert fresh(tonight.run).min_age == 60
