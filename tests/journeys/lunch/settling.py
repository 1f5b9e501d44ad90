"""April: the city is asked for what was really eaten, for nothing else; and the month for all."""

import re
from decimal import Decimal
from hashlib import sha256
from io import BytesIO

from openpyxl import load_workbook
from pypdf import PdfReader
from sqlalchemy import select

from backend.canteen.claims.models import MealClaim
from backend.canteen.serving.models import MealServed
from backend.money import in_yuan
from tests.journeys.doors import hidden, says
from tests.journeys.lunch.book import Lunch
from tests.journeys.lunch.closing import missed
from tests.journeys.lunch.counter import walk_in_pays
from tests.journeys.lunch.district import MENU, Eater
from tests.journeys.term.world import at

DIED, MOVED = 400, 1100
"""Noted later: one had died by then, so that somebody else ate it; one had only just moved."""
DISPUTED = 1200
"""Says in April that somebody else's name was tapped."""
SPOILED = 1201
"""Shows in April that there was a stone in the soup."""
COST = 1_500_000


def note_who_is_gone(lunch: Lunch) -> None:
    """The worker hears of it at the end of the month."""
    lunch.world.move_to(at(4, 1, 9))
    worker = lunch.world.clerk("wang")
    for number, left, day in ((DIED, "deceased", "2026-03-10"), (MOVED, "moved", "2026-03-12")):
        path = f"/people/{lunch.town.eaters[number].person_id}/left"
        assert "已登记" in worker.does(path, {"left": left, "left_on": day})


def claim(lunch: Lunch) -> int:
    """Proposed, looked at, decided, frozen; its number."""
    lunch.world.move_to(at(4, 2, 9))
    clerk = lunch.world.clerk("qian")
    asked = _propose(lunch, "2026-03-01", "2026-03-31")
    page = clerk.post("/claims/new", asked)
    path = page.url.path.removeprefix("/admin")
    assert "还有 2 餐要核定" in says(page)
    assert clerk.post(f"{path}/freeze").status_code == 409
    for number, claims, reason in (
        (DIED, "false", "家属还卡时才知道，餐是别人吃的"), (MOVED, "true", "当天中午还住在这里"),
    ):  # fmt: skip
        form = {"booking_id": lunch.orders[number], "claims": claims, "reason": reason}
        assert "已核定" in clerk.does(f"{path}/judge", form)
    assert "已定稿" in clerk.does(f"{path}/freeze")
    assert clerk.post(f"{path}/freeze").status_code == 409, "once"
    eaten = _eaten(lunch)
    [row] = lunch.world.rows(select(MealClaim.meals, MealClaim.fen))
    assert row.meals == len(eaten) + 2
    assert row.fen == sum(one.subsidy_fen for one in eaten) + 2 * (
        MENU["小米粥"] - walk_in_pays("小米粥")
    )
    return int(path.rpartition("/")[2])


def read_it_again(lunch: Lunch, claim_id: int) -> bytes:
    """Byte for byte the same, whenever; the spreadsheet adds up to it. The text."""
    clerk, path = lunch.world.clerk("qian"), f"/claims/{claim_id}"
    [row] = lunch.world.rows(
        select(MealClaim.sha256, MealClaim.fen).where(MealClaim.id == claim_id)
    )
    texts = [clerk.get(f"{path}/text.txt").content for _twice in range(2)]
    assert texts[0] == texts[1]
    assert sha256(texts[0]).hexdigest() == row.sha256
    assert "一字不差" in says(clerk.get(f"{path}?verify=true"))
    for one in lunch.town.eaters[:20]:
        assert one.name.encode() not in texts[0]
    with clerk.http.stream("GET", f"{path}/book.xlsx") as answer:
        assert "content-length" not in answer.headers, "it streams"
        book = load_workbook(BytesIO(b"".join(answer.iter_bytes())), read_only=True)
    head, *lines = book["明细"].iter_rows(values_only=True)
    fen = head.index("金额（元）")
    assert sum(Decimal(str(line[fen])) for line in lines) * 100 == row.fen
    orders = [line[head.index("订单编号")] for line in lines]
    assert len(set(orders)) == len(orders)
    never = {lunch.orders[one] for one in missed(lunch) | lunch.cancelled | {DIED}}
    assert not never & set(orders), "no meal that nobody ate"
    return texts[0]


def overlap(lunch: Lunch) -> None:
    """The same days again are refused, also where a form is made by hand."""
    clerk = lunch.world.clerk("qian")
    keys = [f"city:{lunch.town.canteen}"]
    form = {"first": "2026-03-12", "last": "2026-04-01", "keys": keys}
    assert clerk.post("/claims/new", form).status_code == 409


def show_the_month(lunch: Lunch) -> None:
    """Residents read what came in, what was given and what it cost, and no name."""
    clerk = lunch.world.clerk("qian")
    form = {"canteen_id": lunch.town.canteen, "month": "2026-03-01"}
    clerk.does("/claims/months/cost", form | {"cost": in_yuan(COST)})
    assert "已公示" in clerk.does("/claims/months/publish", form)
    sheet = lunch.world.phone().get("/canteens/months?month=2026-03")
    [one] = sheet["canteens"]
    kept = [each for each in lunch.town.eaters if each.number not in lunch.cancelled]
    porridge = walk_in_pays("小米粥")
    income = sum(each.pays_fen for each in kept) + 2 * porridge
    [row] = lunch.world.rows(select(MealClaim.fen))
    meals = len(lunch.door) + len(lunch.counter) + 2
    assert (one["meals"], one["income_fen"], one["subsidy_fen"], one["cost_fen"]) == (
        meals, income, row.fen, COST,
    )  # fmt: skip
    paper = lunch.world.phone().send("GET", "/canteens/months.pdf?month=2026-03").content
    text = "".join(page.extract_text() for page in PdfReader(BytesIO(paper)).pages)
    assert f"{meals}" in text


def take_one_back(lunch: Lunch) -> None:
    """Frozen is frozen: what turns out now stands with a minus in April's."""
    lunch.world.move_to(at(4, 8, 10))
    clerk, one = lunch.world.clerk("xu"), lunch.town.eaters[DISPUTED]
    [row] = lunch.world.rows(
        select(MealServed.id).where(MealServed.booking_id == lunch.orders[one.number])
    )
    reason = {"reason": "本人没来，点成了别人"}
    assert "已撤销" in clerk.does(f"/counter/served/{row.id}/take-back", reason)
    lunch.world.scheduler_runs()
    lunch.counter.remove(one.number)


def pay_one_back(lunch: Lunch) -> None:
    """Eaten is eaten; but the price goes back, and the city is not asked for it any more."""
    clerk, one = lunch.world.clerk("lin"), lunch.town.eaters[SPOILED]
    assert SPOILED in lunch.counter
    path = f"/canteens/orders/{lunch.orders[SPOILED]}"
    done = clerk.does(f"{path}/refund", {"reason": "汤里有石子"})
    assert f"已退回餐卡 {in_yuan(one.pays_fen)} 元" in done
    assert "已经退回餐卡" in clerk.does(f"{path}/refund", {"reason": "又点了一次"})
    lunch.world.scheduler_runs()
    lunch.refunded.add(SPOILED)


def claim_the_next(lunch: Lunch, claim_id: int, text: bytes) -> None:
    """In May: nothing was eaten in April, and two of March go back."""
    lunch.world.move_to(at(5, 2, 9))
    clerk = lunch.world.clerk("qian")
    one, other = lunch.town.eaters[DISPUTED], lunch.town.eaters[SPOILED]
    coming = says(clerk.get(f"/claims/{claim_id}/since"))
    assert "下一张结算单里会更正" in coming
    assert one.name in coming
    assert other.name in coming
    page = clerk.post("/claims/new", _propose(lunch, "2026-04-01", "2026-04-30"))
    path = page.url.path.removeprefix("/admin")
    assert "已定稿" in clerk.does(f"{path}/freeze")
    assert clerk.get(f"/claims/{claim_id}/text.txt").content == text
    assert "一字不差" in says(clerk.get(f"/claims/{claim_id}?verify=true"))
    rows = lunch.world.rows(
        select(MealClaim.meals, MealClaim.corrections, MealClaim.fen).where(
            MealClaim.id != claim_id
        )
    )
    assert list(map(tuple, rows)) == [(0, 2, -one.subsidy_fen - other.subsidy_fen)]
    written = clerk.get(f"{path}/text.txt").text
    assert f",undone,-{one.subsidy_fen}\n" in written
    assert f",refunded,-{other.subsidy_fen}\n" in written
    assert "已经更正" in says(clerk.get(f"/claims/{claim_id}/since"))


def _propose(lunch: Lunch, first: str, last: str) -> dict[str, object]:
    page = lunch.world.clerk("qian").get(f"/claims/new?first={first}&last={last}")
    keys = re.findall(r'name="keys" value="([\w:]+)"', page.text)
    assert keys == [f"city:{lunch.town.canteen}"]
    assert hidden(page, "first") == [first]
    return {"first": first, "last": last, "keys": keys}


def _eaten(lunch: Lunch) -> list[Eater]:
    """Of those who ordered: what the city is asked for."""
    had = (lunch.door | lunch.counter) - {DIED}
    return [one for one in lunch.town.eaters if one.number in had]
