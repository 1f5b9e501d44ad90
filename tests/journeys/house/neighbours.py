"""A house with two rooms, the neighbours who want them, and the worker who runs it."""

import re
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime

from flask import Flask
from playwright.sync_api import Browser, Page, expect

from admin.doors import COOKIE
from backend.db import db
from backend.staff import passwords
from backend.staff.models import Role
from tests.browser import TABLET
from tests.client.demo import phone, settle, visit
from tests.factories import Make
from tests.journeys.term.district import PASSWORD
from tests.journeys.term.world import World
from tests.standin import wait_until

HERE = {"latitude": 30.58, "longitude": 114.28}
"""As the maps have it."""


@dataclass(frozen=True)
class House:
    """The ids of what is there; who lives near by, by the name on their phone."""

    venue: int
    study: int
    hall: int
    openids: dict[str, str]


def open_the_house(app: Flask, now: datetime) -> House:
    """A study that is had at once, a hall that is asked for; another house far away."""
    with app.app_context():
        make = Make(now)
        here = make.once("community", make.place)
        house = make.venue(here, name="听雨轩", address="望江路 8 号", step_free=True, **HERE)
        study = make.open_room(
            here, name="望江书画室", venue_id=house.id, capacity=12, functions=["calligraphy"],
            step_free=True,
        )  # fmt: skip
        hall = make.open_room(here, name="多功能厅", venue_id=house.id, capacity=80)
        make.rules(house, no_show_minutes=15)
        make.rules(hall, approval=True)
        far = make.venue(here, name="远山堂", latitude=30.7, longitude=114.28)
        make.open_room(
            here, name="远山画室", venue_id=far.id, capacity=12, functions=["calligraphy"]
        )
        make.rules(far)
        same = passwords.hash_password(PASSWORD)
        make.staff(Role.WORKER, name="王敏", username="wang", password_hash=same)
        openids = {
            name: make.resident(name, home_place_id=here.id).openid
            for name in ("王秀英", "李建国", "张桂芳")
        }
        db.session.commit()
        return House(house.id, study.id, hall.id, openids)


class Neighbourhood:
    """Everybody's phone and the worker's tablet, for the whole story."""

    def __init__(self, world: World, house: House, browser: Browser, stack: ExitStack) -> None:
        self.world, self.house = world, house
        self._browser, self._stack = browser, stack
        self._phones: dict[str, Page] = {}
        self._tablet: Page | None = None

    def phone(self, name: str, address: str) -> Page:
        """A page of the client on somebody's phone; the first time they sign in."""
        if name not in self._phones:
            near = {"geolocation": HERE, "permissions": ["geolocation"]}
            page = self._stack.enter_context(phone(self._browser, **near))
            code = self.world.standin.login_code(self.house.openids[name])
            visit(page, self.world, f"sign-in?code={code}")
            wait_until(lambda: page.evaluate("localStorage.getItem('xf.session') !== null"))
            self._phones[name] = page
        page = self._phones[name]
        visit(page, self.world, address)
        settle(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, page.url
        return page

    def tablet(self, path: str) -> Page:
        """A page of the console as the worker has it."""
        where = f"{self.world.base}/admin"
        if self._tablet is None:
            context = self._browser.new_context(viewport=TABLET, locale="zh-CN")
            self._stack.callback(context.close)
            self._tablet = context.new_page()
        cookie = self.world.clerk("wang").cookie
        self._tablet.context.add_cookies([{"name": COOKIE, "value": cookie, "url": where}])
        self._tablet.goto(f"{where}/{path}")
        return self._tablet


def tap(page: Page, name: str | re.Pattern[str], role: str = "button") -> None:
    page.get_by_role(role, name=name).first.click()


def reads(page: Page, words: str | re.Pattern[str]) -> None:
    expect(page.get_by_text(words).first).to_be_visible()
