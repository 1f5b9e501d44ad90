"""Applying for a draw with a resident at the desk, by the real pages."""

import pytest
from sqlalchemy import select

from backend import clock
from backend.db import db
from backend.night_school.draws.models import DrawApplication, DrawWish
from backend.night_school.models import CourseRun
from backend.staff.models import AuditEntry
from tests.admin.classes import ClassTonight
from tests.console import Console, text_of
from tests.factories import Make
from tests.night_school.draws.drawing import DAY, Drawing


@pytest.fixture
def tonight(make: Make) -> ClassTonight:
    return ClassTonight(make)


@pytest.fixture
def drawing(make: Make, tonight: ClassTonight) -> Drawing:
    return Drawing(make)


def run(drawing: Drawing, title: str, **given: object) -> CourseRun:
    one = drawing.run(course=drawing.make.course(title), **given)
    db.session.commit()
    return one


def wishes() -> list[int]:
    return list(db.session.scalars(select(DrawWish.run_id).order_by(DrawWish.rank)))


def audited(action: str) -> int:
    return len(db.session.scalars(select(AuditEntry).where(AuditEntry.action == action)).all())


def test_apply_change_print_and_withdraw_for_somebody_without_a_phone(
    console: Console, make: Make, tonight: ClassTonight, drawing: Drawing
) -> None:
    paper, song = run(drawing, "剪纸"), run(drawing, "声乐")
    young = run(drawing, "少儿画画", max_age=12)
    who = make.person("王桂芬", home_place_id=drawing.place.id)
    drawing.open(paper, song, young)
    with clock.frozen(drawing.open_at):
        worker = console.as_(tonight.worker)
        card = text_of(worker.get(f"/people/{who.id}"))
        assert "摇号登记" in card
        page = f"/people/{who.id}/draws/{drawing.id}"
        form = text_of(worker.get(page))
        assert "不能选的班" in form
        assert "少儿画画" in form
        assert "请至少选一个班" in text_of(worker.post(page, {"run_ids": ""}))
        twice = worker.post(page, {"run_ids": [paper.id, paper.id]})
        assert "同一个班不用填两次" in text_of(twice)
        barred = worker.post(page, {"run_ids": [young.id]})
        assert barred.status_code == 409
        assert wishes() == []
        slip = text_of(
            worker.post(page, {"run_ids": [song.id, paper.id], "most": 1}, follow_redirects=True)
        )
        application = db.session.scalars(select(DrawApplication)).one()
        assert (application.person_id, application.account_id) == (who.id, None)
        assert application.code in slip
        assert slip.index("声乐") < slip.index("剪纸")
        worker.post(page, {"run_ids": [paper.id, "", song.id], "most": 1})
        assert wishes() == [paper.id, song.id]
        assert audited("draw.apply") == 2
        assert application.code in text_of(worker.get(f"/people/{who.id}"))
        gone = worker.post(f"{page}/withdraw", follow_redirects=True)
        assert "登记已撤回" in text_of(gone)
        assert wishes() == []
        worker.post(f"{page}/withdraw")
        assert audited("draw.withdraw") == 1
        assert worker.get(f"{page}/slip").status_code == 302


def test_what_the_resident_applied_for_stays_theirs(
    console: Console, make: Make, tonight: ClassTonight, drawing: Drawing
) -> None:
    paper, song = run(drawing, "剪纸"), run(drawing, "声乐")
    mother = make.resident("妈妈", home_place_id=drawing.place.id)
    child = make.person("孩子", home_place_id=drawing.place.id)
    make.consent(mother.account, child)
    drawing.open(paper, song)
    drawing.apply(mother, paper, people=[mother.person, child], together=True)
    with clock.frozen(drawing.open_at):
        worker = console.as_(tonight.worker)
        page = f"/people/{child.id}/draws/{drawing.id}"
        assert "改成单独登记" in text_of(worker.get(page))
        worker.post(page, {"run_ids": [song.id], "most": 1})
    rows = db.session.scalars(select(DrawApplication).order_by(DrawApplication.id)).all()
    assert [row.account_id for row in rows] == [mother.account.id] * 2
    assert [row.together for row in rows] == [None, None]


def test_too_late_elsewhere_and_unknown(
    console: Console, make: Make, tonight: ClassTonight, drawing: Drawing
) -> None:
    paper = run(drawing, "剪纸")
    who = make.person("王桂芬", home_place_id=drawing.place.id)
    drawing.open(paper)
    page = f"/people/{who.id}/draws/{drawing.id}"
    with clock.frozen(drawing.closed_at + DAY / 2):
        worker = console.as_(tonight.worker)
        late = worker.post(page, {"run_ids": [paper.id], "most": 1})
        assert late.status_code == 409
        assert worker.get(f"/people/{who.id}/draws/99999").status_code == 404
    with clock.frozen(drawing.open_at):
        stranger = console.as_(make.staff("manager", make.place()))
        assert stranger.get(page).status_code == 404
        assert stranger.post(page, {"run_ids": [paper.id], "most": 1}).status_code == 404
        assert stranger.post(f"{page}/withdraw").status_code == 404
    assert wishes() == []
