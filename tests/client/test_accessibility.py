"""Every screen in both type sizes: nothing serious for axe, targets large enough, nothing cut."""

import json
from datetime import datetime, time, timedelta

import pytest
from playwright.sync_api import Browser, Page
from sqlalchemy import select

from backend import clock
from backend.booking.models import Booking
from backend.db import db
from backend.demo.venues import CENTRE
from backend.market.models import MarketDay, Stall
from backend.night_school.certificates.models import Certificate
from backend.night_school.draws.queries import list_draws
from backend.places.models import Room, Venue
from backend.venues.models import Reservation
from tests.client.demo import Demo, phone, serious_faults, settle, sign_in, visit
from tests.client.family import Family, booked_by, family
from tests.client.test_room_door import reserved
from tests.server import ROOT

pytestmark = pytest.mark.browser

PAGES = json.loads((ROOT / "miniprogram/src/pages.json").read_text(encoding="utf-8"))
ALL = [page["path"] for page in PAGES["pages"]] + [
    f"{package['root']}/{page['path']}"
    for package in PAGES["subPackages"]
    for page in package["pages"]
]
LEAST = {False: 44, True: 60}
"""Pixels a main target measures at least, by large type."""

SMALL_TARGETS = """least => [...document.querySelectorAll(
    'button.button--main, button.button--plain, button.button--danger, [role=radio], '
    + '[role=switch], a.card'
)].filter(one => one.offsetParent && !one.disabled)
  .map(one => [one.textContent.trim().slice(0, 20), one.getBoundingClientRect()])
  .filter(([, box]) => box.height + 0.5 < least || box.width + 0.5 < least)
  .map(([words, box]) => `${words} ${Math.round(box.width)}x${Math.round(box.height)}`)"""

CUT = """() => [...document.querySelectorAll('.page *')]
  .filter(one => one.offsetParent && one.scrollWidth > one.clientWidth + 1
    && getComputedStyle(one).overflowX === 'hidden' && !one.classList.contains('unseen'))
  .map(one => one.className + ': ' + one.textContent.trim().slice(0, 30))"""


def draws(demo: Demo) -> dict[str, int]:
    """The demo's draws by where they stand."""
    with demo.app.app_context():
        return {one["state"]: one["id"] for one in list_draws(db.session(), clock.now())}


def certificate(demo: Demo) -> str:
    """The code of somebody's certificate."""
    with demo.app.app_context():
        return db.session.scalars(select(Certificate.code).limit(1)).one()


def a_stall(demo: Demo) -> tuple[int, int]:
    """(market, stall) of a market that can be booked."""
    with demo.app.app_context():
        ours = select(Stall.market_day_id, Stall.id).join(MarketDay)
        ours = ours.where(MarketDay.opened_at.is_not(None)).order_by(MarketDay.id, Stall.id)
        market_id, stall_id = db.session.execute(ours).first() or (0, 0)
        return market_id, stall_id


def a_start(demo: Demo) -> tuple[int, int, str]:
    """A room of the district's centre, its venue, and what asks for its start of tomorrow."""
    with demo.app.app_context():
        query = select(Room.id, Room.venue_id).where(Room.name == "书法教室").order_by(Room.id)
        room_id, venue_id = db.session.execute(
            query.join(Venue).where(Venue.code == CENTRE)
        ).one()  # fmt: skip
    day = clock.today(clock.now()) + timedelta(days=1)
    ten = datetime.combine(day, time(10), clock.LOCAL)
    return room_id, venue_id, f"?room={room_id}&day={day}&start={int(ten.timestamp() * 1000)}"


def a_reservation(demo: Demo, home: Family) -> int:
    """A room that the daughter has just now; its booking's id."""
    reserved(demo, home, "临风阁", timedelta(), no_show_minutes=60)
    with demo.app.app_context():
        mine = select(Booking.id).join(Reservation).where(Booking.person_id == home.person_id)
        return db.session.scalars(mine).one()


def faults(page: Page, large: bool) -> list[str]:
    settle(page)
    found = serious_faults(page)
    found += [f"small target: {one}" for one in page.evaluate(SMALL_TARGETS, LEAST[large])]
    found += [f"cut off: {one}" for one in page.evaluate(CUT)]
    if page.evaluate("document.documentElement.scrollWidth") > 390:
        found.append("it scrolls sideways")
    return found


@pytest.mark.parametrize("large", [False, True], ids=["normal", "large"])
@pytest.mark.parametrize("signed_in", [True, False], ids=["signed-in", "signed-out"])
def test_every_screen_suits_everybody(
    demo: Demo, browser: Browser, large: bool, signed_in: bool
) -> None:
    home = family(demo)
    booking, (room, venue, start) = booked_by(demo, home), a_start(demo)
    market, stall = a_stall(demo)
    stages = draws(demo)
    asked = {
        "night_school/pages/draw": f"?id={stages['drawn']}",
        "night_school/pages/apply": f"?id={stages['open']}",
        "night_school/pages/transfer": f"?booking={booking}",
        "night_school/pages/verify": f"?code={certificate(demo)}",
        "night_school/pages/class": f"?id={home.run_id}",
        "night_school/pages/sign-up": f"?run={home.run_id}",
        "night_school/pages/result": f"?booking={booking}",
        "night_school/pages/similar": f"?run={home.run_id}",
        "night_school/pages/excuse": f"?booking={booking}",
        "pages/booking": f"?id={booking}",
        "market/pages/day": f"?id={market}",
        "market/pages/book": f"?day={market}&stall={stall}",
        "market/pages/number": f"?stall={stall}",
        "market/pages/line": f"?stall={stall}",
        "venues/pages/venue": f"?id={venue}",
        "venues/pages/room": f"?id={room}",
        "venues/pages/reserve": start,
        "venues/pages/reservation": f"?id={a_reservation(demo, home)}",
    }
    found = {}
    with phone(browser, large=large) as page:
        if signed_in:
            sign_in(page, demo, home.openid)
        for path in ALL:
            visit(page, demo, path + asked.get(path, ""))
            if wrong := faults(page, large):
                found[path] = wrong
    assert found == {}


def test_what_does_not_suit_would_be_found(demo: Demo, browser: Browser) -> None:
    """The control: each of these faults, put there on purpose, is told."""
    with phone(browser, large=True) as page:
        page.goto(demo.client)
        settle(page)
        page.evaluate("""() => document.querySelector('.page').insertAdjacentHTML('beforeend', `
            <img src="" width="9" height="9">
            <button type="button" class="button--main" style="min-height:0;height:20px">x</button>
            <div style="width:80px;overflow:hidden;white-space:nowrap">很长很长很长很长的名字</div>
            <div style="width:500px">wide</div>`)""")
        found = " ".join(faults(page, large=True))
    for fault in ("image-alt", "small target: x", "cut off", "sideways"):
        assert fault in found
