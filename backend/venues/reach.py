"""Which venues a member of staff runs."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.db import AnyRow
from backend.errors import NotFound
from backend.staff.access import Permission, SignedInStaff
from backend.venues.sheet import place, venue

RUN = Permission.BOOK_FOR_PEOPLE
"""Who books for residents at a place decides what goes on in its rooms."""


def access_venue(session: Session, me: SignedInStaff, venue_id: int) -> AnyRow:
    """One venue of my places with its place's id and path. Raises NotFound."""
    row = session.execute(
        select(venue.c.id, venue.c.name, venue.c.place_id, place.c.path)
        .join_from(venue, place, place.c.id == venue.c.place_id)
        .where(venue.c.id == venue_id, me.covers(RUN, place.c.path))
    ).first()
    if row is None:
        raise NotFound()
    return row
