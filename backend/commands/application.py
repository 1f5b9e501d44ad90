"""The application a command works on: made, entered, and its connections closed again."""

from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask


@contextmanager
def application() -> Iterator[Flask]:
    """An application context on the settings of the environment."""
    from backend.app import create_app  # a command that only prints its help does not need it
    from backend.db import db

    app = create_app()
    with app.app_context():
        try:
            yield app
        finally:
            db.session.remove()
            db.engine.dispose()
