"""The residents' client as it was built; `make test` builds it."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from backend import clock
from tests.built import built
from tests.client.demo import Demo, demo_district
from tests.server import environment, serving


@pytest.fixture(scope="session")
def h5() -> Path:
    """The folder of the build for browsers."""
    return built("h5")


@pytest.fixture(scope="session")
def mini_program() -> Path:
    """The folder of the build for WeChat."""
    return built("mp-weixin")


@pytest.fixture
def dialect() -> str:
    """Browsers are shown one database; what differs below is tested elsewhere."""
    return "sqlite"


@pytest.fixture
def site(own_app: Flask, h5: Path) -> Iterator[str]:
    """The address of a server with an empty district and the client."""
    url = own_app.extensions["settings"].database_url
    with serving(environment(database_url=url, client_dir=h5), workers=1) as base:
        yield base


@pytest.fixture(scope="session")
def running_demo(tmp_path_factory: pytest.TempPathFactory, h5: Path) -> Iterator[Demo]:
    """The demo district at ten in the morning, one for all tests of a process."""
    with demo_district(tmp_path_factory, h5) as running:
        yield running


@pytest.fixture
def demo(running_demo: Demo) -> Iterator[Demo]:
    """The same, this process's clock at its hour: other tests set the clock back."""
    clock.shift(running_demo.ahead)
    yield running_demo
    clock.shift(timedelta())
