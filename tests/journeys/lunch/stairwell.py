"""One courier's phone, in a browser: its network is cut, its battery ends, nothing is lost."""

from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from admin.doors import COOKIE
from tests.browser import PHONE
from tests.canteen.photos import a_photo
from tests.journeys.lunch.book import Lunch
from tests.journeys.lunch.rounds import AT_HOME, DEAD, Courier, eater_of
from tests.journeys.term.world import at
from tests.tablets import CLOCK_OFF

SENT = "全部已上传"
BY_PHOTO = 3


class Telephone:
    """The courier's own, for the whole lunch."""

    def __init__(self, lunch: Lunch, browser: Browser, courier: Courier) -> None:
        self.lunch = lunch
        self.courier = courier
        self.stops = list(courier.stops())
        self.context: BrowserContext = browser.new_context(viewport=PHONE, locale="zh-CN")
        hours = lunch.world.ahead // 3600
        self.context.add_init_script(CLOCK_OFF % hours)
        where = f"{lunch.world.base}/admin"
        cookie = {"name": COOKIE, "value": courier.clerk.cookie, "url": where}
        self.context.add_cookies([cookie])
        self.wrong: list[str] = []
        self.page = self.start()

    def start(self) -> Page:
        """A page; after the battery was empty, another one."""
        page = self.context.new_page()
        page.on("pageerror", lambda error: self.wrong.append(str(error)))
        self.page = page
        return page

    def keep(self) -> Locator:
        """The line that says what still waits."""
        return self.page.locator("#keep")

    def card(self, number: int) -> Locator:
        """The stop of the run's n-th, counted from 0."""
        card = self.page.locator(f'[data-stop="{self.stops[number]["id"]}"]')
        if card.locator("details").first.get_attribute("open") is None:
            card.locator("summary").first.click()
        return card

    def by_code(self, number: int) -> None:
        """The eater reads six digits aloud."""
        card, one = self.card(number), eater_of(self.lunch, self.stops[number])
        card.get_by_label("六位取餐码").fill(self.lunch.codes[one.number])
        card.get_by_role("button", name="凭码送达").click()
        expect(card).to_have_attribute("data-state", "done")
        self.lunch.door.add(one.number)

    def picture(self, name: str) -> None:
        """To be looked at by whoever ran this."""
        self.page.screenshot(path=self.lunch.pictures / f"{name}.png")
        assert self.page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]

    def close(self) -> None:
        """Put away."""
        self.context.close()
        assert self.wrong == []


def leave(phone: Telephone) -> None:
    """By the page: boxes, then the stops in the order they are walked."""
    page = phone.page
    page.goto(f"{phone.lunch.world.base}/admin/courier")
    page.get_by_role("link", name="锦绣苑").click()
    page.evaluate("navigator.serviceWorker.ready.then(() => null)")
    page.wait_for_function("() => caches.has('courier-choices')")
    page.get_by_label("带出几个饭盒？").fill(str(len(phone.stops)))
    page.get_by_role("button", name="出发").click()
    expect(phone.keep()).to_contain_text(SENT)
    expect(page.locator("[data-stop]")).to_have_count(len(phone.stops))
    shown = page.locator("[data-stop]").first
    one = eater_of(phone.lunch, phone.stops[0])
    expect(shown).to_contain_text("1单元")
    expect(shown).to_contain_text(f"{one.name[0]}*{one.name[-1]}")
    expect(page.get_by_text(one.name)).to_have_count(0)
    call = phone.card(0).get_by_role("link", name="打电话")
    expect(call).to_have_attribute("href", f"tel:{one.phone}")
    phone.picture("courier-leaves")


def knock(phone: Telephone) -> None:
    """Door after door; one takes a photo, at one nobody opens. Then into the cellar: five more."""
    page = phone.page
    numbers = [eater_of(phone.lunch, one).number for one in phone.stops]
    shut, upstairs = numbers.index(AT_HOME), len(numbers) - DEAD
    door = phone.lunch.world.folder / "door.jpg"
    door.write_bytes(a_photo(3000, 2000))
    for number in range(upstairs):
        if number == shut:
            card = phone.card(number)
            card.get_by_text("没送到", exact=True).first.click()
            card.get_by_role("button", name="上门无人应答").click()
            expect(card).to_have_attribute("data-state", "failed")
        elif number == BY_PHOTO:
            card = phone.card(number)
            card.get_by_label("谁收的").fill("女儿")
            card.locator("[name=photo]").set_input_files(door)
            card.get_by_role("button", name="拍照送达").click()
            expect(card).to_have_attribute("data-state", "done")
            phone.lunch.door.add(numbers[number])
        else:
            phone.by_code(number)
    expect(phone.keep()).to_contain_text(SENT)
    phone.picture("courier-on-the-way")
    phone.context.set_offline(True)
    for number in range(upstairs, len(numbers)):
        phone.by_code(number)
    expect(phone.keep()).to_contain_text(f"已保存在本机 {DEAD} 条")
    expect(page.locator("[data-progress]")).to_contain_text(f"{len(numbers)} / {len(numbers)}")
    phone.picture("courier-in-the-cellar")
    phone.lunch.door -= set(numbers[upstairs:])  # nobody else knows of these yet
    page.close()  # the battery is empty


def charge_the_battery(phone: Telephone) -> None:
    """Twenty past eleven: it is there as it was, still without a network; then it is sent."""
    phone.lunch.world.move_to(at(3, 12, 11, 20))
    page = phone.start()
    page.goto(f"{phone.lunch.world.base}/admin/courier")
    page.get_by_role("link", name="锦绣苑").click()
    expect(phone.keep()).to_contain_text(f"已保存在本机 {DEAD} 条")
    expect(page.locator("[data-stop]").last).to_contain_text("待上传")
    phone.context.set_offline(False)
    page.evaluate("window.dispatchEvent(new Event('online'))")
    expect(phone.keep()).to_contain_text(SENT)
    numbers = [eater_of(phone.lunch, one).number for one in phone.stops]
    phone.lunch.door |= set(numbers[-DEAD:])


def come_by_again(phone: Telephone) -> None:
    """Who was in the garden opens now."""
    numbers = [eater_of(phone.lunch, one).number for one in phone.stops]
    shut = numbers.index(AT_HOME)
    card = phone.card(shut)
    card.get_by_role("button", name="有人开门了").click()
    expect(card).to_have_attribute("data-state", "todo")
    phone.by_code(shut)
    expect(phone.keep()).to_contain_text(SENT)
    phone.picture("courier-done")
