"""A cast: Wang works in a community, Zhou manages its street, Chen teaches, Lin is elsewhere."""

from types import SimpleNamespace

import pytest
from flask import Flask

from backend.places.models import PlaceKind
from tests.console import Console
from tests.factories import Make


@pytest.fixture
def console(app: Flask) -> Console:
    """A browser at the console, nobody signed in."""
    return Console(app)


@pytest.fixture
def cast(make: Make) -> SimpleNamespace:
    """Two communities of two streets, an estate in each, and staff."""
    here = make.once("community", make.place)
    street = make.once(PlaceKind.STREET, lambda: make.place(PlaceKind.STREET))
    other_street = make.place(PlaceKind.STREET, name="安宁街道")
    there = make.place(parent=other_street, name="东湖社区")
    return SimpleNamespace(
        here=here, there=there, street=street,
        district=make.once(PlaceKind.DISTRICT, lambda: make.place(PlaceKind.DISTRICT)),
        estate=make.place(PlaceKind.ESTATE, here),
        estate_there=make.place(PlaceKind.ESTATE, there, name="湖畔小区"),
        wang=make.staff("worker", here, name="王敏"),
        lin=make.staff("worker", there, name="林静"),
        zhou=make.staff("manager", street, name="周慧"),
        chen=make.staff("teacher", here, name="陈老师"),
    )  # fmt: skip
