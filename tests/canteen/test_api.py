"""Canteens for residents: which there are, and the menus on show."""

from datetime import date, datetime, timedelta

import pytest

from backend import clock
from backend.canteen import planning
from backend.canteen.items import Planned

MONDAY = date(2026, 3, 16)


@pytest.fixture
def menu(session, planner, kitchen, now) -> int:
    """Monday's lunch, on show; Tuesday's is shown tomorrow."""
    dishes = [Planned(dish_id=kitchen.tofu.id, discount_fen=100, capacity=20),
              Planned(dish_id=kitchen.fish.id)]  # fmt: skip
    ident = planning.set_menu(session, planner, kitchen.id, MONDAY, "lunch", dishes, now)
    planning.publish(session, planner, kitchen.id, MONDAY, None, now)
    tuesday = MONDAY + timedelta(days=1)
    planning.set_menu(session, planner, kitchen.id, tuesday, "lunch", dishes, now)
    later = now + timedelta(days=1)
    planning.publish(session, planner, kitchen.id, MONDAY, later, now)
    session.commit()
    return ident


def test_canteens_are_found_around_a_place(api, make, kitchen) -> None:
    place = make.once("community", make.place)
    estate = make.place("estate", place)
    make.venue(place, latitude=30.25, longitude=120.17)
    make.canteen(make.place(name="滨江社区"), name="滨江食堂")
    for path in (f"/canteens?place_id={place.id}", f"/canteens?place_id={estate.id}"):
        [found] = api.get(path).get_json()["data"]
        assert (found["name"], found["place_name"]) == ("春晖社区食堂", "春晖社区")
        assert (found["community_id"], found["latitude"]) == (place.id, 30.25)
        [meal] = found["meals"]
        assert (meal["meal"], meal["from_minute"], meal["most"]) == ("lunch", 660, 2)
    assert len(api.get("/canteens").get_json()["data"]) == 2
    assert api.get("/canteens?place_id=999999").status_code == 404
    assert api.get("/canteens?place_id=x").status_code == 422


def test_a_canteen_shows_its_menus_in_four_queries(api, kitchen, menu, statements) -> None:
    del statements[:]
    found = api.get(f"/canteens/{kitchen.id}").get_json()["data"]
    assert len(statements) <= 4
    [shown] = found["menus"]
    assert (shown["id"], shown["day"], shown["meal"]) == (menu, "2026-03-16", "lunch")
    friday = datetime(2026, 3, 13, 16, tzinfo=clock.LOCAL)
    assert shown["closes_at"] == clock.rfc3339(friday)
    tofu, fish = shown["dishes"]
    assert (tofu["dish_id"], fish["dish_id"]) == (kitchen.tofu.id, kitchen.fish.id)
    assert (tofu["name"], tofu["list_fen"], tofu["price_fen"], tofu["left"]) == (
        "红烧豆腐", 800, 700, 20,
    )  # fmt: skip
    assert (fish["allergens"], fish["left"]) == (["fish"], None)
    assert api.get("/canteens/999999").status_code == 404


def test_a_menu_is_shown_from_its_moment_on(api, kitchen, menu, now) -> None:
    with clock.frozen(now + timedelta(days=1)):
        found = api.get(f"/canteens/{kitchen.id}").get_json()["data"]
    assert [one["day"] for one in found["menus"]] == ["2026-03-16", "2026-03-17"]
