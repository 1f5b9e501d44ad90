"""Planning pages: the form, the preview with every clash, opening all of it or nothing."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import func, select

from backend import clock
from backend.booking import kept
from backend.db import db
from backend.night_school.models import CourseRun, Lesson, RunHour, Term
from backend.night_school.planning.models import RunTemplate
from backend.staff.models import AuditEntry
from tests.console import Console, text_of
from tests.factories import Make, fresh


@pytest.fixture
def term(make: Make) -> Term:
    return make.add(Term(name="2026年春季", starts_on=date(2026, 4, 1), ends_on=date(2026, 7, 1)))


@pytest.fixture
def worker(console: Console, cast) -> Console:
    return console.as_(cast.wang)


def plan_form(make, cast, term, **more):
    return {
        "place_id": cast.here.id, "course_id": make.once("course", make.course).id,
        "term_id": term.id, "weekday_1": "4", "from_1": "19:00", "minutes_1": "90",
        "lessons": "4", "capacity": "20", "price_fen": "12.50", "audience": "seniors",
        "opens_at": "2026-03-15T09:00",
    } | more  # fmt: skip


def confirm(browser, form, preview, **more):
    seen = re.findall(r'name="seen" value="([^"]*)"', preview.text)
    return browser.post("/planning/create", form | {"seen": seen} | more)


def runs() -> int:
    return db.session.scalar(select(func.count()).select_from(CourseRun))


def test_a_worker_of_one_community_starts_at_the_form(worker, cast, term) -> None:
    page = text_of(worker.get("/planning/new"))
    assert "春晖社区" in page
    assert "2026年春季" in page
    assert worker.get("/planning").status_code == 200


def test_who_manages_several_chooses_the_place_first(console, cast, make) -> None:
    make.place(parent=cast.street, name="滨江社区")
    manager = console.as_(cast.zhou)
    assert manager.get("/planning/new").location == "/admin/planning"
    assert "滨江社区" in text_of(manager.get("/planning"))
    assert manager.get(f"/planning/new?place_id={cast.here.id}").status_code == 200


def test_teachers_do_not_plan(console, cast) -> None:
    teacher = console.as_(cast.chen)
    for path in ("/planning", "/planning/new"):
        assert teacher.get(path).status_code == 403


def test_a_class_is_previewed_then_opened(worker, make, cast, term) -> None:
    room = make.room(cast.here)
    form = plan_form(make, cast, term, room_id=room.id, weekday_2="5", from_2="9:30",
                     minutes_2="60", lessons="5")  # fmt: skip
    preview = worker.post("/planning/new", form)
    assert preview.status_code == 200
    page = text_of(preview)
    assert "没有冲突" in page
    assert "不上课：清明" in page
    assert runs() == 0
    answer = confirm(worker, form, preview)
    run = db.session.scalars(select(CourseRun)).one()
    assert answer.location == f"/admin/classes/{run.id}"
    assert (run.price_fen, run.capacity, run.published_at) == (1250, 20, None)
    assert "周五 19:00–20:30；周六 09:30–10:30" in text_of(worker.get(f"/classes/{run.id}"))
    assert "周五 19:00–20:30" in text_of(worker.get("/classes?when=drafts"))
    assert "周五" in text_of(worker.get("/classes?when=drafts&weekday=5"))
    assert db.session.scalars(select(AuditEntry.action)).all() == ["class.plan"]


def test_a_clash_is_shown_and_nothing_is_written(worker, make, cast, term) -> None:
    room = make.room(cast.here)
    form = plan_form(make, cast, term, room_id=room.id, lessons="2")
    confirm(worker, form, worker.post("/planning/new", form))
    preview = worker.post("/planning/new", form | {"lessons": "3"})
    assert "201教室 19:00–20:30 已有“声乐基础”" in text_of(preview)
    refused = confirm(worker, form | {"lessons": "3"}, preview)
    assert refused.status_code == 409
    assert runs() == 1
    skipped = re.findall(r'name="skipped" value="([^"]*)"', preview.text)[:2]
    again = confirm(worker, form | {"lessons": "3"}, preview, skipped=skipped)
    assert again.status_code == 409  # the last date moved: it is shown before it is written
    assert "新" in text_of(again)
    assert confirm(worker, form | {"lessons": "3"}, again, skipped=skipped).status_code == 302
    assert runs() == 2


def test_what_happens_between_preview_and_opening_is_shown(worker, make, cast, term) -> None:
    form = plan_form(make, cast, term)
    preview = worker.post("/planning/new", form)
    make.closure(cast.here, starts_on=date(2026, 4, 10), ends_on=date(2026, 4, 10))
    changed = confirm(worker, form, preview)
    assert changed.status_code == 409
    assert "预览之后情况有变化" in text_of(changed)
    assert "不上课：装修" in text_of(changed)
    assert runs() == 0
    assert confirm(worker, form, changed).status_code == 302


def test_when_nothing_is_left_the_form_says_why(worker, make, cast, term) -> None:
    form = plan_form(make, cast, term, first_day="2026-06-26", lessons="1")
    preview = worker.post("/planning/new", form)
    refused = confirm(worker, form, preview, skipped=["2026-06-26T19:00", "2026-07-03T19:00"])
    assert refused.status_code == 422
    assert "没有能上课的日子" in text_of(refused)
    assert 'value="2026-06-26"' in refused.text
    assert runs() == 0


def test_the_clerk_goes_back_to_the_form_as_it_was(worker, make, cast, term) -> None:
    page = worker.post("/planning/change", plan_form(make, cast, term, capacity="17"))
    assert page.status_code == 200
    assert 'value="17"' in page.text


@pytest.mark.parametrize(
    ("field", "bad"),
    [
        ("weekday_1", "7"), ("from_1", "25:00"), ("from_1", ""), ("minutes_1", "5"),
        ("lessons", "0"), ("capacity", "many"), ("price_fen", "-1"), ("audience", "all"),
        ("opens_at", "soon"), ("course_id", "999999"), ("term_id", "x"), ("room_id", "999999"),
        ("minutes_1", "400"), ("closes_at", "2026-03-15T08:00"), ("max_age", "200"),
        ("first_day", "tomorrow"), ("published_at", "2026-03-01T08:00"),
    ],
)  # fmt: skip
def test_a_wrong_field_is_named(worker, make, cast, term, field, bad) -> None:
    answer = worker.post("/planning/new", plan_form(make, cast, term, **{field: bad}))
    assert answer.status_code == 422
    assert "field-error" in answer.text
    assert 'value="2026-03-15T09:00"' in answer.text or field == "opens_at"


def test_elsewhere_is_not_found(worker, console, make, cast, term) -> None:
    form = plan_form(make, cast, term, place_id=cast.there.id)
    assert worker.get(f"/planning/new?place_id={cast.there.id}").status_code == 404
    assert worker.post("/planning/new", form).status_code == 404
    assert worker.post("/planning/create", form).status_code == 404
    assert worker.post("/planning/change", form).status_code == 404
    assert worker.post("/planning/new", {}).status_code == 422
    assert worker.get("/planning/new?run_id=999999").status_code == 404
    assert console.get("/planning/new").status_code == 302


def test_a_new_class_like_another(worker, make, cast) -> None:
    run = make.run(place=cast.here, capacity=23, price_fen=1250)
    page = worker.get(f"/planning/new?run_id={run.id}").text
    assert 'value="23"' in page
    assert 'value="12.50"' in page
    assert 'value="19:00"' in page


@pytest.mark.parametrize("by", ["template", "class"])
@pytest.mark.parametrize("released", [False, True])
def test_its_rules_come_along(worker, make, cast, term, by, released) -> None:
    needed, opens = make.course("书法入门"), make.now + timedelta(hours=1)
    like = make.run(place=cast.here, opens_at=opens, closes_at=make.now + timedelta(days=5),
                    starts_at=make.now + timedelta(days=6), capacity=30)  # fmt: skip
    until = clock.local(opens + timedelta(hours=48))
    ruled = worker.post(f"/classes/{like.id}/rules", {
        "priority_place_id": cast.here.id, "priority_hours": "24", "needs_course_id": needed.id,
        "once_a_year": "true", "kept": "25", "kept_from_age": "60",
        "kept_until": f"{until:%Y-%m-%dT%H:%M}",
    })  # fmt: skip
    assert ruled.status_code == 302
    if released:  # the moment has come: nothing is kept any more, but it was asked for
        kept.release_if_due(db.session(), like.id, until)
        db.session.commit()
    if by == "template":
        worker.post(f"/classes/{like.id}/template", {"name": "周三合唱"})
        after = {"template_id": db.session.scalars(select(RunTemplate.id)).one()}
        page = worker.get(f"/planning/new?template_id={after['template_id']}")
    else:
        after = {"like_run_id": like.id}
        page = worker.get(f"/planning/new?run_id={like.id}")
    assert f'name="{next(iter(after))}" value="{next(iter(after.values()))}"' in page.text
    assert "会一起带过来" in text_of(page)
    form = plan_form(make, cast, term, **after)
    opened = confirm(worker, form, worker.post("/planning/new", form))
    new = db.session.scalars(select(CourseRun).where(CourseRun.id != like.id)).one()
    assert (new.needs_course_id, new.once_a_year, new.priority_place_id) == (
        needed.id, True, cast.here.id,
    )  # fmt: skip
    assert new.priority_until == new.opens_at + timedelta(hours=24)
    assert (new.kept, new.kept_from_age) == (20, 60)  # of 20 places, no more than all
    assert new.kept_until == new.next_expiry_at == new.opens_at + timedelta(hours=48)
    assert "要先上过《书法入门》" in text_of(worker.get(opened.location.removeprefix("/admin")))


def test_a_scheduled_class_is_not_there_until_its_moment(worker, api, make, cast, term) -> None:
    form = plan_form(make, cast, term, published_at="2026-03-12T08:00")
    confirm(worker, form, worker.post("/planning/new", form))
    run = db.session.scalars(select(CourseRun)).one()
    assert "定时发布 3月12日" in text_of(worker.get(f"/classes/{run.id}"))
    assert "声乐基础" in text_of(worker.get("/classes?when=drafts"))
    assert "声乐基础" not in text_of(worker.get("/classes"))
    assert api.get("/night-school/runs").json["data"]["items"] == []
    assert api.get(f"/night-school/runs/{run.id}").status_code == 404
    with clock.frozen(datetime(2026, 3, 12, 0, 0, tzinfo=UTC)):
        assert api.get(f"/night-school/runs/{run.id}").status_code == 200


def draft(make, cast, **given) -> CourseRun:
    return make.run(place=cast.here, published_at=None, **given)


def test_staff_schedule_take_back_and_publish(worker, make, cast, now) -> None:
    run = draft(make, cast)
    path = f"/classes/{run.id}"
    assert worker.get(path + "/schedule").status_code == 200
    assert worker.post(path + "/schedule", {"published_at": "2026-03-12T08:00"}).status_code == 302
    assert f"{fresh(run).published_at:%m-%d %H:%M}" == "03-12 00:00"
    assert worker.post(path + "/schedule", {"published_at": "2026-03-12T08:00"}).status_code == 302
    assert worker.post(path + "/unschedule").status_code == 302
    assert fresh(run).published_at is None
    assert worker.post(path + "/unschedule").status_code == 302
    worker.post(path + "/schedule", {"published_at": "2026-03-13T08:00"})
    assert worker.post(path + "/publish").status_code == 302
    assert fresh(run).published_at == now
    actions = db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert actions == ["class.schedule", "class.unschedule", "class.schedule", "class.publish"]
    for verb, form in (("schedule", {"published_at": "2026-03-12T08:00"}), ("unschedule", {})):
        refused = worker.post(f"{path}/{verb}", form)
        assert refused.status_code == 409
        assert "已经发布" in text_of(refused)


@pytest.mark.parametrize("moment", ["", "x", "2026-03-01T08:00", "2026-12-01T08:00"])
def test_a_moment_that_makes_no_sense_is_refused(worker, make, cast, moment) -> None:
    run = draft(make, cast)
    answer = worker.post(f"/classes/{run.id}/schedule", {"published_at": moment})
    assert answer.status_code == 422
    assert fresh(run).published_at is None


def test_others_classes_are_not_published(console, make, cast) -> None:
    run = draft(make, cast)
    stranger = console.as_(cast.lin)
    assert stranger.get(f"/classes/{run.id}/schedule").status_code == 404
    for verb in ("schedule", "unschedule", "publish"):
        form = {"published_at": "2026-03-12T08:00"}
        assert stranger.post(f"/classes/{run.id}/{verb}", form).status_code == 404


def test_moving_all_lessons_moves_the_pattern(worker, make, cast) -> None:
    run = make.run(place=cast.here)
    lesson = db.session.scalars(select(Lesson).where(Lesson.run_id == run.id)).first()
    form = {"day": "2026-03-19", "start": "18:30", "until": "20:30", "scope": "all",
            "confirmed": "true"}  # fmt: skip
    assert worker.post(f"/classes/lessons/{lesson.id}/change", form).status_code == 302
    hours = db.session.execute(select(RunHour.weekday, RunHour.from_minute, RunHour.minutes)).all()
    assert hours == [(3, 1110, 120)]


def test_lessons_that_fell_on_days_off_are_listed(worker, console, make, cast) -> None:
    make.run(place=cast.here, title="合唱", lessons=3)  # 18 and 25 March, 1 April, at noon
    assert "排在放假或停课" not in text_of(worker.get("/planning"))
    make.closure(cast.street, starts_on=date(2026, 3, 18), ends_on=date(2026, 3, 19))
    make.closure(cast.there, starts_on=date(2026, 3, 25), ends_on=date(2026, 3, 25))
    make.day(date(2026, 4, 1))
    page = text_of(worker.get("/planning"))
    assert "排在放假或停课日子的课 2" in page
    assert "3月18日 周三 12:00 · 春晖社区 · 装修" in page
    assert "4月1日 周三 12:00 · 春晖社区 · 社区运动会" in page
    assert "排在放假或停课" not in text_of(console.as_(cast.lin).get("/planning"))
