"""The first place of an installation: everything else grows below it."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.places.errors import DistrictExists
from backend.places.models import Place, PlaceKind


def found_district(session: Session, code: str, name: str) -> int:
    """Make the district of an empty database; its id. Raises DistrictExists."""
    if session.scalar(select(Place.id).limit(1)) is not None:
        raise DistrictExists()
    district = Place(kind=PlaceKind.DISTRICT, code=code, name=name, path="/")
    session.add(district)
    session.flush()
    district.path = f"/{district.id}/"
    session.flush()
    return district.id
