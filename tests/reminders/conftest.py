"""Delivery against a real stand-in of WeChat's servers, over loopback."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask

from tests.factories import Make
from tests.reminders.post import Post
from tests.reminders.post import standin as serving_standin
from tests.standin import RunningStandin


@pytest.fixture
def standin() -> Iterator[RunningStandin]:
    """A fresh stand-in with the account and the templates of the settings below."""
    with serving_standin() as running:
        yield running


@pytest.fixture
def post(app: Flask, make: Make, standin: RunningStandin) -> Iterator[Post]:
    """The application with its reminders going to the stand-in."""
    before = app.extensions["settings"]
    client = standin.client()
    app.extensions["settings"] = replace(before, wx_api_base=standin.url)
    app.extensions["wechat"] = client
    yield Post(make, standin)
    client.close()
    del app.extensions["wechat"]
    app.extensions["settings"] = before
