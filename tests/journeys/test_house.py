"""A house of rooms through four days: found on the phone, taken, asked for, come to, given back.

Real gunicorn, the stand-in of WeChat, everybody's own browser; tests/journeys/house has the
chapters.
"""

from contextlib import ExitStack
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser
from sqlalchemy import select

from backend.booking.models import Booking
from backend.people.models import Person
from backend.venues.models import Reservation
from tests.journeys.house import hall, study
from tests.journeys.house.neighbours import Neighbourhood, open_the_house
from tests.journeys.term.world import at, running

BECAME = [
    ("张桂芳", "模特队排练", "declined"), ("张桂芳", "剪纸", "confirmed"),
    ("李建国", "象棋比赛", "confirmed"), ("李建国", "画扇面", "missed"),
    ("王秀英", "练字", "attended"), ("王秀英", "练字", "cancelled"),
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.browser
def test_from_the_search_to_the_empty_room(
    own_app: Flask, browser: Browser, tmp_path: Path
) -> None:
    url = own_app.extensions["settings"].database_url
    with running(url, tmp_path, at(3, 11, 9), open_the_house) as world, ExitStack() as stack:
        town = Neighbourhood(world, world.district, browser, stack)
        study.find_and_reserve(town)
        study.find_nothing(town)
        hall.ask_for_the_same(town)
        hall.decide(town)
        study.come_and_leave_early(town)
        study.stay_away(town)
        study.move_and_cancel(town)
        rows = world.rows(
            select(Person.name, Reservation.title, Booking.state)
            .join(Booking, Booking.person_id == Person.id)
            .join(Reservation, Reservation.booking_id == Booking.id)
        )
        assert sorted(map(tuple, rows)) == sorted(BECAME)
        assert "checks hold" in world.xingfu("check")
