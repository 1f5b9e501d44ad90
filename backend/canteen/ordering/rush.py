"""Ordering in a rush: a batch of orders is read at once, judged one by one, written at once.

The same rules judge them as in `service.order`, which answers whoever needs more than a new order
or a no: who amends one, who saw another price, who has to be asked about a diet.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Date,
    Select,
    String,
    and_,
    bindparam,
    cast,
    func,
    literal,
    select,
)
from sqlalchemy.orm import Session, aliased

from backend import clock
from backend.arrays import Rows
from backend.booking.each import book_each
from backend.booking.models import LIVE, Booking, State
from backend.booking.service import Actor
from backend.canteen.accounts import holding_each
from backend.canteen.eaters.models import Diet
from backend.canteen.ordering import bill, facts, rules, writing_each
from backend.canteen.ordering.asked import Asked, Wanted
from backend.canteen.ordering.models import MealChange
from backend.canteen.ordering.service import Ordered, wish_of
from backend.canteen.ordering.writing_each import Made
from backend.canteen.pricing import facts as pricing
from backend.db import AnyRow, UtcDateTime, hold, table_of
from backend.errors import NotFound, Refusal
from backend.people.models import AccessToken, Account, Person
from backend.people.queries import Resident, is_signed_in, may_act_for
from backend.places.models import Place

_token, _account = table_of(AccessToken), table_of(Account)
_live, _earlier = aliased(Booking), aliased(Booking)
_change = table_of(MealChange)
_callers = Rows(
    "caller",
    {"token_hash": String(), "meal_id": BigInteger(), "person_id": BigInteger(), "key": String()},
)


def _for_callers() -> Select[*tuple[Any, ...]]:
    caller = _callers.table
    once_key = literal(f"{facts.WORD}:").concat(cast(caller.c.meal_id, String))
    live = and_(
        _live.person_id == Person.id, _live.once_key == once_key, _live.state.in_(LIVE)
    )  # fmt: skip
    earlier = and_(
        _earlier.account_id == _account.c.id, _earlier.idempotency_key == caller.c.key
    )  # fmt: skip
    changed = and_(
        _change.c.account_id == _account.c.id, _change.c.idempotency_key == caller.c.key
    )  # fmt: skip
    may_act = may_act_for(
        Person.id, _account.c.id, _account.c.person_id, bindparam("today", type_=Date)
    )
    return (
        select(
            caller.c.no, _account.c.id.label("account_id"), _account.c.person_id.label("self_id"),
            *facts.EATER, _live.id.label("live_id"),
            func.coalesce(_earlier.id, _change.c.booking_id).label("earlier_id"),
        )
        .select_from(caller)
        .join(_token, _token.c.token_hash == caller.c.token_hash)
        .join(_account, _account.c.id == _token.c.account_id)
        .join(Person, Person.id == caller.c.person_id)
        .outerjoin(Place, Place.id == Person.home_place_id)
        .outerjoin(Diet, Diet.person_id == Person.id)
        .outerjoin(_live, live)
        .outerjoin(_earlier, earlier)
        .outerjoin(_change, changed)
        .where(
            is_signed_in(_token, _account, bindparam("now", type_=UtcDateTime)),
            Person.merged_into_id.is_(None), may_act,
        )
    )  # fmt: skip


_FOR_CALLERS = _for_callers()


@dataclass(frozen=True, slots=True)
class Order:
    """Who calls, by the hash of the token, and for what; `admit` counts the call or refuses it."""

    token_hash: str
    wanted: Wanted
    admit: Callable[[Resident], None]


@dataclass(frozen=True, slots=True)
class _Judged:
    """An order that keeps to the rules and can be paid, and whose account orders it."""

    made: Made
    account_id: int


def order_each(
    session: Session, calls: Sequence[Order], now: datetime
) -> list[Ordered | Refusal | None]:
    """What becomes of each: an order or a refusal, or None for those `service.order` has to see.

    PostgreSQL only. What cannot be written for one fails all of them, and each goes on alone.
    """
    hold(session)
    answers: list[Ordered | Refusal | None] = [None] * len(calls)
    found = _read_callers(session, calls, now)
    _lock_people(session, [row.id for row in found.values()])
    known = _Known(session, calls, found)
    judged: dict[int, _Judged] = {}
    for number, row in found.items():
        call = calls[number]
        try:
            call.admit(Resident(row.account_id, row.self_id))
            if (one := known.judge(call.wanted, row, now)) is not None:
                judged[number] = one
        except Refusal as refusal:
            answers[number] = refusal
    wishes = [(wish_of(one.made.asked.wanted), Actor(account_id=one.account_id))
              for one in judged.values()]  # fmt: skip
    booked = dict(zip(judged, book_each(session, wishes, now) if wishes else (), strict=True))
    made = {number: given.booking_id for number, given in booked.items() if given is not None}
    if made:
        writing_each.write(
            session, {ident: judged[number].made for number, ident in made.items()}, now
        )
    for number, ident in made.items():
        pays_fen = judged[number].made.bill.pays_fen
        answers[number] = Ordered(ident, State.CONFIRMED, is_new=True, pays_fen=pays_fen)
    return answers


class _Known:
    """What was read for a batch, and who in it has taken what so far."""

    def __init__(
        self, session: Session, calls: Sequence[Order], found: Mapping[int, AnyRow]
    ) -> None:
        wanted = [calls[number].wanted for number in found]
        people = [one.person_id for one in wanted]
        self.meals: dict[int, AnyRow] = {}
        self.items: dict[int, dict[int, AnyRow]] = {}
        self.prices: dict[int, tuple[Any, ...]] = {}
        for meal_id in {one.meal_service_id for one in wanted}:
            try:
                meal = self.meals[meal_id] = facts.meal_for(session, meal_id, 0)
            except NotFound:
                continue
            ids = {item for one in wanted if one.meal_service_id == meal_id
                   for item, _portions in one.dishes}  # fmt: skip
            self.items[meal_id] = facts.items_of(session, meal_id, ids)
            held = pricing.rules_for(session, meal.path, meal.day)
            eaters = pricing.eaters_of(session, people, meal.day)
            used = pricing.used_by_each(session, people, meal.day, held)
            self.prices[meal_id] = held, eaters, used
        self.purses = holding_each.purses_of(session, people) if people else {}
        self.taken: Counter[int] = Counter()
        self.met: set[int] = set()

    def judge(self, wanted: Wanted, eater: AnyRow, now: datetime) -> _Judged | None:
        """None: it has to be looked into alone. Raises the refusals of the rules, BalanceShort."""
        meal = self.meals.get(wanted.meal_service_id)
        if meal is None or eater.live_id or eater.earlier_id or eater.id in self.met:
            return None
        asked = facts.asked_of(wanted, meal, eater, self.items[meal.id], {}, now)
        rules.check(asked)
        held, eaters, used = self.prices[meal.id]
        made = bill.made(asked, held, eaters[eater.id], used.get(eater.id, {}))
        is_stale = wanted.pays_fen not in (None, made.pays_fen)
        if is_stale or asked.to_confirm() or not self._fits(asked):
            return None
        parts = holding_each.parts_of(self.purses.get(eater.id, ()), made.pays_fen, meal.day)
        self.met.add(eater.id)
        self.taken.update(dict(wanted.dishes))
        return _Judged(Made(asked, made, parts), eater.account_id)

    def _fits(self, asked: Asked) -> bool:
        """Whether there is enough after those before in the batch."""
        for item_id, wanted in asked.wanted.dishes:
            item = asked.items[item_id]
            taken = item.taken + self.taken[item_id] + wanted
            if item.capacity is not None and taken > item.capacity + item.overbooked:
                return False
        return True


def _read_callers(session: Session, calls: Sequence[Order], now: datetime) -> dict[int, AnyRow]:
    """Those who are signed in and may act for whom they order for, by their place in the batch.

    With the order that the person has for that meal, and what the account did under the same key.
    """
    asked = _callers.lists(
        (one.token_hash, one.wanted.meal_service_id, one.wanted.person_id,
         one.wanted.idempotency_key)
        for one in calls
    )  # fmt: skip
    rows = session.execute(_FOR_CALLERS, asked | {"now": now, "today": clock.today(now)})
    return {row.no - 1: row for row in rows}


def _lock_people(session: Session, ids: Sequence[int]) -> None:
    """Nobody else orders for them meanwhile; in the order of their ids, as two batches may meet."""
    in_order = select(Person.id).where(Person.id.in_(ids)).order_by(Person.id)
    session.execute(in_order.with_for_update(key_share=True))
