"""Nothing is fetched from another host: the policy says so, and no page would be hurt by it."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser import PHONE

WATCH = """
window.refused = [];
document.addEventListener('securitypolicyviolation', (event) => {
  window.refused.push(`${event.effectiveDirective} ${event.blockedURI} ${event.sourceFile}`);
});
"""


def pages(mini_program: Path) -> list[str]:
    """Every page there is; both builds have the same."""
    app = json.loads((mini_program / "app.json").read_text(encoding="utf-8"))
    own = list(app["pages"])
    for package in app.get("subPackages", []):
        own += [f"{package['root'].strip('/')}/{page}" for page in package["pages"]]
    return own


@pytest.mark.browser
def test_no_page_asks_anything_of_another_host(
    browser: Browser, site: str, mini_program: Path
) -> None:
    asked: set[str] = set()
    refused: list[str] = []
    context = browser.new_context(viewport=PHONE, locale="zh-CN")
    context.add_init_script(WATCH)
    page = context.new_page()
    page.on("request", lambda request: asked.add(request.url))
    page.goto(f"{site}/m/")
    for path in pages(mini_program):
        page.goto("about:blank")  # or a new address in the same page loads it a second time
        page.goto(f"{site}/m/#/{path}")
        page.wait_for_load_state("networkidle")
        refused += [f"{path}: {one}" for one in page.evaluate("window.refused.splice(0)")]
    context.close()
    assert len(asked) > 5
    assert [url for url in asked if not url.startswith((site, "data:", "blob:"))] == []
    assert refused == []


@pytest.mark.browser
def test_the_policy_is_what_keeps_others_out(browser: Browser, site: str) -> None:
    """The test above could not fail if the browser let everything through."""
    context = browser.new_context()
    context.add_init_script(WATCH)
    page = context.new_page()
    page.goto(f"{site}/m/")
    page.evaluate("fetch('http://127.0.0.2:9/').catch(() => 0)")
    page.evaluate("document.body.append(Object.assign(new Image(), {src: 'http://127.0.0.2:9/'}))")
    page.wait_for_function("window.refused.length >= 2")
    refused = page.evaluate("window.refused.map((one) => one.split(' ')[0])")
    context.close()
    assert sorted(refused) == ["connect-src", "img-src"]
