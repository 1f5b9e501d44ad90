"""The plain protocol against the stand-in, and the page on which a number's texts appear."""

import re

import httpx
import pytest
from playwright.sync_api import Page, expect

from backend.sms.errors import SmsFailed
from backend.sms.plain import PATH, PlainSms
from backend.wechat.standin.settings import StandinSettings
from tests.standin import RunningStandin, running_standin

PHONE = "15499990001"


@pytest.fixture
def standin(tmp_path):
    residents = tmp_path / "residents.json"
    residents.write_text('[{"openid": "o-1", "name": "王秀兰", "phone": "15400000001"}]')
    with running_standin(StandinSettings(app_env="test", residents=residents)) as running:
        yield running


@pytest.fixture
def plain(standin: RunningStandin):
    client = PlainSms(standin.url)
    yield client
    client.close()


def seen_at(standin: RunningStandin, path: str) -> str:
    return httpx.get(standin.url + path, trust_env=False).text


def test_a_code_arrives_at_a_number_of_nobody_on_file(
    standin: RunningStandin, plain: PlainSms
) -> None:
    assert f'href="/number/{PHONE}"' not in seen_at(standin, "/")
    plain.send_code(PHONE, "042317", 5)
    [text] = standin.texts(PHONE)
    assert "042317" in text
    assert "5分钟" in text
    assert "042317" in seen_at(standin, f"/number/{PHONE}")
    for address in ("/", f"/?q={PHONE}", "/?q=154 9999 0001"):
        assert f'href="/number/{PHONE}"' in seen_at(standin, address)
    assert "还没有收到短信" in seen_at(standin, "/number/15499990002")


def test_a_residents_own_phone_shows_the_text(standin: RunningStandin, plain: PlainSms) -> None:
    plain.send_code("15400000001", "042317", 5)
    assert "042317" in seen_at(standin, "/phone/o-1")
    assert "/number/" not in seen_at(standin, "/?q=15400000001")


@pytest.mark.parametrize(
    ("kind", "how", "ambiguous"),
    [
        ("reset", {}, True), ("lost", {}, True), ("status", {"status": 502}, True),
        ("errcode", {"errcode": -1}, False),
    ],
)  # fmt: skip
def test_faults_are_failures_and_nothing_is_sent_twice(
    standin: RunningStandin, plain: PlainSms, kind: str, how: dict[str, int], ambiguous: bool
) -> None:
    standin.fail(PATH, kind, **how)
    with pytest.raises(SmsFailed) as failed:
        plain.send_code(PHONE, "042317", 5)
    assert failed.value.ambiguous is ambiguous
    assert standin.calls(PATH) == 1


@pytest.mark.parametrize("body", ["", "[]", '{"phone": ""}', '{"phone": "1", "text": 5}'])
def test_what_is_no_text_is_refused(standin: RunningStandin, body: str) -> None:
    refused = httpx.post(standin.url + PATH, content=body, trust_env=False).json()
    assert refused["errcode"] != 0


@pytest.mark.browser
def test_the_text_comes_up_while_the_page_is_open(
    standin: RunningStandin, plain: PlainSms, page: Page
) -> None:
    page.goto(f"{standin.url}/number/{PHONE}")
    expect(page.locator("body")).to_contain_text("还没有收到短信")
    plain.send_code(PHONE, "042317", 5)
    expect(page.locator(".sms")).to_contain_text(re.compile("验证码042317"))
