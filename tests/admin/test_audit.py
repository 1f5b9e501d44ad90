"""No write of staff without its audit row: the door sees to it; and who may read the rows."""

import re
from pathlib import Path
from types import SimpleNamespace

import pytest
from flask import Flask
from sqlalchemy import select

from admin import words
from admin.doors import COOKIE, staff
from backend import clock
from backend.db import db
from backend.people.models import Person
from backend.staff import audit, sessions
from backend.staff.audit import NotAudited
from backend.staff.models import AuditEntry
from tests.console import Console, text_of
from tests.factories import Make, fresh

BEFORE_SIGNING_IN = {"admin.enter", "admin.change_language_outside"}


def posts(app: Flask) -> list[str]:
    return [
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("admin.") and rule.methods - {"GET", "HEAD", "OPTIONS"}
    ]


def test_every_page_has_a_door(app: Flask) -> None:
    for rule in app.url_map.iter_rules():
        if rule.endpoint.startswith("admin.") and rule.endpoint != "admin.static":
            view = app.view_functions[rule.endpoint]
            assert view.sign_in in ("staff", "teacher") or view.sign_in.startswith("public: "), rule


def test_every_post_goes_through_the_auditing_door(app: Flask) -> None:
    assert len(posts(app)) > 20
    for endpoint in set(posts(app)) - BEFORE_SIGNING_IN:
        assert app.view_functions[endpoint].writes, endpoint


def through(app: Flask, someone, view):
    """`view` behind the writing door, called by `someone`."""
    token = sessions.start(db.session(), someone.id, None, clock.now())
    db.session.commit()
    door = staff(writes=True)(view)
    headers = {"Cookie": f"{COOKIE}={token}"}
    with app.test_request_context("/admin/", method="POST", headers=headers):
        return door()


def test_a_write_without_its_row_is_not_committed(app: Flask, make: Make) -> None:
    def forgets(me) -> str:
        db.session.add(Person(name="偷偷登记", created_at=clock.now()))
        db.session.flush()
        return "done"

    with pytest.raises(NotAudited):
        through(app, make.staff(), forgets)
    assert not db.session.scalars(select(Person)).all()


def test_a_row_of_the_request_before_does_not_count(app: Flask, make: Make) -> None:
    wang = make.staff()

    def records(me) -> str:
        audit.record(db.session(), me.staff_id, "person.change", "person", 1)
        return "done"

    assert through(app, wang, records) == "done"
    with pytest.raises(NotAudited):
        through(app, wang, lambda me: "done")
    assert len(db.session.scalars(select(AuditEntry)).all()) == 1


def test_a_verb_that_found_nothing_to_change_says_so(app: Flask, make: Make) -> None:
    def nothing(me) -> str:
        audit.unchanged(db.session())
        return "done"

    assert through(app, make.staff(), nothing) == "done"


@pytest.fixture
def zhou(app: Flask, cast: SimpleNamespace) -> Console:
    return Console(app).as_(cast.zhou)


def test_managers_read_what_was_done_at_their_places(app, zhou, cast, make: Make) -> None:
    person = make.person("赵桂兰", phone="13812345678", home_place_id=cast.estate.id)
    Console(app).as_(cast.wang).post(f"/people/{person.id}/phone")
    elsewhere = make.person("钱阿姨", phone="13900000001", home_place_id=cast.estate_there.id)
    Console(app).as_(cast.lin).post(f"/people/{elsewhere.id}/phone")
    Console(app).as_(cast.lin).post("/language", {"language": "zh"})
    Console(app).as_(cast.wang).post("/language", {"language": "zh"})
    page = text_of(zhou.get("/audit"))
    assert "查看手机号 居民" in page
    assert page.count("王敏 ·") == 1
    assert "切换语言" in page
    assert "林静" not in page
    assert "13812345678" not in page


def test_the_entries_can_be_narrowed(app, zhou, cast, make: Make) -> None:
    person = make.person("赵桂兰", phone="13812345678", home_place_id=cast.estate.id)
    wang = Console(app).as_(cast.wang)
    wang.post(f"/people/{person.id}/phone")
    wang.post(f"/people/{person.id}/change", {"name": "赵桂蓝"})

    def shown(query: str) -> int:
        response = zhou.get(f"/audit?{query}")
        assert response.status_code == 200
        return response.text.count("audit-row")

    assert shown("") == 2
    assert shown("action=person.change") == 1
    assert shown(f"staff_id={cast.zhou.id}") == 0
    assert shown("since=2026-03-11&until=2026-03-11") == 2
    assert shown("until=2026-03-10") == 0
    assert zhou.get("/audit?since=yesterday").status_code == 422
    assert zhou.get("/audit?cursor=nonsense").status_code == 422


def test_long_lists_are_paged(zhou: Console, cast, make: Make, statements) -> None:
    for number in range(60):
        audit.record(
            db.session(), cast.wang.id, "call.tick_off", "reminder", number, place_id=cast.here.id
        )
    db.session.commit()
    statements.clear()
    first = zhou.get("/audit")
    assert len(statements) <= 5
    assert first.text.count("audit-row") == 50
    following = first.text.split("下一页")[0].rsplit('href="', 1)[1].split('"')[0]
    second = zhou.get(following.removeprefix("/admin").replace("&amp;", "&"))
    assert second.text.count("audit-row") == 10


@pytest.mark.parametrize("who", ["wang", "chen"])
def test_others_do_not_read_it(app: Flask, cast, who: str) -> None:
    assert Console(app).as_(getattr(cast, who)).get("/audit").status_code == 403


def test_a_row_names_the_request(app: Flask, cast, make: Make) -> None:
    person = make.person("赵桂兰", phone="13812345678", home_place_id=cast.estate.id)
    response = (
        Console(app)
        .as_(cast.wang)
        .post(f"/people/{person.id}/phone", headers={"X-Request-ID": "abc123"})
    )
    assert response.headers["X-Request-ID"] == "abc123"
    assert db.session.scalars(select(AuditEntry.request_id)).one() == "abc123"
    assert fresh(person).phone == "13812345678"


def test_whatever_the_audit_may_say_has_words() -> None:
    said = set()
    for file in (Path(__file__).parents[2] / "backend").rglob("*.py"):
        named = re.findall(
            r"""audit\.record\((?:[^"]*?)"([a-z]+\.[a-z_]+)"|"""
            r"""(?:_note|_audit)\((?:[^"]*?)"([a-z]+\.[a-z_]+)\"""",
            file.read_text("utf-8"),
        )
        said |= {one or other for one, other in named}
    assert len(said) > 30
    assert said <= set(words.ACTION), said - set(words.ACTION)
