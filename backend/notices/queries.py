"""The notices that residents of a place read."""

from datetime import datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from backend import clock
from backend.errors import NotFound
from backend.notices.models import Notice
from backend.places.models import Place, PlaceKind

MOST = 50


def list_notices(session: Session, place_id: int | None, now: datetime) -> list[dict[str, Any]]:
    """What shows now at a place and all above it (none: the district's), newest first.

    Raises NotFound for a place that is not there.
    """
    rows = session.execute(
        select(
            Notice.id, Notice.title, Notice.body, Notice.published_at, Notice.until,
            Place.name.label("place_name"),
        )
        .join(Place, Place.id == Notice.place_id)
        .where(
            Place.kind == PlaceKind.DISTRICT
            if place_id is None
            else Place.id.in_(_with_above(session, place_id)),
            Notice.published_at <= now,
            or_(Notice.until.is_(None), Notice.until > now),
        )
        .order_by(Notice.published_at.desc(), Notice.id.desc())
        .limit(MOST)
    )  # fmt: skip
    return [
        {
            "id": row.id,
            "title": row.title,
            "body": row.body,
            "place_name": row.place_name,
            "published_at": clock.rfc3339(row.published_at),
            "until": clock.rfc3339(row.until),
        }
        for row in rows
    ]


def _with_above(session: Session, place_id: int) -> list[int]:
    path = session.execute(select(Place.path).where(Place.id == place_id)).scalar_one_or_none()
    if path is None:
        raise NotFound()
    return [int(part) for part in path.split("/") if part]
