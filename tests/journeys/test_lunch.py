"""A lunch at real size, from the order to the last fen; tests/journeys/lunch has the chapters."""

import pytest
from flask import Flask

from backend import clock
from tests.journeys.lunch import afternoon, evening, noon, settling
from tests.journeys.lunch.district import EVE, opened


@pytest.mark.slow
@pytest.mark.parametrize("dialect", ["postgresql"], indirect=True)
def test_every_bag_finds_its_door(own_app: Flask) -> None:
    with own_app.app_context():
        with clock.frozen(EVE):
            town = opened(own_app)
            evening.order(town)
        evening.close(town)
        noon.carry(town)
        afternoon.hand_out(town)
        afternoon.end(town)
        afternoon.give_back(town)
        settling.claim(town)
        settling.hold()
