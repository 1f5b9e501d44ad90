"""Runs the migrations on the database that the settings name, in one transaction each."""

from typing import Any, Literal

from alembic import context
from sqlalchemy import create_engine

import backend.models  # noqa: F401 - fills the metadata
from backend import config
from backend.db import UtcDateTime, db, engine_options
from backend.people.crypto import Encrypted


def render(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """Migrations name plain types: they must run when the models have moved on."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, Encrypted):
        return "sa.Text()"
    return False


def run() -> None:
    """Connect and migrate. SQLite alters tables by copying them, so batches are on there.

    It drops the old table then, and would take along every row that refers to one of its rows:
    foreign keys are not looked after meanwhile.
    """
    settings = context.config.attributes.get("settings") or config.load()
    engine_options(settings)  # makes the folder of an SQLite file
    engine = create_engine(settings.database_url)
    with engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            # Past SQLAlchemy: inside a transaction, which it would begin, this does nothing.
            connection.connection.execute("PRAGMA foreign_keys = OFF")
        context.configure(
            connection=connection,
            target_metadata=db.metadata,
            transaction_per_migration=True,
            render_as_batch=connection.dialect.name == "sqlite",
            compare_type=True,
            render_item=render,
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()
    engine.dispose()


run()
