"""Three did not open: they are looked for by the clock, and found; what the dispatcher sees."""

import re
import secrets
from collections.abc import Sequence

from playwright.sync_api import Browser, expect
from sqlalchemy import select

from admin.doors import COOKIE
from backend.canteen.delivery.models import DeliveryStop
from backend.canteen.welfare.models import WelfareCase, WelfareStep
from tests.browser import PHONE, TABLET
from tests.journeys.doors import says
from tests.journeys.lunch.book import Lunch
from tests.journeys.lunch.district import AT_GATE, BROUGHT, COURIERS, EATERS
from tests.journeys.lunch.rounds import ABSENT, AT_HOME, AWAY, DEAD, HOSPITAL, REFUSES, Courier
from tests.journeys.term.world import at

Cases = dict[int, str]


def open_the_cases(lunch: Lunch) -> Cases:
    """One a door, none for who had said so; the pages of them by the eater's number."""
    found = lunch.world.rows(select(WelfareCase.id, WelfareCase.booking_id))
    cases = {lunch.whose[row.booking_id].number: f"/welfare/{row.id}" for row in found}
    assert set(cases) == {HOSPITAL, AWAY, AT_HOME}
    listed = says(lunch.world.clerk("wang").get("/welfare"))
    for number in cases:
        assert f"{lunch.town.eaters[number].name} · 午餐" in listed
    assert lunch.town.eaters[ABSENT].name not in listed
    return cases


def ask_around(lunch: Lunch, cases: Cases) -> None:
    """Minute by minute the ladder says whose turn it is; each call is written down, once."""
    worker = lunch.world.clerk("wang")
    for number in cases:
        shown = worker.post(f"{cases[number]}/phones").text
        assert f'href="tel:{lunch.town.eaters[number].phone}"' in shown
        _log(lunch, cases[number], "call", "nobody", "响了很久")
    lunch.world.move_to(at(3, 12, 11, 2))
    lunch.world.scheduler_runs()
    assert "该问邻居或网格员了" in says(worker.get(cases[AWAY]))
    _log(lunch, cases[AT_HOME], "neighbour", "heard", "在后院浇花，叫她去了")
    _log(lunch, cases[HOSPITAL], "neighbour", "heard", "昨晚救护车来过")
    _log(lunch, cases[AWAY], "neighbour", "nobody", "对门也不在")


def keep_the_run_open(lunch: Lunch, couriers: Sequence[Courier]) -> None:
    """Nobody is done while somebody of theirs is being looked for."""
    place = {stop["id"]: one for one in couriers for stop in one.stops()}
    [row] = lunch.world.rows(
        select(DeliveryStop.id).where(DeliveryStop.booking_id == lunch.orders[AWAY])
    )
    courier = place[row.id]
    refused = courier.clerk.post(f"{courier.at}/back", {"boxes": 30})
    assert (refused.status_code, "关爱核实还没有结束" in says(refused)) == (409, True)


def watch(lunch: Lunch, browser: Browser) -> None:
    """A quarter past eleven, on the dispatcher's screen: the whole meal on one page."""
    lunch.world.move_to(at(3, 12, 11, 15))
    context = browser.new_context(viewport=TABLET, locale="zh-CN")
    where = f"{lunch.world.base}/admin"
    cookie = {"name": COOKIE, "value": lunch.world.clerk("sun").cookie, "url": where}
    context.add_cookies([cookie])
    page = context.new_page()
    page.goto(f"{where}/canteens/meals/{lunch.meal_id}/live")
    failed = {HOSPITAL, AWAY, AT_HOME, ABSENT, REFUSES}
    known = {
        "还没出发": 0, "在路上": 2 * DEAD, "已送到": len(lunch.door), "没送到": len(failed),
        "已取": 0, "还没取": EATERS - BROUGHT - AT_GATE,
    }  # fmt: skip
    assert sum(list(known.values())[1:4]) == BROUGHT + AT_GATE - len(lunch.cancelled)
    for label, count in known.items():
        tile = page.locator(".live-tile", has=page.get_by_text(label, exact=True))
        expect(tile.locator(".tile-number")).to_have_text(str(count))
    expect(page.get_by_text("送餐没有人应（3）")).to_be_visible()
    expect(page.locator(".delivery-count")).to_have_count(COURIERS)
    page.screenshot(path=lunch.pictures / "dispatcher-live.png", full_page=True)
    page.goto(f"{where}/deliveries/{lunch.meal_id}")
    expect(page.get_by_text("在路上").first).to_be_visible()
    page.screenshot(path=lunch.pictures / "dispatcher-runs.png")
    page.set_viewport_size(PHONE)
    for name in page.locator(".delivery-run .row-title").all():
        box = name.bounding_box()
        assert box
        assert box["height"] < 60, "a run's name has two lines at most, whatever stands beside it"
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.screenshot(path=lunch.pictures / "dispatcher-runs-phone.png")
    context.close()


def find_them(lunch: Lunch, cases: Cases) -> None:
    """One is in hospital; of one nobody knows, until the duty office has rung the brother."""
    worker = lunch.world.clerk("wang")
    lunch.world.move_to(at(3, 12, 11, 24))
    lunch.world.scheduler_runs()
    unseen = {"outcome": "hospital", "food": "neighbour", "food_with": ""}
    refused = worker.post(f"{cases[HOSPITAL]}/close", unseen)
    assert (refused.status_code, "请写明交给了哪位邻居" in says(refused)) == (422, True)
    found = worker.does(f"{cases[HOSPITAL]}/close", unseen | {"food_with": "302赵阿姨"})
    assert "在医院 ；饭菜交给邻居（302赵阿姨）" in found
    _log(lunch, cases[AWAY], "family", "nobody", "")
    lunch.world.move_to(at(3, 12, 11, 34))
    lunch.world.scheduler_runs()
    steps = lunch.world.rows(
        select(WelfareStep.step)
        .join(WelfareCase, WelfareCase.id == WelfareStep.case_id)
        .where(WelfareCase.booking_id == lunch.orders[AWAY], WelfareStep.raised_at.is_not(None))
    )
    assert {row.step for row in steps} >= {"call", "neighbour", "family", "duty"}
    _log(lunch, cases[AWAY], "duty", "taken_over", "值班室派人上门，也在问物业")
    _log(lunch, cases[AWAY], "duty", "heard", "问到弟弟，去他家了")
    away = {"outcome": "away", "food": "taken_back", "note": "昨天去了弟弟家，忘了说"}
    assert "外出，平安 ；饭菜带回食堂" in worker.does(f"{cases[AWAY]}/close", away)
    assert "在家，平安 ；饭菜交到本人手里" in says(worker.get(cases[AT_HOME]))
    rows = lunch.world.rows(select(WelfareCase.booking_id, WelfareCase.outcome, WelfareCase.food))
    assert {(lunch.whose[row.booking_id].number, row.outcome, row.food) for row in rows} == {
        (HOSPITAL, "hospital", "neighbour"), (AWAY, "away", "taken_back"),
        (AT_HOME, "safe", "handed"),
    }  # fmt: skip
    assert "没有要核实的" in says(worker.get("/welfare"))


def _log(lunch: Lunch, case: str, step: str, answer: str, note: str) -> None:
    """Twice, as a double click does."""
    form = {"step": step, "answer": answer, "note": note, "key": secrets.token_hex(8)}
    for _click in range(2):
        page = lunch.world.clerk("wang").does(f"{case}/steps", form)
    if note:
        assert len(re.findall(note, page)) == 1
