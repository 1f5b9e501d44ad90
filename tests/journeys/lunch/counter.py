"""11:40: the others fetch theirs, found by what they say or off a kept list; three walk in."""

import re
import secrets
import uuid
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from backend import clock
from backend.canteen.models import MenuItem, Mode
from backend.canteen.serving.models import MealServed
from backend.money import in_yuan
from tests.journeys.doors import Clerk, hidden, says
from tests.journeys.lunch.book import Lunch
from tests.journeys.lunch.district import MENU, Eater
from tests.journeys.term.world import at

STAY_AWAY = 10
"""So many do not come for theirs."""
WITHOUT = 200
"""So many are given out while the counter has no network."""
FROM_ACCOUNT = 2000


def open_it(lunch: Lunch) -> None:
    """Twenty to twelve."""
    lunch.world.move_to(at(3, 12, 11, 40))
    page = says(lunch.world.clerk("xu").get(f"/counter/{lunch.meal_id}"))
    assert f"{len(lunch.door)} / {len(lunch.town.eaters) - len(lunch.cancelled)} 已取" in page


def find_by_what_they_say(lunch: Lunch) -> None:
    """The code, the name, the last four digits; then the page says what it cost, and what is left.

    Once: the same tap again changes nothing, another one is refused.
    """
    clerk, page = lunch.world.clerk("xu"), f"/counter/{lunch.meal_id}"
    first, second, third = _who_fetch(lunch)[:3]
    for one, said, proof in (
        (first, lunch.codes[first.number], "code"), (second, second.name, "name"),
        (third, third.phone[-4:], "name"),
    ):  # fmt: skip
        found = clerk.get(f"{page}?q={said}")
        assert hidden(found, "proof") == [proof]
        tap = {"booking_id": lunch.orders[one.number], "proof": proof, "key": secrets.token_hex(8)}
        assert f'value="{tap["booking_id"]}"' in found.text
        for _click in range(2 if one is first else 1):
            told = clerk.does(f"{page}/serve", tap)
        assert f"{one.name} 已取餐 11:40" in told
        left = in_yuan(5000 - one.pays_fen)
        pays = (
            f"补贴 {in_yuan(one.subsidy_fen)} 元 自付 {in_yuan(one.pays_fen)} 元 餐卡余额 {left} 元"
        )
        assert pays in told
        lunch.counter.add(one.number)
    again = clerk.post(f"{page}/serve", tap | {"key": secrets.token_hex(8)})
    assert (again.status_code, "已经由许阿芳交出去了" in says(again)) == (409, True)
    mine = lunch.world.phone(first).get(f"/canteens/orders/{lunch.orders[first.number]}")
    assert (mine["served_way"], mine["state"]) == ("counter", "attended")


def hand_out(lunch: Lunch) -> None:
    """One tap after the other, at two windows."""
    rest = _who_fetch(lunch)[3:-STAY_AWAY]
    windows = [lunch.world.clerk(name) for name in ("xu", "tang")]
    lunch.world.all_at_once(
        lambda numbered: _tap(lunch, windows[numbered[0] % 2], numbered[1]),
        list(enumerate(rest[:-WITHOUT])),
    )
    lunch.counter |= {one.number for one in rest[:-WITHOUT]}


def hand_out_without_a_network(lunch: Lunch) -> None:
    """A quarter past twelve 200 taps are sent in one go, and again; the first had been served."""
    xu = lunch.world.clerk("xu")
    here = _who_fetch(lunch)[3:-STAY_AWAY][-WITHOUT:]
    taps = [
        {"booking_id": lunch.orders[one.number], "proof": "list", "key": str(uuid.uuid4()),
         "at": clock.rfc3339(clock.now() + timedelta(seconds=step)), "given": True}
        for step, one in enumerate(here)
    ]  # fmt: skip
    _tap(lunch, lunch.world.clerk("tang"), here[0])
    lunch.world.move_to(at(3, 12, 12, 15))
    answers = [_send(lunch, xu, taps) for _twice in range(2)]
    assert answers[0] == answers[1]
    outcomes = [one["outcome"] for one in answers[0]]
    assert outcomes == ["conflict", *["done"] * (WITHOUT - 1)]
    lunch.counter |= {one.number for one in here}
    page = xu.get(f"/counter/{lunch.meal_id}")
    assert "可能发了两份" in says(page)
    [path] = set(re.findall(r"/counter/conflicts/\d+/settle", page.text))
    assert "可能发了两份" not in xu.does(path, {"note": "多发一份，已说明"})


def take_one_back(lunch: Lunch) -> None:
    """The wrong name was tapped; whose it is does not come after all."""
    clerk, wrong = lunch.world.clerk("xu"), _who_fetch(lunch)[-1]
    _tap(lunch, clerk, wrong)
    [row] = lunch.world.rows(
        select(MealServed.id).where(MealServed.booking_id == lunch.orders[wrong.number])
    )
    path = f"/counter/served/{row.id}/take-back"
    assert clerk.post(path, {"reason": ""}).status_code == 422
    assert "已撤销" in clerk.does(path, {"reason": "点错了人"})


def sell_to_walk_ins(lunch: Lunch) -> None:
    """The last two bowls of porridge, in cash and from an account; the third has to choose again,
    and brings it back.
    """
    clerk = lunch.world.clerk("xu")
    cash, account, late = lunch.town.walk_ins
    slip = {"canteen_id": lunch.town.canteen, "yuan": "20", "key": secrets.token_hex(8)}
    lunch.world.clerk("lin").does(f"/meal-accounts/{account.person_id}/top-up", slip)
    lunch.till["林晓燕"] += FROM_ACCOUNT
    _sell(lunch, clerk, cash, "小米粥", in_cash="1")
    _sell(lunch, clerk, account, "小米粥")
    porridge = f"/counter/{lunch.meal_id}/walk-in?person_id={late.person_id}"
    assert "只剩 0 份" in says(clerk.get(f"{porridge}&n_{lunch.items['小米粥']}=1"))
    [row] = lunch.world.rows(
        select(MealServed.id).where(
            MealServed.booking_id == _sell(lunch, clerk, late, "清炒时蔬套餐", in_cash="1")
        )
    )
    back = {"reason": "不吃了", "give_back": "1"}
    assert "退掉这一餐，钱回到餐卡" in clerk.does(f"/counter/served/{row.id}/take-back", back)
    [taken] = lunch.world.rows(select(MenuItem.taken, MenuItem.capacity).where(
        MenuItem.id == lunch.items["小米粥"]
    ))  # fmt: skip
    assert taken.taken == taken.capacity


def walk_in_pays(dish: str) -> int:
    """One portion, fetched."""
    return MENU[dish] - min((MENU[dish] + 2) // 4, 300)


def _who_fetch(lunch: Lunch) -> list[Eater]:
    return [one for one in lunch.town.eaters if one.mode is not Mode.DELIVERY]


def _tap(lunch: Lunch, clerk: Clerk, one: Eater) -> None:
    tap = {
        "booking_id": lunch.orders[one.number], "proof": "code", "key": str(uuid.uuid4()),
        "at": clock.rfc3339(clock.now()), "given": False,
    }  # fmt: skip
    assert _send(lunch, clerk, [tap])[0]["outcome"] == "done"


def _send(lunch: Lunch, clerk: Clerk, taps: list[dict[str, Any]]) -> list[dict[str, Any]]:
    body = {"device_now": clock.rfc3339(clock.now()), "taps": taps}
    answer = clerk.tell(f"/counter/{lunch.meal_id}/taps", body=body)
    assert answer.status_code == 200, answer.text
    answers: list[dict[str, Any]] = answer.json()["answers"]
    return answers


def _sell(lunch: Lunch, clerk: Clerk, one: Eater, dish: str, **more: str) -> int:
    """Found, priced, paid and fetched; a double click sells once. The order."""
    at_counter, item = f"/counter/{lunch.meal_id}/walk-in", lunch.items[dish]
    assert one.name in says(clerk.get(f"{at_counter}?q={one.phone[-4:]}"))
    shown = clerk.get(f"{at_counter}?person_id={one.person_id}&n_{item}=1&mode=dine_in")
    assert hidden(shown, "pays_fen") == [str(walk_in_pays(dish))]
    sale = {
        name: hidden(shown, name)[0] for name in ("person_id", "mode", "pays_fen", "key")
    } | {f"n_{item}": "1"} | more  # fmt: skip
    for _click in range(2):
        sold = clerk.post(at_counter, sale)
        assert f"{one.name} 已取餐" in says(sold)
    if more:
        lunch.till["许阿芳"] += walk_in_pays(dish)
    found = re.search(r"done=(\d+)", str(sold.url))
    assert found
    return int(found[1])
