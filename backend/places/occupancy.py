"""Who has which room when: lessons, and later stalls, reservations and blocks, all occupy here.

A room is occupied by occupying each of its atoms; the database refuses any overlap, so two clerks
who plan at once cannot both succeed.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from backend.places.errors import RoomTaken
from backend.places.models import Occupancy, OccupantKind, RoomAtom


@dataclass(frozen=True, slots=True)
class Use:
    """A room in use by a row of a kind, from `starts_at` up to `ends_at`."""

    room_id: int
    starts_at: datetime
    ends_at: datetime
    kind: OccupantKind
    occupant_id: int


def occupy(session: Session, uses: Iterable[Use]) -> None:
    """Occupy the rooms, all or none. Raises RoomTaken, after which the transaction goes on."""
    uses = list(uses)
    atoms: dict[int, list[int]] = {}
    for row in session.execute(
        select(RoomAtom.room_id, RoomAtom.atom_id).where(
            RoomAtom.room_id.in_({use.room_id for use in uses})
        )
    ):
        atoms.setdefault(row.room_id, []).append(row.atom_id)
    rows = [
        {
            "atom_id": atom_id, "starts_at": use.starts_at, "ends_at": use.ends_at,
            "occupant_kind": use.kind, "occupant_id": use.occupant_id,
        }
        for use in uses
        for atom_id in sorted(atoms.get(use.room_id, []))
    ]  # fmt: skip
    if not rows:
        return
    try:
        with session.begin_nested():
            session.execute(insert(Occupancy), rows)
    except IntegrityError as error:
        raise RoomTaken() from error


def vacate(session: Session, kind: OccupantKind, occupant_ids: Sequence[int]) -> None:
    """End the use of rooms by these rows; vacating what is not there changes nothing."""
    session.execute(
        delete(Occupancy).where(
            Occupancy.occupant_kind == kind, Occupancy.occupant_id.in_(occupant_ids)
        )
    )


def clashes(
    session: Session,
    room_id: int,
    spans: Sequence[tuple[datetime, datetime]],
    *,
    ignore: tuple[OccupantKind, Sequence[int]] | None = None,
) -> list[Use]:
    """What occupies the room, or a part of it, during any of the spans; one read.

    `ignore` leaves out the rows that are being moved.
    """
    if not spans:
        return []
    query = (
        select(
            Occupancy.starts_at, Occupancy.ends_at, Occupancy.occupant_kind, Occupancy.occupant_id
        )
        .distinct()
        .join(RoomAtom, RoomAtom.atom_id == Occupancy.atom_id)
        .where(
            RoomAtom.room_id == room_id,
            or_(
                *(
                    (Occupancy.starts_at < ends) & (Occupancy.ends_at > starts)
                    for starts, ends in spans
                )
            ),
        )
        .order_by(Occupancy.starts_at)
    )
    if ignore is not None:
        kind, ids = ignore
        query = query.where(or_(Occupancy.occupant_kind != kind, Occupancy.occupant_id.not_in(ids)))
    return [
        Use(room_id, row.starts_at, row.ends_at, OccupantKind(row.occupant_kind), row.occupant_id)
        for row in session.execute(query)
    ]
