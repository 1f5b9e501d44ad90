"""What every test stands on: the two databases, a rolled-back application, a checking client."""

import gc
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from flask import Flask
from playwright.sync_api import Browser, Page
from sqlalchemy import Connection, Engine, event
from sqlalchemy.orm import sessionmaker

from backend import clock
from backend.app import create_app
from backend.db import db
from tests import compiled, databases, settings
from tests.api import ApiClient
from tests.browser import TABLET, chromium
from tests.factories import Make

compiled.keep()

NOON = datetime(2026, 3, 11, 4, 0, tzinfo=UTC)
"""A Wednesday, 12:00 in Shanghai: not at night, not on a holiday."""


SECONDS = {"slow": 12.0, "browser": 6.0, "own_app": 1.5}
"""About how long a test takes of which this can be said; all others are quick."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The files that take longest go first: workers, who take whole files, then end together."""
    takes: Counter[Path] = Counter()
    for item in items:
        told = {mark.name for mark in item.iter_markers()} | set(getattr(item, "fixturenames", ()))
        takes[item.path] += max((SECONDS[name] for name in told & SECONDS.keys()), default=0.1)
    items.sort(key=lambda item: -takes[item.path])  # stable: a file's tests stay as they stand


def pytest_collection_finish() -> None:
    """What has been collected stays to the end: it is never looked through for garbage."""
    gc.freeze()


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The address of a PostgreSQL server: TEST_DATABASE_URL, or one of our own."""
    with databases.postgresql_server() as address:
        yield address


@pytest.fixture(scope="session")
def shared_apps() -> Iterator[dict[str, Flask]]:
    """One application per database, with tables, shared by all rolled-back tests."""
    yield (apps := {})
    for app in apps.values():
        databases.dispose(app)


@pytest.fixture(params=["sqlite", "postgresql"])
def dialect(request: pytest.FixtureRequest) -> str:
    """Each test that touches tables runs on both databases."""
    return request.param


@pytest.fixture
def shared_app(
    dialect: str, shared_apps: dict[str, Flask], request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
) -> Flask:  # fmt: skip
    if dialect not in shared_apps:
        url = databases.new_database(dialect, request, tmp_path_factory)
        shared_apps[dialect] = create_app(settings.for_tests(database_url=url))
        databases.create_tables(shared_apps[dialect])
    return shared_apps[dialect]


@pytest.fixture
def app(shared_app: Flask) -> Iterator[Flask]:
    """The application in an outer transaction that is rolled back, whatever the code commits.

    Flask-SQLAlchemy picks the bind itself (its issue 1167), so the engine it finds is swapped for
    the connection, and sessions join with savepoints.
    """
    with shared_app.app_context():
        engine = db.engine
        connection = engine.connect()
        if engine.dialect.name == "sqlite":
            connection = connection.execution_options(writes=True)
        outer = connection.begin()
        db.engines[None] = connection
        factory = db.session.session_factory
        assert isinstance(factory, sessionmaker)
        factory.configure(join_transaction_mode="create_savepoint")
        try:
            yield shared_app
        finally:
            db.session.remove()
            factory.configure(join_transaction_mode="conditional_savepoint")
            db.engines[None] = engine
            outer.rollback()
            connection.close()


@pytest.fixture
def own_app(
    dialect: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Flask]:
    """An application with a database of its own that really commits: for threads and processes."""
    url = databases.new_database(dialect, request, tmp_path_factory)
    app = create_app(settings.for_tests(database_url=url))
    databases.create_tables(app)
    yield app
    databases.dispose(app)


@pytest.fixture
def now() -> Iterator[datetime]:
    """The clock stands at NOON."""
    with clock.frozen(NOON):
        yield NOON


@pytest.fixture
def make(app: Flask, now: datetime) -> Make:
    """Makers of rows: a test names only what it is about."""
    return Make(now)


@pytest.fixture
def api(app: Flask) -> ApiClient:
    """A client of the residents' API that holds every answer against its documented schema."""
    return ApiClient(app)


@pytest.fixture
def statements(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The SQL statements sent from here on, savepoints left out.

    Seen at the driver where it can be watched: the hottest ones pass SQLAlchemy's events by.
    """
    seen: list[str] = []
    send = psycopg.Cursor.execute

    def note_if_own(statement: str) -> None:
        if not statement.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN")):
            seen.append(statement)

    def execute(cursor: psycopg.Cursor, query: str, *args: object, **kwargs: object) -> object:
        note_if_own(query)
        return send(cursor, query, *args, **kwargs)

    def note(connection: Connection, _cursor: object, statement: str, *_: object) -> None:
        if connection.dialect.name == "sqlite":
            note_if_own(statement)

    monkeypatch.setattr(psycopg.Cursor, "execute", execute)
    event.listen(Engine, "before_cursor_execute", note)
    yield seen
    event.remove(Engine, "before_cursor_execute", note)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all browser tests; a test opens its own page and closes it."""
    with chromium() as opened:
        yield opened


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page of a tablet's size with cookies of its own."""
    context = browser.new_context(viewport=TABLET, locale="zh-CN", timezone_id="Asia/Shanghai")
    yield context.new_page()
    context.close()
