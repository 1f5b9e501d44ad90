"""Migrations: numbered, both directions, and equal to the models on both databases."""

import re
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect, text

from backend import migrating
from backend.db import db
from tests import databases, settings

VERSIONS = Path(migrating.SCRIPTS) / "versions"


@pytest.fixture
def empty(dialect, request, tmp_path_factory):
    """Settings of an empty database."""
    url = databases.new_database(dialect, request, tmp_path_factory)
    return settings.for_tests(database_url=url)


@pytest.fixture
def engine(empty):
    engine = create_engine(empty.database_url)
    yield engine
    engine.dispose()


def guards(engine) -> list[str]:
    """What refuses overlap: a constraint on PostgreSQL, triggers on SQLite."""
    query = {
        "postgresql": "SELECT conname FROM pg_constraint WHERE contype = 'x' ORDER BY 1",
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger' ORDER BY name",
    }[engine.dialect.name]
    with engine.connect() as connection:
        return list(connection.execute(text(query)).scalars())


def test_up_equals_the_models(empty, engine) -> None:
    migrating.migrate(empty)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, db.metadata) == []
    assert guards(engine) == (
        ["ex_occupancy_overlap", "ex_term_overlap"]
        if engine.dialect.name == "postgresql"
        else [
            "tr_occupancy_overlap_insert", "tr_occupancy_overlap_update",
            "tr_term_overlap_insert", "tr_term_overlap_update",
        ]
    )  # fmt: skip


def test_down_leaves_nothing_and_up_works_again(empty, engine) -> None:
    migrating.migrate(empty)
    migrating.migrate(empty, "base")
    assert set(inspect(engine).get_table_names()) == {"alembic_version"}
    assert migrating.current_revision(empty) is None
    migrating.migrate(empty)
    assert migrating.current_revision(empty) == head()


def head() -> str | None:
    return ScriptDirectory.from_config(
        migrating.alembic_config(settings.for_tests())
    ).get_current_head()


def test_each_has_the_next_number() -> None:
    names = sorted(path.name for path in VERSIONS.glob("[0-9]*.py"))
    assert [name[:4] for name in names] == [f"{n:04d}" for n in range(1, len(names) + 1)]
    assert all(re.fullmatch(r"\d{4}_[a-z_]+\.py", name) for name in names)
    assert head() == names[-1][:4]
