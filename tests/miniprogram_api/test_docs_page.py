"""The API's page in a browser: with a code of WeChat's it signs in, without one it only reads."""

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import func, select

from backend import clock
from backend.db import db
from backend.people.models import AccessToken
from backend.wechat.standin.settings import StandinSettings
from tests import settings
from tests.factories import Make
from tests.server import environment, serving
from tests.standin import RunningStandin, running_standin

OPENID = "openid-1"


@pytest.fixture(scope="module")
def standin():
    with running_standin(StandinSettings.beside(settings.for_tests())) as running:
        yield running


@pytest.fixture
def site(own_app: Flask, standin: RunningStandin):
    with own_app.app_context():
        Make(clock.now()).resident("王秀英")
    url = own_app.extensions["settings"].database_url
    with serving(environment(database_url=url, wx_api_base=standin.url), workers=1) as base:
        yield base


@pytest.mark.browser
@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_a_browser_signs_in_as_a_resident(
    site: str, standin: RunningStandin, own_app: Flask, page: Page
) -> None:
    foreign = []
    ours = (site, "data:")
    page.on("request", lambda sent: sent.url.startswith(ours) or foreign.append(sent.url))
    code = standin.login_code(OPENID)
    page.goto(f"{site}/mp/v1/docs?code={code}")
    expect(page.locator("#who")).to_contain_text("王秀英")
    assert "code=" not in page.url
    with own_app.app_context():
        assert db.session.scalar(select(func.count()).select_from(AccessToken)) == 2
    page.goto(f"{site}/mp/v1/docs?code={code}")
    expect(page.locator("#who")).to_contain_text("没有登录成功")
    page.goto(f"{site}/mp/v1/docs")
    expect(page.locator("#who")).to_contain_text("未登录")
    assert foreign == []
