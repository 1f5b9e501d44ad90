"""Markets for residents: the list, a market with its slots, booking and changing one."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from backend import clock
from backend.booking.models import Booking
from backend.db import db
from backend.market import numbers, planning
from tests.market import confirming

EIGHT, NINE, TEN = (
    clock.rfc3339(datetime(2026, 3, 14, hour, tzinfo=clock.LOCAL)) for hour in (8, 9, 10)
)  # fmt: skip


@pytest.fixture
def stall(session, planner, market, now) -> int:
    """A stall of an open market, all of it bookable."""
    plan = market.plan(walk_up_percent=0)
    stall_id = planning.add_stall(session, planner, market.day.id, plan, now)
    planning.open_day(session, planner, market.day.id, None, now)
    session.commit()
    return stall_id


def test_markets_are_found_around_a_place(api, make, market, stall) -> None:
    estate = make.place("estate", market.place)
    make.venue(market.place, latitude=None, longitude=None)
    make.venue(market.place, latitude=30.6, longitude=114.3)
    make.market_day(make.place(name="滨江社区"))  # not open yet
    for path in ("/market/days", f"/market/days?place_id={estate.id}"):
        [found] = api.get(path).get_json()["data"]
        assert (found["title"], found["services"]) == ("三月幸福集市", ["理发"])
        assert found["starts_at"] == NINE
        assert (found["street_id"], found["community_id"]) == (
            market.place.parent_id, market.place.id,
        )  # fmt: skip
        assert (found["latitude"], found["longitude"]) == (30.6, 114.3)
    other = make.place("street", name="安宁街道")
    assert api.get(f"/market/days?place_id={other.id}").get_json()["data"] == []
    assert api.get("/market/days?place_id=999999").status_code == 404
    assert api.get("/market/days?place_id=x").status_code == 422


def test_a_market_shows_its_slots_in_three_queries(api, market, stall, statements) -> None:
    del statements[:]
    found = api.get(f"/market/days/{market.day.id}").get_json()["data"]
    assert len(statements) <= 3
    [shown] = found["stalls"]
    assert [(one["name"], one["organisation"]) for one in shown["people"]] == [("李师傅", None)]
    assert (shown["home_place_name"], shown["closed"]) == (None, False)
    assert shown["numbers_from"] == EIGHT
    assert (len(shown["slots"]), shown["slots"][0]["free"]) == (8, 1)
    assert api.get("/market/days/999999").status_code == 404


def test_a_planned_market_is_not_shown(api, market) -> None:
    assert api.get(f"/market/days/{market.day.id}").status_code == 404
    assert api.get("/market/days").get_json()["data"] == []


def test_a_slot_is_booked_and_changed(api, make, stall) -> None:
    me, rival = make.resident("本人"), make.resident("别人")
    path = f"/market/stalls/{stall}/bookings"
    body = {"person_id": me.person.id, "starts_at": NINE}
    assert api.get(f"/market/stalls/{stall}/why-not?starts_at={NINE.replace('+', '%2B')}",
                   as_=me.token).get_json()["data"] == []  # fmt: skip
    first = api.post(path, body, as_=me.token, key="k1")
    assert (first.status_code, first.get_json()["data"]["state"]) == (201, "confirmed")
    assert api.post(path, body, as_=me.token, key="k1").status_code == 200
    assert api.post(path, body, as_=me.token).get_json()["errcode"] == 409210
    held = first.get_json()["data"]["booking_id"]
    full = api.post(path, {"person_id": rival.person.id, "starts_at": NINE}, as_=rival.token)
    assert full.get_json()["errcode"] == 40904
    change = f"/market/bookings/{held}/change"
    assert api.post(change, {"starts_at": TEN}, as_=rival.token).status_code == 404
    moved = api.post(change, {"starts_at": TEN}, as_=me.token)
    assert moved.status_code == 201
    mine = api.get("/bookings", as_=me.token).get_json()["data"]
    assert [(one["kind"], one["title"], one["starts_at"]) for one in mine] == [
        ("market", "理发", TEN)
    ]
    new_id = moved.get_json()["data"]["booking_id"]
    where = api.get(f"/market/bookings/{new_id}", as_=me.token).get_json()["data"]
    assert (where["stall_id"], where["spot"], where["provider_name"]) == (stall, "中心广场", None)
    assert api.get(f"/market/bookings/{new_id}", as_=rival.token).status_code == 404
    file = api.get(f"/market/bookings/{new_id}/calendar.ics", as_=me.token)
    assert "SUMMARY:理发 本人" in file.text
    assert "DTSTART;TZID=Asia/Shanghai:20260314T100000" in file.text
    assert api.get(f"/market/bookings/{held}/calendar.ics", as_=me.token).status_code == 409
    assert api.post(f"/bookings/{new_id}/cancel", {}, as_=me.token).status_code == 200
    states = db.session.execute(select(Booking.id, Booking.state).order_by(Booking.id)).all()
    assert [tuple(one) for one in states] == [(held, "cancelled"), (new_id, "cancelled")]


@pytest.mark.parametrize(
    ("body", "status"),
    [({}, 422), ({"starts_at": "x"}, 422), ({"starts_at": TEN, "provider_id": 999999}, 404)],
)
def test_a_bad_wish_is_refused(api, make, stall, body, status) -> None:
    me = make.resident()
    asked = {"person_id": me.person.id} | body
    assert api.post(f"/market/stalls/{stall}/bookings", asked, as_=me.token).status_code == status
    assert api.post("/market/stalls/999999/bookings", asked, as_=me.token).status_code in (404, 422)
    assert api.post(f"/market/stalls/{stall}/bookings", asked).status_code == 401


NUMBERS_FROM = datetime(2026, 3, 14, 9, tzinfo=clock.LOCAL)


def test_a_number_is_taken_seen_in_the_line_and_given_back(api, make, stall, planner) -> None:
    me, other = make.resident("本人"), make.resident("别人")
    path = f"/market/stalls/{stall}/tickets"
    body = {"person_id": me.person.id, "code": "ABCDEFGH"}
    assert api.post(path, body, as_=me.token).get_json()["errcode"] == 409254
    with clock.frozen(NUMBERS_FROM):
        again = make.resident("又一位")
        code = numbers.code_of(stall, NUMBERS_FROM)
        for who in (me, again):
            asked = {"person_id": who.person.id, "code": code}
            assert api.post(path, asked, as_=who.token).status_code == 201
        first = api.post(path, body, as_=me.token)  # a second tap, the code long gone
        assert (first.status_code, first.get_json()["data"]["number"]) == (200, 1)
        line = api.get(f"/market/stalls/{stall}/line")
        shown = line.get_json()["data"]
        assert [(one["number"], one["ahead"]) for one in shown["waiting"]] == [(1, 0), (2, 1)]
        known = {"If-None-Match": line.headers["ETag"]}
        assert api.get(f"/market/stalls/{stall}/line", headers=known).status_code == 304
        [mine] = api.get("/market/tickets", as_=me.token).get_json()["data"]
        assert (mine["number"], mine["stage"], mine["spot"]) == (1, "waiting", "中心广场")
        leave = f"/market/tickets/{mine['id']}/leave"
        assert api.post(leave, {}, as_=other.token).status_code == 404
        for _ in range(2):
            assert api.post(leave, {}, as_=me.token).status_code == 200
        [mine] = api.get("/market/tickets", as_=me.token).get_json()["data"]
        assert mine["stage"] == "left"
    assert api.get("/market/stalls/999999/line").status_code == 404
    assert api.post(path, {}, as_=me.token).status_code == 422


def test_a_number_costs_a_read_and_a_write(api, make, stall, statements) -> None:
    """On SQLite the sign-in is a read of its own, and counting and writing are two statements."""
    path, who = f"/market/stalls/{stall}/tickets", [make.resident(name) for name in "甲乙"]
    with clock.frozen(NUMBERS_FROM):
        code = numbers.code_of(stall, NUMBERS_FROM)
        for one, number in zip(who, (1, 2), strict=True):
            del statements[:]
            taken = api.post(path, {"person_id": one.person.id, "code": code}, as_=one.token)
            assert taken.get_json()["data"]["number"] == number
            sent = len(statements)
            assert sent == (4 if db.engine.dialect.name == "sqlite" else 2)


def test_nobody_queues_in_vain_unless_they_want_to(api, make, stall, planner, session) -> None:
    me, path = make.resident(), f"/market/stalls/{stall}/tickets"
    with clock.frozen(NUMBERS_FROM):
        for _ in range(8):
            numbers.take_at_table(session, planner, stall, NUMBERS_FROM)
        session.commit()
        asked = {"person_id": me.person.id, "code": numbers.code_of(stall, NUMBERS_FROM)}
        refused = api.post(path, asked, as_=me.token)
        assert (refused.status_code, refused.get_json()["errcode"]) == (409, 409230)
        assert refused.get_json()["data"]["minutes"] == 120
        line = api.get(f"/market/stalls/{stall}/line").get_json()["data"]
        assert (line["minutes_new"], line["in_vain"]) == (120, True)
        taken = api.post(path, asked | {"anyway": True}, as_=me.token)
        assert (taken.status_code, taken.get_json()["data"]["number"]) == (201, 9)


def test_what_goes_wrong_at_a_stall_is_said_clearly(api, make, stall, planner, session) -> None:
    me, late = make.resident("本人"), make.resident("晚来的")
    path = f"/market/stalls/{stall}/tickets"
    hour = timedelta(hours=1)
    with clock.frozen(NUMBERS_FROM):
        asked = {"person_id": me.person.id, "code": numbers.code_of(stall, NUMBERS_FROM)}
        one, two = (api.post(path, asked, as_=me.token) for _ in range(2))
        assert (one.status_code, two.status_code) == (201, 200)  # twice: the same number
        assert one.get_json()["data"] == two.get_json()["data"]
    with clock.frozen(NUMBERS_FROM + hour):  # photographed, and used from home
        late = make.resident("在家的")
        old = {"person_id": late.person.id, "code": asked["code"]}
        refused = api.post(path, old, as_=late.token)
        assert (refused.status_code, refused.get_json()["errmsg"]) == (
            409, "这个取号码已经过时了。请到摊位旁边，照现在的码再取一次号。",
        )  # fmt: skip
        confirming.close(session, planner, stall, clock.now())
        session.commit()
        fresh = old | {"code": numbers.code_of(stall, clock.now())}
        refused = api.post(path, fresh, as_=late.token)
        assert (refused.status_code, refused.get_json()["errmsg"]) == (
            409, "这个摊位今天已经收摊，不再发号了。",
        )  # fmt: skip


def test_who_has_booked_stands_in_line_once_they_are_there(api, make, market, stall) -> None:
    daughter, path = make.resident("女儿"), f"/market/stalls/{stall}"
    mother = make.person("王秀英")
    make.consent(daughter.account, mother)
    body = {"person_id": mother.id, "starts_at": TEN}
    held = api.post(f"{path}/bookings", body, as_=daughter.token).get_json()["data"]["booking_id"]
    with clock.frozen(NUMBERS_FROM):
        here = make.resident("扫码的女儿")
        make.consent(here.account, mother)
        code = numbers.code_of(stall, NUMBERS_FROM)
        asked = {"person_id": mother.id, "code": code}
        assert api.post(f"{path}/tickets", asked, as_=here.token).status_code == 201
        booked = api.get(f"/bookings/{held}", as_=here.token).get_json()["data"]
        assert booked["state"] == "attended"
        [waiting] = api.get(f"{path}/line").get_json()["data"]["waiting"]
        assert (waiting["number"], waiting["booked"]) == (1, True)
