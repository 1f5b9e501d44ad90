"""`make test`: build the client and test it, see to a Chromium and Chinese fonts, run pytest.

With arguments pytest alone runs, with them. Without a browser the tests that need one are left
out, loudly; in CI (CI=true) that is a failure.
"""

import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

from bin import client
from tests.browser import executable

APT = ["apt-get", "-qq", "-o", "Dpkg::Use-Pty=0"]
NO_BROWSER = """
========================================================================================
NOT RUN: the tests that need a browser. No Chromium is installed and none could be had.
Install one (Debian: apt-get install chromium fonts-noto-cjk), or name yours: CHROMIUM=/path
========================================================================================
"""


def may_install() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get") is not None


def apt_install(*packages: str) -> None:
    print(f"Installing {' '.join(packages)} with apt-get (a minute or two)", flush=True)
    environ = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "env": environ}
    subprocess.run([*APT, "update"], **quiet)
    subprocess.run([*APT, "install", "-y", "--no-install-recommends", *packages], **quiet)


def has_chinese_font() -> bool:
    listed = subprocess.run(["fc-list", ":lang=zh"], capture_output=True) if (
        shutil.which("fc-list")
    ) else None  # fmt: skip
    return listed is not None and bool(listed.stdout.strip())


def playwrights_own() -> bool:
    """Whether Playwright has, or can fetch, a Chromium of its own."""
    print("Fetching Playwright's Chromium (a minute or two)", flush=True)
    fetched = subprocess.run(
        [sys.executable, "-m", "playwright", "install", "--only-shell", "chromium"],
        stdin=subprocess.DEVNULL,
    )
    return fetched.returncode == 0


def find_browser() -> bool:
    """An installed Chromium, else Debian's, else Playwright's own."""
    wanted = [] if executable() else ["chromium"]
    if not has_chinese_font():
        wanted.append("fonts-noto-cjk")
    if wanted and may_install():
        apt_install(*wanted)
    return executable() is not None or playwrights_own()


def main() -> int:
    # Several hundred processes are started: each would compile all sources anew.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    build_clients()
    clients = 0 if sys.argv[1:] else client.script("test", "Test the client (vitest)")
    return pytest() or clients


def build_clients() -> None:
    """Build for every platform at the same time: one compiler keeps one core busy."""
    client.install()
    with ThreadPoolExecutor() as builders:
        list(builders.map(client.build, client.PLATFORMS))


def pytest() -> int:
    """Run pytest with what was given, as far as there is a browser; returns its exit code."""
    browser = find_browser()
    left_out = [] if browser else ["-m", "not browser"]
    # One more than there are cores: a third of its time a test waits for others to answer.
    processes = ["-n", str(min((os.cpu_count() or 1) + 1, 4))]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *processes, *left_out, *sys.argv[1:]]
    )
    if browser:
        return done.returncode
    print(NO_BROWSER, file=sys.stderr)
    return done.returncode or (1 if os.environ.get("CI") == "true" else 0)


if __name__ == "__main__":
    sys.exit(main())
