"""The stand-in of WeChat's servers, and a client that talks to it."""

from collections.abc import Iterator

import pytest

from backend.wechat.client import WeChatClient
from tests import databases
from tests.standin import RunningStandin, running_standin


@pytest.fixture
def standin() -> Iterator[RunningStandin]:
    """A fresh stand-in, served over loopback HTTP."""
    with running_standin() as running:
        yield running


@pytest.fixture
def client(standin: RunningStandin) -> Iterator[WeChatClient]:
    """A client of the stand-in with a token of its own."""
    client = standin.client()
    yield client
    client.close()


@pytest.fixture
def database_url(
    dialect: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> str:
    """The address of an empty database of its own, that several processes can open."""
    return databases.new_database(dialect, request, tmp_path_factory)
