"""Diets: what somebody must not eat and needs, read and set; and the dishes that clash with it."""

from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from backend import clock
from backend.booking.models import Bookable
from backend.canteen.eaters import wording
from backend.canteen.eaters.clashes import Profile, clashes, diets_of
from backend.canteen.eaters.models import Diet
from backend.canteen.models import Dish, MealService, MenuItem
from backend.canteen.queries import AHEAD
from backend.db import table_of
from backend.people.models import Person
from backend.people.queries import Resident, check_acts_for

NOTHING = Profile()
FIELDS = ("allergens", "avoids", "traits", "texture", "note")

_diet, _bookable, _service = table_of(Diet), table_of(Bookable), table_of(MealService)
_item, _dish = table_of(MenuItem), table_of(Dish)


def get_mine(session: Session, me: Resident, person_id: int, now: datetime) -> Profile:
    """My diet, or that of somebody I may act for; nothing on file is a diet of nothing.

    Raises NotFound.
    """
    check_acts_for(session, me, person_id, clock.today(now))
    return get(session, person_id)


def set_mine(
    session: Session, me: Resident, person_id: int, diet: Profile, now: datetime
) -> Profile:  # fmt: skip
    """All of it anew, for me or somebody I may act for. Raises NotFound."""
    check_acts_for(session, me, person_id, clock.today(now))
    write(session, person_id, diet, now)
    return get(session, person_id)


def get(session: Session, person_id: int) -> Profile:
    """What is on file."""
    return diets_of(session, [person_id]).get(person_id, NOTHING)


def write(session: Session, person_id: int, diet: Profile, now: datetime) -> list[str]:
    """What is on file from now on; which of it changed. Of a diet of nothing no row is kept."""
    session.execute(select(Person.id).where(Person.id == person_id).with_for_update())
    before = get(session, person_id)
    changed = [name for name in FIELDS if getattr(before, name) != getattr(diet, name)]
    if not changed:
        return []
    values = {name: _kept(getattr(diet, name)) for name in FIELDS} | {"changed_at": now}
    mine = _diet.c.person_id == person_id
    if diet == NOTHING:
        session.execute(delete(_diet).where(mine))
    elif before == NOTHING:
        session.execute(insert(_diet).values(values | {"person_id": person_id}))
    else:
        session.execute(update(_diet).where(mine).values(values))
    return changed


def clashes_on_menus(
    session: Session, me: Resident, person_id: int, canteen_id: int, now: datetime
) -> list[dict[str, Any]]:
    """The dishes on a canteen's menus, as residents see them, that clash with a diet.

    For me or somebody I may act for. Raises NotFound.
    """
    diet = get_mine(session, me, person_id, now)
    if diet == NOTHING:
        return []
    today = clock.today(now)
    rows = session.execute(
        select(_item.c.id, _dish.c.name, _dish.c.ingredients, _dish.c.allergens, _dish.c.traits)
        .join(_dish, _dish.c.id == _item.c.dish_id)
        .join(_service, _service.c.id == _item.c.meal_service_id)
        .join(_bookable, _bookable.c.id == _service.c.id)
        .where(
            _service.c.canteen_id == canteen_id, _bookable.c.published_at <= now,
            _service.c.day.between(today, today + AHEAD),
        )
        .order_by(_item.c.id)
    )  # fmt: skip
    return [
        {
            "menu_item_id": row.id,
            "clashes": [
                {
                    "against": one.against, "what": one.what, "must_confirm": one.must_confirm,
                    "sentence": wording.said(one),
                }
                for one in found
            ],
        }
        for row in rows
        if (found := clashes(diet, row))
    ]  # fmt: skip


def _kept(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
