"""Imported by the process that tests' servers are forked from: all that they would import."""

import gc
from tempfile import gettempdir

import backend.cli
import backend.gunicorn_worker  # noqa: F401 - by its name in gunicorn's settings
from backend.app import create_app
from tests import settings

# Much is imported only as an application opens its doors. Its database is never opened.
create_app(settings.for_tests(database_url=f"sqlite:///{gettempdir()}/never.db"))
gc.collect()
gc.freeze()  # no child looks through what all of them share
