"""11 March: balances come in, the menu is shown, 1,500 order; at four it is charged and frozen."""

import re
import secrets

from sqlalchemy import func, select

from backend import spreadsheets
from backend.booking.models import Booking, State
from backend.canteen.accounts.models import Hold, HoldState, Purse
from backend.canteen.models import MealService, MenuItem
from backend.desk.meal_import import BORN, NAME, PHONE, YUAN
from backend.money import in_yuan
from backend.spreadsheets import Column
from tests.journeys.doors import hidden, says
from tests.journeys.lunch.book import Lunch
from tests.journeys.lunch.district import ALLERGIC, DAY, MENU, Eater
from tests.journeys.term.world import at

PAID_IN = 5000
IN_CASH = 20
"""So many pay in at the desk; the others bring a balance from the card they had before."""
RESERVE = 2
"""Portions of porridge beyond what is ordered, for those who come by."""


def bring_balances(lunch: Lunch) -> None:
    """1,480 of them in one sheet: looked at first, then written, and only once."""
    clerk, canteen = lunch.world.clerk("lin"), lunch.town.canteen
    rows = [
        (one.name, one.phone, one.born, PAID_IN // 100) for one in lunch.town.eaters[IN_CASH:]
    ]  # fmt: skip
    columns = [Column(NAME), Column(PHONE), Column(BORN), Column(YUAN)]
    sheet = spreadsheets.write("期初余额", columns, rows)
    for _twice in range(2):
        preview = clerk.post("/meal-accounts/import", {"canteen_id": canteen}, file=sheet)
        if "导入过了" in says(preview):
            break
        total = f"{len(rows)} 位居民，共 {len(rows) * PAID_IN // 100} 元"
        assert total in says(preview)
        form = {name: hidden(preview, name)[0] for name in ("canteen_id", "lines", "previewed")}
        done = clerk.does("/meal-accounts/import/confirm", form)
        assert f"{len(rows)} 张餐卡有了期初余额" in done
    else:
        raise AssertionError("the same sheet can be written twice")


def pay_in_cash(lunch: Lunch) -> None:
    """The others come with fifty yuan each; a double click is one receipt."""
    clerk = lunch.world.clerk("lin")
    for one in lunch.town.eaters[:IN_CASH]:
        form = {"canteen_id": lunch.town.canteen, "yuan": "50", "key": secrets.token_urlsafe(12)}
        slips = [
            clerk.post(f"/meal-accounts/{one.person_id}/top-up", form).url.path
            for _click in range(2 if one.number == 0 else 1)
        ]  # fmt: skip
        assert re.fullmatch(r"/admin/meal-accounts/receipts/\d+", slips[0])
        assert len(set(slips)) == 1
        lunch.till["林晓燕"] += PAID_IN


def set_up_standing_orders(lunch: Lunch) -> None:
    """Before anything is on the menu: every Thursday, the same dish."""
    made = lunch.world.all_at_once(
        lambda one: lunch.world.phone(one).post("/standing-orders", {
            "person_id": one.person_id, "canteen_id": lunch.town.canteen, "meal": "lunch",
            "weekdays": [DAY.weekday()], "dish_ids": [lunch.town.dishes[one.dish]],
            "otherwise": "nothing", "portions": one.portions, "mode": one.mode,
            "since": DAY.isoformat(),
        }),
        [one for one in lunch.town.eaters if one.stands],
    )  # fmt: skip
    assert {(one["made"], one["left_out"]) for one in made} == {(0, 0)}


def show_the_menu(lunch: Lunch) -> None:
    """The clerk ticks the dishes and shows the week; standing orders order themselves."""
    clerk, canteen = lunch.world.clerk("lin"), lunch.town.canteen
    form: dict[str, object] = {"day": DAY.isoformat(), "meal": "lunch"}
    for name, ident in lunch.town.dishes.items():
        form |= {f"on_{ident}": "1", f"price_{ident}": in_yuan(MENU[name])}
    porridge = sum(one.portions for one in lunch.town.eaters if one.dish == "小米粥")
    form[f"portions_{lunch.town.dishes['小米粥']}"] = porridge + RESERVE
    assert "菜单已保存" in clerk.does(f"/canteens/{canteen}/menu", form)
    published = clerk.does(f"/canteens/{canteen}/publish", {"day": DAY.isoformat()})
    assert "发布了 1 餐" in published
    [meal] = lunch.world.rows(select(MealService.id))
    rows = lunch.world.rows(select(MenuItem.id, MenuItem.dish_id))
    named = {ident: name for name, ident in lunch.town.dishes.items()}
    lunch.meal_id = meal.id
    lunch.items = {named[row.dish_id]: row.id for row in rows}
    lunch.world.scheduler_runs()
    assert _ordered(lunch) == sum(one.stands for one in lunch.town.eaters)


def order(lunch: Lunch) -> None:
    """1,200 phones; the price is the one that was shown, and a diet has to be overruled."""
    lunch.world.move_to(at(3, 11, 12))
    allergic = lunch.town.eaters[ALLERGIC]
    assert _orders(lunch, allergic, sure=False)["errcode"] == 409319
    rest = [one for one in lunch.town.eaters if not one.stands]
    answers = lunch.world.all_at_once(lambda one: _orders(lunch, one), rest)
    for one, answer in zip(rest, answers, strict=True):
        assert answer["errcode"] == 0, (one, answer)
        data = answer["data"]
        assert (data["state"], data["pays_fen"]) == (State.CONFIRMED, one.pays_fen)
    again = _orders(lunch, rest[0])["data"]
    assert again["booking_id"] == answers[0]["data"]["booking_id"], "a tap sent twice"
    lunch.look_up_orders()
    assert len(lunch.orders) == len(lunch.town.eaters)


def close(lunch: Lunch) -> None:
    """At four: what was held is charged, and nobody changes anything any more."""
    lunch.world.move_to(at(3, 11, 16, 1))
    lunch.world.scheduler_runs()
    late = _orders(lunch, lunch.town.walk_ins[0])
    assert late["errcode"] // 1000 == 409
    [held] = lunch.world.rows(select(func.count()).where(Hold.state == HoldState.OPEN))
    assert held[0] == 0
    [left] = lunch.world.rows(select(func.sum(Purse.balance_fen)))
    cost = sum(one.pays_fen for one in lunch.town.eaters)
    assert left[0] == len(lunch.town.eaters) * PAID_IN - cost


def _orders(lunch: Lunch, one: Eater, *, sure: bool = True) -> dict[str, object]:
    """Every second says where to; the others are brought to the address on their card."""
    where = one.address if one.number % 2 else None
    answer: dict[str, object] = lunch.world.phone(one).send(
        "POST", f"/canteens/meals/{lunch.meal_id}/orders",
        {"person_id": one.person_id, "mode": one.mode, "address": where, "despite_diet": sure,
         "dishes": [{"id": lunch.items[one.dish], "portions": one.portions}],
         "pays_fen": one.pays_fen},
        **{"Idempotency-Key": f"lunch-{one.number}"},
    ).json()  # fmt: skip
    return answer


def _ordered(lunch: Lunch) -> int:
    [row] = lunch.world.rows(select(func.count(Booking.id)).where(Booking.state == State.CONFIRMED))
    return int(row[0])
