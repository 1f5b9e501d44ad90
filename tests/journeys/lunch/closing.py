"""The afternoon: who did not come, what the last phone knows, money back, the tills."""

import re
import secrets

from sqlalchemy import func, select

from backend.booking.models import Booking, State
from backend.canteen.accounts.desk_models import TillClose
from backend.canteen.models import Mode
from backend.money import in_yuan
from tests.journeys.doors import hidden, says
from tests.journeys.lunch import rounds
from tests.journeys.lunch.book import Lunch
from tests.journeys.lunch.counter import STAY_AWAY
from tests.journeys.lunch.evening import PAID_IN
from tests.journeys.lunch.rounds import Team
from tests.journeys.term.world import at

WANTS_IT_BACK = 1203
"""Moves to their son, and has what is left paid out."""


def note_who_did_not_come(lunch: Lunch) -> None:
    """Half an hour after the meal; five of them are on a phone without a battery."""
    lunch.world.move_to(at(3, 12, 13, 5))
    lunch.world.scheduler_runs()
    unheard = STAY_AWAY + len(_not_at_home(lunch)) + len(lunch.unsent)
    assert _states(lunch)[State.MISSED] == unheard
    assert State.CONFIRMED not in _states(lunch)


def hear_the_last_phone(lunch: Lunch, team: Team) -> None:
    """Then it is as it was."""
    rounds.wake_the_dead_phone(lunch, team.dead)
    assert _states(lunch) == {
        State.MISSED: len(missed(lunch)), State.CANCELLED: len(lunch.cancelled) + 1,
        State.ATTENDED: len(lunch.door) + len(lunch.counter) + 2,
    }  # fmt: skip


def count_the_hours(lunch: Lunch) -> None:
    """Every courier, from leaving to coming back."""
    page = says(lunch.world.clerk("sun").get("/deliveries/hours?month=2026-03-01"))
    for number in range(1, rounds.COURIERS + 1):
        assert f"志愿者{number} " in page


def pay_back(lunch: Lunch) -> None:
    """What is left, against a receipt, and not a fen more."""
    clerk, one = lunch.world.clerk("lin"), lunch.town.eaters[WANTS_IT_BACK]
    path = f"/meal-accounts/{one.person_id}"
    page = clerk.get(path)
    left = PAID_IN - one.pays_fen
    [purse] = re.findall(r'<option value="(\d+)"[^>]*>[^<]*最多退', page.text)
    form = {"canteen_id": hidden(page, "canteen_id")[0], "purse_id": purse}
    for fen, status in ((left + 1, 409), (left, 200)):
        more = {"back_yuan": in_yuan(fen), "key": secrets.token_hex(8)}
        assert clerk.post(f"{path}/refund", form | more).status_code == status
    lunch.till["林晓燕"] -= left
    lunch.spent[WANTS_IT_BACK] = left


def count_the_tills(lunch: Lunch) -> None:
    """Five o'clock: what lies there is what the receipts say."""
    lunch.world.move_to(at(3, 12, 17))
    clerk = lunch.world.clerk("lin")
    page = clerk.get("/meal-accounts/tills")
    forms = re.findall(r'<form class="panel form-narrow".*?</form>', page.text, re.S)
    assert len(forms) == len(lunch.till)
    for form in forms:
        [name] = [one for one in lunch.till if one in form]
        assert f"{in_yuan(lunch.till[name])} 元" in form
        fields = dict(re.findall(r'name="(\w+)" value="(\d+)"', form))
        counted = fields | {"counted": in_yuan(lunch.till[name])}
        assert name in clerk.does("/meal-accounts/tills", counted)
    rows = lunch.world.rows(select(TillClose.expected_fen, TillClose.counted_fen))
    assert sorted(map(tuple, rows)) == sorted((fen, fen) for fen in lunch.till.values())


def missed(lunch: Lunch) -> set[int]:
    """Whose meal was cooked, paid for and not eaten."""
    had = lunch.door | lunch.counter | lunch.cancelled
    return {one.number for one in lunch.town.eaters} - had


def _not_at_home(lunch: Lunch) -> set[int]:
    brought = {one.number for one in lunch.town.eaters if one.mode is Mode.DELIVERY}
    return brought - lunch.door - lunch.cancelled - lunch.unsent


def _states(lunch: Lunch) -> dict[str, int]:
    counted = select(Booking.state, func.count().label("orders")).group_by(Booking.state)
    return {row.state: row.orders for row in lunch.world.rows(counted)}
