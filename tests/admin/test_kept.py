"""What the server hands a tablet to keep: a worker, an empty page, scripts, and who is in."""

import pytest

from admin.kept import release
from tests.admin.classes import ClassTonight
from tests.console import Console, text_of
from tests.factories import Make


@pytest.fixture
def tonight(make: Make) -> ClassTonight:
    return ClassTonight(make)


def test_a_tablet_learns_who_is_in_and_what_is_on_today(console, tonight) -> None:
    told = console.as_(tonight.teacher).get("/scan.json").json
    assert told["me"] == {"id": tonight.teacher.id, "name": "陈国栋"}
    assert told["lessons"] == [tonight.lesson.id]
    assert told["csrf"]
    assert told["server_now"]
    assert console.as_(tonight.stranger).get("/scan.json").json["lessons"] == []


def test_nobody_learns_it_without_a_sign_in(console, tonight) -> None:
    refused = console.get("/scan.json")
    assert (refused.status_code, refused.json["errcode"]) == (401, 40100)


def test_the_worker_keeps_what_names_nobody_and_can_be_had(console: Console, tonight) -> None:
    tonight.enrol("王秀英")
    worker = console.get("/attendance-worker.js")
    assert worker.mimetype == "text/javascript"
    assert worker.headers["Cache-Control"] == "no-store"
    assert release() in worker.text
    keeps = worker.text.split("const KEEPS = [")[1].split("]")[0].replace('"', "").split(", ")
    assert len(keeps) > 15
    for address in keeps:
        kept = console.get(address.removeprefix("/admin"))
        assert kept.status_code == 200, address
        assert "王秀英" not in kept.get_data(as_text=True)
        kept.close()


@pytest.mark.parametrize(("language", "word"), [("zh", "今天的课"), ("en", "Today")])
def test_the_empty_page_speaks_both_languages(console: Console, app, language, word) -> None:
    page = console.get(f"/classes/lessons/kept?language={language}")
    assert word in text_of(page)
    assert page.headers["Cache-Control"] == "no-store"


def test_scripts_are_kept_for_long_and_nothing_else_is_behind_them(console: Console, app) -> None:
    script = console.get(f"/kept/{release()}/store.js")
    assert "max-age=31536000" in script.headers["Cache-Control"]
    script.close()
    for path in ("nothing.js", "../console.js", "..%2f..%2fkept.py"):
        assert console.get(f"/kept/{release()}/{path}").status_code == 404
