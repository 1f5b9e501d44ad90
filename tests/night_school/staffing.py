"""A member of staff as services see them once signed in."""

from sqlalchemy import select

from backend.db import db
from backend.places.models import Place
from backend.staff.access import Scope, SignedInStaff
from backend.staff.models import Role, Staff, StaffRole


def signed_in(someone: Staff) -> SignedInStaff:
    """With the roles the tables give them."""
    rows = db.session.execute(
        select(StaffRole.role, Place.id, Place.path, Place.name)
        .join(Place, Place.id == StaffRole.place_id)
        .where(StaffRole.staff_id == someone.id)
    )
    roles = tuple(Scope(Role(row.role), row.id, row.path, row.name) for row in rows)
    return SignedInStaff(someone.id, someone.name, roles)
