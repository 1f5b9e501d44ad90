"""Home visits in the console: planned, agreed on at the telephone, decided, driven to, ended."""

from datetime import date, datetime

import pytest
from sqlalchemy import select

from backend import clock
from backend.booking.models import Booking
from backend.db import db
from backend.market.models import Stall
from backend.market.service import Wanted
from backend.market.visits import service as visits
from backend.market.visits.details import Details
from backend.market.visits.service import Asking
from backend.staff.models import AuditEntry
from tests.console import Console, text_of
from tests.factories import Make

TWO = 840
SAID = {"address": "和平新村3号楼402", "phone": "0571-88990011", "note": "卧床"}


@pytest.fixture
def worker(console: Console, make: Make) -> Console:
    return console.as_(make.staff("worker"))


@pytest.fixture
def stall(worker: Console, make: Make) -> Stall:
    """Visits from two to four, forty minutes each, staff check first; planned with the form."""
    day, service, barber = make.market_day(), make.service(), make.provider()
    form = {
        "service_id": service.id, "provider_ids": barber.id, "opens": "14:00", "closes": "16:00",
        "slot_minutes": "40", "at_once": "1", "walk_up_percent": "50", "at_home": "on",
        "staff_check": "on",
    }  # fmt: skip
    shown = worker.post(f"/market/{day.id}/stalls/new", form, follow_redirects=True)
    assert "上门理发 14:00–16:00" in text_of(shown)
    assert "预约 3 位" in text_of(shown)
    assert worker.post(f"/market/{day.id}/open", {}).status_code == 302
    return db.session.scalars(select(Stall)).one()


def asked_for(make: Make, stall: Stall, name: str, minute: int = TWO) -> int:
    who = make.resident(name)
    starts_at = datetime(2026, 3, 14, minute // 60, minute % 60, tzinfo=clock.LOCAL)
    wanted = Wanted(stall_id=stall.id, person_id=who.person.id, starts_at=starts_at)
    booked = visits.ask(db.session(), who.me, Asking(wanted, Details(**SAID)), make.now)
    db.session.commit()
    return booked.booking_id


def test_a_request_is_decided_and_driven_to(worker: Console, make: Make, stall) -> None:
    held, other = asked_for(make, stall, "王秀英"), asked_for(make, stall, "李桂兰")
    day = stall.market_day_id
    assert "有 2 个上门申请，等您答复。" in text_of(worker.get("/"))
    assert "上门申请和路线单" in text_of(worker.get(f"/market/{day}"))
    listed = text_of(worker.get(f"/market/{day}/visits"))
    assert "14:00 王秀英 上门理发 和平新村3号楼402 卧床 这个时间有空" in listed
    page = f"/market/visits/{held}"
    assert "0571-88990011" not in text_of(worker.get(page))
    assert "0571-88990011" in text_of(worker.post(f"{page}/phone", {}))
    seen = db.session.scalars(
        select(AuditEntry).where(AuditEntry.action == "home_visit.show_phone")
    )  # fmt: skip
    assert [one.subject_id for one in seen] == [held]
    unchecked = worker.post(f"{page}/approve", {})
    assert (unchecked.status_code, "请先核实本人确实下不了楼" in text_of(unchecked)) == (409, True)
    done = worker.post(f"{page}/approve", {"checked": "on"}, follow_redirects=True)
    assert "已通过，已通知居民。" in text_of(done)
    assert worker.post(f"{page}/approve", {"checked": "on"}).status_code == 409
    full = text_of(worker.get(f"/market/visits/{other}"))
    assert "这个时间已经排满。" in full
    time = f"/market/visits/{other}/time"
    assert "这个时间可以预约。" in text_of(worker.get(f"{time}?minute={TWO + 40}"))
    given = {"minute": TWO + 40, "checked": "on"}
    assert "已定好" in text_of(worker.post(time, given, follow_redirects=True))
    route = worker.post(f"/market/stalls/{stall.id}/route", {})
    words = text_of(route)
    assert words.index("王秀英") < words.index("李桂兰")
    assert "和平新村3号楼402 · 0571-88990011 说明：卧床" in words
    [seen] = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "home_visit.route"))
    assert seen.after == {"count": 2}
    early = worker.post(f"{page}/end", {"outcome": "done"})
    assert early.status_code == 409
    with clock.frozen(datetime(2026, 3, 14, 14, 45, tzinfo=clock.LOCAL)):
        late = Console(worker.app).as_(make.staff("worker", name="何平"))
        ended = late.post(f"{page}/end", {"outcome": "done", "minutes": "35", "remark": "已换药"},
                          follow_redirects=True)  # fmt: skip
        assert "已上门 · 35 分钟 · 已换药" in text_of(ended)
        assert late.post(f"{page}/end", {"outcome": "maybe"}).status_code == 422


def test_a_visit_is_agreed_on_at_the_telephone(worker: Console, make: Make, stall) -> None:
    old = make.person(
        "王秀英", birth_date=date(1940, 5, 1), phone="13800001234", address="5号楼101"
    )
    page = f"/market/stalls/{stall.id}/book?person_id={old.id}&minute={TWO}"
    shown = worker.get(page).text
    assert 'value="5号楼101"' in shown
    assert "13800001234" not in shown  # it is on file, and rung without being shown here
    assert "不填就打登记的号码 138****1234。" in shown
    form = SAID | {"person_id": old.id, "minute": TWO, "checked": "on"}
    path = f"/market/stalls/{stall.id}/visit"
    wrong = worker.post(path, form | {"phone": "问邻居"})
    assert (wrong.status_code, "请填写打得通的电话号码。" in text_of(wrong)) == (422, True)
    nobody = make.person("李桂兰")
    unreachable = form | {"person_id": nobody.id, "phone": ""}
    assert worker.post(path, unreachable).status_code == 422
    done = worker.post(path, form | {"phone": ""}, follow_redirects=True)
    assert "请把上门时间告诉居民" in text_of(done)
    assert "138****1234" in text_of(done)
    [booked] = db.session.scalars(select(Booking))
    assert booked.state == "confirmed"
    follow = worker.get(f"/market/bookings/{booked.id}", follow_redirects=True)
    assert "上门理发" in text_of(follow)
    cancel = f"/people/{old.id}/bookings/{booked.id}/cancel"
    assert worker.post(cancel, {"reason": "住院了"}).status_code == 302
    assert "取消和没有安排的（1）" in text_of(worker.get(f"/market/{stall.market_day_id}/visits"))


def test_a_request_is_declined_with_a_reason(worker: Console, make: Make, stall) -> None:
    page = f"/market/visits/{asked_for(make, stall, '王秀英')}"
    assert worker.post(f"{page}/decline", {}).status_code == 422
    said = worker.post(f"{page}/decline", {"reason": "医生当天出诊"}, follow_redirects=True)
    assert "医生当天出诊" in text_of(said)
    assert worker.post(f"{page}/decline", {"reason": "再来"}).status_code == 409


def test_others_do_not_see_where_it_leads_to(console: Console, make: Make, stall) -> None:
    held = asked_for(make, stall, "王秀英")
    far = console.as_(make.staff("worker", make.place(name="滨江社区"), name="周敏"))
    for path in (f"/market/visits/{held}", f"/market/{stall.market_day_id}/visits"):
        assert far.get(path).status_code == 404
    for path in (
        f"/market/visits/{held}/approve",
        f"/market/visits/{held}/phone",
        f"/market/stalls/{stall.id}/route",
    ):
        assert far.post(path, {}).status_code == 404
