"""The wish list: ticked, changed, taken back; counted where people live, for a year."""

from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from backend.db import db
from backend.errors import NotFound
from backend.market.errors import HomeNeeded
from backend.market.wishing import counting, service
from backend.market.wishing.models import MarketWish
from backend.market.wishing.service import Wishes
from backend.people import deleting, merging, own_data
from tests.console import Console, text_of

YEAR = timedelta(days=365)


@pytest.fixture
def estate(make, market):
    return make.place("estate", market.place, name="和平里")


@pytest.fixture
def wang(make, estate):
    return make.resident(home_place_id=estate.id)


def test_wishes_are_ticked_changed_and_taken_back(api, make, market, wang) -> None:
    knives = make.service(code="knives", name="磨刀")
    empty = api.get("/market/wishes", as_=wang.token).get_json()["data"]
    assert (empty["place_name"], empty["counts_until"], empty["own_words"]) == (
        "和平里",
        None,
        None,
    )
    body = {"service_ids": [market.service.id, knives.id, knives.id], "own_words": " 修伞 "}
    for _twice in range(2):
        said = api.post("/market/wishes", body, as_=wang.token).get_json()["data"]
        assert [one["wished"] for one in said["services"]] == [True, True]
        assert (said["own_words"], said["counts_until"][:10]) == ("修伞", "2027-03-11")
    assert db.session.scalar(select(func.count()).select_from(MarketWish)) == 3
    changed = api.post("/market/wishes", {"service_ids": [knives.id]}, as_=wang.token).get_json()[
        "data"
    ]
    assert [one["name"] for one in changed["services"] if one["wished"]] == ["磨刀"]
    assert changed["own_words"] is None
    gone = api.post("/market/wishes", {"service_ids": []}, as_=wang.token).get_json()["data"]
    assert not any(one["wished"] for one in gone["services"])
    assert api.post("/market/wishes", {"service_ids": [999]}, as_=wang.token).status_code == 404
    assert api.post("/market/wishes", {"own_words": "修伞"}, as_=wang.token).status_code == 422
    long = {"service_ids": [], "own_words": "修" * 31}
    assert api.post("/market/wishes", long, as_=wang.token).status_code == 422


def test_for_the_household_and_nobody_else(session, make, market, wang, now) -> None:
    chen = make.resident("陈明")
    one = Wishes([market.service.id])
    with pytest.raises(NotFound):
        service.wish(session, wang.me, chen.person.id, one, now)
    with pytest.raises(NotFound):
        service.list_mine(session, wang.me, chen.person.id, now)
    with pytest.raises(HomeNeeded):
        service.wish(session, chen.me, chen.person.id, one, now)
    service.wish(session, chen.me, chen.person.id, Wishes(), now)  # nothing needs no home
    make.consent(wang.account, chen.person)
    chen.person.home_place_id = wang.person.home_place_id
    assert service.wish(session, wang.me, chen.person.id, one, now)["person_id"] == chen.person.id


def test_they_count_by_community_and_estate_for_a_year(
    session, planner, make, market, wang, now
) -> None:
    other = make.place("estate", market.place, name="春风苑")
    chen = make.resident("陈明", home_place_id=other.id)
    far = make.resident("远方", home_place_id=make.place(name="滨江社区").id)
    knives = make.service(code="knives", name="磨刀")
    for who, ids, words, at in (
        (wang, [market.service.id, knives.id], "修伞", now),
        (chen, [knives.id], None, now - timedelta(days=100)),
        (far, [knives.id], "看不到", now),
    ):
        service.wish(session, who.me, who.person.id, Wishes(ids, words), at)
    for day in (date(2026, 2, 1), date(2026, 3, 14)):
        held = market.day if day.month == 3 else make.market_day(market.place, day=day)
        make.stall(held, knives, market.barber)
    [found] = counting.list_wishes(session, planner, now)
    assert (found.name, found.own_words) == (market.place.name, ["修伞"])
    assert [(one.service, one.count) for one in found.services] == [("磨刀", 2), ("理发", 1)]
    first = found.services[0]
    assert first.homes == {"和平里": 1, "春风苑": 1}
    assert (first.last, first.next) == (date(2026, 2, 1), date(2026, 3, 14))
    assert counting.list_wishes(session, planner, now, other.id) == [found]
    assert counting.list_wishes(session, planner, now, far.person.home_place_id) == []
    [later] = counting.list_wishes(session, planner, now - timedelta(days=100) + YEAR)
    assert [one.count for one in later.services] == [1, 1]  # the older wish counts no more
    assert counting.list_wishes(session, planner, now + YEAR) == []
    mine = service.list_mine(session, wang.me, wang.person.id, now + YEAR)
    assert not any(one["wished"] for one in mine["services"])


def test_they_follow_a_merge_and_go_with_an_account(session, make, market, wang, now) -> None:
    knives = make.service(code="knives", name="磨刀")
    twin = make.person("王秀英", home_place_id=wang.person.home_place_id)
    session.add_all(
        MarketWish(person_id=twin.id, service_id=ident, own_words=words, wished_at=now)
        for ident, words in ((market.service.id, None), (knives.id, None), (None, "旧的"))
    )
    wished = Wishes([market.service.id], "修伞")
    service.wish(session, wang.me, wang.person.id, wished, now)
    merging.merge(session, twin.id, wang.person.id, now)
    rows = session.scalars(select(MarketWish)).all()
    assert {one.person_id for one in rows} == {wang.person.id}
    assert sorted(one.own_words or "" for one in rows) == ["", "", "修伞"]
    [told] = [
        one for one in own_data.gather(session, wang.me, now)["sections"]
        if one["title"] == "集市愿望"
    ]  # fmt: skip
    assert sorted(row["label"] for row in told["rows"]) == ["修伞", "理发", "磨刀"]
    deleting.delete_account(session, wang.me, now)
    assert session.scalars(select(MarketWish)).all() == []


def test_the_planner_sees_them_and_plans_in_one_tap(console: Console, make, market, wang, now):
    service.wish(
        db.session(), wang.me, wang.person.id, Wishes([market.service.id], "修伞"), now
    )  # fmt: skip
    db.session.commit()
    worker, place = console.as_(make.staff("worker", market.place)), market.place
    shown = worker.get("/market/wishes")
    for words in ("理发", "1 人", "和平里 1", "近一年没办过", "修伞", "只算最近十二个月的"):
        assert words in text_of(shown)
    assert f"/market/new?place_id={place.id}" in shown.text
    form = worker.get(f"/market/new?place_id={place.id}")
    assert f'value="{place.id}" selected' in form.text
    assert "近一年想要：理发 1 ；另外还有 1 条自己写的" in text_of(form)
    assert "近一年想要" not in text_of(worker.get("/market/new"))
    assert "理发" in worker.get(f"/market/wished?place_id={place.id}").text
    assert worker.get("/market/wished").text.strip() == ""
    assert "近一年想要" in text_of(worker.get(f"/market/{market.day.id}/stalls/new"))
    assert worker.get("/market/wishes.xlsx").mimetype.endswith("sheet")
    stranger = console.as_(make.staff("worker", make.place(name="滨江社区")))
    assert "还没有居民愿望" in text_of(stranger.get("/market/wishes"))
