"""How long a slow phone waits: reported, never asserted, for a busy machine is slow too.

`pytest -rP tests/client/test_times.py` prints the report; bench/README.md has the last one.
"""

import pytest
from playwright.sync_api import Browser, CDPSession, Page, expect

from tests.client.demo import Demo, phone

pytestmark = pytest.mark.browser

SLOW_4G = {
    "offline": False,
    "latency": 150,
    "downloadThroughput": 1_638_400 / 8,
    "uploadThroughput": 768_000 / 8,
}
"""1.6 Mbit/s down, 0.75 up, 150 ms there and back: what Lighthouse calls slow 4G."""

CPU_SLOWER = 4

LONG_TASKS = """() => { window.longTasks = [];
  new PerformanceObserver(list => longTasks.push(...list.getEntries().map(one => one.duration)))
    .observe({type: 'longtask', buffered: true}); }"""


def slow_phone(page: Page) -> CDPSession:
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", SLOW_4G)
    session.send("Emulation.setCPUThrottlingRate", {"rate": CPU_SLOWER})
    return session


def test_until_the_first_page_can_be_used(demo: Demo, browser: Browser) -> None:
    """From the tap on a link, with nothing kept, until the tiles can be tapped and classes read."""
    for _ in range(3):
        with phone(browser) as page:
            slow_phone(page)
            page.goto(demo.client, wait_until="commit")
            expect(page.get_by_role("button", name="幸福夜校")).to_be_visible()
            usable = page.evaluate("performance.now()")
            expect(page.locator(".skeleton")).to_have_count(0)
            filled = page.evaluate("performance.now()")
            kilobytes = page.evaluate(
                "performance.getEntries().reduce((sum, one) => sum + (one.transferSize || 0), 0)"
            )
            print(
                f"usable {usable:.0f} ms, filled {filled:.0f} ms, {kilobytes / 1024:.0f} KB in all"
            )
        assert 0 < usable <= filled


def test_scrolling_the_list(demo: Demo, browser: Browser) -> None:
    """All pages of the list, a finger's flick at a time."""
    with phone(browser) as page:
        page.goto(f"{demo.client}#/night_school/pages/classes")
        expect(page.locator(".skeleton")).to_have_count(0)
        session = slow_phone(page)
        page.evaluate(LONG_TASKS)
        page.evaluate("longTasks.length = 0")
        box = {"x": 195, "y": 600}
        for _ in range(12):
            session.send("Input.synthesizeScrollGesture", box | {"yDistance": -1500, "speed": 2500})
        cards = page.locator("a.card").count()
        tasks = sorted(page.evaluate("longTasks"), reverse=True)
        print(f"{cards} cards; long tasks in ms: {[round(one) for one in tasks[:8]] or 'none'}")
    assert cards > 12, "scrolling loads no more"
