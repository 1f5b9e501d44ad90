"""Which residents a member of staff reaches.

Those whose home lies in their places, those with a booking there, and those with no home on file.
Everybody else is not found, so that ids cannot be probed.
"""

from sqlalchemy import ColumnElement, exists, literal, or_, select
from sqlalchemy.orm import Session, aliased

from backend.booking.models import Bookable, Booking
from backend.errors import NotFound
from backend.people.models import Person
from backend.places.models import Place
from backend.staff.access import Permission, SignedInStaff

_home = aliased(Place)
_there = aliased(Place)


def reaches(
    me: SignedInStaff, permission: Permission, person: type[Person] = Person
) -> ColumnElement[bool]:
    """The scope as a filter of selects from `person` (or an alias of it)."""
    lives = exists().where(_home.id == person.home_place_id, me.covers(permission, _home.path))
    booked = exists().where(
        Booking.person_id == person.id,
        Bookable.id == Booking.bookable_id,
        _there.id == Bookable.place_id,
        me.covers(permission, _there.path),
    )
    return or_(person.home_place_id.is_(None), lives, booked)


def access_person(
    session: Session, me: SignedInStaff, permission: Permission, person_id: int
) -> Person:
    """The person, read fresh, if within reach and not merged away. Raises NotFound.

    Whoever deleted their account may still be looked at, for the bookings in the books.
    """
    person = session.scalars(
        select(Person)
        .where(
            Person.id == person_id,
            Person.merged_into_id.is_(None),
            or_(Person.deleted_at.is_(None), literal(permission == Permission.SEE_PEOPLE)),
            reaches(me, permission),
        )
        .execution_options(populate_existing=True)
    ).first()
    if person is None or not me.holds(permission):
        raise NotFound()
    return person


def place_of(session: Session, me: SignedInStaff, person: Person) -> int | None:
    """Where an audit row about the person belongs: their home, else where the staff works."""
    return person.home_place_id or (me.roles[0].place_id if me.roles else None)
