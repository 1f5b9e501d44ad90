"""Registering and correcting residents' cards, and the one way to see a whole phone number."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from backend import clock
from backend.desk.errors import PerhapsKnown
from backend.desk.reach import access_person, place_of, reaches
from backend.errors import Invalid, NotFound
from backend.people import born, crypto
from backend.people.masking import mask_phone
from backend.people.models import Person
from backend.people.profile import HOMES
from backend.places.models import Place
from backend.staff import audit
from backend.staff.access import Permission, SignedInStaff

OLDEST = 120
_FACTS = ("name", "birth_date", "gender", "home_place_id", "address", "note")


def register(
    session: Session, me: SignedInStaff, facts: Mapping[str, Any], now: datetime,
    *, knows_others: bool = False, needs: Permission = Permission.CHANGE_PEOPLE,
) -> int:  # fmt: skip
    """A new card, with or without a phone; its id. `needs`: the right that lets them register, and
    says in which places.

    Raises Invalid, and PerhapsKnown (naming the cards) where somebody within reach has the same
    phone or the same name and birth date; `knows_others` says that staff looked at those.
    """
    _check(session, me, facts, now, needs=needs)
    if not knows_others and (known := _likely(session, me, facts, needs)):
        raise PerhapsKnown(person_ids=known)
    person = Person(created_at=now, **{name: facts.get(name) for name in _FACTS})
    _set_phone(person, facts.get("phone"))
    session.add(person)
    session.flush()
    audit.record(
        session, me.staff_id, "person.register", "person", person.id, after=_shown(person),
        place_id=place_of(session, me, person),
    )  # fmt: skip
    return person.id


def change(
    session: Session, me: SignedInStaff, person_id: int, facts: Mapping[str, Any], now: datetime
) -> None:
    """Correct what is given. A phone left out stays as it is. Raises NotFound, Invalid."""
    person = access_person(session, me, Permission.CHANGE_PEOPLE, person_id)
    _check(session, me, facts, now, person)
    before = _shown(person)
    if facts.get("birth_date", person.birth_date) != person.birth_date:
        born.corrected(session, person_id)
    for name in _FACTS:
        if name in facts:
            setattr(person, name, facts[name])
    if facts.get("phone"):
        _set_phone(person, facts["phone"])
    elif facts.get("without_phone"):
        _set_phone(person, None)
    session.flush()
    after = _shown(person)
    changed = {name for name in after if after[name] != before[name]}
    if not changed:
        audit.unchanged(session)
        return
    audit.record(
        session, me.staff_id, "person.change", "person", person_id,
        {name: before[name] for name in sorted(changed)},
        {name: after[name] for name in sorted(changed)},
        place_id=place_of(session, me, person),
    )  # fmt: skip


def reveal_phone(session: Session, me: SignedInStaff, person_id: int) -> str:
    """The whole number, once; that it was looked at stands in the audit. Raises NotFound."""
    person = access_person(session, me, Permission.SEE_PHONES, person_id)
    if person.phone is None:
        raise NotFound()
    audit.record(
        session, me.staff_id, "person.show_phone", "person", person_id,
        place_id=place_of(session, me, person),
    )  # fmt: skip
    return person.phone


def list_homes(
    session: Session, me: SignedInStaff, needs: Permission = Permission.CHANGE_PEOPLE
) -> list[dict[str, Any]]:
    """The estates of my places, by community."""
    community = Place.__table__.alias("community")
    rows = session.execute(
        select(Place.id, Place.name, community.c.name.label("community"))
        .join(community, community.c.id == Place.parent_id)
        .where(Place.kind == HOMES[0], me.covers(needs, Place.path))
        .order_by(Place.path)
    )
    return [dict(row._mapping) for row in rows]


def _check(
    session: Session, me: SignedInStaff, facts: Mapping[str, Any], now: datetime,
    person: Person | None = None, *, needs: Permission = Permission.CHANGE_PEOPLE,
) -> None:  # fmt: skip
    wrong: dict[str, list[str]] = {}
    born: date | None = facts.get("birth_date")
    today = clock.today(now)
    if born is not None and not (today.year - OLDEST <= born.year and born <= today):
        wrong["birth_date"] = [_("请填写真实的出生日期。")]
    home_id = facts.get("home_place_id")
    stays = person is not None and person.home_place_id == home_id
    if home_id is not None and not stays:
        place = session.execute(select(Place.kind, Place.path).where(Place.id == home_id)).first()
        mine = place is not None and me.may(needs, place.path)
        if place is None or not mine or place.kind not in HOMES:
            wrong["home_place_id"] = [_("请选择您辖区内的小区。")]
    if wrong:
        raise Invalid(wrong)


def _likely(
    session: Session, me: SignedInStaff, facts: Mapping[str, Any], needs: Permission
) -> list[int]:
    same = []
    if facts.get("phone"):
        same.append(Person.phone_hash == crypto.phone_hash(facts["phone"]))
    if facts.get("birth_date"):
        same.append((Person.name == facts["name"]) & (Person.birth_date == facts["birth_date"]))
    if not same:
        return []
    return list(
        session.scalars(
            select(Person.id)
            .where(or_(*same), Person.merged_into_id.is_(None), reaches(me, needs))
            .order_by(Person.id)
            .limit(5)
        )
    )


def _set_phone(person: Person, phone: str | None) -> None:
    person.phone = phone
    person.phone_hash = crypto.phone_hash(phone) if phone else None
    person.last_four_hash = crypto.last_four_hash(phone) if phone else None


def _shown(person: Person) -> dict[str, Any]:
    """What the audit may keep: the phone masked, of the address only whether there is one."""
    return {
        "name": person.name,
        "birth_date": person.birth_date.isoformat() if person.birth_date else None,
        "gender": person.gender,
        "home_place_id": person.home_place_id,
        "address": crypto.lookup_hash("audit", person.address)[:8] if person.address else None,
        "phone": mask_phone(person.phone) if person.phone else None,
        "note": person.note,
    }
