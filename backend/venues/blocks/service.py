"""Taking rooms out of use, and giving them back.

What stands in the rooms then is shown first: reservations and requests end with the block and their
people are told why; lessons, market days and other blocks stay: they make room before, or the block
is put around them.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from backend import clock
from backend.booking.models import Booking
from backend.db import AnyRow, RunAgain, table_of
from backend.errors import NotFound
from backend.places import occupancy
from backend.places.errors import RoomTaken
from backend.places.models import Occupancy, OccupantKind
from backend.places.occupancy import Use
from backend.staff import audit
from backend.staff.access import SignedInStaff
from backend.venues import endings
from backend.venues.blocks.models import RoomBlock, RoomBlockHit, RoomBlockRoom
from backend.venues.endings import Hit
from backend.venues.errors import (
    BlockTooLong,
    EndsBeforeStart,
    NothingLeft,
    OthersInTheWay,
    Past,
)
from backend.venues.reach import RUN, access_venue
from backend.venues.sheet import open_room, place, room, venue

LONGEST = timedelta(days=366)
STAYS = (OccupantKind.LESSON, OccupantKind.MARKET, OccupantKind.BLOCK)
"""What goes on where rooms are taken out of use."""

block, block_room = table_of(RoomBlock), table_of(RoomBlockRoom)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Rooms of a venue out of use; no rooms named: all of them.

    `around`: what goes on there keeps its time, and the block takes the rest.
    """

    venue_id: int
    starts_at: datetime
    ends_at: datetime
    reason: str
    room_ids: tuple[int, ...] = ()
    note: str | None = None
    around: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """What a block would do: the rooms it takes from when on, and what is there.

    `others`: lessons, market days and blocks, which it can only be put around.
    """

    venue: AnyRow
    rooms: Sequence[AnyRow]
    starts_at: datetime
    hits: Sequence[Hit]
    others: Sequence[Use]

    @property
    def room_ids(self) -> list[int]:
        return [one.id for one in self.rooms]

    @property
    def tokens(self) -> list[str]:
        """What a page that showed it carries; another list has others."""
        return [hit.token for hit in self.hits] + [token(use) for use in self.others]


def token(use: Use) -> str:
    """What a page carries that showed something the block goes around."""
    span = f"{use.starts_at.timestamp():.0f}-{use.ends_at.timestamp():.0f}"
    return f"{use.kind}-{use.occupant_id}-{span}"


def plan(session: Session, me: SignedInStaff, wanted: Wanted, now: datetime) -> Plan:
    """Look what is hit; nothing is written. What has begun is shortened, and so is the block.

    Raises NotFound for venues and rooms that are not mine, EndsBeforeStart, Past, BlockTooLong.
    """
    of_venue, rooms = _rooms(session, me, wanted)
    if wanted.ends_at <= wanted.starts_at:
        raise EndsBeforeStart()
    if wanted.ends_at <= now:
        raise Past()
    if wanted.ends_at - wanted.starts_at > LONGEST:
        raise BlockTooLong()
    room_ids, starts_at = [one.id for one in rooms], max(wanted.starts_at, now)
    found = endings.list_standing(
        session, now, endings.sharing(room_ids),
        Booking.starts_at < wanted.ends_at, Booking.ends_at > starts_at,
    )  # fmt: skip
    hits = [replace(hit, until=starts_at) if hit.starts_at < now else hit for hit in found]
    return Plan(of_venue, rooms, starts_at, hits, _others(session, room_ids, wanted, starts_at))


def _rooms(session: Session, me: SignedInStaff, wanted: Wanted) -> tuple[AnyRow, Sequence[AnyRow]]:
    of_venue = access_venue(session, me, wanted.venue_id)
    rooms = session.execute(
        select(room.c.id, room.c.name)
        .join(open_room, open_room.c.room_id == room.c.id)
        .where(room.c.venue_id == wanted.venue_id)
        .order_by(room.c.id)
    ).all()
    if wanted.room_ids:
        rooms = [one for one in rooms if one.id in wanted.room_ids]
    if not rooms or len(rooms) < len(set(wanted.room_ids)):
        raise NotFound()
    return of_venue, rooms


def _others(
    session: Session, room_ids: Collection[int], wanted: Wanted, starts_at: datetime
) -> list[Use]:
    """What else is in these rooms, each once."""
    found = {
        (use.kind, use.occupant_id, use.starts_at): use
        for room_id in room_ids
        for use in occupancy.clashes(session, room_id, [(starts_at, wanted.ends_at)])
        if use.kind != OccupantKind.RESERVATION
    }
    return sorted(found.values(), key=lambda use: use.starts_at)


def make(
    session: Session, me: SignedInStaff, wanted: Wanted, shown: Collection[str], now: datetime
) -> int:
    """Take the rooms out of use; end what stands there, exactly what was `shown`. Its id.

    Raises what `plan` does, OthersInTheWay unless the block goes around them, NothingLeft where
    they leave nothing, and ListChanged where the list is another meanwhile.
    """
    _, rooms = _rooms(session, me, wanted)
    endings.lock_rooms(session, [one.id for one in rooms])
    found = plan(session, me, wanted, now)
    if found.others and not wanted.around:
        raise OthersInTheWay()
    endings.check_shown(found.tokens, shown)
    endings.end_all(session, found.hits, me.staff_id, wanted.reason, now)
    block_id = _write(session, me, wanted, found, now)
    audit.record(
        session, me.staff_id, "room_block.create", "room_block", block_id,
        after={
            "starts_at": clock.rfc3339(found.starts_at), "ends_at": clock.rfc3339(wanted.ends_at),
            "rooms": [one.name for one in found.rooms], "reason": wanted.reason,
            "bookings": [hit.booking_id for hit in found.hits],
            "around": [token(use) for use in found.others],
        },
        place_id=found.venue.place_id,
    )  # fmt: skip
    return block_id


def _write(session: Session, me: SignedInStaff, wanted: Wanted, found: Plan, now: datetime) -> int:
    block_id = int(
        session.execute(
            insert(block)
            .values(
                venue_id=wanted.venue_id, starts_at=found.starts_at, ends_at=wanted.ends_at,
                reason=wanted.reason, note=wanted.note, around=bool(found.others),
                staff_id=me.staff_id, created_at=now,
            )
            .returning(block.c.id)
        ).scalar_one()
    )  # fmt: skip
    session.execute(
        insert(block_room), [{"block_id": block_id, "room_id": one} for one in found.room_ids]
    )
    if found.hits:
        session.execute(
            insert(table_of(RoomBlockHit)),
            [{"block_id": block_id, "booking_id": hit.booking_id} for hit in found.hits],
        )
    uses = [
        Use(one, found.starts_at, wanted.ends_at, OccupantKind.BLOCK, block_id)
        for one in found.room_ids
    ]
    try:
        pieces = occupancy.occupy_around(session, uses, STAYS if found.others else (), now)
    except RoomTaken as error:
        raise RunAgain() from error  # a lesson was planned there: the next try names it
    if not pieces:
        raise NothingLeft()
    return block_id


def remove(session: Session, me: SignedInStaff, block_id: int, now: datetime) -> int:
    """Give the rooms back, at once if it has begun; the id of the venue.

    What it ended stays ended. Of one that is over, nothing changes. Raises NotFound.
    """
    held = session.execute(
        select(block, venue.c.place_id)
        .join(venue, venue.c.id == block.c.venue_id)
        .join(place, place.c.id == venue.c.place_id)
        .where(block.c.id == block_id, me.covers(RUN, place.c.path))
        .with_for_update(of=block)
    ).first()
    if held is None:
        raise NotFound()
    if held.ends_at <= now:
        audit.unchanged(session)
        return int(held.venue_id)
    if held.starts_at < now:
        _cut(session, block_id, now)
    else:
        occupancy.vacate(session, OccupantKind.BLOCK, [block_id])
        session.execute(delete(block).where(block.c.id == block_id))
    audit.record(
        session, me.staff_id, "room_block.remove", "room_block", block_id,
        before={
            "starts_at": clock.rfc3339(held.starts_at), "ends_at": clock.rfc3339(held.ends_at),
            "reason": held.reason,
        },
        place_id=held.place_id,
    )  # fmt: skip
    return int(held.venue_id)


def _cut(session: Session, block_id: int, now: datetime) -> None:
    session.execute(update(block).where(block.c.id == block_id).values(ends_at=now))
    pieces = (Occupancy.occupant_kind == OccupantKind.BLOCK, Occupancy.occupant_id == block_id)
    session.execute(delete(Occupancy).where(*pieces, Occupancy.starts_at >= now))
    session.execute(update(Occupancy).where(*pieces, Occupancy.ends_at > now).values(ends_at=now))
