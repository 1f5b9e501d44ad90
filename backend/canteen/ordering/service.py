"""The verbs of ordering: what would it cost, order for somebody, amend.

Giving an order back is that of every booking. Locked in one order: the person, the meal, its
dishes, the purses; whatever is refused, nothing was taken.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.booking import line
from backend.booking import service as booking
from backend.booking.models import Booking, State
from backend.booking.queries import check_mine
from backend.booking.service import Actor, Wish
from backend.canteen.accounts import ledger
from backend.canteen.ordering import bill, facts, portions, rules, writing
from backend.canteen.ordering.asked import Asked, Wanted
from backend.canteen.ordering.bill import Bill
from backend.canteen.ordering.errors import HasOrdered, OrderOver, OrdersClosed, PriceChanged
from backend.canteen.ordering.models import MealOrder
from backend.db import AnyRow, RunAgain
from backend.errors import NotFound
from backend.people.queries import Resident
from backend.reminders import outbox
from backend.reminders.models import Kind

AMENDED = "amended"
"""The reason in the history of an order that was amended."""

DESPITE_DIET = "despite_diet"
"""The reason in the history of an order somebody confirmed though a diet spoke against it."""


PayIn = Callable[[int], object]
"""Called with the fen of an order just before they are held."""

WALK_IN = "walk_in"
"""The reason in the history of an order that was made at the counter."""


@dataclass(frozen=True, slots=True)
class Ordered:
    """What became of it. `is_new`: there was no order for that person and meal before."""

    booking_id: int
    state: State
    is_new: bool
    pays_fen: int


def quote(session: Session, me: Resident, wanted: Wanted, now: datetime) -> dict[str, Any]:
    """What an order would come to, by the rules that ordering follows; nothing is kept.

    With the fen that can be spent, and the order that it would take the place of. Raises NotFound
    and the refusals of the rules.
    """
    return _quoted(session, me, wanted, now, (rules.fits_diet,))


def quote_at_desk(session: Session, wanted: Wanted, now: datetime) -> dict[str, Any]:
    """The same for anybody whom the desk has found to be in its reach."""
    return _quoted(session, None, wanted, now, (rules.fits_diet,))


def quote_walk_in(session: Session, wanted: Wanted, now: datetime) -> dict[str, Any]:
    """The same for whoever stands at the counter, after the cut-off, too. Raises HasOrdered."""
    return _quoted(session, None, wanted, now, (rules.fits_diet, rules.is_not_closed), new=True)


def order(session: Session, me: Resident, wanted: Wanted, now: datetime) -> Ordered:
    """Order for oneself or somebody of the household; a second order of a meal amends the first.

    The same Idempotency-Key answers with the first order. Raises NotFound, the refusals of the
    rules, PriceChanged and BalanceShort; then nothing has changed.
    """
    if (earlier := _replayed(session, me, wanted)) is not None:
        return earlier
    return _order(session, me, wanted, Actor(account_id=me.account_id), now)


def change(
    session: Session, me: Resident, booking_id: int, wanted: Wanted, now: datetime
) -> Ordered:
    """Amend an order of mine, if it still stands; `wanted` names its meal and person (`about`).

    The same Idempotency-Key answers with the order as it is by now, however late the repeat comes.
    Raises NotFound, OrderOver, the refusals of the rules, PriceChanged and BalanceShort.
    """
    if (earlier := _replayed(session, me, wanted)) is not None:
        return earlier
    eater = facts.eater_for(session, me, wanted.person_id, now, locked=True)
    meal = facts.meal_for(session, wanted.meal_service_id, wanted.person_id)
    if meal.booking_id != booking_id:
        raise OrderOver()
    return _amend(session, wanted, meal, eater, Actor(account_id=me.account_id), now)


def order_for(session: Session, actor: Actor, wanted: Wanted, now: datetime) -> Ordered:
    """Order for anybody: staff for whom they have found to be in their reach, in person or on the
    telephone, or a standing order. The same rules, and answers, as for residents.
    """
    return _order(session, None, wanted, actor, now)


def order_walk_in(
    session: Session, staff_id: int, wanted: Wanted, now: datetime, pay_in: PayIn | None = None
) -> Ordered:
    """An order of somebody who stands at the counter, after the cut-off, too, paid at once.

    From the same portions and by the same rules and prices; `pay_in` brings cash onto the account
    for it, after all other locks but the purses'. Raises HasOrdered, and as `order`.
    """
    eater = facts.eater_for(session, None, wanted.person_id, now, locked=True)
    meal = facts.meal_for(session, wanted.meal_service_id, wanted.person_id)
    if meal.booking_id is not None:
        raise HasOrdered()
    asked = _asked(session, wanted, meal, eater, now)
    made = _priced(session, asked, leave_out=(rules.is_not_closed,))
    wish = replace(wish_of(wanted), overruled_reason=WALK_IN)
    ordered = _add(session, asked, made, wish, Actor(staff_id=staff_id), pay_in)
    ledger.charge(session, [ordered.booking_id], now)
    return ordered


def about(session: Session, me: Resident, booking_id: int, now: datetime) -> tuple[int, int]:
    """(meal, person) of an order of mine. Raises NotFound."""
    check_mine(session, me, booking_id, now)
    row = session.execute(
        select(Booking.bookable_id, Booking.person_id)
        .join(MealOrder, MealOrder.booking_id == Booking.id)
        .where(Booking.id == booking_id)
    ).first()
    if row is None:
        raise NotFound()
    return row.bookable_id, row.person_id


def _replayed(session: Session, me: Resident, wanted: Wanted) -> Ordered | None:
    """What was ordered or changed under the same key. Raises KeyReused."""
    replay = facts.replay_of(session, me, wanted)
    if replay is None:
        return None
    earlier = booking.replayed(replay, wish_of(wanted))
    pays_fen = facts.order_of(session, earlier.booking_id).pays_fen
    return Ordered(earlier.booking_id, earlier.state, is_new=False, pays_fen=pays_fen)


def _quoted(
    session: Session, me: Resident | None, wanted: Wanted, now: datetime,
    leave_out: Collection[rules.Rule], *, new: bool = False,
) -> dict[str, Any]:  # fmt: skip
    eater = facts.eater_for(session, me, wanted.person_id, now, locked=False)
    meal = facts.meal_for(session, wanted.meal_service_id, wanted.person_id)
    if new and meal.booking_id is not None:
        raise HasOrdered()
    asked = _asked(session, wanted, meal, eater, now)
    rules.check(asked, leave_out=leave_out)
    return _shown(session, asked, bill.of(session, asked, meal.booking_id))


def _asked(session: Session, wanted: Wanted, meal: AnyRow, eater: AnyRow, now: datetime) -> Asked:
    had = facts.portions_of(session, meal.booking_id)
    return facts.asked_for(session, wanted, meal, eater, had, now)


def _shown(session: Session, asked: Asked, made: Bill) -> dict[str, Any]:
    meal = asked.meal
    available = facts.available(session, asked.eater.id, meal.day, meal.booking_id)
    return made.shown(asked) | {
        "booking_id": meal.booking_id, "address": asked.address, "available_fen": available,
        "short_fen": max(made.pays_fen - available, 0),
    }  # fmt: skip


def _order(
    session: Session, me: Resident | None, wanted: Wanted, actor: Actor, now: datetime
) -> Ordered:
    eater = facts.eater_for(session, me, wanted.person_id, now, locked=True)
    meal = facts.meal_for(session, wanted.meal_service_id, wanted.person_id)
    if meal.booking_id is not None:
        return _amend(session, wanted, meal, eater, actor, now)
    asked = _asked(session, wanted, meal, eater, now)
    return _add(session, asked, _priced(session, asked), wish_of(wanted), actor)


def _add(
    session: Session, asked: Asked, made: Bill, wish: Wish, actor: Actor,
    pay_in: PayIn | None = None,
) -> Ordered:  # fmt: skip
    booked = booking.book(session, wish, actor, asked.now)
    portions.move(session, asked.items, {}, dict(asked.wanted.dishes))
    writing.add(session, booked.booking_id, asked, made)
    if pay_in is not None:
        pay_in(made.pays_fen)
    _hold(session, booked.booking_id, asked, made)
    if asked.to_confirm():
        _record(session, booked.booking_id, DESPITE_DIET, actor, asked.now)
    return Ordered(booked.booking_id, booked.state, is_new=True, pays_fen=made.pays_fen)


def _amend(
    session: Session, wanted: Wanted, meal: AnyRow, eater: AnyRow, actor: Actor, now: datetime
) -> Ordered:
    """Another order under the same booking; the same once more changes nothing."""
    booking_id = meal.booking_id
    _, held = booking.lock_booking(session, booking_id, now)
    if held.state == State.ATTENDED:
        raise OrdersClosed(meal.closes_at, now)  # it was eaten
    if held.state != State.CONFIRMED:
        raise RunAgain()  # given back a moment ago: now it is a new one
    asked = _asked(session, wanted, meal, eater, now)
    made = _priced(session, asked, booking_id)
    kept = facts.order_of(session, booking_id)
    after = writing.columns(asked, made)
    same = all(getattr(kept, name) == value for name, value in after.items())
    if not same or asked.had != dict(wanted.dishes):
        portions.move(session, asked.items, asked.had, dict(wanted.dishes))
        writing.replace(session, booking_id, asked, made)
        ledger.release(session, [booking_id], now)
        _hold(session, booking_id, asked, made)
        reason = DESPITE_DIET if asked.to_confirm() else AMENDED
        _record(session, booking_id, reason, actor, now)
        _tell(session, held, kept.revision + 1, actor, now)
    writing.keep_key(session, booking_id, wanted, actor, now)
    return Ordered(booking_id, State.CONFIRMED, is_new=False, pays_fen=made.pays_fen)


def _priced(
    session: Session, asked: Asked, leaving: int | None = None,
    leave_out: Collection[rules.Rule] = (),
) -> Bill:  # fmt: skip
    """The bill, if it is what was shown. Raises the refusals of the rules, and PriceChanged."""
    rules.check(asked, leave_out=leave_out)
    made = bill.of(session, asked, leaving)
    if asked.wanted.pays_fen not in (None, made.pays_fen):
        raise PriceChanged(_shown(session, asked, made))
    return made


def _hold(session: Session, booking_id: int, asked: Asked, made: Bill) -> None:
    if made.pays_fen:
        day, person_id = asked.meal.day, asked.eater.id
        ledger.hold(session, person_id, booking_id, made.pays_fen, day, asked.now)


def _record(session: Session, booking_id: int, reason: str, actor: Actor, now: datetime) -> None:
    line.record(
        session, booking_id, State.CONFIRMED, now, account_id=actor.account_id,
        staff_id=actor.staff_id, reason=reason,
    )  # fmt: skip


def _tell(session: Session, held: AnyRow, revision: int, actor: Actor, now: datetime) -> None:
    """Who ordered is told that it was amended, urgently if it was by somebody else."""
    own = actor.account_id is not None and actor.account_id == held.account_id
    outbox.tell(
        session, Kind.BOOKED if own else Kind.CHANGED, person_id=held.person_id,
        account_id=held.account_id, booking_id=held.id, now=now, facts={"revision": revision},
    )  # fmt: skip


def wish_of(wanted: Wanted) -> Wish:
    """What the one mechanism of booking is asked for."""
    return Wish(
        bookable_id=wanted.meal_service_id, person_id=wanted.person_id,
        once_key=facts.once_key(wanted.meal_service_id),
        idempotency_key=wanted.idempotency_key, idempotency_hash=wanted.idempotency_hash,
    )  # fmt: skip
