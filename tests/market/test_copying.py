"""A market held once more: what can come along does, the rest is named with its reason."""

from datetime import date

import pytest

from backend.errors import Invalid, NotFound
from backend.market import copying, planning, plans
from backend.market.errors import DayTaken, PapersLacking, ProviderBusy
from tests.factories import Make

LATER = date(2026, 4, 11)


def test_stalls_come_along_as_far_as_they_can(session, planner, market, make: Make, now) -> None:
    room = make.room(market.place)
    expires, busy = make.provider("小王"), make.provider("张师傅")
    make.paper(expires, valid_until=date(2026, 4, 1))
    make.paper(busy)
    kept = market.plan(room_id=room.id, breaks=((600, 615),), min_age=60, walk_up_percent=30)
    for plan in (
        kept, market.plan(provider_ids=(expires.id,)), market.plan(provider_ids=(busy.id,)),
    ):  # fmt: skip
        planning.add_stall(session, planner, market.day.id, plan, now)
    elsewhere = make.market_day(make.place("estate", market.place), day=LATER)
    planning.add_stall(session, planner, elsewhere.id, market.plan(provider_ids=(busy.id,)), now)
    planning.open_day(session, planner, market.day.id, None, now)
    copied = copying.copy_day(session, planner, market.day.id, LATER, now)
    assert [(name, type(why)) for name, why in copied.left_out] == [
        ("理发", PapersLacking), ("理发", ProviderBusy),
    ]  # fmt: skip
    new = plans.get_day(session, planner, copied.market_day_id)
    assert (new["day"], new["spot"], new["opened_at"]) == (LATER, "中心广场", None)
    [stall] = new["stalls"]
    assert (stall["people"], stall["room_name"]) == (["李师傅"], room.name)
    assert (stall["breaks"], stall["min_age"], stall["walk_up_percent"]) == ([[600, 615]], 60, 30)
    with pytest.raises(DayTaken):
        copying.copy_day(session, planner, market.day.id, LATER, now)
    with pytest.raises(Invalid):
        copying.copy_day(session, planner, market.day.id, date(2026, 3, 1), now)
    with pytest.raises(NotFound):
        copying.copy_day(session, planner, 999, LATER, now)
