"""2 March: the term and its classes are planned, with two holidays and a clash on the way."""

import re

from sqlalchemy import select

from backend import clock
from backend.night_school.models import CourseRun, Lesson
from backend.staff.models import AuditEntry
from tests.journeys.doors import Clerk, hidden, says
from tests.journeys.term.world import World

FRIDAY, TUESDAY, THURSDAY = 4, 1, 3
LESSONS = [
    "03-20", "03-27", "04-03", "04-10", "04-24", "05-08", "05-15", "05-22", "05-29", "06-05",
    "06-12", "06-26",
]  # fmt: skip
"""Without 17 April (the lecture), 1 May (Labour Day) and 19 June (the Dragon Boat Festival)."""


def set_up_the_term(world: World) -> int:
    """In the district's table of terms; its id."""
    manager = world.clerk("zhou")
    form = {"name": "2026年春季", "starts_on": "2026-03-01", "ends_on": "2026-07-12"}
    made = manager.post("/tables/terms/new", form)
    assert "已新增学期" in says(made)
    twice = manager.post("/tables/terms/new", form | {"name": "又一个春季"})
    assert "两个学期不能有同一天" in says(twice)
    return int(made.url.path.rpartition("/")[2])


def plan_the_lecture(world: World, term_id: int) -> int:
    """One evening in the room that the calligraphy class will want."""
    form = _form(world, term_id, "防火讲座", FRIDAY, first_day="2026-04-17", lessons="1")
    return _open(world.clerk("wang"), form)


def plan_the_calligraphy_class(world: World, term_id: int) -> int:
    """Twelve Fridays: holidays are passed over, the lecture's evening is left out by hand."""
    worker = world.clerk("wang")
    teacher = world.district.teachers["陈国栋"]
    form = _form(
        world, term_id, "书法入门", FRIDAY, teacher_id=teacher, opens_at="2026-03-10T09:00",
        capacity="20", audience="adults",
    )  # fmt: skip
    preview = worker.post("/planning/new", form)
    page = says(preview)
    assert "不上课：劳动节" in page
    assert "201教室 19:00–20:30 已有“防火讲座”" in page
    classes = len(_runs(world))
    refused = _create(worker, form, preview)
    assert refused.status_code == 409
    assert len(_runs(world)) == classes, "all of it, or nothing"
    moved = _create(worker, form, preview, skipped=["2026-04-17T19:00"])
    assert moved.status_code == 409, "one more lesson at the end is shown before it is written"
    assert "预览之后情况有变化" in says(moved)
    assert "不上课：端午" in says(moved)
    opened = _create(worker, form, moved, skipped=["2026-04-17T19:00"])
    run_id = int(opened.url.path.rpartition("/")[2])
    starts = world.rows(
        select(Lesson.starts_at).where(Lesson.run_id == run_id).order_by(Lesson.number)
    )
    assert [f"{clock.local(one.starts_at):%m-%d}" for one in starts] == LESSONS
    return run_id


def plan_the_classes_to_be_drawn(world: World, term_id: int) -> dict[str, int]:
    """Two at the same hour, so that nobody may win both, and one in the morning."""
    worker = world.clerk("wang")
    wanted = (
        ("声乐基础", TUESDAY, {"capacity": "25"}),
        ("国画入门", TUESDAY, {"capacity": "15", "room_id": world.district.rooms["202教室"]}),
        ("太极养生", THURSDAY, {"capacity": "20", "from_1": "09:30"}),
    )
    return {
        title: _open(worker, _form(world, term_id, title, weekday, **more))
        for title, weekday, more in wanted
    }


def keep_places_for_older_people(world: World, run_id: int) -> None:
    """Four places for people of 60 and older, until the day after sign-up opens."""
    worker = world.clerk("wang")
    path = f"/classes/{run_id}/rules"
    form = {"original": hidden(worker.get(path), "original")[0], "min_age": "18",
            "kept": "4", "kept_from_age": "60", "kept_until": "2026-03-11T09:00"}  # fmt: skip
    page = worker.does(path, form)
    assert "报名条件已保存" in page
    assert "60 岁" in page
    [run] = world.rows(select(CourseRun.kept, CourseRun.min_age).where(CourseRun.id == run_id))
    assert (run.kept, run.min_age) == (4, 18)


def publish(world: World, *run_ids: int) -> None:
    """Residents see them from now on."""
    worker, anybody = world.clerk("wang"), world.phone()
    for run_id in run_ids:
        assert anybody.send("GET", f"/night-school/runs/{run_id}").status_code == 404
        assert "班级已发布" in worker.does(f"/classes/{run_id}/publish")
        assert anybody.get(f"/night-school/runs/{run_id}")["id"] == run_id
    written = {row.subject_id for row in world.rows(
        select(AuditEntry.subject_id).where(AuditEntry.action == "class.publish")
    )}  # fmt: skip
    assert written == set(run_ids)


def _form(
    world: World, term_id: int, title: str, weekday: int, **more: object
) -> dict[str, object]:
    """The planning form, filled in."""
    there = world.district
    return {
        "place_id": there.community, "course_id": there.courses[title], "term_id": term_id,
        "room_id": there.rooms["201教室"], "first_day": "2026-03-16", "lessons": "12",
        "weekday_1": weekday, "from_1": "19:00", "minutes_1": "90", "capacity": "30",
        "price_fen": "0", "audience": "everyone", "opens_at": "2026-03-05T09:00",
    } | more  # fmt: skip


def _open(worker: Clerk, form: dict[str, object]) -> int:
    """Look at the preview, then open; the class's id."""
    preview = worker.post("/planning/new", form)
    assert "没有冲突，可以开班" in says(preview), says(preview)
    opened = _create(worker, form, preview)
    assert "已开班" in says(opened)
    found = re.fullmatch(r"/admin/classes/(\d+)", opened.url.path)
    assert found
    return int(found[1])


def _create(worker: Clerk, form: dict[str, object], preview, **more: object):
    return worker.post("/planning/create", form | {"seen": hidden(preview, "seen")} | more)


def _runs(world: World) -> list[int]:
    return [row.id for row in world.rows(select(CourseRun.id))]
