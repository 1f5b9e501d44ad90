"""Staff write notices for the residents of their places."""

from sqlalchemy import select

from backend.db import db
from backend.notices.models import Notice
from backend.staff.models import AuditEntry
from tests.api import ApiClient
from tests.console import Console, text_of
from tests.factories import Make, fresh


def form(place, **more):
    return {
        "place_id": place.code, "title": "活动中心停水", "body": "下午停水。\r\n请自带饮用水。",
        "published_at": "2026-03-11T11:00", "until": "2026-03-12T18:00",
    } | more  # fmt: skip


def test_what_staff_write_residents_read(console: Console, api: ApiClient, make: Make) -> None:
    home = make.once("community", make.place)
    manager = console.as_(make.staff("manager"))
    assert manager.post("/tables/notices/new", form(home)).status_code == 302
    [shown] = api.get(f"/notices?place_id={home.id}").json["data"]
    assert (shown["title"], shown["body"]) == ("活动中心停水", "下午停水。\n请自带饮用水。")
    assert shown["until"] == "2026-03-12T18:00:00+08:00"
    note = db.session.scalars(select(AuditEntry)).one()
    assert (note.action, note.subject_kind, note.place_id) == ("table.create", "notice", home.id)


def test_taking_it_down_early(console: Console, make: Make) -> None:
    row = make.notice()
    manager = console.as_(make.staff("manager"))
    page = manager.get(f"/tables/notices/{row.id}")
    original = page.text.split('name="original" value="', 1)[1].split('"', 1)[0]
    home = make.once("community", make.place)
    changed = form(home, until="2026-03-11T11:30", original=original)
    assert manager.post(f"/tables/notices/{row.id}", changed).status_code == 302
    assert fresh(row).until is not None


def test_it_does_not_end_before_it_begins(console: Console, make: Make) -> None:
    home = make.once("community", make.place)
    manager = console.as_(make.staff("manager"))
    refused = manager.post("/tables/notices/new", form(home, until="2026-03-11T11:00"))
    assert refused.status_code == 422
    assert "截止时间要晚于发布时间" in text_of(refused)
    assert db.session.scalars(select(Notice)).all() == []


def test_nobody_writes_for_places_beyond_their_reach(console: Console, make: Make) -> None:
    home, elsewhere = make.once("community", make.place), make.place(name="滨江社区")
    row = make.notice(elsewhere)
    manager = console.as_(make.staff("manager", home))
    for place in (elsewhere, make.once("district", make.place)):
        refused = manager.post("/tables/notices/new", form(place))
        assert refused.status_code == 422
        assert "不在您的管理范围内" in text_of(refused)
    assert manager.get(f"/tables/notices/{row.id}").status_code == 404
    assert row.title not in text_of(manager.get("/tables/notices"))
    assert console.as_(make.staff("worker", home)).get("/tables/notices").status_code == 403
