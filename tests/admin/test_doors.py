"""The doors of the console: sign-in, CSRF, audit, headers."""

import re

import pytest

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
