"""Proven circumstances: staff see a paper, note what it proves and how long, and end it."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import exists, insert, or_, select, update
from sqlalchemy.orm import Session, aliased

from backend import clock
from backend.canteen.eaters.models import Category, PersonCategory
from backend.canteen.eaters.wording import CATEGORIES
from backend.canteen.pricing.errors import AlreadyProven
from backend.db import AnyRow
from backend.desk.reach import access_person, place_of, reaches
from backend.errors import Invalid, NotFound
from backend.people.models import Person
from backend.staff import audit
from backend.staff.access import Permission, SignedInStaff
from backend.staff.models import Staff

SEE, CHANGE = Permission.SEE_PEOPLE, Permission.CHANGE_PEOPLE
SOON = timedelta(days=30)


def on_card(
    session: Session, me: SignedInStaff, person_id: int, now: datetime
) -> list[dict[str, Any]]:
    """What is noted of somebody, the newest first; `stage` says what it is worth today.

    Raises NotFound.
    """
    access_person(session, me, SEE, person_id)
    rows = session.execute(
        select(*PersonCategory.__table__.c, Staff.name.label("staff_name"))
        .join(Staff, Staff.id == PersonCategory.staff_id)
        .where(PersonCategory.person_id == person_id)
        .order_by(PersonCategory.id.desc())
    )
    today = clock.today(now)
    return [
        dict(row._mapping)
        | {"word": str(CATEGORIES[Category(row.category)]), "stage": _stage(row, today)}
        for row in rows
    ]


def note(
    session: Session, me: SignedInStaff, person_id: int, now: datetime, *, category: str,
    proof: str, starts_on: date, ends_on: date | None,
) -> None:  # fmt: skip
    """Somebody belongs to a category from a day on. Raises NotFound, Invalid, AlreadyProven."""
    person = access_person(session, me, CHANGE, person_id)
    if ends_on is not None and ends_on < starts_on:
        raise Invalid({"ends_on": [_("到期日期不能早于开始日期。")]})
    session.execute(select(Person.id).where(Person.id == person_id).with_for_update())
    overlaps = exists().where(
        PersonCategory.person_id == person_id,
        PersonCategory.category == category,
        PersonCategory.ended_at.is_(None),
        or_(PersonCategory.ends_on.is_(None), PersonCategory.ends_on >= starts_on),
        PersonCategory.starts_on <= (ends_on or date.max),
    )
    if session.scalar(select(overlaps)):
        raise AlreadyProven(category=CATEGORIES[Category(category)])
    days = {"starts_on": starts_on, "ends_on": ends_on}
    session.execute(
        insert(PersonCategory).values(
            person_id=person_id, category=category, proof=proof, staff_id=me.staff_id,
            noted_at=now, **days,
        )
    )  # fmt: skip
    after = {"category": category} | {name: day and day.isoformat() for name, day in days.items()}
    audit.record(
        session, me.staff_id, "category.note", "person", person_id, after=after,
        place_id=place_of(session, me, person),
    )  # fmt: skip


def end(
    session: Session, me: SignedInStaff, person_id: int, category_id: int, now: datetime
) -> None:
    """It is true no more, from today on; what was ordered keeps its price. Raises NotFound."""
    person = access_person(session, me, CHANGE, person_id)
    found = select(PersonCategory.category, PersonCategory.ended_at).where(
        PersonCategory.id == category_id, PersonCategory.person_id == person_id
    )
    row = session.execute(found.with_for_update()).first()
    if row is None:
        raise NotFound()
    if row.ended_at is not None:
        audit.unchanged(session)
        return
    session.execute(
        update(PersonCategory).where(PersonCategory.id == category_id).values(ended_at=now)
    )
    audit.record(
        session, me.staff_id, "category.end", "person", person_id,
        before={"category": row.category}, place_id=place_of(session, me, person),
    )  # fmt: skip


def list_expiring(session: Session, me: SignedInStaff, now: datetime) -> Sequence[AnyRow]:
    """Proofs that ran out in the last thirty days or will in the next, unless there is a newer."""
    newer, today = aliased(PersonCategory), clock.today(now)
    renewed = exists().where(
        newer.person_id == PersonCategory.person_id,
        newer.category == PersonCategory.category,
        newer.ended_at.is_(None),
        or_(newer.ends_on.is_(None), newer.ends_on > PersonCategory.ends_on),
    )
    return session.execute(
        select(
            Person.id.label("person_id"), Person.name, PersonCategory.category,
            PersonCategory.ends_on, PersonCategory.proof,
        )
        .join(Person, Person.id == PersonCategory.person_id)
        .where(
            PersonCategory.ended_at.is_(None),
            PersonCategory.ends_on.between(today - SOON, today + SOON),
            Person.deleted_at.is_(None), reaches(me, SEE), ~renewed,
        )
        .order_by(PersonCategory.ends_on, Person.id)
    ).all()  # fmt: skip


def _stage(row: AnyRow, today: date) -> str:
    """ended, over, coming, soon (it runs out within thirty days) or valid."""
    if row.ended_at is not None:
        return "ended"
    if row.ends_on is not None and row.ends_on < today:
        return "over"
    if today < row.starts_on:
        return "coming"
    return "soon" if row.ends_on is not None and row.ends_on <= today + SOON else "valid"
