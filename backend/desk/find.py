"""Finding a resident by name, whole phone or its last four digits."""

import re
from typing import Any

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import Session, aliased

from backend.desk.reach import reaches
from backend.people import crypto
from backend.people.masking import mask_phone
from backend.people.models import Account, Person
from backend.places.models import Place, PlaceKind
from backend.staff.access import Permission, SignedInStaff

MOST_FOUND = 50
_above = aliased(Place)


def find_people(
    session: Session, me: SignedInStaff, text: str, needs: Permission = Permission.SEE_PEOPLE
) -> list[dict[str, Any]]:
    """Up to fifty residents within reach, the whole name first; nothing for a blank text."""
    text = re.sub(r"\s+", "", text)
    if not text:
        return []
    return _found(session, me, _meant(text), Person.name != text, needs)


def by_ids(
    session: Session, me: SignedInStaff, ids: list[int],
    needs: Permission = Permission.SEE_PEOPLE,
) -> list[dict[str, Any]]:  # fmt: skip
    """Those of the cards that are within reach, as `find_people` shows them."""
    return _found(session, me, Person.id.in_(ids), Person.id, needs) if ids else []


def _found(
    session: Session,
    me: SignedInStaff,
    meant: ColumnElement[bool],
    first: Any,
    needs: Permission = Permission.SEE_PEOPLE,
) -> list[dict[str, Any]]:
    rows = session.execute(
        select(
            Person.id, Person.name, Person.birth_date, Person.gender, Person.phone,
            Place.kind.label("home_kind"), Place.name.label("home"), _above.name.label("above"),
            exists().where(Account.person_id == Person.id, Account.closed_at.is_(None))
            .label("has_account"),
        )
        .outerjoin(Place, Place.id == Person.home_place_id)
        .outerjoin(_above, _above.id == Place.parent_id)
        .where(meant, Person.merged_into_id.is_(None), reaches(me, needs))
        .order_by(first, Person.name, Person.birth_date, Person.id)
        .limit(MOST_FOUND)
    )  # fmt: skip
    return [
        {
            "id": row.id,
            "name": row.name,
            "birth_date": row.birth_date,
            "gender": row.gender,
            "phone": mask_phone(row.phone) if row.phone else None,
            "home": home_name(row.home_kind, row.home, row.above),
            "has_account": row.has_account,
        }
        for row in rows
    ]


def _meant(text: str) -> ColumnElement[bool]:
    digits = text.removeprefix("+86").replace("-", "")
    if digits.isascii() and digits.isdigit() and len(digits) == 11:
        return Person.phone_hash == crypto.phone_hash(digits)
    if digits.isascii() and digits.isdigit() and len(digits) == 4:
        return Person.last_four_hash == crypto.last_four_hash(digits)
    return Person.name.contains(text, autoescape=True)


def home_name(kind: str | None, name: str | None, above: str | None) -> str | None:
    """The estate, with the building behind it: 翠园小区3号楼."""
    return f"{above}{name}" if kind == PlaceKind.BUILDING else name
