"""The verbs of guests: what would it cost, sell, take back.

From the same portions as orders, at the list price: discounts and subsidies are for residents.
Locked in one order: the meal (shared, so that tablets do not wait for each other), its dishes, the
canteen.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from types import SimpleNamespace
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from backend import clock
from backend.booking.models import Bookable
from backend.canteen.accounts import cash
from backend.canteen.accounts.till import access_canteen
from backend.canteen.guests import queries
from backend.canteen.guests.errors import GuestsLater
from backend.canteen.guests.models import GuestLine, GuestSale
from backend.canteen.models import Mode
from backend.canteen.ordering import facts, portions, rules
from backend.canteen.ordering.asked import Asked, Wanted
from backend.canteen.ordering.errors import PriceChanged
from backend.canteen.serving.queries import SERVE, find_meal
from backend.db import AnyRow, RunAgain, table_of
from backend.errors import KeyReused
from backend.reminders import moments
from backend.staff import audit
from backend.staff.access import SignedInStaff

_sale, _line, _bookable = table_of(GuestSale), table_of(GuestLine), table_of(Bookable)

_NOBODY: Any = SimpleNamespace(birth_date=None, texture=None, address=None)
"""The rules of ordering look at who eats; of a guest nothing is known."""

_NOT_ASKED = (
    rules.is_not_closed, rules.is_served_so, rules.has_an_address, rules.is_not_too_much,
    rules.fits_diet,
)  # fmt: skip
"""They stand at the counter, and pay for as many as they are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GuestWish:
    """What `people` want to eat: (menu item, portions) each, at the total that was shown."""

    dishes: Sequence[tuple[int, int]]
    people: int
    pays_fen: int
    key: str


@dataclass(frozen=True, slots=True)
class Bill:
    """What it comes to: (name, portions, fen) of each dish, and in all."""

    dishes: tuple[tuple[str, int, int], ...]
    pays_fen: int


def quote(
    session: Session, me: SignedInStaff, meal_service_id: int, dishes: Sequence[tuple[int, int]],
    now: datetime,
) -> Bill:  # fmt: skip
    """What these dishes cost a guest; nothing is kept. Raises NotFound, GuestsLater and the
    refusals of ordering.
    """
    meal = find_meal(session, me, meal_service_id)
    return _bill(_asked(session, meal, dishes, now))


def sell(
    session: Session, me: SignedInStaff, meal_service_id: int, wish: GuestWish, now: datetime
) -> int:
    """Paid in cash and eaten; the sale, the same for the same key.

    Raises NotFound, GuestsLater, KeyReused, the refusals of ordering and PriceChanged; then
    nothing is taken.
    """
    if (known := queries.sale_of(session, wish.key)) is not None:
        if (known.meal_service_id, known.people, known.fen) != (
            meal_service_id, wish.people, wish.pays_fen,
        ):  # fmt: skip
            raise KeyReused()
        audit.unchanged(session)
        return int(known.id)
    meal = find_meal(session, me, meal_service_id)
    _lock(session, meal.id)
    asked = _asked(session, meal, wish.dishes, now)
    bill = _bill(asked)
    if wish.pays_fen != bill.pays_fen:
        raise PriceChanged({"pays_fen": bill.pays_fen})
    portions.move(session, asked.items, {}, dict(wish.dishes))
    canteen = access_canteen(session, me, meal.canteen_id, locked=True, needs=SERVE)
    sale_id = _write(session, me, meal.id, wish, asked, now)
    number = cash.number_receipt(session, me, canteen, wish.pays_fen, now, guest_sale_id=sale_id)[1]
    audit.record(
        session, me.staff_id, "guest_sale.sell", "guest_sale", sale_id, place_id=canteen.place_id,
        after={
            "people": wish.people, "amount_fen": wish.pays_fen, "receipt": number,
            "dishes": [f"{name} × {count}" for name, count, _fen in bill.dishes],
        },
    )  # fmt: skip
    return sale_id


def take_back(
    session: Session, me: SignedInStaff, sale_id: int, reason: str, now: datetime
) -> None:  # fmt: skip
    """Nothing was sold after all: the cash goes back, with a receipt, and the portions are free.

    The row stays, with who says so and why; done twice, it changes nothing more. Raises NotFound.
    """
    sale = queries.find_sale(session, me, sale_id)
    _lock(session, sale["meal_service_id"])
    done = session.execute(
        update(_sale)
        .where(_sale.c.id == sale_id, queries.STANDS)
        .values(undone_at=now, undone_by_id=me.staff_id, undone_reason=reason)
        .returning(_sale.c.id)
    ).first()
    if done is None:
        audit.unchanged(session)
        return
    portions.give_back(session, {one["menu_item_id"]: one["portions"] for one in sale["dishes"]})
    canteen = access_canteen(session, me, sale["canteen_id"], locked=True, needs=SERVE)
    number = cash.number_receipt(session, me, canteen, -sale["fen"], now, guest_sale_id=sale_id)[1]
    audit.record(
        session, me.staff_id, "guest_sale.take_back", "guest_sale", sale_id,
        place_id=canteen.place_id,
        after={"amount_fen": -sale["fen"], "receipt": number, "reason": reason},
    )  # fmt: skip


def _asked(
    session: Session, meal: AnyRow, dishes: Sequence[tuple[int, int]], now: datetime
) -> Asked:
    """What the rules of ordering look at, once they have said yes."""
    begins = max(meal.closes_at, clock.at_minute(meal.day))
    if not begins <= now < meal.ends_at:
        raise GuestsLater(at=moments.spoken(begins, now))
    wanted = Wanted(meal_service_id=meal.id, person_id=0, dishes=dishes, mode=Mode.DINE_IN)
    served = facts.meal_for(session, meal.id, wanted.person_id)
    asked = facts.asked_for(session, wanted, served, _NOBODY, {}, now)
    rules.check(asked, leave_out=_NOT_ASKED)
    return asked


def _bill(asked: Asked) -> Bill:
    dishes = tuple(
        (asked.items[one].name, count, asked.items[one].list_fen * count)
        for one, count in asked.wanted.dishes
    )
    return Bill(dishes, sum(fen for _name, _count, fen in dishes))


def _lock(session: Session, meal_service_id: int) -> None:
    """The meal cannot be called off now."""
    found = select(_bookable.c.id).where(_bookable.c.id == meal_service_id)
    session.execute(found.with_for_update(read=True))


def _write(
    session: Session, me: SignedInStaff, meal_service_id: int, wish: GuestWish, asked: Asked,
    now: datetime,
) -> int:  # fmt: skip
    values = {
        "meal_service_id": meal_service_id, "people": wish.people, "fen": wish.pays_fen, "at": now,
        "staff_id": me.staff_id, "key": wish.key,
    }  # fmt: skip
    try:
        sale_id = int(session.scalars(insert(_sale).values(values).returning(_sale.c.id)).one())
    except IntegrityError as error:
        raise RunAgain() from error  # the same key at the same moment: the next try sees its row
    session.execute(
        insert(_line),
        [
            {
                "sale_id": sale_id, "menu_item_id": one, "portions": count,
                "fen": asked.items[one].list_fen * count,
            }
            for one, count in wish.dishes
        ],
    )  # fmt: skip
    return sale_id
