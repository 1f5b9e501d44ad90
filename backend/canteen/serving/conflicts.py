"""What a tablet gave out without a network and does not fit: kept for a person to settle."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, aliased

from backend import clock
from backend.booking.models import Bookable, Booking
from backend.canteen.serving.errors import AlreadyServed, GivenBack, NotToday
from backend.canteen.serving.models import Clash, MealServed, ServingConflict
from backend.canteen.serving.queries import SERVE
from backend.db import AnyRow, RunAgain, table_of
from backend.errors import NotFound, Refusal
from backend.people.models import Person
from backend.people.naming import shown_name
from backend.places.models import Place
from backend.staff import audit
from backend.staff.access import SignedInStaff
from backend.staff.models import Staff

_conflict, _served = table_of(ServingConflict), table_of(MealServed)
_booking, _bookable = table_of(Booking), table_of(Bookable)
_other = aliased(Staff)

WHY: dict[type[Refusal], Clash] = {
    AlreadyServed: Clash.SERVED, GivenBack: Clash.GIVEN_BACK, NotToday: Clash.TOO_LATE,
}  # fmt: skip
"""Which refusals of what is out already are kept for a person."""


def note(
    session: Session, me: SignedInStaff, booking_id: int, why: Clash, at: datetime, key: str,
    now: datetime,
) -> None:  # fmt: skip
    """Keep it, once per key of the device."""
    if session.execute(select(_conflict.c.id).where(_conflict.c.key == key)).first() is not None:
        return
    try:
        session.execute(
            insert(_conflict).values(
                booking_id=booking_id, why=why, at=min(at, now), noted_at=now,
                staff_id=me.staff_id, key=key,
            )
        )  # fmt: skip
    except IntegrityError as error:
        raise RunAgain() from error  # sent twice at the same moment
    audit.record(
        session, me.staff_id, "meal.conflict", "booking", booking_id,
        place_id=_place_of(session, booking_id),
        after={"why": why, "at": clock.rfc3339(at)},
    )  # fmt: skip


def list_open(session: Session, meal_service_id: int) -> Sequence[AnyRow]:
    """Those of a meal that nobody has settled, with who gave it out before; the oldest first."""
    return session.execute(
        select(
            _conflict.c.id, _conflict.c.why, _conflict.c.at, _booking.c.person_id,
            shown_name().label("name"), Staff.name.label("by"),
            _served.c.at.label("served_at"), _other.name.label("served_by"),
        )
        .join(_booking, _booking.c.id == _conflict.c.booking_id)
        .join(Person, Person.id == _booking.c.person_id)
        .join(Staff, Staff.id == _conflict.c.staff_id)
        .outerjoin(
            _served, (_served.c.booking_id == _booking.c.id) & _served.c.undone_at.is_(None)
        )
        .outerjoin(_other, _other.id == _served.c.staff_id)
        .where(_booking.c.bookable_id == meal_service_id, _conflict.c.settled_at.is_(None))
        .order_by(_conflict.c.id)
    ).all()  # fmt: skip


def settle(session: Session, me: SignedInStaff, conflict_id: int, note: str, now: datetime) -> int:
    """Write down what came of it, once; the meal it was about. Raises NotFound."""
    row = session.execute(
        select(_conflict.c.booking_id, _booking.c.bookable_id, _bookable.c.place_id)
        .join(_booking, _booking.c.id == _conflict.c.booking_id)
        .join(_bookable, _bookable.c.id == _booking.c.bookable_id)
        .join(Place, Place.id == _bookable.c.place_id)
        .where(_conflict.c.id == conflict_id, me.covers(SERVE, Place.path))
    ).first()
    if row is None:
        raise NotFound()
    done = session.execute(
        update(_conflict)
        .where(_conflict.c.id == conflict_id, _conflict.c.settled_at.is_(None))
        .values(settled_at=now, settled_by_id=me.staff_id, settled_note=note)
        .returning(_conflict.c.id)
    ).first()
    if done is None:
        audit.unchanged(session)
    else:
        audit.record(
            session, me.staff_id, "meal.settle", "booking", row.booking_id,
            place_id=row.place_id, after={"note": note},
        )  # fmt: skip
    return int(row.bookable_id)


def _place_of(session: Session, booking_id: int) -> int | None:
    return session.scalar(
        select(_bookable.c.place_id)
        .join(_booking, _booking.c.bookable_id == _bookable.c.id)
        .where(_booking.c.id == booking_id)
    )
