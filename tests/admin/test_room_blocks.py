"""Rooms out of use in the console: fill in, look whom it hits, confirm just that, give back."""

import re
from datetime import datetime, timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import func, select

from backend import clock
from backend.booking import service as booking
from backend.booking.models import Booking
from backend.booking.service import Actor
from backend.db import db
from backend.night_school.models import Lesson
from backend.people.models import Person
from backend.places import occupancy
from backend.places.models import Atom, Occupancy, OccupantKind, RoomAtom, Venue
from backend.reminders.models import Delivery, Reminder
from backend.staff.models import AuditEntry
from backend.venues import service
from backend.venues.blocks.models import RoomBlock
from backend.venues.models import OpeningDay
from backend.venues.service import Wanted
from tests.admin.tables.sheets import upload
from tests.console import Console, text_of
from tests.factories import Make

DAY = "2026-03-13"


def at(hour: int, day: int = 13):
    return datetime(2026, 3, day, hour, tzinfo=clock.LOCAL)


@pytest.fixture
def house(make: Make, cast, now) -> SimpleNamespace:
    """A hall of two halves and a small room; the left half is booked from two to four."""
    left, right = (make.add(Atom(place_id=cast.here.id, name=name)) for name in ("东", "西"))
    hall = make.open_room(cast.here, [left, right], name="多功能厅", capacity=80)
    half = make.open_room(cast.here, [left], name="东半厅", capacity=40)
    small = make.open_room(cast.here, name="小会议室", capacity=10)
    make.rules(cast.here)
    base = f"/venues/{hall.venue_id}"

    def reserve(who, room, start, hours=2) -> int:
        wanted = Wanted(
            room_id=room.id, person_id=who.person.id, starts_at=start,
            ends_at=start + timedelta(hours=hours), title="合唱排练", headcount=6,
        )  # fmt: skip
        booked = service.reserve(db.session(), who.me, wanted, now)
        db.session.commit()
        return booked.booking_id

    who = make.resident("王秀英", phone="13812345678", home_place_id=cast.here.id)
    return SimpleNamespace(
        hall=hall, half=half, small=small, who=who, reserve=reserve, base=base,
        booking_id=reserve(who, half, at(14)), page=f"{base}?day={DAY}",
    )  # fmt: skip


@pytest.fixture
def wang(console: Console, cast, house) -> Console:
    return console.as_(cast.wang)


def form(*rooms, **given):
    asked = {"day": DAY, "start": "13:00", "end": "17:00", "reason": "设备检修"}
    return {"room_ids": [str(one.id) for one in rooms]} | asked | given


def hidden(page, name: str = "shown") -> list[str]:
    return re.findall(rf'name="{name}" value="([^"]+)"', page.text)


def state(booking_id: int) -> str:
    return db.session.get_one(Booking, booking_id, populate_existing=True).state


def test_look_confirm_and_give_back(wang, house, cast) -> None:
    page = wang.get(house.page)
    assert f"{house.base}/blocks/new?day={DAY}" in page.text
    filled = wang.get(f"{house.base}/blocks/new?room_ids={house.hall.id}&day={DAY}")
    assert f'name="room_ids" value="{house.hall.id}" checked' in filled.text
    asked = form(house.hall, house.half, note="师傅姓刘")
    look = wang.post(f"{house.base}/blocks/look", asked)
    said = text_of(look)
    for words in (
        "王秀英", "138****5678", "14:00–16:00 · 东半厅", "取消 1 个预约", "多功能厅、东半厅",
    ):  # fmt: skip
        assert words in said, words
    assert "13812345678" not in look.text
    assert state(house.booking_id) == "confirmed"
    made = wang.post(f"{house.base}/blocks", asked | {"shown": hidden(look)})
    assert made.status_code == 302
    assert state(house.booking_id) == "cancelled"
    one = db.session.scalars(select(RoomBlock)).one()
    page = text_of(wang.get(f"/venues/blocks/{one.id}"))
    for words in ("停用：设备检修", "师傅姓刘", "王敏", "王秀英", "正在通知", "已取消"):
        assert words in page, words
    assert "13:00–17:00 设备检修" in text_of(wang.get(house.page))
    assert text_of(wang.get(f"{house.base}/blocks")).count("设备检修") == 1
    gone = wang.post(f"/venues/blocks/{one.id}/remove")
    assert gone.location.endswith(f"{house.base}/blocks")
    assert db.session.scalars(select(RoomBlock)).all() == []
    entries = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
    assert [entry.action for entry in entries] == ["room_block.create", "room_block.remove"]
    assert "停用房间" in text_of(wang.as_(cast.zhou).get("/audit"))


def test_who_came_in_between_is_shown_before_anything_happens(wang, house, make, cast) -> None:
    asked = form(house.half, house.small)
    look = wang.post(f"{house.base}/blocks/look", asked)
    other = make.resident("李建国", phone="13912345678", home_place_id=cast.here.id)
    late = house.reserve(other, house.small, at(15))
    again = wang.post(f"{house.base}/blocks", asked | {"shown": hidden(look)})
    assert again.status_code == 409
    said = text_of(again)
    assert "名单变了" in said
    assert said.count("刚刚预约") == 1
    assert state(house.booking_id) == state(late) == "confirmed"
    assert wang.post(f"{house.base}/blocks", asked | {"shown": hidden(again)}).status_code == 302
    assert state(house.booking_id) == state(late) == "cancelled"


def test_whole_numbers_are_shown_once_asked_for(wang, house, make, cast, now) -> None:
    child = make.person("王小宝", home_place_id=cast.here.id)
    db.session.execute(
        Booking.__table__.update().where(Booking.id == house.booking_id).values(person_id=child.id)
    )
    db.session.commit()
    look = wang.post(f"{house.base}/blocks/look", form(house.half))
    assert "代办人 王秀英" in text_of(look)
    seen = wang.post(
        f"{house.base}/blocks/look", form(house.half, phones="true", shown=hidden(look))
    )
    assert 'href="tel:13812345678"' in seen.text
    assert "刚刚预约" not in seen.text
    entry = db.session.scalars(select(AuditEntry)).one()
    assert (entry.action, entry.subject_id) == ("person.show_phone", house.who.person.id)


@pytest.mark.parametrize(
    ("given", "status", "said"),
    [
        ({"room_ids": []}, 422, "请至少选一个房间"),
        ({"reason": ""}, 422, "请填写"),
        ({"day": "13.3."}, 422, "请填写正确的日期"),
        ({"end": "25:00"}, 422, "请填写时间"),
        ({"end": "13:00"}, 409, "结束时间要晚于开始时间"),
        ({"until_day": "2026-03-12"}, 409, "结束时间要晚于开始时间"),
        ({"day": "2026-03-10"}, 409, "这个时间已经过了"),
        ({"until_day": "2046-03-13"}, 409, "一次最多停用一年"),
    ],
)
def test_bad_input_keeps_what_was_typed(wang, house, given, status, said) -> None:
    for path in ("/blocks/look", "/blocks"):
        answer = wang.post(house.base + path, form(house.hall, note="师傅姓刘") | given)
        assert answer.status_code == status
        assert said in text_of(answer)
        assert 'value="师傅姓刘"' in answer.text


def test_others_are_not_found(console, wang, house, make, cast) -> None:
    theirs = make.open_room(cast.there, name="棋牌室")
    for rooms in ([str(theirs.id)], [str(house.small.id), str(theirs.id)], ["7777"]):
        look = wang.post(f"{house.base}/blocks/look", form(room_ids=rooms))
        assert look.status_code == 404
    assert (
        wang.post(f"{house.base}/blocks/look", form(theirs, room_ids=["7777"])).status_code == 404
    )
    wang.post(f"{house.base}/blocks", form(house.small))
    one = db.session.scalars(select(RoomBlock)).one()
    lin = console.as_(cast.lin)
    assert lin.post(f"/venues/blocks/{one.id}/remove").status_code == 404
    for path in (f"{house.base}/blocks", f"{house.base}/blocks/new", f"/venues/blocks/{one.id}"):
        assert lin.get(path).status_code == 404
    assert wang.get("/venues/blocks/99999").status_code == 404


def test_a_lesson_is_named_and_keeps_its_room(wang, house, make, cast, now) -> None:
    teacher = make.teacher(name="赵建国", phone="13900001111")
    run = make.run(place=cast.here, room_id=house.small.id, teacher_id=teacher.id)
    lesson = db.session.scalars(select(Lesson).where(Lesson.run_id == run.id)).first()
    use = (lesson.starts_at, lesson.ends_at, OccupantKind.LESSON, lesson.id)
    occupancy.occupy(db.session(), [occupancy.Use(house.small.id, *use)], now)
    db.session.commit()
    asked = form(whole="true", day=str(clock.today(lesson.starts_at)), start="", end="")
    look = wang.post(f"{house.base}/blocks/look", asked)
    said = text_of(look)
    for words in ("照常进行的安排（1）", "声乐基础", "夜校上课", "小会议室", "赵建国 13900001111"):
        assert words in said, words
    assert f"/classes/lessons/{lesson.id}/change" in look.text
    shown = {"shown": hidden(look)}
    assert wang.post(f"{house.base}/blocks", asked | shown).status_code == 409
    again = re.search(r'href="([^"]+)">改时间或房间', look.text)[1].replace("&amp;", "&")
    page = wang.get(again.removeprefix("/admin")).text
    assert 'value="设备检修"' in page
    assert asked["day"] in page

    made = wang.post(f"{house.base}/blocks", asked | shown | {"around": "true"})
    assert made.status_code == 302
    there = made.location.removeprefix("/admin")
    assert "已停用。" in text_of(wang.get(there))
    page = text_of(wang.get(there))
    for words in ("绕开的安排，照常进行（1）", "声乐基础", "赵建国 13900001111"):
        assert words in page, words
    starts_at, ends_at = lesson.starts_at, lesson.ends_at
    pieces = db.session.execute(
        select(Occupancy.starts_at, Occupancy.ends_at)
        .join(RoomAtom, RoomAtom.atom_id == Occupancy.atom_id)
        .where(RoomAtom.room_id == house.small.id, Occupancy.occupant_kind == "block")
        .order_by(Occupancy.starts_at)
    ).all()
    assert len(pieces) == 2
    assert (pieces[0].ends_at, pieces[1].starts_at) == (starts_at, ends_at)
    assert wang.post(f"{there}/remove", {}).status_code == 302
    left = db.session.scalars(select(Occupancy.occupant_kind).distinct())
    assert set(left) == {"lesson", "reservation"}


def test_a_block_for_days_lies_in_the_opening_hours_of_the_grid(console, wang, house, cast) -> None:
    wang.post(f"{house.base}/blocks", form(house.small, until_day="2026-03-16", start="", end=""))
    for day in ("2026-03-13", "2026-03-14", "2026-03-16"):
        page = wang.get(f"{house.base}?day={day}")
        assert "设备检修" in text_of(page)
        rows = re.findall(r'class="grid-hour num">([0-9:]+)<', page.text)
        assert (rows[0], rows[-1]) == ("09:00", "20:30")
    assert "设备检修" not in text_of(wang.get(f"{house.base}?day=2026-03-17"))
    week = text_of(wang.get(f"/venues/rooms/{house.small.id}?day={DAY}"))
    assert week.count("设备检修") == 3  # from Friday to Sunday
    sheet = text_of(wang.get(f"{house.base}/sheet?day=2026-03-15"))
    assert "设备检修" in sheet
    with clock.frozen(at(10, 14)):
        screen = text_of(console.as_(cast.wang).get(f"/venues/rooms/{house.small.id}/screen"))
    assert "暂停使用 设备检修 到 3月16日 周一" in screen
    listed = text_of(console.as_(cast.wang).get(f"{house.base}/blocks"))
    assert "3月13日 周五 – 3月16日 周一 全天" in listed


def test_a_block_until_midnight_ends_at_24(console, wang, house, cast) -> None:
    made = wang.post(f"{house.base}/blocks", form(house.small, start="10:00", end=""))
    page = text_of(wang.get(made.location.removeprefix("/admin")))
    assert "3月13日 周五 10:00–24:00" in page
    with clock.frozen(at(11)):
        screen = text_of(console.as_(cast.wang).get(f"/venues/rooms/{house.small.id}/screen"))
    assert "暂停使用 设备检修 到 24:00" in screen


def test_who_was_not_reached_is_on_the_call_list(wang, house, make, cast) -> None:
    alone = db.session.get_one(Person, house.who.person.id)
    db.session.execute(
        Booking.__table__.update().where(Booking.id == house.booking_id).values(account_id=None)
    )
    db.session.commit()
    look = wang.post(f"{house.base}/blocks/look", form(house.half))
    wang.post(f"{house.base}/blocks", form(house.half, shown=hidden(look)))
    news = db.session.scalars(select(Reminder).order_by(Reminder.id.desc())).first()
    assert (news.person_id, news.booking_id) == (alone.id, house.booking_id)
    news.state, news.place_id, news.settled_at = Delivery.UNREACHED, cast.here.id, clock.now()
    db.session.commit()
    one = db.session.scalars(select(RoomBlock)).one()
    assert "没通知到，请打电话" in text_of(wang.get(f"/venues/blocks/{one.id}"))
    assert "设备检修" in text_of(wang.get("/calls"))


def test_a_day_that_closes_lists_whom_it_hits(console, wang, house, make, cast) -> None:
    zhou = console.as_(cast.zhou)
    code = db.session.get_one(Venue, house.hall.venue_id).code
    row = {"venue_id": code, "day": DAY, "hours": "不开放", "reason": "选举投票日"}
    first = zhou.post("/tables/opening_days/new", row)
    assert first.status_code == 409
    said = text_of(first)
    for words in (
        "有 1 个预约会落在开放时间以外",
        "王秀英",
        "14:00–16:00 · 东半厅",
        "已核对，保存",
    ):
        assert words in said, words
    assert 'value="选举投票日"' in first.text  # what was typed is kept
    assert db.session.scalar(select(func.count()).select_from(OpeningDay)) == 0
    late = house.reserve(house.who, house.small, at(10), 1)
    again = zhou.post("/tables/opening_days/new", row | {"outside": hidden(first, "outside")[0]})
    assert "有 2 个预约会落在开放时间以外" in text_of(again)  # somebody came in between
    booking.cancel(db.session(), late, Actor(account_id=house.who.account.id), clock.now())
    db.session.commit()
    saved = zhou.post("/tables/opening_days/new", row | {"outside": hidden(first, "outside")[0]})
    page = f"{house.base}/outside"
    assert saved.location.endswith(page)
    look = zhou.get(page)
    said = text_of(look)
    for words in ("有 1 个预约落在开放时间以外", "王秀英", "138****5678", "14:00–16:00 · 东半厅"):
        assert words in said, words
    assert 'value="选举投票日"' in look.text
    wang = console.as_(cast.wang)
    assert "有 1 个预约落在开放时间以外" in text_of(wang.get(house.page))
    assert 'href="tel:13812345678"' in wang.post(f"{page}/phones").text
    assert wang.post(page, {"reason": "选举投票日"}).status_code == 422
    assert wang.post(page, {"shown": ["1-x"], "reason": "选举投票日"}).status_code == 409
    assert state(house.booking_id) == "confirmed"
    kept = wang.post(f"{page}/keep", {"shown": hidden(look), "reason": "值班室开门"})
    assert kept.status_code == 302
    assert "没有要处理的预约" in text_of(wang.get(page))
    assert state(house.booking_id) == "confirmed"
    assert "值班室开门" in text_of(wang.get(f"/venues/reservations/{house.booking_id}"))


def test_hours_that_hit_nobody_new_are_saved_at_once(console, house, make, cast) -> None:
    """Who lay outside before is nobody the change hits."""
    make.opening_day(db.session.get_one(Venue, house.hall.venue_id), day=at(0).date())
    zhou = console.as_(cast.zhou)
    code = db.session.get_one(Venue, house.hall.venue_id).code
    row = {"venue_id": code, "day": "2026-03-20", "hours": "不开放", "reason": "年检"}
    assert zhou.post("/tables/opening_days/new", row).status_code == 302


def test_a_sheet_lists_them_before_it_is_imported(console, house, make, cast) -> None:
    zhou = console.as_(cast.zhou)
    code = db.session.get_one(Venue, house.hall.venue_id).code
    heads = ["场馆", "日期", "开放时间", "原因"]
    look = upload(zhou, "opening_days", [heads, [code, DAY, "不开放", "年检"]])
    said = text_of(look)
    for words in ("会落在开放时间以外的预约（1）", "王秀英"):
        assert words in said, words
    asked = {name: hidden(look, name)[0] for name in ("lines", "previewed", "outside")}
    assert db.session.scalar(select(func.count()).select_from(OpeningDay)) == 0
    refused = zhou.post("/tables/opening_days/import/confirm", asked | {"outside": ""})
    assert refused.status_code == 409
    saved = zhou.post("/tables/opening_days/import/confirm", asked)
    assert saved.location.endswith(f"{house.base}/outside")


def test_those_outside_are_cancelled_in_one_step(console, house, make, cast) -> None:
    make.opening_day(db.session.get_one(Venue, house.hall.venue_id), day=at(0).date())
    wang, page = console.as_(cast.wang), f"{house.base}/outside"
    look = wang.get(page)
    done = wang.post(page, {"shown": hidden(look), "reason": "选举投票日"})
    assert done.status_code == 302
    assert state(house.booking_id) == "cancelled"
    assert "没有要处理的预约" in text_of(wang.get(page))
    assert "没有要处理的预约" in text_of(wang.get("/venues/outside"))


def test_several_venues_are_listed_first(console, house, make, cast) -> None:
    second = make.open_room(cast.here, venue_id=make.venue(cast.here, name="北门驿站").id)
    house.reserve(make.resident("李建国", home_place_id=cast.here.id), second, at(15))
    zhou = console.as_(cast.zhou)
    row = {"place_id": cast.here.code, "starts_on": DAY, "ends_on": DAY, "reason": "防汛值守"}
    look = zhou.post("/tables/closures/new", row)
    saved = zhou.post("/tables/closures/new", row | {"outside": hidden(look, "outside")[0]})
    assert saved.location.endswith("/venues/outside")
    said = text_of(zhou.get("/venues/outside"))
    assert "北门驿站" in said
    assert said.count("1 个预约") == 2
    assert "有 2 个预约" in said
