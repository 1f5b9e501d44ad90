"""Markets in the console: planned from the first form to the last stall."""

from datetime import date

import pytest
from sqlalchemy import select

from backend.db import db
from backend.market import grid, service
from backend.market.models import MarketDay, Provider, Service, Stall
from backend.market.service import Wanted
from backend.venues.models import OpenRoom
from tests.console import Console, text_of
from tests.factories import Make


@pytest.fixture
def worker(console: Console, make: Make) -> Console:
    return console.as_(make.staff("worker"))


@pytest.fixture
def barber(make: Make) -> Provider:
    someone = make.provider()
    make.paper(someone)
    return someone


def stall_form(service: Service, barber: Provider, **given):
    return {
        "service_id": service.id, "provider_ids": barber.id, "opens": "09:00", "closes": "11:00",
        "breaks": "10:00-10:15", "slot_minutes": "15", "at_once": "2", "walk_up_percent": "50",
    } | given  # fmt: skip


def test_a_market_is_planned(worker: Console, make: Make, barber) -> None:
    assert "接下来还没有集市" in text_of(worker.get("/market"))
    place = make.once("community", make.place)
    hall = make.open_room(place, name="多功能厅")
    haircut = make.service(papers=["health"])
    form = {"place_id": place.id, "day": "2026-03-14", "title": "三月幸福集市", "spot": "中心广场"}
    made = worker.post("/market/new", form, follow_redirects=True)
    assert "集市已建立，接着加摊位。" in text_of(made)
    twice = worker.post("/market/new", form)
    assert (twice.status_code, "已经有一场集市了" in text_of(twice)) == (409, True)
    [day] = db.session.scalars(select(MarketDay)).all()
    path = f"/market/{day.id}"
    assert 'name="provider_ids"' in worker.get(f"{path}/stalls/new").text
    asked = stall_form(haircut, barber, room_id=hall.id)
    done = text_of(worker.post(f"{path}/stalls/new", asked, follow_redirects=True))
    for words in (
        "摊位已加好。", "理发 09:00–11:00", "休息 10:00-10:15", "李师傅 · 多功能厅",
        "预约 7 位", "现场 7 位",
    ):  # fmt: skip
        assert words in done
    again = worker.post(f"{path}/stalls/new", asked)
    assert (again.status_code, "李师傅这段时间已经安排在" in text_of(again)) == (409, True)
    [stall] = db.session.scalars(select(Stall)).all()
    assert 'value="10:00-10:15"' in worker.get(f"/market/stalls/{stall.id}").text
    wrong = worker.post(f"/market/stalls/{stall.id}", asked | {"breaks": "半小时"})
    assert (wrong.status_code, "请填写时间段" in text_of(wrong)) == (422, True)
    changed = asked | {"at_once": "1", "walk_up_percent": "0", "breaks": ""}
    saved = worker.post(f"/market/stalls/{stall.id}", changed, follow_redirects=True)
    assert "预约 8 位" in text_of(saved)
    venue = text_of(worker.get(f"/venues/{hall.venue_id}?day=2026-03-14"))
    assert "三月幸福集市" in venue
    assert "居民还看不到" in text_of(worker.get(path))
    opened = text_of(worker.post(f"{path}/open", {}, follow_redirects=True))
    assert "居民现在能看到这场集市了。" in opened
    assert "预约 0/8 位" in opened
    assert worker.post(f"{path}/open", {}).status_code == 409
    assert "还没有人预约" in text_of(worker.get(f"{path}/booked"))
    assert "去掉" in text_of(
        worker.post(f"/market/stalls/{stall.id}/remove", {}, follow_redirects=True)
    )
    renamed = worker.post(
        f"{path}/change", {"title": "春季集市", "spot": "东门"}, follow_redirects=True
    )
    assert "春季集市" in text_of(renamed)
    assert "取消后不能恢复" in text_of(worker.get(f"{path}/cancel"))
    ended = text_of(worker.post(f"{path}/cancel", {}, follow_redirects=True))
    assert "集市已取消；请另外告诉各位服务者。" in ended
    assert "加摊位" not in ended
    assert "已取消" in text_of(worker.get("/market"))


def test_who_has_booked_is_listed(worker: Console, make: Make, barber, now) -> None:
    place = make.once("community", make.place)
    day = make.market_day(place)
    stall = make.stall(day, make.service(), barber, walk_up_percent=0)
    assert worker.post(f"/market/{day.id}/open", {}).status_code == 302
    who = make.resident("王秀英", phone="13800001234")
    starts_at = grid.moment(day.day, stall.from_minute)
    wanted = Wanted(stall_id=stall.id, person_id=who.person.id, starts_at=starts_at)
    service.book(db.session(), who.me, wanted, now)
    db.session.commit()
    listed = text_of(worker.get(f"/market/{day.id}/booked"))
    assert "09:00 王秀英 尾号 1234" in listed
    assert "已经有人预约" in text_of(
        worker.post(f"/market/stalls/{stall.id}/remove", {}, follow_redirects=True)
    )


def test_a_market_is_held_once_more(worker: Console, make: Make, barber) -> None:
    late = make.provider("张师傅")
    day = make.market_day()
    make.stall(day, make.service(papers=["health"]), barber)
    make.stall(day, make.service("磨刀", papers=["licence"]), late)
    assert 'value="2026-04-11"' in worker.get(f"/market/{day.id}/copy").text
    done = worker.post(f"/market/{day.id}/copy", {"day": "2026-04-11"}, follow_redirects=True)
    shown = text_of(done)
    assert "集市已照样建好，核对后开放给居民。" in shown
    assert "磨刀没有带过来：张师傅没有登记营业执照。证件齐全、当天有效，才能安排。" in shown
    assert worker.post(f"/market/{day.id}/copy", {"day": "2026-04-11"}).status_code == 409
    assert worker.post(f"/market/{day.id}/copy", {"day": "x"}).status_code == 422


def test_a_market_of_others_is_not_found(console: Console, make: Make, barber) -> None:
    day = make.market_day()
    stall = make.stall(day, make.service(), barber)
    elsewhere = console.as_(make.staff("worker", make.place(name="滨江社区"), name="周敏"))
    assert "三月幸福集市" not in text_of(elsewhere.get("/market"))
    for path in (f"/market/{day.id}", f"/market/{day.id}/stalls/new", f"/market/stalls/{stall.id}"):
        assert elsewhere.get(path).status_code == 404
    assert elsewhere.post(f"/market/{day.id}/cancel", {}).status_code == 404
    teacher = console.as_(make.staff("teacher", name="陈老师"))
    assert teacher.get("/market").status_code == 403


def test_a_paper_that_ended_is_on_the_first_page(worker: Console, make: Make, now) -> None:
    late = make.provider("张师傅")
    day = make.market_day(day=now.date())
    make.stall(day, make.service(papers=["health"]), late)
    assert "今天的三月幸福集市：张师傅没有登记健康证。" in text_of(worker.get("/"))
    assert "理发：张师傅没有登记健康证，请换人或补登证件。" in text_of(
        worker.get(f"/market/{day.id}")
    )


def test_nobody_is_planned_with_a_paper_that_ends_before_the_day(
    worker: Console, make: Make
) -> None:
    late = make.provider("张师傅")
    make.paper(late, valid_until=date(2026, 3, 13))
    day = make.market_day()
    form = stall_form(make.service(papers=["health"]), late)
    refused = worker.post(f"/market/{day.id}/stalls/new", form)
    assert (refused.status_code, "张师傅的健康证只到 2026-03-13。" in text_of(refused)) == (
        409,
        True,
    )
    assert "证件齐全、当天有效，才能安排。" in text_of(refused)


def test_providers_and_papers_are_tables(console: Console, make: Make) -> None:
    manager = console.as_(make.staff("manager"))
    shop = {"name": "春晖理发店", "kind": "理发店"}
    assert manager.post("/tables/providers/new", shop).status_code == 302
    person = {"name": "李师傅", "kind": "个人", "organisation_id": "春晖理发店"}
    assert manager.post("/tables/providers/new", person).status_code == 302
    wrong = manager.post(
        "/tables/providers/new", shop | {"name": "甲", "organisation_id": "李师傅"}
    )
    assert (wrong.status_code, "个人才填所属单位。" in text_of(wrong)) == (422, True)
    wrong = manager.post(
        "/tables/providers/new", person | {"name": "乙", "organisation_id": "李师傅"}
    )
    assert (wrong.status_code, "请选一个单位" in text_of(wrong)) == (422, True)
    paper = {"provider_id": "李师傅", "kind": "健康证", "valid_until": "2026-12-31"}
    assert manager.post("/tables/provider_papers/new", paper).status_code == 302
    assert "2026-12-31" in text_of(manager.get("/tables/provider_papers"))
    service = {"code": "haircut", "name": "理发", "minutes": "15", "papers": "健康证、执业证"}
    assert manager.post("/tables/services/new", service).status_code == 302
    assert db.session.scalars(select(Service.papers)).one() == ["health", "practice"]
    assert db.session.scalars(select(OpenRoom)).all() == []
