"""The residents' phones as pages: finding one, what it shows, and signing in from it."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Page, expect

from backend.wechat.standin.app import create_standin
from backend.wechat.standin.settings import StandinSettings
from tests.browser import PHONE
from tests.standin import running_standin
from tests.wechat.samples import LESSON, send


def write(path: Path, count: int) -> None:
    people = [
        {"openid": f"o-{n}", "name": f"居民{n}号", "phone": f"138{n:08d}", "note": ""}
        for n in range(count)
    ]
    people[0] |= {"name": "王秀兰", "note": "夜校老学员"}
    path.write_text(json.dumps(people, ensure_ascii=False), encoding="utf-8")


@pytest.fixture
def residents(tmp_path: Path) -> Path:
    path = tmp_path / "residents.json"
    write(path, 100)
    return path


@pytest.fixture
def settings(residents: Path) -> StandinSettings:
    return StandinSettings(residents=residents, return_url="http://127.0.0.1:8000/app/#/signin")


@pytest.fixture
def pages(settings: StandinSettings) -> FlaskClient:
    return create_standin(settings).test_client()


def test_the_first_twenty_are_shown_and_the_rest_is_found(pages: FlaskClient) -> None:
    page = pages.get("/").text
    assert page.count('href="/phone/') == 20
    assert "王秀兰" in page
    assert "138 0000 0000" in page
    assert "100 位" in page
    assert 'href="/phone/o-77"' in pages.get("/?q=居民77号").text
    assert 'href="/phone/o-77"' in pages.get("/?q=0077").text
    assert 'href="/phone/o-0"' in pages.get("/?q=老学员").text
    assert "没有找到" in pages.get("/?q=查无此人").text


def test_what_is_typed_is_never_markup(pages: FlaskClient) -> None:
    page = pages.get("/", query_string={"q": "<script>alert(1)</script>"}).text
    assert "<script>alert" not in page


def test_the_file_is_read_again_when_it_changes(pages: FlaskClient, residents: Path) -> None:
    assert "100 位" in pages.get("/").text
    write(residents, 30)
    os.utime(residents, ns=(1, 1))
    assert "30 位" in pages.get("/").text


def test_no_file_yet_is_an_explanation_not_an_error(tmp_path: Path) -> None:
    settings = StandinSettings(residents=tmp_path / "later.json")
    page = create_standin(settings).test_client().get("/")
    assert page.status_code == 200
    assert "还没有演示居民" in page.text


def test_a_phone_nobody_owns_is_not_found(pages: FlaskClient) -> None:
    for path in ("/phone/o-nobody", "/phone/o-nobody/screen"):
        assert pages.get(path).status_code == 404
    for path in ("/phone/o-nobody/answer", "/phone/o-nobody/sign-in"):
        assert pages.post(path).status_code == 404


def test_taps_grant_refuse_and_switch_off(pages: FlaskClient) -> None:
    def tap(what: str) -> str:
        form = {"template_id": LESSON, "tap": what}
        return pages.post("/phone/o-0/answer", data=form, follow_redirects=True).text

    assert "还可收 1 条" in tap("accept")
    assert "还可收 2 条" in tap("accept")
    assert "还可收 2 条" in tap("reject")
    assert "还可收" not in tap("off")


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({"template_id": "T9", "tap": "accept"}, 404),
        ({"template_id": LESSON, "tap": "maybe"}, 400),
        ({}, 404),
    ],
)
def test_a_tap_on_nothing_is_refused(pages: FlaskClient, form: dict[str, str], status: int) -> None:
    assert pages.post("/phone/o-0/answer", data=form).status_code == status


@pytest.mark.parametrize(
    ("return_url", "before", "after"),
    [
        ("http://127.0.0.1:8000/app/", "http://127.0.0.1:8000/app/?code=", ""),
        (
            "http://127.0.0.1:8000/app/?a=1#/signin",
            "http://127.0.0.1:8000/app/?a=1&code=",
            "#/signin",
        ),
        (
            "http://127.0.0.1:8000/app/#/signin?code={code}&x=1",
            "http://127.0.0.1:8000/app/#/signin?code=",
            "&x=1",
        ),
    ],
)
def test_signing_in_leads_to_the_residents_app_with_a_code_that_works(
    residents: Path, return_url: str, before: str, after: str
) -> None:
    with running_standin(StandinSettings(residents=residents, return_url=return_url)) as standin:
        response = httpx.post(f"{standin.url}/phone/o-5/sign-in", trust_env=False)
        assert response.status_code == 303
        address = response.headers["Location"]
        assert address.startswith(before)
        assert address.endswith(after)
        code = address[len(before) : len(address) - len(after)]
        client = standin.client()
        assert client.code_to_session(code).openid == "o-5"
        client.close()


def test_without_a_return_address_there_is_no_sign_in(residents: Path) -> None:
    pages = create_standin(StandinSettings(residents=residents)).test_client()
    assert "以此身份登录" not in pages.get("/phone/o-0").text
    assert pages.post("/phone/o-0/sign-in").status_code == 404


@pytest.fixture
def browser_page(browser: Browser) -> Iterator[Page]:
    """A phone-sized page; it fails the test if anything is fetched from elsewhere or in vain."""
    page = browser.new_page(viewport=PHONE)
    troubles: list[str] = []
    page.on("requestfailed", lambda request: troubles.append(request.url))
    page.on("console", lambda message: troubles.append(message.text))
    page.on("pageerror", lambda error: troubles.append(str(error)))
    yield page
    page.close()
    assert troubles == []


@pytest.mark.browser
def test_a_message_appears_on_the_open_phone(settings: StandinSettings, browser_page: Page) -> None:
    with running_standin(settings) as standin:
        browser_page.goto(standin.url)
        browser_page.get_by_role("link", name="王秀兰").click()
        expect(browser_page.get_by_text("还没有收到通知")).to_be_visible()
        lesson = browser_page.locator("form", has_text="上课提醒")
        lesson.get_by_role("button", name="允许一次").click()
        expect(lesson).to_contain_text("还可收 1 条")
        browser_page.bring_to_front()
        expect(lesson.get_by_role("button", name="允许一次")).to_be_focused()
        assert standin.grants("o-0") == {LESSON: 1}
        client = standin.client()
        send(client, openid="o-0")
        client.close()
        card = browser_page.get_by_role("article")
        expect(card).to_contain_text("上课提醒")
        expect(card).to_contain_text("桃园社区二楼舞蹈室")
        expect(card).to_contain_text("pages/bookings/bookings?id=7")
        expect(lesson).to_contain_text("没有剩余次数")
        width = browser_page.evaluate("document.documentElement.scrollWidth")
        assert width == 390
        browser_page.get_by_role("link", name="返回居民列表").click()
        expect(browser_page.get_by_title("收到的通知")).to_have_text("1")
