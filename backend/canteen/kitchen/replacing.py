"""A dish of the day is replaced, and again if need be: what it would mean; then money comes back,
and all are told.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Table, delete, func, insert, literal, select
from sqlalchemy.orm import Session

from backend import clock
from backend.booking import line
from backend.booking.models import HELD, Booking
from backend.booking.service import Actor
from backend.canteen.eaters import clashes
from backend.canteen.kitchen import alarms, crediting, queries, repricing
from backend.canteen.kitchen.errors import AlreadyReplaced, NotFrozen
from backend.canteen.kitchen.models import DishReplacement, EndedReplacement
from backend.canteen.kitchen.repricing import Less, Orders
from backend.canteen.models import Dish, MenuItem
from backend.canteen.ordering.models import MealLine
from backend.db import AnyRow, table_of
from backend.errors import NotFound
from backend.people.models import Person
from backend.reminders import outbox
from backend.reminders.models import Kind
from backend.staff import audit
from backend.staff.access import SignedInStaff

_item, _dish, _instead = table_of(MenuItem), table_of(Dish), table_of(DishReplacement)
_ended = table_of(EndedReplacement)
_booking, _line = table_of(Booking), table_of(MealLine)
LATEST = queries.BACK
"""So long after a meal the kitchen sees it, and can note what was really cooked."""

_KEPT = ("menu_item_id", "dish_id", "list_fen", "credited_fen", "reason", "staff_id", "at")


@dataclass(frozen=True, slots=True)
class Choice:
    """A dish that could be cooked instead: what comes back, what the layers give less, and who must
    not have it.
    """

    dish: AnyRow
    credit_fen: int
    cut_fen: int
    against: list[str]


def choices(
    session: Session, me: SignedInStaff, meal_service_id: int, menu_item_id: int
) -> tuple[AnyRow, AnyRow, list[Choice]]:
    """(meal, dish on the menu with what is cooked for it now, what else could be cooked).

    Those that suit everybody first; what was on the menu is among them once it is replaced. Ten
    reads or so. Raises NotFound.
    """
    meal, item = _found(session, me, meal_service_id, menu_item_id)
    ordered = _ordered(session, menu_item_id)
    sold, had = _sold(session, ordered)
    diets = clashes.diets_of(session, {one.person_id for one in ordered})
    dishes = session.execute(
        select(_dish)
        .where(
            _dish.c.canteen_id == meal.canteen_id,
            _dish.c.offered | (_dish.c.id == item.dish_id),
            _dish.c.id != item.cooked_id,
            _dish.c.for_children == item.for_children,
        )
        .order_by(_dish.c.name)
    ).all()
    found = [
        Choice(
            dish, sum(_more(_less(sold, one, item, dish), one, had) for one in ordered),
            sum(sum(_less(sold, one, item, dish).cuts.values()) for one in ordered),
            [one.name or "" for one in ordered if _minds(diets.get(one.person_id), dish)],
        )
        for dish in dishes
    ]  # fmt: skip
    return meal, item, sorted(found, key=lambda one: len(one.against))


def replace(
    session: Session, me: SignedInStaff, meal_service_id: int, menu_item_id: int, dish_id: int,
    cooked_id: int, reason: str, now: datetime,
) -> int:  # fmt: skip
    """Cook the dish instead of `cooked_id`; the fen that were credited. Who ordered it is told.

    Who paid more than the new dish would have cost them gets what is missing of the difference;
    what was credited for an earlier one stays. The layers give what the rule gives for the new one,
    if that is less. The dish on the menu itself ends the replacement. It is noted up to `LATEST`
    after a meal: then only money changes, and nobody is told. Raises NotFound, NotFrozen,
    AlreadyReplaced where `cooked_id` is not cooked any more.
    """
    meal, _before = _found(session, me, meal_service_id, menu_item_id)
    line.lock(session, meal.id)
    if meal.frozen_at is None or meal.cancelled_at is not None or meal.ends_at + LATEST <= now:
        raise NotFrozen()
    # The meal is locked: whoever pressed first has written it by now.
    _, item = _found(session, me, meal_service_id, menu_item_id)
    if item.cooked_id != cooked_id:
        raise AlreadyReplaced()
    dish = session.execute(
        select(_dish).where(_dish.c.id == dish_id, _dish.c.canteen_id == meal.canteen_id)
    ).first()
    if dish is None or dish.id == cooked_id:
        raise NotFound()
    ordered = _ordered(session, menu_item_id)
    credited = _credit(session, me, item, dish, ordered, now)
    _note(session, me, item, dish, credited, reason, now)
    if now < meal.ends_at:
        _tell(session, meal, item, dish, ordered, reason, now)
    audit.record(
        session, me.staff_id, "meal.replace", "meal_service", meal.id,
        after={"was": item.cooked, "dish": dish.name, "credited_fen": credited, "reason": reason},
        place_id=meal.place_id,
    )  # fmt: skip
    return credited


def settle(session: Session, booking_id: int, actor: Actor, now: datetime) -> None:
    """An order that was made and paid at the menu's prices when something else was cooked: what the
    others had back comes back here, too.
    """
    less = repricing.read(session, [booking_id]).less(booking_id)
    if less.back_fen:
        crediting.give_back(
            session, booking_id, less.back_fen, f"replaced:{booking_id}", "换菜差价", actor, now
        )
    repricing.keep(session, {booking_id: less})


def of_meal(session: Session, meal_service_id: int) -> Sequence[AnyRow]:
    """What is cooked instead of what, and why."""
    return _told(session, _instead, meal_service_id)


def ended_of_meal(session: Session, meal_service_id: int) -> Sequence[AnyRow]:
    """What was to be cooked instead, and is not any more; the earliest first."""
    return _told(session, _ended, meal_service_id)


def _tell(
    session: Session, meal: AnyRow, item: AnyRow, dish: AnyRow, ordered: Sequence[AnyRow],
    reason: str, now: datetime,
) -> None:  # fmt: skip
    """Everybody who ordered it; whom it does not suit is called."""
    for one in ordered:
        outbox.tell(
            session, Kind.CHANGED, person_id=one.person_id, account_id=one.account_id,
            booking_id=one.booking_id, now=now,
            facts={
                "was": item.name, "dish": dish.name, "reason": reason, "item": item.id,
                "before": None if item.cooked_id == item.dish_id else item.cooked,
            },
            concerns_today=clock.today(meal.starts_at) == clock.today(now),
        )  # fmt: skip
    alarms.ask_again(session, item.id)
    alarms.raise_for(session, meal.id, now)


def _told(session: Session, table: Table, meal_service_id: int) -> Sequence[AnyRow]:
    return session.execute(
        select(table.c.menu_item_id, _dish.c.name, table.c.reason, table.c.credited_fen, table.c.at)
        .join(_item, _item.c.id == table.c.menu_item_id)
        .join(_dish, _dish.c.id == table.c.dish_id)
        .where(_item.c.meal_service_id == meal_service_id)
        .order_by(table.c.at)
    ).all()


def _found(
    session: Session, me: SignedInStaff, meal_service_id: int, menu_item_id: int
) -> tuple[AnyRow, AnyRow]:
    """The meal, and the dish on its menu with what is `cooked` for it."""
    meal = queries.find_meal(session, me, meal_service_id)
    cooked = _dish.alias("cooked")
    item = session.execute(
        select(
            _item, _dish.c.name, _dish.c.for_children, cooked.c.id.label("cooked_id"),
            cooked.c.name.label("cooked"),
        )
        .join(_dish, _dish.c.id == _item.c.dish_id)
        .outerjoin(_instead, _instead.c.menu_item_id == _item.c.id)
        .join(cooked, cooked.c.id == func.coalesce(_instead.c.dish_id, _item.c.dish_id))
        .where(_item.c.id == menu_item_id, _item.c.meal_service_id == meal_service_id)
    ).first()  # fmt: skip
    if item is None:
        raise NotFound()
    return meal, item


def _credit(
    session: Session, me: SignedInStaff, item: AnyRow, dish: AnyRow, ordered: Sequence[AnyRow],
    now: datetime,
) -> int:  # fmt: skip
    """What is missing of the difference comes back to each; how much it was in all.

    The layers give from now on what the rule gives for what is cooked.
    """
    sold, had = _sold(session, ordered)
    less = {one.booking_id: _less(sold, one, item, dish) for one in ordered}
    note, actor, credited = f"{item.name}换成{dish.name}", Actor(staff_id=me.staff_id), 0
    for one in ordered:
        if fen := _more(less[one.booking_id], one, had):
            key = crediting.key_of(item.id, one.booking_id, now)
            credited += crediting.give_back(session, one.booking_id, fen, key, note, actor, now)
    repricing.keep(session, less)
    return credited


def _note(
    session: Session, me: SignedInStaff, item: AnyRow, dish: AnyRow, credited: int, reason: str,
    now: datetime,
) -> None:  # fmt: skip
    """What was cooked so far ends; the new dish is cooked, unless it is the one on the menu."""
    of_item = _instead.c.menu_item_id == item.id
    earlier = select(*(_instead.c[name] for name in _KEPT), literal(now, _ended.c.ended_at.type))
    session.execute(insert(_ended).from_select([*_KEPT, "ended_at"], earlier.where(of_item)))
    session.execute(delete(_instead).where(of_item))
    if dish.id != item.dish_id:
        session.execute(
            insert(_instead).values(
                menu_item_id=item.id, dish_id=dish.id, list_fen=dish.list_fen, reason=reason,
                credited_fen=credited, staff_id=me.staff_id, at=now,
            )
        )  # fmt: skip


def _ordered(session: Session, menu_item_id: int) -> Sequence[AnyRow]:
    return session.execute(
        select(
            _line.c.booking_id, _booking.c.person_id, _booking.c.account_id, Person.name,
        )
        .join(_booking, _booking.c.id == _line.c.booking_id)
        .join(Person, Person.id == _booking.c.person_id)
        .where(_line.c.menu_item_id == menu_item_id, _booking.c.state.in_(HELD))
        .order_by(_line.c.booking_id)
    ).all()  # fmt: skip


def _sold(session: Session, ordered: Sequence[AnyRow]) -> tuple[Orders, Mapping[int, int]]:
    """The orders with their rules, and what each `had` back for dishes that were replaced."""
    ids = [one.booking_id for one in ordered]
    return repricing.read(session, ids), crediting.given(session, ids)


def _less(sold: Orders, ordered: AnyRow, item: AnyRow, dish: AnyRow) -> Less:
    """What an order comes to less with that dish; the one on the menu costs what it was sold at."""
    fen = None if dish.id == item.dish_id else dish.list_fen
    return sold.less(ordered.booking_id, item.id, fen)


def _more(less: Less, ordered: AnyRow, had: Mapping[int, int]) -> int:
    """What comes back, less what they `had` back for an earlier dish, or another one."""
    return max(0, less.back_fen - had.get(ordered.booking_id, 0))


def _minds(diet: clashes.Profile | None, dish: AnyRow) -> bool:
    return any(one.must_confirm for one in clashes.clashes(diet, dish))
