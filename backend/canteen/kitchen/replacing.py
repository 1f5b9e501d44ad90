"""A dish of the day is replaced: what it would mean; then once, with money back, and all told."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from backend import clock
from backend.booking import line
from backend.booking.models import HELD, Booking
from backend.booking.service import Actor
from backend.canteen.eaters import clashes
from backend.canteen.kitchen import alarms, crediting, queries
from backend.canteen.kitchen.errors import AlreadyReplaced, NotFrozen
from backend.canteen.kitchen.models import DishReplacement
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
_booking, _line = table_of(Booking), table_of(MealLine)


@dataclass(frozen=True, slots=True)
class Choice:
    """A dish that could be cooked instead: what comes back, and who must not have it."""

    dish: AnyRow
    credit_fen: int
    against: list[str]


def choices(
    session: Session, me: SignedInStaff, meal_service_id: int, menu_item_id: int
) -> tuple[AnyRow, AnyRow, list[Choice]]:
    """(meal, dish on the menu, what else could be cooked), those that suit everybody first.

    Five reads. Raises NotFound.
    """
    meal, item = _found(session, me, meal_service_id, menu_item_id)
    ordered = _ordered(session, menu_item_id)
    diets = clashes.diets_of(session, {one.person_id for one in ordered})
    dishes = session.execute(
        select(_dish)
        .where(
            _dish.c.canteen_id == meal.canteen_id,
            _dish.c.offered,
            _dish.c.id != item.dish_id,
            _dish.c.for_children == item.for_children,
        )
        .order_by(_dish.c.name)
    ).all()
    found = [
        Choice(
            dish, sum(_difference(item, one, dish.list_fen) for one in ordered),
            [one.name or "" for one in ordered if _minds(diets.get(one.person_id), dish)],
        )
        for dish in dishes
    ]  # fmt: skip
    return meal, item, sorted(found, key=lambda one: len(one.against))


def replace(
    session: Session, me: SignedInStaff, meal_service_id: int, menu_item_id: int, dish_id: int,
    reason: str, now: datetime,
) -> int:  # fmt: skip
    """Cook the dish instead; the fen that were credited. Everybody who ordered it is told.

    Who paid more than the new dish costs gets the difference back. Raises NotFound, NotFrozen,
    AlreadyReplaced.
    """
    meal, item = _found(session, me, meal_service_id, menu_item_id)
    line.lock(session, meal.id)
    if meal.frozen_at is None or meal.cancelled_at is not None or meal.ends_at <= now:
        raise NotFrozen()
    dish = session.execute(
        select(_dish).where(_dish.c.id == dish_id, _dish.c.canteen_id == meal.canteen_id)
    ).first()
    if dish is None or dish.id == item.dish_id:
        raise NotFound()
    _note(session, me, item, dish, reason, now)
    credited = 0
    for one in _ordered(session, menu_item_id):
        if fen := _difference(item, one, dish.list_fen):
            key, note = f"replaced:{menu_item_id}:{one.booking_id}", f"{item.name}换成{dish.name}"
            actor = Actor(staff_id=me.staff_id)
            credited += crediting.give_back(session, one.booking_id, fen, key, note, actor, now)
        outbox.tell(
            session, Kind.CHANGED, person_id=one.person_id, account_id=one.account_id,
            booking_id=one.booking_id, now=now,
            facts={"was": item.name, "dish": dish.name, "reason": reason},
            concerns_today=clock.today(meal.starts_at) == clock.today(now),
        )  # fmt: skip
    session.execute(
        update(_instead)
        .where(_instead.c.menu_item_id == menu_item_id)
        .values(credited_fen=credited)
    )
    alarms.raise_for(session, meal.id, now)
    audit.record(
        session, me.staff_id, "meal.replace", "meal_service", meal.id,
        after={"was": item.name, "dish": dish.name, "credited_fen": credited, "reason": reason},
        place_id=meal.place_id,
    )  # fmt: skip
    return credited


def of_meal(session: Session, meal_service_id: int) -> Sequence[AnyRow]:
    """What is cooked instead of what, and why."""
    was = _dish.alias("was")
    return session.execute(
        select(
            _instead.c.menu_item_id, was.c.name.label("was"), _dish.c.name, _instead.c.reason,
            _instead.c.credited_fen,
        )
        .join(_item, _item.c.id == _instead.c.menu_item_id)
        .join(was, was.c.id == _item.c.dish_id)
        .join(_dish, _dish.c.id == _instead.c.dish_id)
        .where(_item.c.meal_service_id == meal_service_id)
        .order_by(_instead.c.at)
    ).all()  # fmt: skip


def _found(
    session: Session, me: SignedInStaff, meal_service_id: int, menu_item_id: int
) -> tuple[AnyRow, AnyRow]:
    meal = queries.find_meal(session, me, meal_service_id)
    item = session.execute(
        select(_item, _dish.c.name, _dish.c.for_children)
        .join(_dish, _dish.c.id == _item.c.dish_id)
        .where(_item.c.id == menu_item_id, _item.c.meal_service_id == meal_service_id)
    ).first()
    if item is None:
        raise NotFound()
    return meal, item


def _note(
    session: Session, me: SignedInStaff, item: AnyRow, dish: AnyRow, reason: str, now: datetime
) -> None:
    """The meal is locked: whoever pressed first has written it by now. Raises AlreadyReplaced."""
    known = select(_instead.c.menu_item_id).where(_instead.c.menu_item_id == item.id)
    if session.execute(known).first() is not None:
        raise AlreadyReplaced()
    session.execute(
        insert(_instead).values(
            menu_item_id=item.id, dish_id=dish.id, list_fen=dish.list_fen, reason=reason,
            staff_id=me.staff_id, at=now,
        )
    )  # fmt: skip


def _ordered(session: Session, menu_item_id: int) -> Sequence[AnyRow]:
    return session.execute(
        select(
            _line.c.booking_id, _line.c.portions, _line.c.pays_fen, _booking.c.person_id,
            _booking.c.account_id, Person.name,
        )
        .join(_booking, _booking.c.id == _line.c.booking_id)
        .join(Person, Person.id == _booking.c.person_id)
        .where(_line.c.menu_item_id == menu_item_id, _booking.c.state.in_(HELD))
        .order_by(_line.c.booking_id)
    ).all()  # fmt: skip


def _difference(item: AnyRow, ordered: AnyRow, list_fen: int) -> int:
    """What somebody paid more than the other dish is worth, never more than they paid."""
    less = (item.list_fen - item.discount_fen - list_fen) * ordered.portions
    return max(0, min(int(ordered.pays_fen), int(less)))


def _minds(diet: clashes.Profile | None, dish: AnyRow) -> bool:
    return any(one.must_confirm for one in clashes.clashes(diet, dish))
