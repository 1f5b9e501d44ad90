"""A real Chromium, headless, with a fresh profile and no way out of this machine."""

import atexit
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from playwright.sync_api import Browser, Playwright, expect, sync_playwright

WITHOUT = (
    # Each window draws the pages behind its address bar, unseen: most of what a page costs.
    "WebUIOmniboxPopup", "WebUIOmniboxAimPopup", "WebUIOmniboxFullPopup",
    # Playwright's own list, which the one given here replaces.
    "AvoidUnnecessaryBeforeUnloadCheckSync", "DestroyProfileOnBrowserClose", "HttpsUpgrades",
    "HttpsFirstBalancedModeAutoEnable", "LensOverlay", "MediaRouter", "PaintHolding",
    "ThirdPartyStoragePartitioning", "AvoidCorsURLLoaderRestartOnRedirect", "OptimizationHints",
    "TcpPortRandomizationWin", "NetworkTimeServiceQuerying", "AimEnabled", "PreconnectToSearch",
)  # fmt: skip

FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream",
    f"--disable-features={','.join(WITHOUT)}",
)  # fmt: skip

expect.set_options(timeout=20_000)  # a busy machine is slow, not wrong

PHONE = {"width": 390, "height": 844}
TABLET = {"width": 1024, "height": 768}


def executable() -> str | None:
    """An installed Chromium; None leaves the choice to Playwright (its own download)."""
    if given := os.environ.get("CHROMIUM"):
        return given
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)


@cache
def _playwright() -> Playwright:
    """One for the whole process: Playwright does not start twice in a thread."""
    running = sync_playwright().start()
    atexit.register(running.stop)
    return running


@contextmanager
def chromium(*more_flags: str) -> Iterator[Browser]:
    """A browser; pages are opened by `browser.new_page(viewport=PHONE)`."""
    browser = _playwright().chromium.launch(
        executable_path=executable(), args=[*FLAGS, *more_flags]
    )
    try:
        yield browser
    finally:
        browser.close()
