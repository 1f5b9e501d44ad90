"""The page on which staff compose who may sign up for a class."""

import re
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from backend.booking.models import Bookable, Booking
from backend.db import db, transaction
from backend.night_school.draws.models import Draw
from backend.night_school.models import CourseRun, Term
from backend.night_school.service import Enrolment, enrol
from backend.staff.models import AuditEntry
from tests.admin.classes import ClassTonight
from tests.console import Console, text_of
from tests.factories import Make, fresh

HOUR = timedelta(hours=1)
KEPT = {"kept": 12, "kept_from_age": 60, "kept_until": "2026-03-15T09:00"}


@pytest.fixture
def tonight(make: Make) -> ClassTonight:
    return ClassTonight(make)


@pytest.fixture
def draft(make: Make, tonight: ClassTonight) -> CourseRun:
    """A class that opens in two days and that residents do not see yet."""
    return make.run(published_at=None, opens_at=make.now + timedelta(days=2))


def rules_of(run: CourseRun) -> dict:
    stands = fresh(run)
    names = (
        "min_age", "max_age", "home_place_id", "priority_place_id", "priority_until",
        "needs_course_id", "once_a_year", "most_missed",
    )  # fmt: skip
    return {name: getattr(stands, name) for name in names}


def audited() -> list[AuditEntry]:
    return list(db.session.scalars(select(AuditEntry).where(AuditEntry.action == "class.rules")))


def test_rules_are_composed_and_read_as_sentences(
    console: Console, make: Make, tonight, draft
) -> None:
    here = make.once("community", make.place)
    street = make.once("street", make.place)
    worker = console.as_(tonight.worker)
    page = worker.post(
        f"/classes/{draft.id}/rules",
        {"min_age": 60, "home_place_id": street.id, "priority_place_id": here.id,
         "priority_hours": 24},
        follow_redirects=True,
    )  # fmt: skip
    text = text_of(page)
    assert "报名条件已保存" in text
    assert "谁能报：人人都可以来，60 岁及以上。" in text
    assert "只收住在和平街道的居民，请先填好您住的小区。" in text
    assert "3月14日 周六 12:00前先由春晖社区的居民报名，之后大家都可以报。" in text
    assert rules_of(draft) == {
        "min_age": 60, "max_age": None, "home_place_id": street.id,
        "priority_place_id": here.id, "priority_until": draft.opens_at + 24 * HOUR,
        "needs_course_id": None, "once_a_year": False, "most_missed": None,
    }  # fmt: skip
    assert "60 岁及以上" in text_of(worker.get(f"/classes/{draft.id}"))
    [entry] = audited()
    assert entry.before == {"min_age": None, "home_place_id": None, "priority_place_id": None,
                            "priority_until": None}  # fmt: skip
    assert (entry.after["min_age"], entry.after["after_opening"]) == (60, False)


def test_a_class_may_ask_for_an_earlier_course_and_be_once_a_year(
    console: Console, make: Make, tonight, draft
) -> None:
    beginners = make.course("书法入门")
    term = db.session.get_one(Term, draft.term_id)
    term.most_per_person = 3
    db.session.commit()
    worker = console.as_(tonight.worker)
    asked = {"needs_course_id": beginners.id, "once_a_year": "true"}
    text = text_of(worker.post(f"/classes/{draft.id}/rules", asked, follow_redirects=True))
    for sentence in (
        "要先上过《书法入门》，并且到课一半以上。", "这门课每人一年只能报一次。",
        "每人每学期最多报 3 个班。",
    ):  # fmt: skip
        assert sentence in text
    assert (fresh(draft).needs_course_id, fresh(draft).once_a_year) == (beginners.id, True)
    itself = worker.post(f"/classes/{draft.id}/rules", {"needs_course_id": draft.course_id})
    assert itself.status_code == 422  # no course builds on itself


def test_who_stayed_away_often_may_be_asked_to_wait(
    console: Console, make: Make, tonight, draft
) -> None:
    worker, path = console.as_(tonight.worker), f"/classes/{draft.id}/rules"
    asked = {"missed_often": "true"}
    text = text_of(worker.post(path, asked, follow_redirects=True))
    assert "近来报了名没来的次数折算超过 3 次的，先缓一缓再报" in text  # the district's own figure
    worker.post(path, asked | {"most_missed": 2})
    assert fresh(draft).most_missed == 2
    assert "超过 2 次的" in text_of(
        worker.get(f"{path}/words", query_string=asked | {"most_missed": 2})
    )
    assert worker.post(path, asked | {"most_missed": 0}).status_code == 422
    worker.post(path, {"most_missed": 2})  # the number alone asks for nothing
    assert fresh(draft).most_missed is None
    assert [entry.after["most_missed"] for entry in audited()] == [3, 2, None]


def test_the_desk_may_set_them_aside_with_a_reason(console: Console, make: Make, tonight) -> None:
    beginners = make.course("书法入门")
    run = make.run(needs_course_id=beginners.id)
    estate = make.place("estate", make.once("community", make.place))
    wang = make.person(home_place_id=estate.id)
    worker = console.as_(tonight.worker)
    offered = text_of(worker.get(f"/people/{wang.id}/book"))
    assert "要先上过《书法入门》" in offered
    path, asked = f"/people/{wang.id}/book", {"run_id": run.id}
    assert worker.post(path, asked).status_code == 409
    assert worker.post(path, asked | {"reason": "在老年大学学过"}).status_code == 302
    assert fresh(run).taken == 1


def test_places_are_kept_and_given_free_again(console: Console, tonight, draft) -> None:
    worker = console.as_(tonight.worker)
    text = text_of(worker.post(f"/classes/{draft.id}/rules", KEPT, follow_redirects=True))
    said = "12 个名额先留给 60 岁及以上的居民，3月15日 周日 09:00 起剩下的大家都可以报。"
    assert said in text
    stands = fresh(draft)
    assert (stands.kept, stands.kept_taken, stands.kept_from_age) == (12, 0, 60)
    assert stands.next_expiry_at == stands.kept_until
    form = worker.get(f"/classes/{draft.id}/rules").text
    assert 'value="2026-03-15T09:00"' in form
    assert "没有改动" in text_of(
        worker.post(f"/classes/{draft.id}/rules", KEPT, follow_redirects=True)
    )
    assert "留的名额已有 0 / 12 人报名" in text_of(worker.get(f"/classes/{draft.id}"))
    worker.post(f"/classes/{draft.id}/rules", {})
    stands = fresh(draft)
    assert (stands.kept, stands.kept_until, stands.next_expiry_at) == (0, None, None)


def test_who_is_in_already_sits_on_the_places_kept_from_now_on(
    console: Console, make: Make, tonight
) -> None:
    run = make.run(capacity=2)
    wang, zhou = make.resident(), make.resident("周佳琪", birth_date=date(1990, 5, 1))
    held = []
    for who in (zhou, wang):
        asked = Enrolment(run_id=run.id, person_id=who.person.id)
        with transaction() as session:
            held.append(enrol(session, who.me, asked, make.now).booking_id)
    asked = KEPT | {"kept": 1, "kept_until": "2026-03-12T09:00", "anyway": "true"}
    assert console.as_(tonight.worker).post(f"/classes/{run.id}/rules", asked).status_code == 302
    seats = [db.session.get_one(Booking, ident, populate_existing=True).on_kept for ident in held]
    assert (seats, fresh(run).kept_taken) == ([0, 1], 1)


def test_they_may_be_kept_for_the_residents_of_a_place(
    console: Console, make: Make, tonight
) -> None:
    run = make.run(capacity=3)
    held = {}
    for where in (run.place_id, make.place(name="滨江社区").id, None):
        who = make.resident(home_place_id=where)
        asked = Enrolment(run_id=run.id, person_id=who.person.id)
        with transaction() as session:
            held[enrol(session, who.me, asked, make.now).booking_id] = where
    asked = KEPT | {"kept": 2, "kept_until": "2026-03-12T09:00", "anyway": "true"}
    asked |= {"kept_from_age": "", "kept_place_id": run.place_id}
    worker, path = console.as_(tonight.worker), f"/classes/{run.id}/rules"
    text = text_of(worker.post(path, asked, follow_redirects=True))
    assert "2 个名额先留给春晖社区的居民" in text
    assert {held[one.id]: one.on_kept for one in db.session.scalars(
        select(Booking).where(Booking.id.in_(held))
    )} == {where: int(where == run.place_id) for where in held.values()}  # fmt: skip
    text = text_of(worker.post(path, asked | {"kept_from_age": 60}, follow_redirects=True))
    assert "先留给春晖社区 60 岁及以上的居民" in text


def test_places_that_are_drawn_are_not_kept(console: Console, make: Make, tonight, draft) -> None:
    draw = make.add(
        Draw(
            term_id=draft.term_id, place_id=draft.place_id, title="春季抽签",
            number_name="福利彩票", number_at=make.now + 48 * HOUR,
            opens_at=make.now + HOUR, closes_at=make.now + 24 * HOUR, created_at=make.now,
        )
    )  # fmt: skip
    draft.mode, draft.draw_id = "draw", draw.id
    draft.apply_from, draft.apply_until = draw.opens_at, draw.closes_at
    db.session.commit()
    refused = console.as_(tonight.worker).post(f"/classes/{draft.id}/rules", KEPT)
    assert (refused.status_code, fresh(draft).kept) == (422, 0)
    assert "抽签的班不能留名额" in text_of(refused)


def test_blank_fields_take_rules_away(console: Console, make: Make, tonight, draft) -> None:
    here = make.once("community", make.place)
    worker = console.as_(tonight.worker)
    worker.post(f"/classes/{draft.id}/rules",
                {"priority_place_id": here.id, "priority_hours": 24, "max_age": 60})  # fmt: skip
    worker.post(f"/classes/{draft.id}/rules", {})
    assert set(rules_of(draft).values()) == {None, False}
    assert len(audited()) == 2
    assert "没有改动" in text_of(
        worker.post(f"/classes/{draft.id}/rules", {}, follow_redirects=True)
    )
    assert len(audited()) == 2


@pytest.mark.parametrize(
    ("asked", "field", "said"),
    [
        ({"min_age": 60, "max_age": 50}, "max_age", "最大年龄不能小于最小年龄"),
        ({"min_age": "六十"}, "min_age", "请填写整数"),
        ({"min_age": 121}, "min_age", "0 到 120"),
        ({"priority_hours": 24}, "priority_place_id", "要一起填写"),
        ({"priority_place_id": "here"}, "priority_hours", "要一起填写"),
        ({"priority_place_id": "here", "priority_hours": 0}, "priority_hours", "1 到 240"),
        ({"priority_place_id": "here", "priority_hours": 120}, "priority_hours", "时间太长"),
        ({"home_place_id": 987654}, "home_place_id", "请选择列出的一项"),
        ({"needs_course_id": 987654}, "needs_course_id", "请选择列出的一项"),
        ({"kept": 5}, "kept_from_age", "留给多大年龄，或者留给哪里的居民"),
        (KEPT | {"kept_place_id": 987654}, "kept_place_id", "请选择列出的一项"),
        ({"kept": 5, "kept_from_age": 60}, "kept_until", "要写明"),
        (KEPT | {"kept": 31}, "kept", "不能多于全部名额"),
        (KEPT | {"kept": 0}, "kept", "1 到 2000"),
        (KEPT | {"kept_until": "2026-03-13T12:00"}, "kept_until", "晚于报名开始"),
        (KEPT | {"kept_until": "2026-03-18T12:00"}, "kept_until", "早于报名截止"),
        (KEPT | {"kept_until": "soon"}, "kept_until", "2026-03-15 09:00"),
    ],
)
def test_what_does_not_fit_is_said_at_its_field(
    console: Console, make: Make, tonight, draft, asked, field, said
) -> None:
    here = make.once("community", make.place).id
    asked = {name: here if value == "here" else value for name, value in asked.items()}
    worker = console.as_(tonight.worker)
    refused = worker.post(f"/classes/{draft.id}/rules", asked)
    assert refused.status_code == 422
    assert said in refused.text.split(f'id="{field}-error"')[1].split("</p>")[0]
    assert set(rules_of(draft).values()) == {None, False}
    words = worker.get(f"/classes/{draft.id}/rules/words", query_string=asked)
    assert words.status_code == 422 or ("还没有填完" in words.text and said in words.text)


def test_the_words_follow_the_form_before_it_is_saved(console, tonight, draft) -> None:
    worker = console.as_(tonight.worker)
    words = worker.get(f"/classes/{draft.id}/rules/words?min_age=6&max_age=12")
    assert text_of(words).strip() == "谁能报：人人都可以来，6 到 12 岁。"
    assert rules_of(draft)["min_age"] is None


def test_once_sign_up_has_opened_it_has_to_be_meant(console, tonight) -> None:
    worker, booked = console.as_(tonight.worker), tonight.enrol()
    assert "报名已经开始" in text_of(worker.get(f"/classes/{tonight.run.id}/rules"))
    refused = worker.post(f"/classes/{tonight.run.id}/rules", {"min_age": 70})
    assert refused.status_code == 422
    assert rules_of(tonight.run)["min_age"] is None
    done = worker.post(f"/classes/{tonight.run.id}/rules", {"min_age": 70, "anyway": "true"})
    assert done.status_code == 302
    assert rules_of(tonight.run)["min_age"] == 70
    assert audited()[0].after["after_opening"] is True
    assert fresh(booked).state == "confirmed"  # nobody who is in is sent away


def test_a_cancelled_class_keeps_its_rules(console, make: Make, tonight) -> None:
    gone = make.run(cancelled_at=make.now)
    refused = console.as_(tonight.worker).post(f"/classes/{gone.id}/rules", {"min_age": 70})
    assert refused.status_code == 409
    assert rules_of(gone)["min_age"] is None


@pytest.mark.parametrize("path", ["/classes/{}/rules", "/classes/{}/rules/words"])
def test_rules_are_the_workers_alone(console, tonight, path) -> None:
    path = path.format(tonight.run.id)
    assert console.as_(tonight.worker).get(path).status_code == 200
    assert console.as_(tonight.stranger).get(path).status_code == 404
    assert console.as_(tonight.teacher).get(path).status_code == 403
    if path.endswith("rules"):
        asked = {"min_age": 70, "anyway": "true"}
        assert console.as_(tonight.stranger).post(path, asked).status_code == 404
        assert console.as_(tonight.teacher).post(path, asked).status_code == 403
    assert console.as_(tonight.worker).get("/classes/987654/rules").status_code == 404
    assert rules_of(tonight.run)["min_age"] is None


def test_who_comes_first_does_so_as_long_when_the_opening_moves(
    console, make: Make, tonight, draft
) -> None:
    here = make.once("community", make.place)
    db.session.execute(
        CourseRun.__table__.update()
        .where(CourseRun.__table__.c.id == draft.id)
        .values(priority_place_id=here.id, priority_until=draft.opens_at + 24 * HOUR)
    )
    db.session.commit()
    manager = console.as_(make.staff("manager", make.once("district", make.place)))
    form = manager.get(f"/tables/runs/{draft.id}")
    original = re.search(r'name="original" value="([^"]*)"', form.text)[1]
    moved = manager.post(
        f"/tables/runs/{draft.id}",
        {"original": original, "capacity": 30, "price_fen": "0", "audience": "不限",
         "opens_at": "2026-03-14 09:00", "closes_at": "2026-03-18 12:00"},
    )  # fmt: skip
    assert moved.status_code == 302, text_of(moved)
    stands = db.session.get_one(Bookable, draft.id, populate_existing=True)
    assert fresh(draft).priority_until == stands.opens_at + 24 * HOUR
