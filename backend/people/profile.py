"""A resident's own facts: what they see of themselves, and what they may change."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from backend import config
from backend.errors import Invalid
from backend.people import born
from backend.people.household_queries import list_people
from backend.people.masking import mask_phone
from backend.people.models import Account, Person
from backend.people.queries import Resident
from backend.places.models import Place, PlaceKind

HOMES = (PlaceKind.ESTATE, PlaceKind.BUILDING)
"""A home is an estate, or a building of one."""

_above = aliased(Place)


def get(session: Session, me: Resident, now: datetime) -> dict[str, Any]:
    """What the account's owner sees: the phone masked, and everybody they may act for."""
    row = session.execute(
        select(
            Person.name, Person.gender, Person.birth_date, Person.address, Person.phone,
            Account.language, Account.calendar_token, Person.home_place_id,
            Place.name.label("home_name"), Place.kind.label("home_kind"),
            Place.parent_id, _above.name.label("above_name"), _above.parent_id.label("above_id"),
        )
        .join_from(Account, Person, Person.id == Account.person_id)
        .outerjoin(Place, Place.id == Person.home_place_id)
        .outerjoin(_above, _above.id == Place.parent_id)
        .where(Account.id == me.account_id)
    ).one()  # fmt: skip
    return {
        "account_id": me.account_id,
        "person_id": me.person_id,
        "name": row.name,
        "gender": row.gender,
        "birth_date": _iso(row.birth_date),
        "home_place_id": row.home_place_id,
        "home_name": _home_name(row.home_kind, row.home_name, row.above_name),
        "home_community_id": row.above_id if row.home_kind == PlaceKind.BUILDING else row.parent_id,
        "address": row.address,
        "phone": mask_phone(row.phone) if row.phone else None,
        "language": row.language,
        "has_calendar_link": row.calendar_token is not None,
        "household_limit": config.current().household_limit,
        "people": list_people(session, me, now),
    }


def change(session: Session, me: Resident, changes: Mapping[str, Any]) -> None:
    """Write what is given and leave the rest. Raises Invalid for a home that is none."""
    changes = dict(changes)
    if (home_id := changes.get("home_place_id")) is not None:
        check_home(session, home_id)
    if language := changes.pop("language", None):
        session.get_one(Account, me.account_id).language = language
    person = session.get_one(Person, me.person_id)
    if changes.get("birth_date", person.birth_date) != person.birth_date:
        born.corrected(session, person.id)
    for name, value in changes.items():
        setattr(person, name, value)
    session.flush()


def check_home(session: Session, place_id: int) -> None:
    """Raise Invalid unless `place_id` is an estate or a building."""
    kind = session.execute(select(Place.kind).where(Place.id == place_id)).scalar_one_or_none()
    if kind not in HOMES:
        raise Invalid({"home_place_id": [_("请选择您居住的小区或楼栋。")]})


def _home_name(kind: str | None, name: str | None, above: str | None) -> str | None:
    """The estate's name, with the building behind it: 翠园小区3号楼."""
    return f"{above}{name}" if kind == PlaceKind.BUILDING else name


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
