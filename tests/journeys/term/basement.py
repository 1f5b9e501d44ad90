"""Four of the lessons are in the basement: the tablet keeps the page, the network is really cut."""

from datetime import timedelta

import segno
from playwright.sync_api import Browser, Page, expect

from admin.doors import COOKIE
from tests.browser import TABLET
from tests.journeys.term import lessons
from tests.journeys.term.lessons import Class
from tests.journeys.term.lines import Place
from tests.journeys.term.world import World
from tests.tablets import CLOCK_OFF

DONE = "全部已上传"


class Tablet:
    """The worker's tablet: one for the whole term, so that it keeps what it keeps."""

    def __init__(self, world: World, browser: Browser) -> None:
        self.world = world
        self.context = browser.new_context(viewport=TABLET, locale="zh-CN")
        self.page: Page = self.context.new_page()
        self.wrong: list[str] = []
        self.page.on("pageerror", lambda error: self.wrong.append(str(error)))
        self._hours = 0

    def wake_up(self) -> None:
        """Its clock goes with the days, and the worker signs in."""
        hours = self.world.ahead // 3600
        self.context.add_init_script(CLOCK_OFF % (hours - self._hours))
        self._hours = hours
        cookie = self.world.clerk("wang").http.cookies[COOKIE]
        where = f"{self.world.base}/admin"
        self.context.add_cookies([{"name": COOKIE, "value": cookie, "url": where}])

    def open(self, lesson_id: int) -> None:
        """The page of a lesson, upstairs where there is a network."""
        self.page.goto(f"{self.world.base}/admin/classes/lessons/{lesson_id}")
        self.page.evaluate("navigator.serviceWorker.ready.then(() => null)")
        self.page.wait_for_function("() => caches.has('attendance-choices')")
        expect(self.page.locator("#keep")).to_contain_text(DONE)

    def close(self) -> None:
        self.context.close()
        assert self.wrong == []


def take_without_a_network(
    world: World, book: Class, number: int, tablet: Tablet, *, server_stops: bool = False
) -> None:
    """Down there: a code is typed, one is photographed, absences are tapped, the rest is here.

    Nothing has reached the office by then; upstairs all of it does.
    """
    lesson_id, starts_at = book.lessons[number]
    world.move_to(starts_at - timedelta(minutes=10))
    tablet.wake_up()
    tablet.open(lesson_id)
    if server_stops:
        world.stop()
    else:
        tablet.context.set_offline(True)
    missing = book.misses(number)
    here = [one for one in book.learners if one not in missing]
    tablet.page.reload()
    type_a_code(tablet.page, book, here[0])
    photograph_a_code(world, tablet.page, book, here[1])
    for one in missing:
        name = f"{one.who.name} 缺席"
        tablet.page.get_by_role("button", name=name, exact=True).click()
    tablet.page.get_by_role("button", name="全部到齐").click()
    counted = f"{len(here)} / {len(book.learners)}"
    expect(tablet.page.locator("#tally")).to_contain_text(counted)
    keep = tablet.page.locator("#keep")
    expect(keep).to_contain_text(f"已保存在本机 {len(book.learners)} 条，联网后自动上传")
    assert lessons.marks(world, book, number) == {}
    if server_stops:
        world.start()
        tablet.page.evaluate("window.dispatchEvent(new Event('online'))")
    else:
        tablet.context.set_offline(False)
    expect(keep).to_contain_text(DONE)
    lessons.note(book, number, missing)
    assert lessons.marks(world, book, number) == lessons.book_of(book, number)


def type_a_code(page: Page, book: Class, one: Place) -> None:
    """The six digits, read aloud."""
    page.get_by_label("六位数字").fill(book.codes[one.booking_id])
    page.get_by_role("button", name="签到", exact=True).click()
    expect(page.locator(".verdict.good")).to_contain_text(one.who.name)


def photograph_a_code(world: World, page: Page, book: Class, one: Place) -> None:
    """The code on a learner's phone, by a photo of it."""
    picture = world.folder / "photo.png"
    segno.make(book.pictures[one.booking_id]).save(str(picture), scale=6, border=4)
    page.set_input_files("[data-photo]", picture)
    expect(page.locator(".verdict.good")).to_contain_text(one.who.name)
