"""Somebody who plans the menus of a canteen, with three dishes to put on them."""

from collections.abc import Callable
from datetime import date
from itertools import count
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from backend.booking.models import Booking, State
from backend.booking.service import Actor
from backend.canteen import planning
from backend.canteen.accounts import ledger
from backend.canteen.accounts.ledger import Credit
from backend.canteen.accounts.models import EntryKind
from backend.canteen.items import Planned
from backend.canteen.models import MenuItem
from backend.db import db
from backend.staff.access import Scope, SignedInStaff
from backend.staff.models import Role
from tests.factories import Make


@pytest.fixture
def session(app):
    return db.session()


@pytest.fixture
def planner(make: Make) -> SignedInStaff:
    """A worker of the community."""
    place = make.once("community", make.place)
    someone = make.staff(place=place)
    scope = Scope(Role.WORKER, place.id, place.path, place.name)
    return SignedInStaff(someone.id, someone.name, (scope,))


@pytest.fixture
def kitchen(make: Make) -> SimpleNamespace:
    """A canteen and its dishes."""
    canteen = make.once("canteen", make.canteen)
    return SimpleNamespace(
        id=canteen.id, canteen=canteen, tofu=make.dish(),
        fish=make.dish(name="清蒸鲈鱼", list_fen=1800, allergens=["fish"]),
        greens=make.dish(name="清炒时蔬", list_fen=400, allergens=[]),
    )  # fmt: skip


@pytest.fixture
def meal_of(make: Make, now) -> Callable[[int], int]:
    """A booking of a person to hold money for, made without the canteen's own verbs; its id.

    Not committed: what a machine does on the way to the next one has to go with it.
    """
    run, numbers = make.run(), count(1)

    def book(person_id: int) -> int:
        number = next(numbers)
        row = Booking(
            bookable_id=run.id, person_id=person_id, state=State.CANCELLED, starts_at=now,
            ends_at=now, code=f"code-{number}", short_code="123456", created_at=now,
        )  # fmt: skip
        db.session.add(row)
        db.session.flush()
        return row.id

    return book


THURSDAY = date(2026, 3, 12)
"""The day after `now`: its lunch can be ordered until 16:00."""


@pytest.fixture
def lunch(session, planner, kitchen, now) -> SimpleNamespace:
    """Thursday's lunch, on show: its id, and those of the menu's dishes."""
    dishes = [
        Planned(dish_id=kitchen.tofu.id, capacity=20),
        Planned(dish_id=kitchen.fish.id, discount_fen=300),
        Planned(dish_id=kitchen.greens.id, capacity=3),
    ]
    ident = planning.set_menu(session, planner, kitchen.id, THURSDAY, "lunch", dishes, now)
    planning.publish(session, planner, kitchen.id, THURSDAY, None, now)
    session.commit()
    rows = session.execute(select(MenuItem.dish_id, MenuItem.id).order_by(MenuItem.id))
    items = {row.dish_id: row.id for row in rows}
    return SimpleNamespace(
        id=ident, day=THURSDAY, tofu=items[kitchen.tofu.id], fish=items[kitchen.fish.id],
        greens=items[kitchen.greens.id],
    )  # fmt: skip


@pytest.fixture
def top_up(session, now) -> Callable[[int, int], None]:
    """Cash onto somebody's meal account."""
    numbers = count(1)

    def pay_in(person_id: int, fen: int) -> None:
        key = f"test:{person_id}:{next(numbers)}"
        wish = Credit(person_id=person_id, kind=EntryKind.TOP_UP, fen=fen, key=key)
        ledger.credit(session, wish, Actor(), now)
        session.commit()

    return pay_in
