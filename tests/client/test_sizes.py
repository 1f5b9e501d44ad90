"""What a phone has to load before it shows anything, counted in the built files."""

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Response

from tests.browser import PHONE

KB = 1024
FIRST_LOAD = 110 * KB
MAIN_PACKAGE = 300 * KB
WECHAT_PACKAGE = 2048 * KB  # WeChat's own limit for any one package


def subpackages(mini_program: Path) -> list[str]:
    app = json.loads((mini_program / "app.json").read_text(encoding="utf-8"))
    return [package["root"].strip("/") for package in app.get("subPackages", [])]


def size(files: list[Path]) -> int:
    return sum(path.stat().st_size for path in files)


def test_the_page_asks_at_once_for_the_first_screen(h5: Path) -> None:
    """And not only when the entry has been fetched and run, a journey to the server later."""
    page = (h5 / "index.html").read_text(encoding="utf-8")
    asked = re.findall(r'<link rel="(\w+)" crossorigin href="\./(assets/[^"]+)"', page)
    home = [path for rel, path in asked if rel == "modulepreload" and "pages-home." in path]
    assert len(home) == 1
    assert {rel for rel, _path in asked} == {"modulepreload", "stylesheet"}
    assert all((h5 / path).is_file() for _rel, path in asked)


@pytest.mark.browser
def test_the_first_load_is_small(browser: Browser, site: str, h5: Path, record_property) -> None:
    """Scripts and styles that a browser asks for until the home page stands, as gzip sends them.

    `.gz` beside the file is what is sent, so the sum is exact whatever the machine's speed.
    """
    loaded: set[str] = set()

    def note(response: Response) -> None:
        if response.request.resource_type in ("script", "stylesheet"):
            assert response.ok, response.url
            loaded.add(response.url.removeprefix(f"{site}/m/"))

    context = browser.new_context(viewport=PHONE, locale="zh-CN")
    page = context.new_page()
    page.on("response", note)
    page.goto(f"{site}/m/")
    page.wait_for_load_state("networkidle")
    context.close()
    sizes = {path: _sent(h5 / path) for path in sorted(loaded)}
    record_property("first_load", sizes)
    assert any(path.startswith("assets/pages-home") for path in sizes), sorted(sizes)
    assert sum(sizes.values()) < FIRST_LOAD, sizes


def _sent(path: Path) -> int:
    packed = path.with_name(f"{path.name}.gz")
    return (packed if packed.exists() else path).stat().st_size


def test_everything_of_text_is_compressed_beforehand(h5: Path) -> None:
    for path in h5.rglob("*"):
        if path.suffix in (".js", ".css", ".html") and path.stat().st_size > 1024:
            for ending in (".br", ".gz"):
                packed = path.with_name(path.name + ending)
                assert packed.stat().st_size < path.stat().st_size, packed.name


def test_the_main_package_is_small(mini_program: Path, record_property) -> None:
    """Everything outside the subpackages: what WeChat fetches before the first page."""
    roots = subpackages(mini_program)
    main = [
        path
        for path in mini_program.rglob("*")
        if path.is_file() and path.relative_to(mini_program).parts[0] not in roots
    ]
    record_property("main_package", size(main))
    biggest = sorted(((path.stat().st_size, path.name) for path in main), reverse=True)[:8]
    assert size(main) < MAIN_PACKAGE, biggest


def test_the_services_are_subpackages(mini_program: Path, record_property) -> None:
    roots = subpackages(mini_program)
    assert "night_school" in roots
    for root in roots:
        files = [path for path in (mini_program / root).rglob("*") if path.is_file()]
        record_property(root, size(files))
        assert 0 < size(files) < WECHAT_PACKAGE
