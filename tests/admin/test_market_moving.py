"""Moving, changing, closing and cancelling in the console: look whom it hits, then confirm that."""

import pytest
from sqlalchemy import select

from backend.db import db
from backend.market import planning, service
from backend.market.fitting import StallPlan
from backend.market.models import Stall, StallProvider
from backend.market.service import Wanted
from backend.staff.access import Scope, SignedInStaff
from backend.staff.models import Role
from tests.console import Console, text_of
from tests.factories import Make
from tests.market.test_moving import OLD, at


@pytest.fixture
def day_id(make: Make, now) -> int:
    """A market with one barber and one booking, open to residents."""
    place = make.once("community", make.place)
    someone = make.staff(place=place)
    me = SignedInStaff(someone.id, "王敏", (Scope(Role.WORKER, place.id, place.path, place.name),))
    barber = make.provider()
    plan = StallPlan(
        service_id=make.service().id, provider_ids=(barber.id,), from_minute=540,
        until_minute=660, slot_minutes=15, at_once=1, walk_up_percent=0,
    )  # fmt: skip
    day = make.market_day(place)
    stall_id = planning.add_stall(db.session(), me, day.id, plan, now)
    planning.open_day(db.session(), me, day.id, None, now)
    wang = make.resident()
    wanted = Wanted(stall_id=stall_id, person_id=wang.person.id, starts_at=at(OLD, 9))
    service.book(db.session(), wang.me, wanted, now)
    db.session.commit()
    return day.id


def test_a_market_is_moved(console: Console, make: Make, day_id: int) -> None:
    worker = console.as_(make.staff("worker"))
    path, place = f"/market/{day_id}/move", make.once("community", make.place)
    assert 'value="2026-03-14"' in worker.get(path).text
    form = {
        "day": "2026-03-21", "opens": "10:00", "place_id": place.id, "spot": "活动室", "room": "",
        "reason": "下大雨",
    }  # fmt: skip
    empty = worker.post(f"{path}/look", form | {"reason": ""})
    assert empty.status_code == 422
    same = worker.post(
        f"{path}/look", form | {"day": "2026-03-14", "opens": "", "spot": "中心广场"}
    )
    assert (same.status_code, "和现在一样" in text_of(same)) == (422, True)
    shown = worker.post(f"{path}/look", form)
    for words in (
        "约好的居民（1）",
        "王秀英 · 理发",
        "09:00 → 3月21日 周六 10:00",
        "确认，通知居民",
    ):
        assert words in text_of(shown)
    late = worker.post(path, form | {"seen": "other"})
    assert (late.status_code, "请重新核对" in text_of(late)) == (409, True)
    done = text_of(worker.post(path, form | {"seen": seen_on(shown)}, follow_redirects=True))
    for words in ("正在通知 1 位居民", "活动室", "原定 3月14日 周六", "因为下大雨"):
        assert words in done
    assert worker.post(f"{path}/look", form | {"day": "2026-03-10"}).status_code == 422
    stranger = console.as_(make.staff("worker", make.place(name="滨江社区")))
    assert stranger.get(path).status_code == 404
    assert stranger.post(f"{path}/look", form).status_code == 404


def test_who_loses_a_slot_is_seen_before_it_is_done(console: Console, make: Make, day_id) -> None:
    worker = console.as_(make.staff("worker"))
    [stall] = db.session.scalars(select(Stall)).all()
    [provider_id] = db.session.scalars(select(StallProvider.provider_id)).all()
    path = f"/market/stalls/{stall.id}"
    form = {
        "service_id": stall.service_id, "provider_ids": [provider_id], "opens": "09:30",
        "closes": "11:00", "slot_minutes": 15, "at_once": 1, "walk_up_percent": 0,
    }  # fmt: skip
    shown = worker.post(path, form)
    assert shown.status_code == 409
    for words in ("1 位居民约好的时段就没有了", "王秀英 09:00 → 09:30", "确认，通知居民"):
        assert words in text_of(shown)
    silent = worker.post(path, form | {"seen": seen_on(shown)})
    assert (silent.status_code, "请写明原因" in text_of(silent)) == (409, True)
    form |= {"seen": seen_on(silent), "reason": "师傅晚到"}
    assert "已保存" in text_of(worker.post(path, form, follow_redirects=True))
    closing = worker.get(f"{path}/desk/close")
    assert "王秀英 09:30 → 没有空的时段，取消并通知本人" in text_of(closing)
    off = {"seen": seen_on(closing), "reason": "师傅病了"}
    assert worker.post(f"{path}/desk/close", off | {"seen": "other"}).status_code == 409
    assert "已停办" in text_of(worker.post(f"{path}/desk/close", off, follow_redirects=True))
    assert worker.post(path, form).status_code == 409
    cancelled = worker.get(f"/market/{day_id}/cancel")
    assert "还没有居民预约或取号" in text_of(cancelled)
    stranger = console.as_(make.staff("worker", make.place(name="滨江社区")))
    assert stranger.post(f"{path}/desk/close", off).status_code == 404


def test_a_market_is_cancelled_by_the_list_that_was_seen(
    console: Console, make: Make, day_id: int
) -> None:
    worker = console.as_(make.staff("worker"))
    path = f"/market/{day_id}/cancel"
    shown = worker.get(path)
    assert "王秀英 · 理发 09:00" in text_of(shown)
    assert worker.post(path, {"reason": "下大雨"}).status_code == 409
    done = worker.post(path, {"reason": "下大雨", "seen": seen_on(shown)}, follow_redirects=True)
    assert "集市已取消，正在通知 1 位居民" in text_of(done)
    assert worker.post(path, {"reason": "下大雨"}).status_code == 409


def seen_on(shown) -> str:
    """What the page says it showed."""
    return shown.text.split('name="seen" value="')[1].split('"')[0]
