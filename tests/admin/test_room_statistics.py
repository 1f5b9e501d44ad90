"""The statistics of rooms: what the page and its spreadsheet say, and who may see what."""

import re
from datetime import datetime
from html import unescape
from io import BytesIO

import pytest
from openpyxl import load_workbook

from backend import clock
from backend.db import db
from backend.places import occupancy
from backend.places.models import OccupantKind
from backend.venues import requests, service
from backend.venues.service import Wanted
from tests.console import Console, me_of, text_of
from tests.factories import Make

MARCH = "since=2026-03-13&until=2026-03-14"


def at(hour: int, day: int = 13):
    return datetime(2026, 3, day, hour, tzinfo=clock.LOCAL)


@pytest.fixture
def house(make: Make, cast, now):
    """A small room used for three of 24 hours on two days; another that one is never given."""
    small = make.open_room(cast.here, name="小会议室", capacity=10)
    asked = make.open_room(cast.here, name="直播间", capacity=10)
    make.rules(cast.here)
    make.rules(asked, approval=True)
    who = make.resident("王秀英", home_place_id=cast.here.id)
    other = make.resident("钱多多", home_place_id=cast.here.id)
    for room, guest, hour, until in ((small, who, 14, 17), (asked, other, 10, 11)):
        wanted = Wanted(
            room_id=room.id, person_id=guest.person.id, starts_at=at(hour), ends_at=at(until),
            title="合唱排练", headcount=6,
        )  # fmt: skip
        made = service.reserve(db.session(), guest.me, wanted, now)
    requests.decline(db.session(), me_of(cast.wang), made.booking_id, "另有活动", now)
    use = occupancy.Use(small.id, at(9, 14), at(12, 14), OccupantKind.BLOCK, 3)
    occupancy.occupy(db.session(), [use], now)
    db.session.commit()
    with clock.frozen(at(12, 16)):
        yield small, asked


def figures(page: str, table: str) -> dict[str, list[str]]:
    """What the cells of one table say, by the name of their line."""
    found = re.search(rf'id="figures-{table}">.*?</table>', page, re.S)
    assert found, table
    rows = re.findall(r"<tr><th scope=\"row\">(.*?)</tr>", found[0], re.S)
    cells = [
        [unescape(re.sub(r"<.*?>", " ", cell)).strip() for cell in re.split(r"</t[hd]>", row)]
        for row in rows
    ]
    return {row[0]: [cell for cell in row[1:] if cell] for row in cells}


def test_a_venue_room_by_room(console: Console, cast, house) -> None:
    small, _asked = house
    page = console.as_(cast.wang).get(f"/venues/statistics?venue_id={small.venue_id}&{MARCH}")
    # open, used, share, lessons, reserved, missed, late, early, declined
    assert figures(page.text, "rooms") == {
        "小会议室": ["21.0", "3.0", "14.3%", "0.0", "1", "0", "0", "0.0", "0"],
        "直播间": ["24.0", "0.0", "0.0%", "0.0", "0", "0", "0", "0.0", "1"],
    }
    text = text_of(page)
    assert "使用率 6.7% 用了 3.0 小时，开放 45.0 小时" in text
    assert "另有安排（小时） 3.0" in text
    assert "14:00 – 不开放" not in text
    assert re.search(r"14:00 (不开放 – ){4}50% 1/2 0% 0/2 不开放 – 25% 1/4", text)
    assert "共 1 位居民。申请没有获准：1 次、1 位。" in text
    assert "钱多多 最近想用：" in text
    assert "1 次没约上" in text


def test_a_place_by_venue_and_a_room_alone(console: Console, cast, house) -> None:
    small, _asked = house
    wang = console.as_(cast.wang)
    page = wang.get(f"/venues/statistics?{MARCH}")
    assert list(figures(page.text, "venues").values()) == [
        [cast.here.name, "2", "45.0", "3.0", "6.7%", "0.0", "1", "0", "0", "0.0", "1"]
    ]
    page = wang.get(f"/venues/statistics?room_id={small.id}&{MARCH}")
    assert "14.3% 用了 3.0 小时，开放 21.0 小时" in text_of(page)
    assert 'id="figures-' not in page.text


def test_as_a_spreadsheet(console: Console, cast, house) -> None:
    answer = console.as_(cast.wang).get(f"/venues/statistics.xlsx?{MARCH}")
    book = load_workbook(BytesIO(answer.data))
    assert book.sheetnames == [
        "合计", "场馆", "分时使用率", "分时开放（小时）", "分时使用（小时）", "没约上的原因",
        "一直没约上的居民", "口径说明",
    ]  # fmt: skip
    heading, total = book["合计"].iter_rows(values_only=True)
    said = dict(zip(heading, total, strict=True))
    assert (said["开放时长（小时）"], said["使用时长（小时）"], said["使用率（%）"]) == (45, 3, 6.7)
    rows = {row[0]: row[1:] for row in book["分时使用率"].iter_rows(values_only=True)}
    assert rows["14:00"] == ("–", "–", "–", "–", 50, 0, "–", 25)
    assert "1 位居民想用场地" in str(list(book["口径说明"].iter_rows(values_only=True)))
    reasons = list(book["没约上的原因"].iter_rows(values_only=True))
    assert reasons[1:] == [("申请没有获准", 1, 1)]
    [one] = list(book["一直没约上的居民"].iter_rows(values_only=True))[1:]
    assert (one[0], one[1], one[4]) == ("钱多多", 1, "申请没有获准")


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ("place_id=999999", 404), ("venue_id=999999", 404), ("room_id=999999", 404),
        ("period=decade", 422), ("since=2026-13-01", 422), ("until=2026-01-01", 422),
        ("since=2026-03-02&until=2026-03-01", 422), ("since=2020-01-01&until=2026-01-01", 422),
        ("period=last-year", 200), ("since=2027-01-01&until=2027-02-01", 200), ("", 200),
    ],
)  # fmt: skip
def test_what_is_asked_for(console: Console, cast, house, asked, status) -> None:
    assert console.as_(cast.wang).get(f"/venues/statistics?{asked}").status_code == status


def test_reach(console: Console, cast, house, make: Make) -> None:
    far = make.place(parent=make.place())
    room = make.open_room(far, name="远处")
    wang = console.as_(cast.wang)
    for asked in (f"place_id={far.id}", f"venue_id={room.venue_id}", f"room_id={room.id}"):
        assert wang.get(f"/venues/statistics?{asked}").status_code == 404
        assert wang.get(f"/venues/statistics.xlsx?{asked}").status_code == 404
    assert "远处" not in wang.get("/venues/statistics").text


def test_as_many_reads_for_many_rooms(console: Console, cast, house, make, statements) -> None:
    wang = console.as_(cast.wang)
    wang.get("/venues/statistics")
    statements.clear()
    wang.get("/venues/statistics")
    few = len(statements)
    for number in range(5):
        make.open_room(cast.here, name=f"{number}号教室")
    statements.clear()
    wang.get("/venues/statistics")
    assert len(statements) == few
