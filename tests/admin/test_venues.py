"""Rooms in the console: the day on a grid; a reservation seen, made, moved and cancelled."""

import re
from datetime import datetime, timedelta
from io import BytesIO
from types import SimpleNamespace

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from backend import clock, spreadsheets
from backend.booking.models import Booking, BookingEvent
from backend.db import db
from backend.night_school.models import Lesson
from backend.places import occupancy
from backend.places.models import Atom, OccupantKind, Venue
from backend.reminders.models import Reminder
from backend.staff.models import AuditEntry
from backend.venues import service
from backend.venues.models import Reservation
from backend.venues.service import Wanted
from tests.console import Console, text_of
from tests.factories import Make

DAY = "2026-03-13"


def at(hour: int, minute: int = 0, day: int = 13):
    return datetime(2026, 3, day, hour, minute, tzinfo=clock.LOCAL)


@pytest.fixture
def house(make: Make, cast, now) -> SimpleNamespace:
    """A hall of two halves and a small room; the left half is booked from two to four."""
    left, right = (make.add(Atom(place_id=cast.here.id, name=name)) for name in ("东", "西"))
    hall = make.open_room(cast.here, [left, right], name="多功能厅", capacity=80)
    half = make.open_room(cast.here, [left], name="东半厅", capacity=40)
    small = make.open_room(cast.here, name="小会议室", capacity=10)
    make.rules(cast.here, check_in_minutes=15, no_show_minutes=20, door_titles=True)
    who = make.resident("王秀英", phone="13812345678", home_place_id=cast.here.id)
    wanted = Wanted(
        room_id=half.id, person_id=who.person.id, starts_at=at(14), ends_at=at(16),
        title="合唱排练", headcount=20, purpose="排练新歌", wishes="一支话筒",
    )  # fmt: skip
    booked = service.reserve(db.session(), who.me, wanted, now)
    db.session.commit()
    return SimpleNamespace(
        hall=hall, half=half, small=small, who=who, booking_id=booked.booking_id,
        venue_id=hall.venue_id, page=f"/venues/reservations/{booked.booking_id}",
    )  # fmt: skip


@pytest.fixture
def wang(console: Console, cast, house) -> Console:
    return console.as_(cast.wang)


def booking(booking_id: int) -> Booking:
    return db.session.get_one(Booking, booking_id, populate_existing=True)


def audited() -> list[str]:
    return list(db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))


def form(house, **given):
    return {
        "person_id": str(house.who.person.id), "day": DAY, "start": "10:00", "end": "11:00",
        "title": "读书会", "headcount": "6",
    } | given  # fmt: skip


def test_the_day_tells_reservations_lessons_and_closed_hours_apart(
    wang, house, make, cast, now
) -> None:
    run = make.run(place=cast.here, room_id=house.small.id)
    lesson = db.session.scalars(select(Lesson).order_by(Lesson.number)).first()
    use = (lesson.starts_at, lesson.ends_at, OccupantKind.LESSON, lesson.id)
    occupancy.occupy(db.session(), [occupancy.Use(house.small.id, *use)], now)
    db.session.commit()
    make.opening_day(
        db.session.get_one(Venue, house.venue_id), room_id=house.small.id,
        day=at(0).date(), hours="09:00-12:00", reason="消毒",
    )  # fmt: skip
    page = wang.get(f"/venues/{house.venue_id}?day={DAY}")
    text = text_of(page)
    for said in (
        "多功能厅",
        "东半厅",
        "小会议室",
        "14:00–16:00 合唱排练",
        "王秀英 · 20 人",
        "消毒",
    ):
        assert said in text
    assert text.count("合唱排练") == 2  # in the half itself, and where the hall loses it
    assert text.count("占用：东半厅") == 1
    assert f'href="/admin{house.page}"' in page.text
    add = f"/admin/venues/rooms/{house.small.id}/book?day={DAY}&amp;start="
    assert f"{add}11:30" in page.text  # open until twelve
    assert f"{add}12:00" not in page.text
    assert "13812345678" not in page.text
    noon = text_of(wang.get(f"/venues/{house.venue_id}?day={clock.today(run.starts_at)}"))
    assert "12:00–13:30 声乐基础 夜校上课" in noon


def test_the_day_takes_the_same_reads_for_many_rooms(wang, house, make, cast, statements) -> None:
    statements.clear()
    wang.get(f"/venues/{house.venue_id}?day={DAY}")
    few = len(statements)
    for number in range(6):
        make.open_room(cast.here, name=f"{number}号教室")
    statements.clear()
    assert "5号教室" in wang.get(f"/venues/{house.venue_id}?day={DAY}").text
    assert len(statements) == few


def test_a_past_half_hour_cannot_be_chosen(console, cast, house) -> None:
    with clock.frozen(at(11, 10)):
        page = console.as_(cast.wang).get(f"/venues/{house.venue_id}").text  # today, by itself
    assert "start=11:30" in page
    assert "start=11:00" not in page


def test_a_room_has_its_week_from_monday(wang, house) -> None:
    page = text_of(wang.get(f"/venues/rooms/{house.half.id}?day={DAY}"))
    for day in range(9, 16):
        assert f"3月{day}日" in page
    assert page.count("合唱排练") == 1


def test_the_list_and_the_menu_lead_to_the_venue(console, wang, cast, house, make) -> None:
    assert wang.get("/venues").location.endswith(f"/venues/{house.venue_id}")
    assert "场馆" in text_of(wang.get("/"))
    other = make.open_room(make.place(parent=cast.street, name="西苑社区"), name="棋牌室")
    zhou = console.as_(cast.zhou)
    assert {str(house.venue_id), str(other.venue_id)} <= set(
        re.findall(r"/admin/venues/(\d+)", zhou.get("/venues").text)
    )
    found = zhou.get("/venues?q=西苑").text
    assert re.findall(r"/admin/venues/(\d+)", found) == [str(other.venue_id)]
    assert "没有找到" in text_of(zhou.get("/venues?q=没有"))


def test_others_rooms_are_not_found_and_teachers_stay_out(console, cast, house) -> None:
    paths = [
        f"/venues/{house.venue_id}", f"/venues/rooms/{house.half.id}", house.page,
        f"/venues/rooms/{house.half.id}/book", house.page + "/move", house.page + "/cancel",
    ]  # fmt: skip
    lin, chen = console.as_(cast.lin), console.as_(cast.chen)
    for path in paths:
        assert lin.get(path).status_code == 404, path
        assert chen.get(path).status_code == 403, path
    span = {"day": DAY, "start": "10:00", "end": "11:00", "room_id": str(house.half.id)}
    for path, sent in [
        (house.page + "/cancel", {"reason": "x"}), (house.page + "/come", {}),
        (house.page + "/move", span), (f"/venues/rooms/{house.half.id}/book", form(house)),
    ]:  # fmt: skip
        assert lin.post(path, sent).status_code == 404, path
        assert chen.post(path, sent).status_code == 403, path
        assert lin.post(path, sent, csrf=False).status_code == 400, path
    assert booking(house.booking_id).state == "confirmed"
    assert audited() == []
    wang = console.as_(cast.wang)
    for path in ("/venues/987654", "/venues/rooms/987654", "/venues/reservations/987654"):
        assert wang.get(path).status_code == 404
    assert wang.get(f"/venues/{house.venue_id}?day=tomorrow").status_code == 422


def test_a_reservation_says_who_what_for_and_what_happened(wang, house) -> None:
    page = wang.get(house.page)
    text = text_of(page)
    code = booking(house.booking_id).short_code
    for said in ("王秀英", "138****5678", "排练新歌", "一支话筒", f"{code[:3]} {code[3:]}",
                 "14:20 还没签到，房间自动让出"):  # fmt: skip
        assert said in text
    assert "13812345678" not in page.text
    assert "登记签到" not in text  # not yet time


def test_cancelling_frees_the_room_and_tells_why(wang, house) -> None:
    path = house.page + "/cancel"
    assert "王秀英" in text_of(wang.get(path))
    assert wang.post(path, {}).status_code == 422
    assert wang.post(path, {"reason": "空调检修"}).status_code == 302
    assert booking(house.booking_id).state == "cancelled"
    assert "空调检修" in text_of(wang.get(house.page))
    told = db.session.scalars(select(Reminder).where(Reminder.kind == "cancelled")).one()
    assert told.facts == {"reason": "空调检修"}
    assert audited() == ["reservation.cancel"]
    assert "合唱排练" not in text_of(wang.get(f"/venues/{house.venue_id}?day={DAY}"))
    assert wang.post(path, {"reason": "又一次"}).status_code == 409
    assert audited() == ["reservation.cancel"]


def test_moving_says_first_what_stands_against_it(wang, house, now) -> None:
    path = house.page + "/move"
    assert 'value="14:00"' in wang.get(path).text
    to = {"room_id": str(house.small.id), "day": DAY, "start": "14:00", "end": "16:00"}
    looked = wang.get(path, query_string=to)
    assert "最多容纳 10 人" in text_of(looked)
    assert "不能这样安排" in text_of(looked)
    refused = wang.post(path, to)
    assert refused.status_code == 409
    assert "最多容纳 10 人" in text_of(refused)
    to |= {"room_id": str(house.hall.id), "start": "08:00", "end": "10:00"}
    assert "写明原因，可以破例" in text_of(wang.get(path, query_string=to))
    assert wang.post(path, to).status_code == 409
    assert wang.post(path, to | {"reason": "文艺汇演彩排"}).status_code == 302
    moved = booking(house.booking_id)
    assert (moved.starts_at, moved.ends_at) == (at(8), at(10))
    assert audited() == ["reservation.move"]
    entry = db.session.scalars(select(AuditEntry)).one()
    assert entry.before["room_id"] == house.half.id
    assert entry.after["room_id"] == house.hall.id
    assert "文艺汇演彩排" in text_of(wang.get(house.page))
    for wrong in ({"room_id": "x"}, {"day": ""}, {"end": "25:00"}):
        assert wang.post(path, to | wrong).status_code == 422
    assert wang.post(path, to | {"room_id": "987654"}).status_code == 404


def test_booking_for_somebody_at_the_counter(wang, house) -> None:
    path = f"/venues/rooms/{house.small.id}/book"
    asked = {"day": DAY, "start": "10:00", "end": "11:00"}
    for q in ("王秀英", "5678"):
        found = wang.get(path, query_string=asked | {"q": q})
        assert "138****5678" in text_of(found)
        assert f"person_id={house.who.person.id}" in found.text
    chosen = wang.get(path, query_string=asked | {"person_id": str(house.who.person.id)})
    assert "这个时间可以预约" in text_of(chosen)
    answer = wang.post(path, form(house))
    assert answer.status_code == 302
    row = db.session.scalars(select(Reservation).order_by(Reservation.booking_id.desc())).first()
    assert (row.title, row.headcount, row.purpose) == ("读书会", 6, None)
    assert booking(row.booking_id).starts_at == at(10)
    assert audited() == ["reservation.book"]
    assert "预约好了" in text_of(wang.get(answer.location.removeprefix("/admin")))
    again = wang.post(path, form(house, title="棋友会"))
    assert again.status_code == 409
    assert "已经有人预约" in text_of(again)
    assert audited() == ["reservation.book"]


@pytest.mark.parametrize(
    ("given", "status", "said"),
    [
        ({"start": "08:00", "end": "09:00"}, 409, "这个时间不开放"),
        ({"end": "10:00"}, 409, "结束时间要晚于开始时间"),
        ({"end": "09:00"}, 409, "结束时间要晚于开始时间"),
        ({"headcount": "11"}, 409, "最多容纳 10 人"),
        ({"headcount": "0"}, 422, "1 到 2000"),
        ({"title": " "}, 422, "请填写这一项"),
        ({"title": "长" * 41}, 422, "40 个字"),
        ({"day": "2026-03-01"}, 409, "已经过了"),
        ({"day": "2027-03-01"}, 409, "还没有开放预约"),
    ],
)
def test_what_cannot_be_booked_is_said_where_it_was_typed(wang, house, given, status, said) -> None:
    answer = wang.post(f"/venues/rooms/{house.small.id}/book", form(house, **given))
    assert answer.status_code == status
    assert said in text_of(answer)
    assert audited() == []


def test_staff_set_hours_aside_with_a_reason_but_not_what_is_taken(wang, house) -> None:
    early = {"start": "08:00", "end": "09:00", "reason": "选举工作"}
    path = f"/venues/rooms/{house.small.id}/book"
    assert wang.post(path, form(house, **early)).status_code == 302
    newest = select(BookingEvent.reason).order_by(BookingEvent.id.desc())
    assert db.session.scalars(newest).first() == "选举工作"
    taken = {"start": "15:00", "end": "17:00", "reason": "选举工作"}
    assert wang.post(f"/venues/rooms/{house.hall.id}/book", form(house, **taken)).status_code == 409


def test_they_are_seen_in_at_the_door(console, cast, wang, house) -> None:
    path = house.page + "/come"
    assert wang.post(path).status_code == 409  # two days early
    with clock.frozen(at(13, 50)):
        wang = console.as_(cast.wang)
        assert "登记签到" in text_of(wang.get(house.page))
        assert wang.post(path).status_code == 302
        assert "已签到" in text_of(wang.get(f"/venues/{house.venue_id}"))
    assert booking(house.booking_id).state == "attended"
    assert audited() == ["reservation.come"]


@pytest.mark.parametrize("shown", ["code", "short_code"])
def test_a_code_shown_or_said_at_the_desk_checks_in(console, cast, house, shown) -> None:
    code = getattr(booking(house.booking_id), shown)
    said = {"code": f"xf:b:{code}" if shown == "code" else f"{code[:3]} {code[3:]}"}
    path = f"/venues/{house.venue_id}/come"
    with clock.frozen(at(13, 50)):
        wang = console.as_(cast.wang)
        assert "六位预约码" in wang.get(f"/venues/{house.venue_id}").text
        unknown = wang.post(path, {"code": "000 000"})
        assert unknown.status_code == 409
        assert "没有找到这个签到码" in text_of(unknown)
        for _ in range(2):  # twice changes nothing
            assert wang.post(path, said).location.endswith(house.page)
        assert console.as_(cast.lin).post(path, said).status_code == 404
    assert booking(house.booking_id).state == "attended"
    assert audited() == ["reservation.come"]


def test_who_did_not_come_has_missed_it_before_any_job_runs(console, cast, house) -> None:
    with clock.frozen(at(14) + timedelta(minutes=20)):
        wang = console.as_(cast.wang)
        page = text_of(wang.get(house.page))
        assert "没有来，已让出" in page
        assert "取消预约" not in page
        late = wang.post(house.page + "/come")
        assert late.status_code == 409
        assert "房间已经让出" in text_of(late)
        assert "合唱排练" not in text_of(wang.get(f"/venues/{house.venue_id}"))


def test_the_doorkeepers_list_has_each_thing_once(wang, house, make) -> None:
    make.opening_day(
        db.session.get_one(Venue, house.venue_id), room_id=house.small.id, day=at(0).date(),
        reason="消毒",
    )  # fmt: skip
    page = wang.get(f"/venues/{house.venue_id}/sheet?day={DAY}")
    text = text_of(page)
    assert "14:00–16:00 东半厅 合唱排练 王秀英 5678 20 一支话筒" in text
    assert text.count("合唱排练") == 1
    assert "共 1 场" in text
    assert "多功能厅、东半厅：09:00–21:00 开放" in text
    assert "小会议室：不开放（消毒）" in text
    assert "13812345678" not in page.text
    assert "当天没有安排" in text_of(wang.get(f"/venues/{house.venue_id}/sheet"))


@pytest.mark.parametrize(
    ("hour", "minute", "said"),
    [
        (8, 0, "09:00 开放 14:00–16:00 合唱排练"),
        (13, 59, "空闲 14:00–16:00 合唱排练"),
        (14, 0, "使用中 合唱排练 到 16:00"),
        (14, 20, "空闲"),  # nobody came
        (21, 0, "今天不再开放"),
    ],
)
def test_the_screen_says_what_is_on_and_names_nobody(
    console, cast, house, hour, minute, said
) -> None:
    paths = [f"/venues/{house.venue_id}/screen", f"/venues/rooms/{house.half.id}/screen"]
    with clock.frozen(at(hour, minute)):
        wang = console.as_(cast.wang)
        for path in (*paths, *(path + "/now" for path in paths)):
            page = wang.get(path)
            at_its_door = said.replace("使用中", "请签到") if "rooms" in path else said
            assert at_its_door in text_of(page), path
            assert "王秀英" not in page.text
        assert console.as_(cast.lin).get(paths[0]).status_code == 404
        assert console.as_(cast.lin).get(paths[1] + "/now").status_code == 404


def test_a_title_with_the_name_in_it_is_not_on_the_screen(console, cast, house) -> None:
    db.session.get_one(Reservation, house.booking_id).title = "王秀英生日会"
    db.session.commit()
    with clock.frozen(at(14)):
        page = console.as_(cast.wang).get(f"/venues/rooms/{house.half.id}/screen")
    assert "请签到 已预约 到 16:00" in text_of(page)
    assert "王秀英" not in page.text


def test_what_for_is_on_the_screen_only_where_the_rules_say_so(console, cast, house, make) -> None:
    make.rules(house.half, door_titles=False)
    with clock.frozen(at(14)):
        wang = console.as_(cast.wang)
        alone = wang.get(f"/venues/rooms/{house.half.id}/screen/now")
        together = wang.get(f"/venues/{house.venue_id}/screen/now")
        for_staff = wang.get(f"/venues/{house.venue_id}/sheet?day={DAY}")
    assert "请签到 已预约 到 16:00" in text_of(alone)
    assert "合唱排练" not in alone.text
    assert "东半厅 使用中 已预约" in text_of(together)
    assert "合唱排练 王秀英" in text_of(for_staff)


def test_the_week_is_a_spreadsheet(console, cast, wang, house) -> None:
    path = f"/venues/{house.venue_id}/week.xlsx?day=2026-03-15"
    answer = wang.get(path)
    assert answer.mimetype == spreadsheets.MIMETYPE
    rows = list(load_workbook(BytesIO(answer.data)).active.iter_rows(values_only=True))
    assert rows[1:] == [
        (DAY, "14:00", "16:00", "东半厅", "合唱排练", "王秀英", "5678", 20, "一支话筒", None)
    ]
    assert console.as_(cast.lin).get(path).status_code == 404


def test_what_is_asked_for_leads_to_its_decision(wang, house, make, now) -> None:
    assert "等您审核" not in text_of(wang.get(f"/venues/{house.venue_id}"))
    make.rules(house.small, approval=True)
    wanted = Wanted(
        room_id=house.small.id, person_id=house.who.person.id, starts_at=at(10), ends_at=at(11),
        title="读书会", headcount=6,
    )  # fmt: skip
    asked = service.reserve(db.session(), house.who.me, wanted, now)
    db.session.commit()
    assert "有 1 个场地申请，等您审核" in text_of(wang.get(f"/venues/{house.venue_id}"))
    page = wang.get(f"/venues/reservations/{asked.booking_id}")
    assert f"/admin/venues/requests/{asked.booking_id}" in page.text
    assert "待审核" in text_of(page)
    assert wang.post(f"/venues/rooms/{house.small.id}/book", form(house)).status_code == 302
    newest = select(Booking.state).order_by(Booking.id.desc())
    assert db.session.scalars(newest).first() == "confirmed"  # the desk gives the room at once
