"""The doors of the console: sign-in, CSRF, audit, headers."""

import re

import pytest
from flask import Flask

from tests.console import Console, text_of
from tests.factories import Make


def test_whoever_is_not_signed_in_goes_to_sign_in_and_back(console: Console, make: Make) -> None:
    response = console.get("/account?x=1")
    assert response.status_code == 302
    assert response.location == "/admin/sign-in?next=/admin/account?x%3D1"


def test_the_first_page_opens_for_staff(console: Console, make: Make) -> None:
    response = console.as_(make.staff()).get("/")
    assert response.status_code == 200
    assert "今日社区" in text_of(response)


@pytest.mark.parametrize(
    ("role", "there"),
    [
        ("manager", ["今日社区", "班级管理", "扫码签到", "食堂", "居民"]),
        ("clerk", ["食堂", "取餐窗口", "配送", "餐卡", "居民"]),
        ("counter", ["取餐窗口"]),
        ("cook", ["厨房"]),
    ],
)
def test_the_bar_of_a_phone_holds_what_is_used_most(console, make, role, there) -> None:
    page = console.as_(make.staff(role)).get("/account")
    bar = re.search(r'<nav class="tabs".*?</nav>', page.text, re.S)[0]
    assert re.findall(r"<span>(.*?)</span></a>", bar) == there


def test_a_post_without_the_token_is_refused(console: Console, make: Make) -> None:
    worker = console.as_(make.staff())
    response = worker.post("/language", {"language": "en"}, csrf=False)
    assert response.status_code == 400
    assert worker.post("/language", {"language": "en"}).status_code == 302
    assert "Today" in text_of(worker.get("/")) or 'lang="en"' in worker.get("/").text


def test_the_api_needs_no_csrf_token(app, make: Make) -> None:
    answer = app.test_client().post("/mp/v1/auth/login", json={"code": ""})
    assert answer.status_code != 400 or answer.json["errcode"] != 40001
    assert "csrf" not in answer.text.lower()


@pytest.mark.parametrize("path", ["/sign-in", "/", "/no-such-page"])
def test_no_page_runs_inline_script_or_loads_from_elsewhere(console, make, path) -> None:
    browser = console if path == "/sign-in" else console.as_(make.staff())
    response = browser.get(path)
    policy = response.headers["Content-Security-Policy"]
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    assert not re.search(r"<script(?![^>]*\bsrc=)", response.text)
    assert not re.search(r"\son\w+=|\sstyle=", response.text)
    assert not re.search(r"(src|href)=\"(https?:)?//", response.text)


def addresses(app: Flask, method: str) -> list[str]:
    """Every address of a page behind sign-in, below /admin, with ids filled in."""
    found = []
    for rule in app.url_map.iter_rules():
        door = getattr(app.view_functions[rule.endpoint], "sign_in", None)
        if rule.endpoint.startswith("admin.") and method in rule.methods and door == "staff":
            found.append(re.sub(r"<[^>]+>", "1", rule.rule).removeprefix("/admin"))
    return found


def test_no_page_opens_without_sign_in(app: Flask, console: Console) -> None:
    pages = addresses(app, "GET")
    assert len(pages) > 20
    for path in pages:
        response = console.get(path)
        if path.endswith(".json"):
            assert response.status_code == 401, path
            continue
        assert response.status_code == 302, path
        assert response.location.startswith("/admin/sign-in?next="), path


def test_no_post_is_taken_without_sign_in_or_token(app: Flask, console: Console) -> None:
    posts = addresses(app, "POST")
    assert len(posts) > 20
    for path in posts:
        assert console.post(path, csrf=False).status_code == 400, path
        assert console.post(path).location.startswith("/admin/sign-in"), path


def test_htmx_is_sent_to_sign_in_as_a_whole_page(console: Console, make: Make) -> None:
    response = console.post("/people/1/phone", headers={"HX-Request": "true"})
    assert response.status_code == 200
    assert response.headers["HX-Redirect"] == "/admin/sign-in"
    assert response.text == ""


def test_a_refusal_reaches_htmx_as_a_sentence(console: Console, make: Make) -> None:
    wang = console.as_(make.staff())
    response = wang.post("/people/1/phone", headers={"HX-Request": "true"})
    assert response.status_code == 404
    assert response.headers["HX-Retarget"] == "#messages"
    assert "没有找到" in text_of(response)
    assert "<html" not in response.text


def test_a_fault_shows_its_number_and_nothing_else(app: Flask, console, make, monkeypatch) -> None:
    def breaks(*_: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr("backend.desk.find.find_people", breaks)
    response = console.as_(make.staff()).get("/people?q=x", headers={"X-Request-ID": "abc123"})
    assert response.status_code == 500
    assert "abc123" in text_of(response)
    assert "secret detail" not in response.text


def test_a_body_that_is_too_large_is_refused(console: Console, make: Make) -> None:
    wang = console.as_(make.staff())
    response = wang.post("/people/new", {"name": "x" * 2_000_000})
    assert response.status_code == 413
