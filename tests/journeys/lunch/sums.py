"""Every fen and every portion, counted from the rows and by this test itself."""

from collections import Counter

from sqlalchemy import func, select

from backend.booking.models import Booking, State
from backend.canteen.accounts.desk_models import Receipt
from backend.canteen.accounts.models import Entry, EntryKind, Hold, HoldState, MealAccount, Purse
from backend.canteen.claims.models import MealClaimLine
from backend.canteen.delivery.models import DeliveryRun, DeliveryStop, StopState
from backend.canteen.kitchen.models import KitchenSheet
from backend.canteen.models import MenuItem
from backend.canteen.ordering.models import MealLine, MealOrder, MealShare
from backend.canteen.serving.models import MealServed
from tests.journeys.lunch.book import Lunch
from tests.journeys.lunch.closing import missed
from tests.journeys.lunch.counter import FROM_ACCOUNT, walk_in_pays
from tests.journeys.lunch.district import AT_GATE, BROUGHT, COURIERS
from tests.journeys.lunch.evening import IN_CASH, PAID_IN, RESERVE
from tests.journeys.lunch.settling import DIED


def every_fen(lunch: Lunch) -> None:
    """What was paid in is what was eaten, what went back and what is left, for each and in all."""
    eaters, (cash, account, late) = lunch.town.eaters, lunch.town.walk_ins
    porridge, greens = walk_in_pays("小米粥"), walk_in_pays("清炒时蔬套餐")
    left = {
        one.person_id: PAID_IN
        - lunch.spent[one.number]
        - (0 if one.number in lunch.cancelled | lunch.refunded else one.pays_fen)
        for one in eaters
    } | {cash.person_id: 0, account.person_id: FROM_ACCOUNT - porridge, late.person_id: greens}
    rows = lunch.world.rows(
        select(MealAccount.person_id, func.sum(Purse.balance_fen).label("fen"))
        .join(Purse, Purse.account_id == MealAccount.id)
        .group_by(MealAccount.person_id)
    )
    assert {row.person_id: row.fen for row in rows} == left
    kinds = _sums(lunch, select(Entry.kind, func.sum(Entry.fen)).group_by(Entry.kind))
    charged = sum(one.pays_fen for one in eaters) + 2 * porridge + greens
    back = sum(eaters[one].pays_fen for one in lunch.cancelled | lunch.refunded) + greens
    assert kinds == {
        EntryKind.OPENING: (len(eaters) - IN_CASH) * PAID_IN,
        EntryKind.TOP_UP: IN_CASH * PAID_IN + FROM_ACCOUNT + porridge + greens,
        EntryKind.CHARGE: -charged, EntryKind.REVERSAL: back,
        EntryKind.REFUND: -sum(lunch.spent.values()),
    }  # fmt: skip
    assert sum(kinds.values()) == sum(left.values())
    [row] = lunch.world.rows(select(func.sum(Receipt.fen)))
    assert row[0] == sum(lunch.till.values()) == kinds["top_up"] + kinds["refund"]
    [row] = lunch.world.rows(select(func.count()).where(Hold.state == HoldState.OPEN))
    assert row[0] == 0


def every_price(lunch: Lunch) -> None:
    """Price is subsidy and share, meal by meal; the claims are the shares of what was eaten."""
    of_order = {
        row.booking_id: row
        for row in lunch.world.rows(
            select(MealOrder.booking_id, MealOrder.list_fen, MealOrder.fee_fen,
                   MealOrder.subsidy_fen, MealOrder.pays_fen)
        )
    }  # fmt: skip
    for one in lunch.town.eaters:
        row = of_order[lunch.orders[one.number]]
        assert (row.subsidy_fen, row.pays_fen) == (one.subsidy_fen, one.pays_fen)
    for row in of_order.values():
        assert row.list_fen + row.fee_fen == row.subsidy_fen + row.pays_fen
    shares = _sums(
        lunch,
        select(MealLine.booking_id, func.sum(MealShare.fen))
        .join(MealShare, MealShare.line_id == MealLine.id)
        .group_by(MealLine.booking_id),
    )
    assert shares == {ident: row.subsidy_fen for ident, row in of_order.items()}
    lines = select(MealClaimLine.booking_id, func.sum(MealClaimLine.fen))
    asked = _sums(lunch, lines.group_by(MealClaimLine.booking_id))
    asked = {ident: fen for ident, fen in asked.items() if fen}
    assert asked == {ident: shares[ident] for ident in asked}
    eaten = {lunch.orders[one] for one in (lunch.door | lunch.counter) - lunch.refunded - {DIED}}
    assert eaten < set(asked)
    assert len(asked) == len(eaten) + RESERVE


def every_portion(lunch: Lunch) -> None:
    """Cooked is brought, fetched, missed and given back, dish by dish; none stands twice."""
    eaters = lunch.town.eaters
    became: Counter[str] = Counter()
    for one in eaters:
        ways = {
            "door": lunch.door, "counter": lunch.counter, "missed": missed(lunch),
            "cancelled": lunch.cancelled,
        }  # fmt: skip
        [way] = [name for name, numbers in ways.items() if one.number in numbers]
        became[way] += one.portions
    [sheet] = lunch.world.rows(select(KitchenSheet.orders, KitchenSheet.portions))
    assert (sheet.orders, sheet.portions) == (len(eaters), sum(became.values()))
    by_row = Counter(
        {(row.state, row.way): row.portions for row in lunch.world.rows(
            select(Booking.state, MealServed.way, func.sum(MealLine.portions).label("portions"))
            .join(MealLine, MealLine.booking_id == Booking.id)
            .outerjoin(
                MealServed,
                (MealServed.booking_id == Booking.id) & MealServed.undone_at.is_(None),
            )
            .group_by(Booking.state, MealServed.way)
        )}
    )  # fmt: skip
    assert by_row == {
        (State.ATTENDED, "door"): became["door"],
        (State.ATTENDED, "counter"): became["counter"] + RESERVE,
        (State.MISSED, None): became["missed"],
        (State.CANCELLED, None): became["cancelled"] + 1,
    }
    [taken] = lunch.world.rows(select(func.sum(MenuItem.taken)))
    assert taken[0] == sheet.portions - became["cancelled"] + RESERVE
    twice = (
        select(MealServed.booking_id)
        .where(MealServed.undone_at.is_(None))
        .group_by(MealServed.booking_id)
        .having(func.count() > 1)
    )
    assert lunch.world.rows(twice) == []


def every_bag(lunch: Lunch) -> None:
    """In one stop each; every run is back, with one box less than it took."""
    states = _sums(
        lunch, select(DeliveryStop.state, func.count()).group_by(DeliveryStop.state)
    )  # fmt: skip
    assert states == {
        StopState.DONE: len(lunch.door), StopState.GONE: len(lunch.cancelled),
        StopState.FAILED: BROUGHT + AT_GATE - len(lunch.door) - len(lunch.cancelled),
    }  # fmt: skip
    runs = lunch.world.rows(
        select(DeliveryRun.back_at, DeliveryRun.boxes_out, DeliveryRun.boxes_in)
    )
    assert all(row.back_at for row in runs)
    assert sum(row.boxes_out for row in runs) == BROUGHT + AT_GATE
    assert sum(row.boxes_in for row in runs) == BROUGHT + AT_GATE - COURIERS


def _sums(lunch: Lunch, query: object) -> dict[str, int]:
    return {key: int(value) for key, value in lunch.world.rows(query)}
