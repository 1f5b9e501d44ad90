"""Making what standing orders are due for one person: each meal by itself, all or none of it.

In isolation: what is refused is written down with its reason, and the others go on.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert  # SQLite compiles the same ON CONFLICT
from sqlalchemy.orm import Session

from backend.booking.rules import age_on
from backend.booking.service import Actor
from backend.canteen.accounts.errors import BalanceShort
from backend.canteen.eaters.clashes import Profile, clashes, diets_of
from backend.canteen.models import Dish, MenuItem
from backend.canteen.ordering import service as ordering
from backend.canteen.ordering.asked import Wanted
from backend.canteen.ordering.errors import DeliverWhere, DietClash, OffTheMenu, SoldOut
from backend.canteen.repeating import choosing, telling, telling_made
from backend.canteen.repeating.choosing import Offer
from backend.canteen.repeating.due import due
from backend.canteen.repeating.models import Outcome, StandingMeal, Why
from backend.canteen.repeating.telling import LeftOut
from backend.db import AnyRow, table_of
from backend.errors import NotFound, Refusal
from backend.people.household import OF_AGE
from backend.people.models import Person
from backend.people.queries import Resident

_item, _dish, _sm = table_of(MenuItem), table_of(Dish), table_of(StandingMeal)

_REFUSED: Mapping[type[Refusal], Why] = {
    BalanceShort: Why.MONEY,
    SoldOut: Why.SOLD_OUT,
    DietClash: Why.CLASH,
    OffTheMenu: Why.OFF_MENU,
    DeliverWhere: Why.ADDRESS,
    NotFound: Why.CONSENT,
}


@dataclass(slots=True)
class Made:
    """What became of one person's meals; `booked`: by booking, of which standing order."""

    booked: dict[int, AnyRow] = field(default_factory=dict)
    left_out: list[LeftOut] = field(default_factory=list)

    @property
    def made(self) -> int:
        """How many were ordered."""
        return len(self.booked)


def make_for(
    session: Session, person_id: int, now: datetime, *, canteen_id: int | None = None,
    at_once: bool = False,
) -> Made:  # fmt: skip
    """Order what is due for the person, and write down what is not to be had; they are told.

    The person is locked first, and what is due is read after that: a second run at the same time
    finds nothing to do.
    """
    session.execute(select(Person.id).where(Person.id == person_id).with_for_update(key_share=True))
    rows = due(session, now, canteen_id=canteen_id, person_id=person_id, at_once=at_once)
    done = Made()
    if not rows:
        return done
    diet = diets_of(session, [person_id]).get(person_id)
    menus = _menus(session, [row.meal_service_id for row in rows])
    for row in rows:
        if row.own:
            _note(session, row, Outcome.OWN, now)
            continue
        ordered = _order(session, row, menus.get(row.meal_service_id, []), diet, now)
        if isinstance(ordered, Why):
            _note(session, row, Outcome.LEFT_OUT, now, why=ordered)
            done.left_out.append(LeftOut(row, ordered))
        else:
            _note(session, row, Outcome.MADE, now, booking_id=ordered)
            done.booked[ordered] = row
    telling_made.tell_made(session, done.booked)
    telling.tell_left_out(session, person_id, _news(done.left_out), now)
    return done


def _order(
    session: Session, row: AnyRow, menu: Sequence[AnyRow], diet: Profile | None, now: datetime
) -> int | Why:
    """The booking, or why there is none."""
    is_child = row.birth_date is not None and age_on(row.birth_date, row.day) < OF_AGE
    wish = choosing.Wanted(row.dish_ids, row.otherwise, row.portions, is_child)
    chosen = choosing.choose(wish, [_offer(one, diet) for one in menu])
    if isinstance(chosen, Why):
        return chosen
    if row.staff_id is None and row.booker_id is None:
        return Why.CONSENT
    wanted = Wanted(
        meal_service_id=row.meal_service_id, person_id=row.person_id, mode=row.mode,
        dishes=[(item_id, row.portions) for item_id in chosen],
    )  # fmt: skip
    try:
        with session.begin_nested():
            if row.booker_id is not None:
                me = Resident(row.account_id, row.booker_id)
                return ordering.order(session, me, wanted, now).booking_id
            actor = Actor(staff_id=row.staff_id)
            return ordering.order_for(session, actor, wanted, now).booking_id
    except Refusal as refused:
        return next((why for kind, why in _REFUSED.items() if isinstance(refused, kind)), Why.RULE)


def _menus(session: Session, service_ids: Iterable[int]) -> dict[int, list[AnyRow]]:
    """What is on the menus, and how much of it is left: one read."""
    menus: dict[int, list[AnyRow]] = {}
    for row in session.execute(
        select(
            _item.c.id, _item.c.meal_service_id, _item.c.dish_id, _item.c.list_fen,
            _item.c.discount_fen, _item.c.capacity, _item.c.taken, _item.c.overbooked,
            _dish.c.name, _dish.c.ingredients, _dish.c.allergens, _dish.c.traits, _dish.c.is_set,
            _dish.c.for_children,
        )
        .join(_dish, _dish.c.id == _item.c.dish_id)
        .where(_item.c.meal_service_id.in_(list(service_ids)))
    ):  # fmt: skip
        menus.setdefault(row.meal_service_id, []).append(row)
    return menus


def _offer(row: AnyRow, diet: Profile | None) -> Offer:
    return Offer(
        item_id=row.id, dish_id=row.dish_id, due_fen=row.list_fen - row.discount_fen,
        is_set=row.is_set, for_children=row.for_children,
        left=None if row.capacity is None else row.capacity + row.overbooked - row.taken,
        clashes=any(one.must_confirm for one in clashes(diet, row)),
    )  # fmt: skip


def _note(
    session: Session, row: AnyRow, outcome: Outcome, now: datetime, *, why: Why | None = None,
    booking_id: int | None = None,
) -> None:  # fmt: skip
    """What became of it; of a meal tried before, in the place of that."""
    became: dict[str, Any] = {
        "standing_order_id": row.id, "outcome": outcome, "why": why, "booking_id": booking_id,
        "at": now,
    }  # fmt: skip
    meal = {"person_id": row.person_id, "meal_service_id": row.meal_service_id}
    session.execute(
        insert(_sm)
        .values(became | meal)
        .on_conflict_do_update(index_elements=["person_id", "meal_service_id"], set_=became)
    )


def _news(left_out: Sequence[LeftOut]) -> list[LeftOut]:
    """What is told: each meal once, the first time it is left out."""
    return [one for one in left_out if one.meal.tried_at is None]
