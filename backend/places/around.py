"""Where a place is: its street and community, and a position for "near me"."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.places.models import Venue

NOWHERE: dict[str, float | None] = {"latitude": None, "longitude": None}


def around(path: str) -> dict[str, int | None]:
    """The street and the community a place is in; the district's own is in neither."""
    below = [int(one) for one in path.strip("/").split("/")][1:]
    street_id, community_id, *_below = [*below, None, None]
    return {"street_id": street_id, "community_id": community_id}


def positions(session: Session, place_ids: Sequence[int]) -> dict[int, dict[str, float | None]]:
    """By place, the position (GCJ-02) of the first of its venues that is on the map; one read."""
    rows = session.execute(
        select(Venue.place_id, Venue.latitude, Venue.longitude)
        .where(Venue.place_id.in_(place_ids), Venue.latitude.is_not(None))
        .order_by(Venue.id.desc())
    )
    return {row.place_id: {"latitude": row.latitude, "longitude": row.longitude} for row in rows}
