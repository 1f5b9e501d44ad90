"""The application's own client: made once, working inside requests, tests and threads alike."""

import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import select

from backend.db import db
from backend.wechat import provider
from backend.wechat.client import WeChatClient
from backend.wechat.models import WeChatAccessToken
from tests.standin import TOKEN, RunningStandin


@pytest.fixture
def connected(app: Flask, standin: RunningStandin) -> Iterator[Flask]:
    """The application, with the stand-in for WeChat."""
    before = app.extensions["settings"]
    app.extensions["settings"] = replace(
        before,
        wx_api_base=standin.url,
        wx_appid=standin.settings.appid,
        wx_secret=standin.settings.secret,
    )
    app.extensions.pop("wechat", None)
    yield app
    app.extensions["settings"] = before
    app.extensions.pop("wechat").close()


def test_one_client_with_one_shared_token(connected: Flask, standin: RunningStandin) -> None:
    client = provider.current()
    assert provider.current() is client
    assert client.templates()
    assert client.templates()
    assert standin.calls(TOKEN) == 1
    kept = db.session.execute(select(WeChatAccessToken)).scalar_one()
    assert kept.appid == standin.settings.appid


def test_threads_without_an_application_context_may_use_it(
    connected: Flask, standin: RunningStandin
) -> None:
    client: WeChatClient = provider.current()
    answers: list[int] = []
    thread = threading.Thread(target=lambda: answers.append(len(client.templates())))
    thread.start()
    thread.join()
    assert answers == [4]
