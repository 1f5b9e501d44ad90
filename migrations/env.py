"""Runs the migrations on the database that the settings name, in one transaction each."""

from alembic import context
from sqlalchemy import create_engine

import backend.models  # noqa: F401 - fills the metadata
from backend import config
from backend.db import db, engine_options


def run() -> None:
    """Connect and migrate. SQLite alters tables by copying them, so batches are on there."""
    settings = context.config.attributes.get("settings") or config.load()
    engine_options(settings)  # makes the folder of an SQLite file
    engine = create_engine(settings.database_url)
    with engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=db.metadata,
            transaction_per_migration=True,
            render_as_batch=connection.dialect.name == "sqlite",
            compare_type=True,
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()
    engine.dispose()


run()
