"""What a new draw can be for: terms that are not over, places in reach."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend import clock
from backend.night_school.models import Term
from backend.places.models import Place, PlaceKind
from backend.staff.access import Permission, SignedInStaff

_KINDS = (PlaceKind.DISTRICT, PlaceKind.STREET, PlaceKind.COMMUNITY)


def terms(session: Session, now: datetime) -> list[tuple[int, str]]:
    """The terms that are not over, the next first."""
    rows = session.execute(
        select(Term.id, Term.name).where(Term.ends_on >= clock.today(now)).order_by(Term.starts_on)
    )
    return [(row.id, row.name) for row in rows]


def places(session: Session, me: SignedInStaff) -> list[tuple[int, str]]:
    """Places whose classes the member of staff manages: a draw is for the classes below one."""
    rows = session.execute(
        select(Place.id, Place.name)
        .where(Place.kind.in_(_KINDS), me.covers(Permission.MANAGE_CLASSES, Place.path))
        .order_by(Place.path)
    )
    return [(row.id, row.name) for row in rows]
