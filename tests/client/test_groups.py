"""A dance team on the phone: one reserves for it, another sees that and gives it back."""

import re
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import select

from backend import clock
from backend.booking.models import Booking
from backend.db import db
from backend.night_school.models import CourseRun
from backend.people.models import Person
from backend.places.models import Place
from backend.venues.models import Reservation
from tests.client.demo import Demo, phone, settle, sign_in, visit
from tests.client.family import family
from tests.client.test_rooms import fits, tap
from tests.factories import Make

pytestmark = pytest.mark.browser

TEAM, ROOM = "晚霞舞蹈队", "镜面舞蹈室"


@dataclass(frozen=True, slots=True)
class Team:
    """A team of two, each with a phone, a neighbour beside them, and the room groups reserve."""

    id: int
    room_id: int
    second: str
    leader: str
    stranger: str


@pytest.fixture
def team(demo: Demo) -> Team:
    home = family(demo, daughter="李秀兰")
    with demo.app.app_context():
        make = Make(clock.now())
        place = db.session.get_one(Place, db.session.get_one(CourseRun, home.run_id).place_id)
        house = make.venue(place, name="晚晴楼", address="望江路 12 号")
        room = make.open_room(place, name=ROOM, venue_id=house.id, capacity=30)
        make.rules(house, audience="groups", group_live=1, series_days=60)
        leader, stranger = (
            make.resident(name, home_place_id=place.id) for name in ("周桂芳", "赵强")
        )
        group = make.group(
            leader.person, db.session.get_one(Person, home.person_id), name=TEAM, place_id=place.id,
            about="广场舞、民族舞，周二、周四排练",
        )  # fmt: skip
        db.session.commit()
        return Team(group.id, room.id, home.openid, leader.openid, stranger.openid)


def reserved(demo: Demo, team: Team) -> tuple[int, str]:
    """What stands for the team: its booking, and how."""
    with demo.app.app_context():
        found = select(Booking.id, Booking.state).join(Reservation).where(
            Reservation.group_id == team.id
        )  # fmt: skip
        return tuple(db.session.execute(found).one())


def test_one_reserves_for_the_team_and_another_gives_it_back(
    demo: Demo, browser: Browser, team: Team
) -> None:
    with phone(browser) as page:
        sign_in(page, demo, team.second)
        visit(page, demo, f"venues/pages/room?id={team.room_id}")
        settle(page)
        page.get_by_role("radiogroup", name="哪一天").get_by_role("radio").nth(1).click()
        starts = page.get_by_role("radiogroup", name="几点开始").get_by_role("radio")
        starts.filter(has_text="15:30").click()
        tap(page, re.compile("约 明天 15:30"))
        party = page.get_by_role("radiogroup", name="谁来用").get_by_role("radio")
        expect(party.filter(has_text=TEAM)).to_be_checked()  # the room is for groups alone
        party.filter(has_text="李秀兰").click()
        expect(page.get_by_role("alert").get_by_text("只给登记的团队使用")).to_be_visible()
        expect(page.get_by_role("alert").get_by_role("button")).to_have_count(0)
        fits(page)
        party.filter(has_text=TEAM).click()
        tap(page, "以后每周都约", "switch")
        expect(page.get_by_text("4 次都可以约。")).to_be_visible()  # for the team every week, too
        fits(page)
        tap(page, "以后每周都约", "switch")
        page.get_by_role("textbox", name="做什么").fill("重阳节目排练")
        page.get_by_role("textbox", name="一共几个人").fill("16")
        fits(page)
        tap(page, "确定预约")
        expect(page.get_by_text("预约好了，到时候见！").first).to_be_visible()
        expect(page.get_by_text(TEAM).first).to_be_visible()
        fits(page)
    booking_id, state = reserved(demo, team)
    assert state == "confirmed"

    with phone(browser) as page:
        sign_in(page, demo, team.leader)
        visit(page, demo)
        expect(page.get_by_text(f"{TEAM}下一次约的房间")).to_be_visible()
        fits(page)
        visit(page, demo, "pages/bookings")
        mine = page.get_by_role("link", name=re.compile(ROOM))
        expect(mine).to_contain_text(f"{TEAM} · 李秀兰")
        fits(page)
        visit(page, demo, "venues/pages/venues")
        fits(page)
        tap(page, re.compile(TEAM), "link")
        expect(page.get_by_text("重阳节目排练 · 李秀兰")).to_be_visible()
        expect(page.get_by_text("想退出，请先请社区登记另一位负责人")).to_be_visible()
        expect(page.get_by_role("button", name="退出团队")).to_have_count(0)
        fits(page)
        tap(page, re.compile(ROOM), "link")
        fits(page)
        tap(page, "取消预约")
        expect(page.get_by_text("取消前请先和队友说一声")).to_be_visible()
        tap(page, "确定取消")
        expect(page.get_by_text("已经取消，时间让给邻居了。").first).to_be_visible()
    assert reserved(demo, team) == (booking_id, "cancelled")

    with phone(browser) as page:
        sign_in(page, demo, team.stranger)
        visit(page, demo, f"venues/pages/group?id={team.id}")
        fits(page)
        expect(page.get_by_text(TEAM)).to_have_count(0)
        visit(page, demo, "venues/pages/venues")
        settle(page)
        expect(page.get_by_text(TEAM)).to_have_count(0)
        fits(page)
