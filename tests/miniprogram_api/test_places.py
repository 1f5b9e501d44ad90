"""The tree of places through the API."""

from tests.api import ApiClient
from tests.factories import Make


def test_it_shows_streets_with_their_communities(api: ApiClient, make: Make) -> None:
    community = make.place("community")
    shown = api.get("/places").json["data"]
    assert [one["name"] for one in shown] == ["和平街道"]
    assert [one["id"] for one in shown[0]["communities"]] == [community.id]


def test_it_goes_down_to_the_building(api: ApiClient, make: Make) -> None:
    building = make.place("building")
    community = make._once["community"]
    estates = api.get(f"/places/{community.id}/estates").json["data"]
    assert [one["name"] for one in estates] == ["翠园小区"]
    buildings = api.get(f"/places/{estates[0]['id']}/buildings").json["data"]
    assert [one["id"] for one in buildings] == [building.id]


def test_a_place_of_another_level_is_not_found(api: ApiClient, make: Make) -> None:
    street = make.place("street")
    assert api.get(f"/places/{street.id}/estates").status_code == 404
    assert api.get("/places/999999/buildings").status_code == 404
