"""The built mini-program signs up through WeChat's own compiler, against a real server."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from sqlalchemy import select

from backend.booking.models import Booking, State
from backend.db import db
from bin import node
from tests.client.demo import Demo
from tests.client.family import FATHER, Family, booked_by, family
from tests.server import ROOT

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def build(mini_program: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Away from the client's package.json, which would make modules of its CommonJS files."""
    return shutil.copytree(mini_program, tmp_path_factory.mktemp("wechat") / "build")


def run(file: str, demo: Demo, build: Path, home: Family, **more: object) -> None:
    """One file of miniprogram/tests/mp on a phone that `home`'s daughter holds."""
    told = {"build": build, "api": demo.base, "standin": demo.standin.url, "openid": home.openid,
            "run": home.run_id, "who": FATHER} | more  # fmt: skip
    env = os.environ | {"PATH": node.search_path()}
    done = subprocess.run(
        ["npm", "run", "--silent", "test:mp", "--", file], cwd=ROOT / "miniprogram",
        env=env | {f"XF_{name.upper()}": str(value) for name, value in told.items()},
        capture_output=True, text=True, timeout=240,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-6000:]


def test_signing_up_somebody_of_the_household(demo: Demo, build: Path) -> None:
    """What its pages did is told by vitest; what came of it stands in the tables."""
    home = family(demo)
    run("sign-up", demo, build, home)
    with demo.app.app_context():
        booked = db.session.scalars(select(Booking).where(Booking.bookable_id == home.run_id)).one()
        assert (booked.person_id, booked.account_id, booked.state) == (
            home.father_id, home.account_id, State.CONFIRMED)  # fmt: skip


def test_every_page_opens(demo: Demo, build: Path) -> None:
    home = family(demo)
    run("pages", demo, build, home, booking=booked_by(demo, home))


def test_my_pages_by_finger(demo: Demo, build: Path) -> None:
    run("people", demo, build, family(demo))
