"""Templates of classes: saved under a name, used for a new class, thrown away."""

import pytest
from sqlalchemy import select

from backend.db import db
from backend.night_school.planning.models import RunTemplate
from backend.staff.models import AuditEntry
from tests.console import Console, text_of


@pytest.fixture
def worker(console: Console, cast) -> Console:
    return console.as_(cast.wang)


def test_a_class_becomes_a_template_and_a_template_a_form(worker, make, cast) -> None:
    run = make.run(place=cast.here, capacity=23, price_fen=1250)
    assert "存为模板" in text_of(worker.get(f"/classes/{run.id}"))
    assert worker.get(f"/classes/{run.id}/template").status_code == 200
    saved = worker.post(f"/classes/{run.id}/template", {"name": "周三合唱"})
    assert saved.location == "/admin/planning"
    assert "周三合唱" in text_of(worker.get("/planning"))
    kept = db.session.scalars(select(RunTemplate)).one()
    assert kept.settings["capacity"] == 23
    thrown_away = f"/planning/templates/{kept.id}/delete"
    form = worker.get(f"/planning/new?template_id={kept.id}").text
    assert 'value="23"' in form
    assert 'value="12.50"' in form
    assert 'value="19:00"' in form
    assert worker.post(thrown_away).status_code == 302
    assert db.session.scalars(select(RunTemplate)).all() == []
    actions = db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert actions == ["template.save", "template.delete"]
    assert worker.post(thrown_away).status_code == 404


@pytest.mark.parametrize("name", ["", "周三合唱", "长" * 41])
def test_a_name_is_needed_and_taken_once(worker, make, cast, name) -> None:
    run = make.run(place=cast.here)
    worker.post(f"/classes/{run.id}/template", {"name": "周三合唱"})
    refused = worker.post(f"/classes/{run.id}/template", {"name": name})
    assert refused.status_code == 422
    assert "field-error" in refused.text
    assert len(db.session.scalars(select(RunTemplate)).all()) == 1


def test_others_templates_are_not_found(worker, console, make, cast) -> None:
    run = make.run(place=cast.here)
    worker.post(f"/classes/{run.id}/template", {"name": "周三合唱"})
    kept = db.session.scalars(select(RunTemplate)).one()
    stranger = console.as_(cast.lin)
    assert stranger.get(f"/planning/new?template_id={kept.id}").status_code == 404
    assert stranger.post(f"/planning/templates/{kept.id}/delete").status_code == 404
    assert stranger.get(f"/classes/{run.id}/template").status_code == 404
    assert stranger.post(f"/classes/{run.id}/template", {"name": "x"}).status_code == 404
    assert "周三合唱" not in text_of(stranger.get("/planning"))
    assert console.as_(cast.chen).get(f"/classes/{run.id}/template").status_code == 403
