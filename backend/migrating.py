"""Alembic, called from code: bring the tables up or down, and say where they are."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from backend.config import Settings
from backend.db import engine_options

SCRIPTS = Path(__file__).resolve().parent.parent / "migrations"


def alembic_config(settings: Settings) -> Config:
    """Alembic's view of the database that `settings` names."""
    found = Config()
    found.set_main_option("script_location", str(SCRIPTS))
    found.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    found.attributes["settings"] = settings
    return found


def migrate(settings: Settings, revision: str = "head") -> None:
    """Go to `revision`, up or down; `base` empties the database."""
    wanted = alembic_config(settings)
    at = current_revision(settings)
    passed = {
        step.revision
        for step in ScriptDirectory.from_config(wanted).iterate_revisions(at or "base", "base")
        if step.revision != at
    }
    back = revision == "base" or revision in passed
    (command.downgrade if back else command.upgrade)(wanted, revision)


def current_revision(settings: Settings) -> str | None:
    """The revision the database is at; None before the first."""
    engine_options(settings)
    engine = create_engine(settings.database_url)
    with engine.connect() as connection:
        found = MigrationContext.configure(connection).get_current_revision()
    engine.dispose()
    return found


def describe(settings: Settings) -> str:
    """The revision in words."""
    return current_revision(settings) or "its beginning (no tables)"
