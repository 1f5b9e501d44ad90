"""Fixtures of the draw's tests."""

import pytest

from tests.factories import Make
from tests.night_school.draws.drawing import Drawing


@pytest.fixture
def drawing(make: Make) -> Drawing:
    """A draw that is still to be set up."""
    return Drawing(make)
