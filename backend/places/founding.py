"""The first place of an installation: everything else grows below it."""

from flask_babel import lazy_gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.errors import Refusal
from backend.places.models import Place, PlaceKind


class DistrictExists(Refusal):
    """There is a district already; a database serves one."""

    errcode, status = 40919, 409
    sentence = _("已经有区级单位了，不能再建一个。")


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
