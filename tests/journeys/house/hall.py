"""The hall: two ask for the same afternoon, one of them after a second thought; staff decide."""

import re

from playwright.sync_api import Page

from tests.client.demo import settle
from tests.journeys.house.neighbours import Neighbourhood, reads, tap

DAY_AFTER = 2
"""Friday, seen from Wednesday."""


def choose(page: Page, hour: str) -> None:
    days = page.get_by_role("radiogroup", name="哪一天").get_by_role("radio")
    days.nth(DAY_AFTER).click()
    starts = page.get_by_role("radiogroup", name="几点开始").get_by_role("radio")
    starts.filter(has_text=re.compile(f"^{hour}")).click()
    tap(page, re.compile(f"约 .*{hour}"))


def ask(town: Neighbourhood, name: str, title: str, hour: str) -> None:
    page = town.phone(name, f"venues/pages/room?id={town.house.hall}")
    choose(page, hour)
    page.get_by_role("textbox", name="做什么").fill(title)
    page.get_by_role("textbox", name="一共几个人").fill("30")
    tap(page, "提交申请")
    reads(page, "申请已经交上去了。")


def ask_for_the_same(town: Neighbourhood) -> None:
    """Zhang asked for the morning, and moves to the afternoon that Li asks for."""
    ask(town, "张桂芳", "模特队排练", "10:00")
    ask(town, "李建国", "象棋比赛", "14:00")
    zhang = town.phone("张桂芳", "pages/bookings")
    reads(zhang, "等社区答复的")
    tap(zhang, re.compile("多功能厅"), "link")
    tap(zhang, "改申请的时间", "link")
    settle(zhang)
    choose(zhang, "14:00")
    tap(zhang, "提交申请")
    reads(zhang, "申请已经交上去了。")


def decide(town: Neighbourhood) -> None:
    """Li gets it; Zhang is told that somebody else does, and what else there is."""
    desk = town.tablet("venues/requests")
    tap(desk, re.compile("李建国"), "link")
    reads(desk, "要同一时间的其他申请")
    tap(desk, "通过申请")
    reads(desk, "已通过，另外 1 个冲突的申请没有通过，都已通知居民。")
    li = town.phone("李建国", "pages/bookings")
    tap(li, re.compile("多功能厅"), "link")
    reads(li, "预约码")
    town.world.scheduler_runs()
    zhang = town.phone("张桂芳", "pages/inbox")
    reads(zhang, re.compile("这个时间已经安排给了别的申请"))
