"""What residents say about missed occasions, as staff read it."""

from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.booking.models import Bookable, Booking
from backend.errors import NotFound
from backend.people.models import Person
from backend.people.naming import shown_name
from backend.places.models import Place
from backend.staff.access import SignedInStaff
from backend.staff.models import Staff
from backend.standing import sources
from backend.standing.models import Appeal, AppealState
from backend.standing.queries import get_standing
from backend.standing.service import DECIDE


def count_open(session: Session, me: SignedInStaff) -> int:
    """How many appeals about my places wait for an answer."""
    return session.execute(
        select(func.count())
        .select_from(Appeal)
        .join(Booking, Booking.id == Appeal.booking_id)
        .join(Bookable, Bookable.id == Booking.bookable_id)
        .join(Place, Place.id == Bookable.place_id)
        .where(Appeal.state == AppealState.ASKED, me.covers(DECIDE, Place.path))
    ).scalar_one()


def list_open(session: Session, me: SignedInStaff, now: datetime) -> list[dict[str, Any]]:
    """Those, the oldest first; `why` and the rest are None where the record was put right since."""
    return _read(session, me, now, Appeal.state == AppealState.ASKED)


def get_appeal(
    session: Session, me: SignedInStaff, appeal_id: int, now: datetime
) -> dict[str, Any]:
    """One of them, decided or not. Raises NotFound."""
    found = _read(session, me, now, Appeal.id == appeal_id)
    if not found:
        raise NotFound()
    return found[0]


def on_card(session: Session, me: SignedInStaff, person_id: int, now: datetime) -> dict[str, Any]:
    """A person's standing; `mine`: it is at my places, so I may decide about it."""
    found = get_standing(session, person_id, now)
    ids = {one["booking_id"] for one in found["entries"]}
    mine = session.scalars(
        select(Booking.id)
        .join(Bookable, Bookable.id == Booking.bookable_id)
        .join(Place, Place.id == Bookable.place_id)
        .where(Booking.id.in_(ids), me.covers(DECIDE, Place.path))
    ).all()
    found["entries"] = [one | {"mine": one["booking_id"] in mine} for one in found["entries"]]
    return found


def get_occasion(
    session: Session, person_id: int, booking_id: int, occasion_id: int, now: datetime
) -> dict[str, Any]:
    """An occasion of that person that is on record. Raises NotFound."""
    for one in sources.recorded(session, [person_id], now):
        if one.key == (booking_id, occasion_id):
            return {"title": one.title, "number": one.number, "at": one.at, "why": one.why}
    raise NotFound()


def _read(session: Session, me: SignedInStaff, now: datetime, which: Any) -> list[dict[str, Any]]:
    rows = session.execute(
        select(
            Appeal.id, Appeal.booking_id, Appeal.occasion_id, Appeal.reason, Appeal.asked_at,
            Appeal.state, Appeal.answer, Appeal.decided_at, Staff.name.label("decided_by"),
            Booking.person_id, Bookable.kind, Bookable.title, Place.name.label("place_name"),
            shown_name().label("name"),
        )
        .join(Booking, Booking.id == Appeal.booking_id)
        .join(Person, Person.id == Booking.person_id)
        .join(Bookable, Bookable.id == Booking.bookable_id)
        .join(Place, Place.id == Bookable.place_id)
        .outerjoin(Staff, Staff.id == Appeal.decided_by_id)
        .where(which, me.covers(DECIDE, Place.path))
        .order_by(Appeal.asked_at, Appeal.id)
    ).all()  # fmt: skip
    people = {row.person_id for row in rows}
    recorded = {one.key: one for one in sources.recorded(session, list(people), now)}
    found = []
    for row in rows:
        one = recorded.get((row.booking_id, row.occasion_id))
        found.append(
            dict(row._mapping)
            | {
                "number": one.number if one else None,
                "at": one.at if one else None,
                "why": one.why if one else None,
            }
        )
    return found
