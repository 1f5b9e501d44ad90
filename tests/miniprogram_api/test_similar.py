"""GET /night-school/runs/<id>/similar: what everybody may see instead of a class."""

from tests.api import ApiClient
from tests.factories import Make


def test_similar_runs(api: ApiClient, make: Make) -> None:
    run = make.run(cancelled_at=make.now)
    other = make.run(place=make.place(name="和睦社区"))
    shown = api.get(f"/night-school/runs/{run.id}/similar").json["data"]
    assert [one["id"] for one in shown] == [other.id]
    assert shown[0]["places_left"] == 30


def test_nothing_else(api: ApiClient, make: Make) -> None:
    assert api.get(f"/night-school/runs/{make.run().id}/similar").json["data"] == []


def test_no_such_run(api: ApiClient, make: Make) -> None:
    draft = make.run(published_at=None)
    for ident in (draft.id, 98765, "x", 0):
        assert api.get(f"/night-school/runs/{ident}/similar").status_code == 404
