"""Likely duplicates: found by phone or by name and birth date, compared, merged or dismissed."""

from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, exists, func, literal, or_, select, union
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session, aliased

from backend.booking.models import LIVE, Booking
from backend.desk.errors import NotTwo
from backend.desk.find import home_name
from backend.desk.reach import access_person, place_of, reaches
from backend.people import merging
from backend.people.masking import mask_phone
from backend.people.models import Account, Consent, DuplicateDismissed, Person
from backend.places.models import Place
from backend.staff import audit
from backend.staff.access import Permission, SignedInStaff, below

MERGE = Permission.MERGE_PEOPLE
MOST_LISTED = 100
_low, _high = aliased(Person), aliased(Person)
_home, _above = aliased(Place), aliased(Place)


def list_pairs(
    session: Session, me: SignedInStaff, place_path: str | None = None
) -> list[dict[str, Any]]:
    """Pairs within reach that nobody has dismissed, those with the same phone first.

    With `place_path`, only pairs of which one lives at that place or below it.
    """
    same_phone = _pairs(me, place_path, _high.phone_hash == _low.phone_hash, 0)
    same_birth = _pairs(
        me, place_path,
        and_(_high.name == _low.name, _high.birth_date == _low.birth_date, _low.name != ""), 1,
    )  # fmt: skip
    found = union(same_phone, same_birth).subquery()
    best = (
        select(found.c.low_id, found.c.high_id, func.min(found.c.by_name).label("by_name"))
        .group_by(found.c.low_id, found.c.high_id)
        .order_by(func.min(found.c.by_name), found.c.low_id, found.c.high_id)
        .limit(MOST_LISTED)
    )
    pairs = session.execute(best).all()
    sides = _sides(session, {one for pair in pairs for one in (pair.low_id, pair.high_id)})
    return [
        {"low": sides[p.low_id], "high": sides[p.high_id], "same_phone": p.by_name == 0}
        for p in pairs
    ]


def _pairs(
    me: SignedInStaff, place_path: str | None, same: Any, by_name: int
) -> Select[*tuple[Any, ...]]:
    dismissed = exists().where(
        DuplicateDismissed.low_id == _low.id, DuplicateDismissed.high_id == _high.id
    )
    query: Select[*tuple[Any, ...]] = (
        select(
            _low.id.label("low_id"), _high.id.label("high_id"),
            literal(by_name).label("by_name"),
        )
        .join(_high, and_(same, _high.id > _low.id))
        .where(
            _low.merged_into_id.is_(None), _high.merged_into_id.is_(None), ~dismissed,
            reaches(me, MERGE, _low), reaches(me, MERGE, _high),
        )
    )  # fmt: skip
    if place_path is not None:
        query = query.where(
            exists().where(
                or_(_home.id == _low.home_place_id, _home.id == _high.home_place_id),
                below(_home.path, [place_path]),
            )
        )
    return query


def compare(session: Session, me: SignedInStaff, one_id: int, other_id: int) -> dict[str, Any]:
    """Two cards side by side; `keep` is the one that looks more complete. Raises NotFound."""
    for person_id in (one_id, other_id):
        access_person(session, me, MERGE, person_id)
    if one_id == other_id:
        raise NotTwo()
    sides = _sides(session, {one_id, other_id})
    one, other = sides[one_id], sides[other_id]
    keep = max(one, other, key=lambda s: (s["has_account"], s["live"], s["filled"], -s["id"]))
    return {"one": one, "other": other, "keep_id": keep["id"]}


def merge_pair(
    session: Session, me: SignedInStaff, one_id: int, other_id: int, keep_id: int, now: datetime
) -> int:
    """Merge the two, of which `keep_id` stays; its id. Raises NotFound, NotTwo."""
    if keep_id not in (one_id, other_id):
        raise NotTwo()
    merge(session, me, other_id if keep_id == one_id else one_id, keep_id, now)
    return keep_id


def merge(session: Session, me: SignedInStaff, from_id: int, into_id: int, now: datetime) -> None:
    """Make two cards one; `into_id` stays. Bookings, consents, accounts, reminders follow.

    Raises NotFound, NotTwo.
    """
    gone = access_person(session, me, MERGE, from_id)
    kept = access_person(session, me, MERGE, into_id)
    if from_id == into_id:
        raise NotTwo()
    before = {"from": _audited(session, gone), "into": _audited(session, kept)}
    merging.merge(session, from_id, into_id, now)
    session.expire_all()
    kept = session.get_one(Person, into_id)
    audit.record(
        session, me.staff_id, "person.merge", "person", into_id, before,
        {"into": _audited(session, kept), "from_id": from_id},
        place_id=place_of(session, me, kept),
    )  # fmt: skip


def dismiss(session: Session, me: SignedInStaff, one_id: int, other_id: int, now: datetime) -> None:
    """They are two people; the pair is not shown again. Twice changes nothing. Raises NotFound."""
    one = access_person(session, me, MERGE, one_id)
    access_person(session, me, MERGE, other_id)
    if one_id == other_id:
        raise NotTwo()
    low_id, high_id = sorted((one_id, other_id))
    insert = (postgresql if session.get_bind().dialect.name == "postgresql" else sqlite).insert
    written = session.execute(
        insert(DuplicateDismissed)
        .values(low_id=low_id, high_id=high_id, staff_id=me.staff_id, at=now)
        .on_conflict_do_nothing()
        .returning(DuplicateDismissed.low_id)
    ).first()
    if written is None:
        audit.unchanged(session)
        return
    audit.record(
        session, me.staff_id, "person.not_same", "person", low_id, after={"other_id": high_id},
        place_id=place_of(session, me, one),
    )  # fmt: skip


def _sides(session: Session, person_ids: set[int]) -> dict[int, dict[str, Any]]:
    """What tells two cards apart, by person id: one read for all."""
    live = (
        select(func.count())
        .where(Booking.person_id == Person.id, Booking.state.in_(LIVE))
        .scalar_subquery()
    )
    total = select(func.count()).where(Booking.person_id == Person.id).scalar_subquery()
    consents = (
        select(func.count())
        .where(Consent.person_id == Person.id, Consent.withdrawn_at.is_(None))
        .scalar_subquery()
    )
    rows = session.execute(
        select(
            Person, _home.kind.label("home_kind"), _home.name.label("home"),
            _above.name.label("above"), live.label("live"), total.label("total"),
            consents.label("consents"),
            exists().where(Account.person_id == Person.id, Account.closed_at.is_(None))
            .label("has_account"),
        )
        .outerjoin(_home, _home.id == Person.home_place_id)
        .outerjoin(_above, _above.id == _home.parent_id)
        .where(Person.id.in_(person_ids))
    )  # fmt: skip
    return {row.Person.id: _side(row) for row in rows}


def _side(row: Any) -> dict[str, Any]:
    person: Person = row.Person
    facts = (
        person.name, person.birth_date, person.gender, person.home_place_id, person.address,
        person.phone, person.note,
    )  # fmt: skip
    return {
        "id": person.id,
        "name": person.name,
        "birth_date": person.birth_date,
        "gender": person.gender,
        "phone": mask_phone(person.phone) if person.phone else None,
        "home": home_name(row.home_kind, row.home, row.above),
        "has_address": person.address is not None,
        "note": person.note,
        "created_at": person.created_at,
        "has_account": row.has_account,
        "live": row.live,
        "total": row.total,
        "consents": row.consents,
        "filled": sum(1 for fact in facts if fact),
    }


def _audited(session: Session, person: Person) -> dict[str, Any]:
    """How a card stood: its facts, masked, and what hung on it."""
    bookings = session.execute(
        select(Booking.id, Booking.state).where(Booking.person_id == person.id).order_by(Booking.id)
    )
    account_ids = session.scalars(select(Account.id).where(Account.person_id == person.id)).all()
    consents = session.scalars(
        select(Consent.id).where(Consent.person_id == person.id).order_by(Consent.id)
    ).all()
    return {
        "person_id": person.id,
        "name": person.name,
        "birth_date": person.birth_date.isoformat() if person.birth_date else None,
        "home_place_id": person.home_place_id,
        "phone": mask_phone(person.phone) if person.phone else None,
        "account_ids": list(account_ids),
        "bookings": {str(row.id): row.state for row in bookings},
        "consents": list(consents),
    }
