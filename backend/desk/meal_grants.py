"""Who is meant when a grant goes to many: everybody of an age, or of a category with proof."""

from datetime import date
from typing import Any

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session

from backend.booking.rules import age_on
from backend.canteen.accounts.till import KEEP
from backend.canteen.eaters.models import PersonCategory
from backend.db import table_of
from backend.people.models import Person
from backend.places.models import Place
from backend.staff.access import SignedInStaff

_category = table_of(PersonCategory)
MOST = 2000


def list_receivers(
    session: Session, me: SignedInStaff, category: str | None, min_age: int | None, today: date
) -> list[dict[str, Any]]:
    """Residents who live in reach and fit, by name; nobody where nothing is asked."""
    if category is None and min_age is None:
        return []
    found = (
        select(Person.id, Person.name, Person.birth_date, Place.name.label("home"))
        .join(Place, Place.id == Person.home_place_id)
        .where(
            Person.merged_into_id.is_(None),
            Person.deleted_at.is_(None),
            me.covers(KEEP, Place.path),
        )
        .order_by(Person.name, Person.birth_date, Person.id)
    )
    if category is not None:
        found = found.where(
            exists().where(
                _category.c.person_id == Person.id,
                _category.c.category == category,
                _category.c.starts_on <= today,
                or_(_category.c.ends_on.is_(None), _category.c.ends_on >= today),
                _category.c.ended_at.is_(None),
            )
        )
    if min_age is not None:
        found = found.where(Person.birth_date.is_not(None))
    people = [
        dict(row._mapping) | {"age": age_on(row.birth_date, today) if row.birth_date else None}
        for row in session.execute(found)
    ]
    return [one for one in people if min_age is None or one["age"] >= min_age][:MOST]
