"""Reads about rooms out of use."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.places.models import Occupancy, OccupantKind, RoomAtom
from backend.venues.blocks.models import RoomBlock


def reasons(
    session: Session, room_ids: Collection[int], starts_at: datetime, ends_at: datetime
) -> Sequence[str]:
    """Why any of these rooms is out of use at that time, each reason once."""
    if not room_ids:
        return []
    return session.scalars(
        select(RoomBlock.reason)
        .distinct()
        .join(Occupancy, Occupancy.occupant_id == RoomBlock.id)
        .join(RoomAtom, RoomAtom.atom_id == Occupancy.atom_id)
        .where(
            Occupancy.occupant_kind == OccupantKind.BLOCK, RoomAtom.room_id.in_(room_ids),
            Occupancy.starts_at < ends_at, Occupancy.ends_at > starts_at,
        )
        .order_by(RoomBlock.reason)
    ).all()  # fmt: skip
