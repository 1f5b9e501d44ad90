"""The study: found near by, taken, come to or not, moved and given back."""

import re

from playwright.sync_api import Page, expect

from tests.client.demo import settle
from tests.journeys.house.neighbours import Neighbourhood, reads, tap
from tests.journeys.term.world import at

STUDY, HOUSE = "望江书画室", "听雨轩"


def look_near_by(page: Page) -> None:
    """A room for calligraphy, for six, tomorrow afternoon for two hours, near me."""
    tap(page, "书画", "radio")
    page.get_by_role("textbox", name="大概几个人").fill("6")
    tap(page, re.compile("明天"), "radio")
    tap(page, re.compile("下午"), "radio")
    tap(page, re.compile("离我近"), "radio")
    tap(page, "找房间")
    settle(page)


def take(page: Page, title: str) -> None:
    """The last step: what stands there from the search is kept, what for is said."""
    expect(page.get_by_role("textbox", name="一共几个人")).to_have_value("6")
    page.get_by_role("textbox", name="做什么").fill(title)
    tap(page, "确定预约")
    reads(page, "预约好了，到时候见！")


def find_and_reserve(town: Neighbourhood) -> None:
    """Wang takes the first two hours; Li, who looks after her, is shown what is left."""
    wang = town.phone("王秀英", "venues/pages/search")
    look_near_by(wang)
    rooms = wang.locator(".found-room__head")
    nearest = (f"{STUDY}.*{HOUSE} · 约 .*米", "远山画室.*约 1[34] 公里")
    expect(rooms).to_have_text([re.compile(one) for one in nearest])
    tap(wang, f"预约{STUDY} 明天 14:00", "link")
    take(wang, "练字")
    li = town.phone("李建国", "venues/pages/search")
    look_near_by(li)
    expect(li.get_by_role("link", name=f"预约{STUDY} 明天 16:00")).to_be_visible()
    expect(li.get_by_role("link", name=re.compile(f"预约{STUDY} 明天 1[45]"))).to_have_count(0)
    tap(li, f"预约{STUDY} 明天 16:00", "link")
    take(li, "画扇面")


def find_nothing(town: Neighbourhood) -> None:
    """In that house there is nothing left for Zhang, but it is open; what comes near is named."""
    zhang = town.phone("张桂芳", "venues/pages/search")
    tap(zhang, "书画", "radio")
    tap(zhang, re.compile("明天"), "radio")
    tap(zhang, "自己定", "radio")
    for end, hour in (("从几点", 14), ("到几点", 16)):
        hours = zhang.get_by_role("radiogroup", name=end)
        hours.get_by_role("radio", name=f"{hour} 点", exact=True).click()
    tap(zhang, "还有要求")
    tap(zhang, "全程无障碍", "switch")
    tap(zhang, "找房间")
    settle(zhang)
    reads(zhang, "明天 14 点到 16 点没有正好合适的房间")
    reads(zhang, "1 间开着，但没有连着 2 小时的空。")
    tap(zhang, re.compile(f"预约{STUDY} 明天 12:00"), "link")
    expect(zhang.get_by_role("radio", name=re.compile("2 小时"))).to_be_checked()


def come_and_leave_early(town: Neighbourhood) -> None:
    """The sheet is printed, the door shows a code, Wang comes, and goes an hour early."""
    town.world.move_to(at(3, 12, 13, 50))
    sheet = town.tablet(f"venues/{town.house.venue}/sheet")
    for words in ("14:00–16:00", "练字", "王秀英", "16:00–18:00", "李建国"):
        reads(sheet, words)
    door = town.tablet(f"venues/rooms/{town.house.study}/screen")
    code = door.locator(".code-text").inner_text().replace(" ", "")
    assert "王秀英" not in door.content()
    wang = town.phone("王秀英", f"check-in?room={town.house.study}&code={code}")
    expect(wang.get_by_role("heading", name="签到成功")).to_be_visible()
    town.world.move_to(at(3, 12, 15))
    wang = town.phone("王秀英", "pages/bookings")
    tap(wang, re.compile(STUDY), "link")
    tap(wang, "提前结束")
    tap(wang, "确定结束")
    reads(wang, "已经结束，剩下的时间让给邻居了。")
    door = town.tablet(f"venues/rooms/{town.house.study}/screen")
    reads(door, re.compile("空闲"))


def stay_away(town: Neighbourhood) -> None:
    """Li does not come. A quarter past, and no job has run: the rest is Zhang's."""
    town.world.move_to(at(3, 12, 16, 20))
    zhang = town.phone("张桂芳", f"venues/pages/room?id={town.house.study}")
    starts = zhang.get_by_role("radiogroup", name="几点开始").get_by_role("radio")
    starts.filter(has_text="16:30").click()
    tap(zhang, re.compile("约 今天 16:30"))
    zhang.get_by_role("textbox", name="做什么").fill("剪纸")
    zhang.get_by_role("textbox", name="一共几个人").fill("3")
    tap(zhang, "确定预约")
    reads(zhang, "预约好了，到时候见！")
    town.world.scheduler_runs()
    li = town.phone("李建国", "pages/inbox")
    reads(li, re.compile("到点后没有人签到，房间已经让给邻居"))


def move_and_cancel(town: Neighbourhood) -> None:
    """Wang wants the same hour next week, then an hour later, then not at all."""
    wang = town.phone("王秀英", "pages/bookings")
    tap(wang, "看以前的预约")
    tap(wang, re.compile(STUDY), "link")
    tap(wang, "再约一次这个房间", "link")
    tap(wang, re.compile("约 .*14:00"))  # a week later, the same hour
    expect(wang.get_by_role("textbox", name="做什么")).to_have_value("练字")
    tap(wang, "确定预约")
    reads(wang, "预约好了，到时候见！")
    reads(wang, re.compile("3月19日 周四 14:00"))
    tap(wang, "改时间", "link")
    settle(wang)
    days = wang.get_by_role("radiogroup", name="哪一天").get_by_role("radio")
    days.filter(has_text="3月19日").click()
    starts = wang.get_by_role("radiogroup", name="几点开始").get_by_role("radio")
    starts.filter(has_text="15:00").click()
    tap(wang, re.compile("约 .*15:00"))
    tap(wang, "确定改到这个时间")
    reads(wang, "时间改好了，到时候见！")
    tap(wang, "取消预约")
    tap(wang, "确定取消")
    reads(wang, "已经取消，时间让给邻居了。")
