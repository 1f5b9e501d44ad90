"""A series and its dates, as the verbs find them."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, or_, select, true
from sqlalchemy.orm import Session

from backend import clock
from backend.db import AnyRow, RunAgain
from backend.errors import NotFound
from backend.people.queries import Resident, acts_for
from backend.staff.access import Permission, SignedInStaff
from backend.venues.groups.access import my_groups
from backend.venues.series.models import Series, SeriesDate
from backend.venues.sheet import place, room


def mine(session: Session, me: Resident, series_id: int, now: datetime) -> AnyRow:
    """A series of somebody the account acts for, or of one of our groups. Raises NotFound."""
    today = clock.today(now)
    ours = Series.group_id.in_(my_groups(me, today))
    return _series(session, series_id, or_(acts_for(me, Series.person_id, today), ours))


def at_my_places(session: Session, me: SignedInStaff, series_id: int) -> AnyRow:
    """A series in a room at a worker's places. Raises NotFound."""
    return _series(session, series_id, me.covers(Permission.BOOK_FOR_PEOPLE, place.c.path))


def whoevers(session: Session, series_id: int) -> AnyRow:
    """A series that its caller has found already. Raises NotFound."""
    return _series(session, series_id, true())


def _series(session: Session, series_id: int, allowed: ColumnElement[bool]) -> AnyRow:
    found = session.execute(
        select(*Series.__table__.c, room.c.place_id)
        .join(room, room.c.id == Series.room_id)
        .join(place, place.c.id == room.c.place_id)
        .where(Series.id == series_id, allowed)
    ).first()
    if found is None:
        raise NotFound()
    return found


def check_unchanged(session: Session, series: AnyRow) -> None:
    """It stands in the same name still, now that those whose limits count are held."""
    name = session.scalar(select(Series.person_id).where(Series.id == series.id))
    if name != series.person_id:
        raise RunAgain()  # whoever reserved it left the group meanwhile


def dates(session: Session, series_id: int, from_id: int | None = None) -> Sequence[AnyRow]:
    """Its dates in order, or those from one of them on. Raises NotFound where that is not one."""
    columns = SeriesDate.__table__.c
    query = select(*columns).where(SeriesDate.series_id == series_id)
    if from_id is not None:
        first = session.execute(query.where(SeriesDate.id == from_id)).first()
        if first is None:
            raise NotFound()
        query = query.where(SeriesDate.starts_at >= first.starts_at)
    return session.execute(query.order_by(SeriesDate.starts_at, SeriesDate.id)).all()
