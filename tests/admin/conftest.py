"""A cast for the console: a worker of one community, a manager of its street, a stranger."""

import pytest
from flask import Flask

from tests.console import Console


@pytest.fixture
def console(app: Flask) -> Console:
    """A browser at the console, nobody signed in."""
    return Console(app)
