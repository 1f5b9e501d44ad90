"""Home visits over HTTP: the form, asking, correcting, other people's, bad bodies."""

from datetime import date, datetime

import pytest

from backend import clock
from backend.market import numbers, planning

TWO, THREE = (
    clock.rfc3339(datetime(2026, 3, 14, hour, tzinfo=clock.LOCAL)) for hour in (14, 15)
)  # fmt: skip
SAID = {"address": "和平新村3号楼402", "phone": "0571-88990011", "note": "卧床"}


@pytest.fixture
def stall(session, planner, market, now) -> int:
    """Visits from 14 to 16, an hour each."""
    plan = market.plan(from_minute=840, until_minute=960, slot_minutes=60, at_home=True)
    stall_id = planning.add_stall(session, planner, market.day.id, plan, now)
    planning.open_day(session, planner, market.day.id, None, now)
    session.commit()
    return stall_id


def test_a_visit_is_asked_for_and_corrected(api, make, market, stall) -> None:
    daughter, other = make.resident("王芳", phone="13800001234"), make.resident("别人")
    estate = make.place("estate", market.place, name="和平新村")
    mother = make.person("王秀英", birth_date=date(1940, 1, 1), address="3号楼402",
                         home_place_id=estate.id)  # fmt: skip
    make.consent(daughter.account, mother)
    [shown] = api.get(f"/market/days/{market.day.id}").get_json()["data"]["stalls"]
    assert (shown["at_home"], len(shown["slots"])) == (True, 2)
    home = f"/market/home?person_id={mother.id}"
    assert api.get(home, as_=daughter.token).get_json()["data"] == {
        "address": "和平新村3号楼402", "phone": "13800001234",
    }  # fmt: skip
    assert api.get(home, as_=other.token).status_code == 404
    path = f"/market/stalls/{stall}/visits"
    body = SAID | {"person_id": mother.id, "starts_at": TWO, "cannot_come_down": True}
    asked = api.post(path, body, as_=daughter.token, key="k1")
    assert (asked.status_code, asked.get_json()["data"]["state"]) == (201, "requested")
    assert api.post(path, body, as_=daughter.token, key="k1").status_code == 200
    assert api.post(path, body, as_=daughter.token).get_json()["errcode"] == 409210
    assert api.post(path, body, as_=other.token).status_code == 404
    visit = f"/market/visits/{asked.get_json()['data']['booking_id']}"
    mine = api.get(visit, as_=daughter.token).get_json()["data"]
    assert (mine["address"], mine["waits"], mine["outcome"]) == (SAID["address"], False, None)
    for refused in (api.get(visit, as_=other.token), api.post(visit, SAID, as_=other.token)):
        assert refused.status_code == 404
    corrected = api.post(visit, SAID | {"note": None}, as_=daughter.token)
    assert corrected.get_json()["data"]["note"] is None
    change = f"/market/bookings/{mine['booking_id']}/change"
    moved = api.post(change, {"starts_at": THREE}, as_=daughter.token)
    assert (moved.status_code, moved.get_json()["data"]["state"]) == (201, "requested")
    told = api.get("/me/data", as_=daughter.token)
    assert told.status_code == 200


@pytest.mark.parametrize(
    "wrong",
    [
        {"cannot_come_down": False}, {"cannot_come_down": None}, {"address": "家"},
        {"phone": "问邻居"}, {"phone": ""}, {"starts_at": "两点"}, {"note": "长" * 201},
    ],
)  # fmt: skip
def test_a_bad_request_is_refused_by_field(api, make, stall, wrong) -> None:
    me = make.resident()
    body = SAID | {"person_id": me.person.id, "starts_at": TWO, "cannot_come_down": True} | wrong
    refused = api.post(f"/market/stalls/{stall}/visits", body, as_=me.token)
    assert (refused.status_code, list(refused.get_json()["errors"])) == (422, list(wrong))


def test_slots_and_visits_are_not_mixed_up(api, make, stall) -> None:
    me = make.resident()
    plain = api.post(
        f"/market/stalls/{stall}/bookings", {"person_id": me.person.id, "starts_at": TWO},
        as_=me.token,
    )  # fmt: skip
    assert plain.get_json()["errcode"] == 409250
    assert api.get(f"/market/stalls/{stall}/line").status_code == 404
    two = datetime(2026, 3, 14, 14, tzinfo=clock.LOCAL)
    with clock.frozen(two):
        me = make.resident("取号的")
        asked = {"person_id": me.person.id, "code": numbers.code_of(stall, two)}
        assert api.post(f"/market/stalls/{stall}/tickets", asked, as_=me.token).status_code == 404
    assert api.get("/market/visits/999999", as_=me.token).status_code == 404
    assert api.get("/market/visits/1").status_code == 401
