"""The demo district as it is at NOON, on each database, only read from."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from backend import clock
from backend.app import create_app
from tests import databases, demo_copies, settings
from tests.conftest import NOON


@pytest.fixture(scope="package", params=["sqlite", "postgresql"])
def loaded(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Flask]:
    """An application on the demo district as it looks on a Wednesday at noon."""
    url = databases.new_database(request.param, request, tmp_path_factory)
    app = create_app(settings.for_tests(database_url=url))
    demo_copies.lay(app, NOON, tmp_path_factory)
    yield app
    databases.dispose(app)


@pytest.fixture
def district(loaded: Flask) -> Iterator[Flask]:
    """The loaded district, in a context, the clock still at NOON."""
    with loaded.app_context(), clock.frozen(NOON):
        yield loaded


@pytest.fixture
def calculating(tmp_path: Path) -> Iterator[Flask]:
    """An application context for the parts that need keys and settings but no tables."""
    app = create_app(settings.for_tests(database_url=f"sqlite:///{tmp_path / 'unused.db'}"))
    with app.app_context():
        yield app


@pytest.fixture
def phones(tmp_path: Path) -> Path:
    """Where the list of phones is written."""
    return tmp_path / "demo" / "residents.json"
