"""A stall's desk and the market's screen, as staff and everybody at the market see them."""

from datetime import datetime

import pytest
from flask import Flask
from sqlalchemy import select

from backend import clock
from backend.db import db
from backend.market import numbers, service
from backend.market.models import MarketDay, Service, Stage, Stall, Ticket
from backend.market.number_facts import Wish
from backend.market.service import Wanted
from backend.staff.models import AuditEntry
from tests.console import Console, text_of
from tests.factories import Make


@pytest.fixture
def stall(make: Make, app: Flask) -> Stall:
    """Haircuts from nine to eleven today, two at once; residents see the market."""
    day = make.market_day(day=make.now.date(), opened_at=make.now, books_from=make.now)
    return make.stall(day, make.service(), make.provider(), from_minute=660, until_minute=900)


@pytest.fixture
def worker(console: Console, make: Make) -> Console:
    return console.as_(make.staff("worker"))


def stages() -> list[str]:
    return list(db.session.scalars(select(Ticket.stage).order_by(Ticket.number, Ticket.id)))


def test_a_desk_gives_numbers_and_calls_them(worker: Console, stall: Stall) -> None:
    path = f"/market/stalls/{stall.id}/desk"
    empty = text_of(worker.get(path))
    assert "这张桌现在没有人" in empty
    assert "没有人在等。" in empty
    for number in (1, 2, 3):
        given = worker.post(f"{path}/number", {"desk": 1}, follow_redirects=True)
        assert f"{number} 号，请告诉居民。" in text_of(given)
    called = worker.post(f"{path}/next", {"desk": 1}, follow_redirects=True)
    assert 'class="desk-number num" role="status">1<' in called.text
    assert "2 位在等" in text_of(called)
    other = worker.post(f"{path}/next", {"desk": 2}, follow_redirects=True)
    assert 'class="desk-number num" role="status">2<' in other.text
    stale = worker.post(f"{path}/next", {"desk": 1})  # a page that knows nothing of number 1
    assert (stale.status_code, "这个号已经处理过了" in text_of(stale)) == (409, True)
    for action in ("recall", "skip"):
        worker.post(f"{path}/{action}", {"desk": 1, "current": 1})
    worker.post(f"{path}/next", {"desk": 1})
    worker.post(f"{path}/served", {"desk": 1, "current": 3, "note": "换了电池"})
    worker.post(f"{path}/absent", {"desk": 2, "current": 2})
    assert stages() == [Stage.WAITING, Stage.NO_SHOW, Stage.SERVED]
    paused = text_of(worker.post(f"{path}/pause", {"desk": 1}, follow_redirects=True))
    assert "休息结束，继续叫号" in paused
    worker.post(f"{path}/go-on", {"desk": 1})
    assert "不转，请他们不用再等" in text_of(worker.get(f"{path}/close"))
    closed = text_of(worker.post(f"{path}/close", {"desk": 1}, follow_redirects=True))
    assert "已收摊。还在等的 1 位，有手机的已通知，没有手机的请当面说明。" in closed
    assert "给一个号" not in closed
    actions = db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert actions == [
        *["ticket.create"] * 3, "ticket.call", "ticket.call", "ticket.recall", "ticket.skip",
        "ticket.call", "ticket.serve", "ticket.no_show", "stall.pause", "stall.go_on",
        "stall.close",
    ]  # fmt: skip


def test_a_stall_that_closes_hands_its_line_on(worker: Console, stall: Stall, make: Make) -> None:
    day = db.session.get_one(MarketDay, stall.market_day_id)
    other = make.stall(
        day, db.session.get(Service, stall.service_id), make.provider("张师傅"), until_minute=900
    )
    db.session.commit()
    path = f"/market/stalls/{stall.id}/desk"
    for _ in range(2):
        worker.post(f"{path}/number", {"desk": 1})
    assert "转到张师傅的摊位" in text_of(worker.get(f"{path}/close"))
    gone = worker.post(f"{path}/close", {"desk": 1, "to": 999_999})
    assert (gone.status_code, "不能转到那个摊位" in text_of(gone)) == (409, True)
    closed = worker.post(f"{path}/close", {"desk": 1, "to": other.id}, follow_redirects=True)
    shown = text_of(closed)
    assert "已收摊，2 位已转过去。没有手机的，请把新号告诉他。" in shown
    assert "1 现场取号 新号 1" in shown
    assert stages() == [Stage.MOVED, Stage.WAITING] * 2


def test_who_has_booked_is_checked_in_with_a_tap(worker: Console, stall: Stall, make: Make) -> None:
    now = make.now
    day_path = f"/market/{stall.market_day_id}"
    assert worker.get(day_path).status_code == 200
    who = make.resident("王秀英")
    starts_at = clock.local(now).replace(hour=13, minute=0, second=0, microsecond=0)
    slot = make_slot(stall, starts_at)
    wanted = Wanted(stall_id=stall.id, person_id=who.person.id, starts_at=starts_at)
    booked = service.book(db.session(), who.me, wanted, now)
    db.session.commit()
    assert slot
    path = f"/market/stalls/{stall.id}/desk"
    assert "预约了还没到 13:00 王秀英" in text_of(worker.get(path))
    done = worker.post(
        f"{path}/number", {"desk": 1, "booking_id": booked.booking_id}, follow_redirects=True
    )
    shown = text_of(done)
    assert "1 王秀英 预约" in shown
    assert "预约了还没到" not in shown
    again = worker.post(
        f"{path}/number", {"desk": 1, "booking_id": booked.booking_id}, follow_redirects=True
    )
    assert "这位已经有 1 号了，不用再取。" in text_of(again)
    assert stages() == [Stage.WAITING]
    with clock.frozen(clock.local(now).replace(hour=16)):
        late = Console(worker.app).as_(make.staff("worker", name="何平"))
        closed = late.post(f"{path}/number", {"desk": 1})
        assert (closed.status_code, "已经收摊，不再发号了。" in text_of(closed)) == (409, True)


def make_slot(stall: Stall, starts_at: datetime) -> int:
    from backend.market import slots
    from backend.market.numbers import on_the_day

    row = on_the_day(db.session(), stall.id)
    return slots.make(db.session(), row, row, row.service, starts_at.replace(hour=1))


def test_the_screen_tells_numbers_and_names_nobody(
    worker: Console, stall: Stall, make: Make
) -> None:
    who = make.resident("王秀英")
    code = numbers.code_of(stall.id, make.now)
    numbers.take(db.session(), who.me, Wish(stall.id, who.person.id, code), make.now)
    db.session.commit()
    path = f"/market/{stall.market_day_id}/screen"
    shown = text_of(worker.get(path))
    for words in (
        "三月幸福集市",
        "理发",
        "请取号",
        "接下来 1",
        "1 位在等",
        f"{code[:4]} {code[4:]}",
    ):
        assert words in shown
    for page in (path, f"/market/stalls/{stall.id}/desk"):
        assert "<svg" in worker.get(page).text
    assert numbers.link_of(stall.id, make.now).endswith(f"check-in?stall={stall.id}&code={code}")
    worker.post(f"/market/stalls/{stall.id}/desk/next", {"desk": 1})
    now = worker.get(f"{path}/now")
    assert f'data-called="{stall.id}:1:0 "' in now.text
    assert "王秀英" not in now.text


def test_a_desk_of_others_is_not_found(console: Console, stall: Stall, make: Make) -> None:
    elsewhere = console.as_(make.staff("worker", make.place(name="滨江社区"), name="周敏"))
    path = f"/market/stalls/{stall.id}/desk"
    assert elsewhere.get(path).status_code == 404
    assert elsewhere.post(f"{path}/next", {"desk": 1}).status_code == 404
    assert elsewhere.get(f"/market/{stall.market_day_id}/screen").status_code == 404
    assert stages() == []
