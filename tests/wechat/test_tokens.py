"""The shared access token: fetched once for all threads and processes, and never held too long."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, text, update

from backend.db import db, transaction
from backend.wechat import tokens as tokens_module
from backend.wechat.errors import WeChatUnavailable
from backend.wechat.models import WeChatAccessToken
from backend.wechat.tokens import AccessToken, DatabaseTokens, MemoryTokens
from tests.standin import TOKEN, RunningStandin, wait_until
from tests.wechat.token_process import token_app

APPID = "wx-test"
NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)


class Clock:
    """A clock that only moves when told to."""

    def __init__(self) -> None:
        self.at = NOW

    def __call__(self) -> datetime:
        return self.at

    def advance(self, **by: float) -> None:
        self.at += timedelta(**by)


class WeChat:
    """Gives a new token for two hours on each call, and counts the calls."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.calls = 0
        self.hold = threading.Event()
        self.hold.set()

    def fetch(self) -> AccessToken:
        self.calls += 1
        number = self.calls
        assert self.hold.wait(10)
        return AccessToken(f"token-{number}", self._clock() + timedelta(hours=2))


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def wechat(clock: Clock) -> WeChat:
    return WeChat(clock)


@pytest.fixture
def row_app(database_url: str) -> Iterator[Flask]:
    """An application whose database is a file or schema of its own, with the token's table."""
    app = token_app(database_url)
    table = [WeChatAccessToken.__table__]
    with app.app_context():
        db.metadata.create_all(db.engine, tables=table)  # type: ignore[arg-type]
    yield app
    with app.app_context():
        db.metadata.drop_all(db.engine, tables=table)  # type: ignore[arg-type]
        db.engine.dispose()


def row(app: Flask) -> WeChatAccessToken:
    with app.app_context():
        return db.session.execute(select(WeChatAccessToken)).scalar_one()


def test_memory_keeps_a_token_until_shortly_before_its_end(clock: Clock, wechat: WeChat) -> None:
    tokens = MemoryTokens(clock)
    assert tokens.get(wechat.fetch) == tokens.get(wechat.fetch)
    clock.advance(seconds=7200 - 121)
    assert tokens.get(wechat.fetch).value == "token-1"
    clock.advance(seconds=2)
    assert tokens.get(wechat.fetch).value == "token-2"


def test_a_dropped_token_is_fetched_anew_but_its_successor_is_kept(
    clock: Clock, wechat: WeChat
) -> None:
    tokens = MemoryTokens(clock)
    first = tokens.get(wechat.fetch)
    tokens.drop(first)
    second = tokens.get(wechat.fetch)
    tokens.drop(first)
    assert tokens.get(wechat.fetch) == second
    assert wechat.calls == 2


def test_the_row_serves_every_process(row_app: Flask, clock: Clock, wechat: WeChat) -> None:
    one = DatabaseTokens(row_app, APPID, clock)
    other = DatabaseTokens(row_app, APPID, clock)
    assert one.get(wechat.fetch) == other.get(wechat.fetch)
    assert wechat.calls == 1
    kept = row(row_app)
    assert (kept.appid, kept.token, kept.version) == (APPID, "token-1", 1)
    assert kept.expires_at == NOW + timedelta(hours=2)
    assert (kept.lease_holder, kept.lease_until) == (None, None)


def test_the_row_holds_the_token_encrypted(row_app: Flask, clock: Clock, wechat: WeChat) -> None:
    DatabaseTokens(row_app, APPID, clock).get(wechat.fetch)
    with row_app.app_context():
        stored = db.session.execute(text("SELECT token FROM wechat_access_token")).scalar_one()
    assert "token-1" not in stored


def test_a_row_under_a_key_that_is_gone_is_replaced(
    row_app: Flask, clock: Clock, wechat: WeChat
) -> None:
    DatabaseTokens(row_app, APPID, clock).get(wechat.fetch)
    with row_app.app_context(), transaction() as session:
        session.execute(text("UPDATE wechat_access_token SET token = 'gone:AAAA'"))
    assert DatabaseTokens(row_app, APPID, clock).get(wechat.fetch).value == "token-2"


def test_a_token_near_its_end_is_replaced_in_the_row(
    row_app: Flask, clock: Clock, wechat: WeChat
) -> None:
    tokens = DatabaseTokens(row_app, APPID, clock)
    tokens.get(wechat.fetch)
    clock.advance(seconds=7200 - 119)
    assert tokens.get(wechat.fetch).value == "token-2"
    assert row(row_app).version == 2


def test_a_drop_reaches_the_other_processes_only_while_it_is_the_same_token(
    row_app: Flask, clock: Clock, wechat: WeChat
) -> None:
    one = DatabaseTokens(row_app, APPID, clock)
    other = DatabaseTokens(row_app, APPID, clock)
    refused = one.get(wechat.fetch)
    other.get(wechat.fetch)
    one.drop(refused)
    assert one.get(wechat.fetch).value == "token-2"
    other.drop(refused)  # it heard of the refusal later
    assert other.get(wechat.fetch).value == "token-2"
    assert wechat.calls == 2


def test_many_threads_of_several_processes_fetch_once(
    row_app: Flask, clock: Clock, wechat: WeChat
) -> None:
    """Four token keepers stand for four processes; WeChat answers only when all have asked."""
    wechat.hold.clear()
    keepers = [DatabaseTokens(row_app, APPID, clock) for _ in range(4)]
    got: list[AccessToken] = []
    threads = [
        threading.Thread(target=lambda keeper=keeper: got.append(keeper.get(wechat.fetch)))
        for keeper in keepers
        for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    wait_until(lambda: wechat.calls == 1)
    wechat.hold.set()
    for thread in threads:
        thread.join()
    assert wechat.calls == 1
    assert got == [AccessToken("token-1", NOW + timedelta(hours=2), 1)] * 12


def test_a_token_fetched_between_our_look_and_our_claim_is_used(
    row_app: Flask, clock: Clock, wechat: WeChat
) -> None:
    other = DatabaseTokens(row_app, APPID, clock)

    class Late(DatabaseTokens):
        def _read(self) -> tuple[AccessToken | None, int]:
            seen = super()._read()
            other.get(wechat.fetch)
            return seen

    assert Late(row_app, APPID, clock).get(wechat.fetch).value == "token-1"
    refused = other.get(wechat.fetch)
    other.drop(refused)
    assert Late(row_app, APPID, clock).get(wechat.fetch).value == "token-2"
    assert wechat.calls == 2


def test_no_connection_is_held_while_wechat_is_asked(
    row_app: Flask, clock: Clock, wechat: WeChat
) -> None:
    held: list[int] = []

    def fetch() -> AccessToken:
        with row_app.app_context():
            held.append(db.engine.pool.checkedout())  # type: ignore[attr-defined]
        return wechat.fetch()

    DatabaseTokens(row_app, APPID, clock).get(fetch)
    assert held == [0]


def test_it_is_not_called_inside_a_transaction(
    row_app: Flask, clock: Clock, wechat: WeChat
) -> None:
    tokens = DatabaseTokens(row_app, APPID, clock)
    with row_app.app_context(), transaction(), pytest.raises(RuntimeError, match="transaction"):
        tokens.get(wechat.fetch)
    assert wechat.calls == 0


def test_a_failed_fetch_gives_the_lease_back(row_app: Flask, clock: Clock, wechat: WeChat) -> None:
    def busy() -> AccessToken:
        raise WeChatUnavailable(-1, "system error")

    tokens = DatabaseTokens(row_app, APPID, clock)
    with pytest.raises(WeChatUnavailable):
        tokens.get(busy)
    assert row(row_app).lease_holder is None
    assert tokens.get(wechat.fetch).value == "token-1"


def test_a_lease_of_a_dead_process_does_not_stop_the_others(
    row_app: Flask, clock: Clock, wechat: WeChat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tokens_module, "WAIT", 0.2)
    first = DatabaseTokens(row_app, APPID, clock)
    first.drop(first.get(wechat.fetch))
    with row_app.app_context(), transaction() as session:
        dead = {"lease_holder": "dead", "lease_until": NOW + tokens_module.LEASE}
        session.execute(update(WeChatAccessToken).values(dead))
    assert first.get(wechat.fetch).value == "token-2"  # asked for itself, left the row alone
    assert row(row_app).lease_holder == "dead"
    clock.advance(seconds=16)
    late = DatabaseTokens(row_app, APPID, clock)
    assert late.get(wechat.fetch).value == "token-3"
    assert row(row_app).lease_holder is None


def test_a_fetch_that_outlived_its_lease_does_not_overwrite_a_newer_token(
    row_app: Flask, clock: Clock, wechat: WeChat
) -> None:
    def slow() -> AccessToken:
        clock.advance(seconds=16)
        assert DatabaseTokens(row_app, APPID, clock).get(wechat.fetch).value == "token-1"
        return AccessToken("stale", clock() + timedelta(hours=2))

    assert DatabaseTokens(row_app, APPID, clock).get(slow).value == "stale"
    assert row(row_app).token == "token-1"


def test_several_real_processes_fetch_once(
    row_app: Flask, database_url: str, standin: RunningStandin, tmp_path: Path
) -> None:
    gate = tmp_path / "go"
    settings = standin.settings
    # A slow answer, so that all processes meet while the first is still waiting for it.
    standin.fail(TOKEN, "delay", seconds=0.5)
    arguments = [database_url, standin.url, settings.appid, settings.secret, str(gate)]
    processes = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.wechat.token_process", *arguments],
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    gate.touch()
    spoken = {process.communicate(timeout=30)[0] for process in processes}
    assert [process.returncode for process in processes] == [0] * 4
    assert len(spoken) == 1
    assert standin.calls(TOKEN) == 1
    assert standin.calls("/wxaapi/newtmpl/gettemplate") == 4


def test_an_expired_token_is_replaced_once_for_all(row_app: Flask, standin: RunningStandin) -> None:
    """Two clients hold the same token when WeChat lets it expire."""
    appid = standin.settings.appid
    clients = [standin.client(DatabaseTokens(row_app, appid)) for _ in range(2)]
    for client in clients:
        client.templates()
    standin.expire_token()
    for client in clients:
        assert client.templates()
        client.close()
    assert (standin.calls(TOKEN), standin.tokens_issued()) == (2, 2)
    assert row(row_app).version == 2
