"""Who has which room when: lessons, and later stalls, reservations and blocks, all occupy here.

A room is occupied by occupying each of its atoms; the database refuses any overlap, so two clerks
who plan at once cannot both succeed.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, insert, or_, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from backend.db import RunAgain
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


Row = dict[str, Any]
Lapsed = Callable[[datetime], ColumnElement[bool]]
LetGo = Callable[[Sequence[int], datetime], object]
_lapsing: list[tuple[OccupantKind, Lapsed, LetGo]] = []


def lapse(kind: OccupantKind, lapsed: Lapsed, let_go: LetGo) -> None:
    """Uses of that kind may end before their time, as where nobody comes.

    `lapsed` tells which rows of `Occupancy` have by now; `let_go` notes it for these occupants, in
    a transaction of its own, and leaves the rest of the room free.
    """
    _lapsing.append((kind, lapsed, let_go))


def stands(now: datetime) -> ColumnElement[bool]:
    """Whether a row of `Occupancy` still holds its room, whether or not its end was noted."""
    return and_(
        True, *(~((Occupancy.occupant_kind == kind) & lapsed(now)) for kind, lapsed, _ in _lapsing)
    )


def alone(session: Session) -> None:
    """Nobody else occupies a room from now on until the transaction ends.

    For changing what rooms are made of; whoever occupies one meanwhile waits, and reads the parts
    anew. SQLite has one writer at a time anyway.
    """
    _lock_table(session, "SHARE ROW EXCLUSIVE")


def _lock_table(session: Session, mode: str) -> None:
    if session.connection().dialect.name == "postgresql":
        session.execute(text(f"LOCK TABLE occupancy IN {mode} MODE"))


def occupy(session: Session, uses: Iterable[Use], now: datetime) -> None:
    """Occupy the rooms, all or none. Raises RoomTaken, after which the transaction goes on.

    What holds them only in the books is let go first: the door is asked to run again.
    """
    _write(session, _rows(session, list(uses)), now)


def occupy_around(
    session: Session, uses: Iterable[Use], kinds: Collection[OccupantKind], now: datetime
) -> int:
    """The same for what is left of each part beside uses of these kinds; how many pieces.

    A use that has no part to itself at any time takes nothing. Raises RoomTaken.
    """
    pieces = list(_left(session, _rows(session, list(uses)), kinds))
    _write(session, pieces, now)
    return len(pieces)


def _left(session: Session, rows: Sequence[Row], kinds: Collection[OccupantKind]) -> Iterable[Row]:
    """The rows without the time that their parts are in use by these kinds."""
    if not rows:
        return
    taken: dict[int, list[tuple[datetime, datetime]]] = {row["atom_id"]: [] for row in rows}
    for used in session.execute(
        select(Occupancy.atom_id, Occupancy.starts_at, Occupancy.ends_at)
        .where(
            Occupancy.atom_id.in_(taken), Occupancy.occupant_kind.in_(kinds),
            Occupancy.starts_at < max(row["ends_at"] for row in rows),
            Occupancy.ends_at > min(row["starts_at"] for row in rows),
        )
        .order_by(Occupancy.starts_at)
    ):  # fmt: skip
        taken[used.atom_id].append((used.starts_at, used.ends_at))
    for row in rows:
        free_from = row["starts_at"]
        for starts_at, ends_at in taken[row["atom_id"]]:
            if free_from < min(starts_at, row["ends_at"]):
                yield row | {"starts_at": free_from, "ends_at": min(starts_at, row["ends_at"])}
            free_from = max(free_from, ends_at)
        if free_from < row["ends_at"]:
            yield row | {"starts_at": free_from}


def _rows(session: Session, uses: Sequence[Use]) -> list[Row]:
    """One for each part of each room, as it is made of from now until the transaction ends."""
    _lock_table(session, "ROW EXCLUSIVE")
    atoms: dict[int, list[int]] = {}
    for row in session.execute(
        select(RoomAtom.room_id, RoomAtom.atom_id).where(
            RoomAtom.room_id.in_({use.room_id for use in uses})
        )
    ):
        atoms.setdefault(row.room_id, []).append(row.atom_id)
    return [
        {
            "atom_id": atom_id, "starts_at": use.starts_at, "ends_at": use.ends_at,
            "occupant_kind": use.kind, "occupant_id": use.occupant_id,
        }
        for use, atom_id in _parts(uses, atoms)
    ]  # fmt: skip


def _write(session: Session, rows: Sequence[Row], now: datetime) -> None:
    if not rows:
        return
    try:
        with session.begin_nested():
            session.execute(insert(Occupancy), list(rows))
    except IntegrityError as error:
        _let_lapse(session, rows, now)
        raise RoomTaken() from error


def _parts(uses: Sequence[Use], atoms: Mapping[int, Sequence[int]]) -> Iterable[tuple[Use, int]]:
    """Each part once, also where an occupant takes two rooms that share it."""
    seen = {
        (atom_id, use.starts_at, use.kind, use.occupant_id): (use, atom_id)
        for use in uses
        for atom_id in sorted(atoms.get(use.room_id, []))
    }
    return seen.values()


def _let_lapse(session: Session, rows: Sequence[Row], now: datetime) -> None:
    """Whoever is in the way and did not come is noted first; then all starts over."""
    wanted = or_(
        *(
            (Occupancy.atom_id == row["atom_id"])
            & (Occupancy.starts_at < row["ends_at"])
            & (Occupancy.ends_at > row["starts_at"])
            for row in rows
        )
    )
    for kind, lapsed, let_go in _lapsing:
        gone = session.scalars(
            select(Occupancy.occupant_id)
            .distinct()
            .where(Occupancy.occupant_kind == kind, wanted, lapsed(now))
        ).all()
        if gone:
            raise RunAgain(partial(let_go, gone, now))


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
