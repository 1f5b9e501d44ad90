"""Rooms out of use as the desk sees them: the look beforehand, what is coming, who was told."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.booking.models import Booking, State
from backend.db import AnyRow
from backend.desk import room_contacts, room_uses
from backend.desk.rooms import RUN
from backend.errors import NotAllowed, NotFound
from backend.people.models import Person
from backend.people.naming import shown_name
from backend.places import occupancy
from backend.places.models import OccupantKind
from backend.places.occupancy import Use
from backend.reminders.models import Delivery, Kind, Reminder
from backend.staff import audit
from backend.staff.access import Permission, SignedInStaff
from backend.staff.models import Staff
from backend.venues.blocks.models import RoomBlock, RoomBlockHit, RoomBlockRoom
from backend.venues.blocks.service import Plan
from backend.venues.endings import Hit
from backend.venues.models import Reservation
from backend.venues.sheet import open_room, place, room, venue

_COLUMNS = (
    RoomBlock.id, RoomBlock.venue_id, RoomBlock.starts_at, RoomBlock.ends_at, RoomBlock.reason,
    RoomBlock.note, RoomBlock.created_at, RoomBlock.around, place.c.path,
    Staff.name.label("staff_name"),
    venue.c.name.label("venue_name"),
)  # fmt: skip


def name_others(session: Session, me: SignedInStaff, plan: Plan) -> list[dict[str, Any]]:
    """What a block would have to go round, as `name_uses` has it."""
    return name_uses(session, me, plan.others, plan.room_ids, plan.venue.path)


def name_uses(
    session: Session, me: SignedInStaff, uses: Sequence[Use], room_ids: Collection[int], path: str
) -> list[dict[str, Any]]:
    """Kind, id, title, rooms, when, whether I reach it, and whom to ring as (name, phone).

    Numbers only for who may see them at the place of that `path`.
    """
    known = room_uses.known(session, me, uses)
    contacts = room_contacts.of_uses(session, known.keys(), room_ids)
    phones = me.may(Permission.SEE_PHONES, path)
    blank: dict[str, Any] = {"title": None, "rooms": {}, "reachable": False}
    return [
        blank
        | known.get((use.kind, use.occupant_id), {})
        | {
            "kind": str(use.kind), "id": use.occupant_id,
            "starts_at": use.starts_at, "ends_at": use.ends_at,
            "contacts": [
                (name, phone if phones else None)
                for name, phone in contacts.get((use.kind, use.occupant_id), ())
            ],
        }
        for use in uses
    ]  # fmt: skip


def list_around(
    session: Session, me: SignedInStaff, one: dict[str, Any]
) -> list[dict[str, Any]]:  # fmt: skip
    """What goes on during a block that was put around it, as `name_uses` has it."""
    if not one["around"]:
        return []
    room_ids = session.scalars(
        select(RoomBlockRoom.room_id).where(RoomBlockRoom.block_id == one["id"])
    ).all()
    uses = {
        (use.kind, use.occupant_id, use.starts_at): use
        for room_id in room_ids
        for use in occupancy.clashes(session, room_id, [(one["starts_at"], one["ends_at"])])
        if use.kind != OccupantKind.BLOCK or use.occupant_id != one["id"]
    }
    found = sorted(uses.values(), key=lambda use: use.starts_at)
    return name_uses(session, me, found, room_ids, one["path"])


def reveal_phones(
    session: Session, me: SignedInStaff, of_venue: AnyRow, hits: Iterable[Hit]
) -> dict[int, str]:
    """The whole numbers of whom to call, by person; that each was looked at stands in the audit.

    Raises NotAllowed.
    """
    if not me.may(Permission.SEE_PHONES, of_venue.path):
        raise NotAllowed()
    rows = session.execute(
        select(Person.id, Person.phone).where(
            Person.id.in_({hit.contact_id for hit in hits}), Person.phone.is_not(None)
        )
    )
    phones = {row.id: row.phone for row in rows}
    for person_id in phones:
        audit.record(
            session, me.staff_id, "person.show_phone", "person", person_id,
            place_id=of_venue.place_id,
        )  # fmt: skip
    if not phones:
        audit.unchanged(session)
    return phones


def list_blocks(
    session: Session, me: SignedInStaff, venue_id: int, now: datetime
) -> list[dict[str, Any]]:
    """What is out of use at a venue now and later, by time, with the names of the rooms."""
    rows = session.execute(
        _blocks(me)
        .where(RoomBlock.venue_id == venue_id, RoomBlock.ends_at > now)
        .order_by(RoomBlock.starts_at, RoomBlock.id)
    ).all()
    names = _rooms(session, [row.id for row in rows])
    return [dict(row._mapping) | {"rooms": names[row.id]} for row in rows]


def get_block(session: Session, me: SignedInStaff, block_id: int, now: datetime) -> dict[str, Any]:
    """One with its rooms, and whether it is over. Raises NotFound."""
    row = session.execute(_blocks(me).where(RoomBlock.id == block_id)).first()
    if row is None:
        raise NotFound()
    return dict(row._mapping) | {
        "rooms": _rooms(session, [block_id])[block_id],
        "over": row.ends_at <= now,
    }


def _blocks(me: SignedInStaff) -> Any:
    return (
        select(*_COLUMNS)
        .join(venue, venue.c.id == RoomBlock.venue_id)
        .join(place, place.c.id == venue.c.place_id)
        .join(Staff, Staff.id == RoomBlock.staff_id)
        .where(me.covers(RUN, place.c.path))
    )


def _rooms(session: Session, block_ids: Sequence[int]) -> dict[int, list[str]]:
    names: dict[int, list[str]] = {one: [] for one in block_ids}
    for row in session.execute(
        select(RoomBlockRoom.block_id, room.c.name)
        .join(room, room.c.id == RoomBlockRoom.room_id)
        .where(RoomBlockRoom.block_id.in_(block_ids))
        .order_by(room.c.id)
    ):
        names[row.block_id].append(row.name)
    return names


def list_hits(session: Session, block_id: int) -> list[dict[str, Any]]:
    """Whose reservations it ended, and `told`: yes, soon, or call (nothing reached them)."""
    news = (
        select(Reminder.booking_id, func.max(Reminder.id).label("id"))
        .where(Reminder.kind.in_((Kind.CANCELLED, Kind.CHANGED)))
        .group_by(Reminder.booking_id)
        .subquery()
    )
    rows = session.execute(
        select(
            Booking.id, Booking.person_id, Booking.state, Booking.starts_at, Booking.ends_at,
            shown_name().label("person_name"), room.c.name.label("room_name"), Reservation.title,
            Reminder.state.label("delivery"), Reminder.called_at,
        )
        .join(RoomBlockHit, RoomBlockHit.booking_id == Booking.id)
        .join(Reservation, Reservation.booking_id == Booking.id)
        .join(open_room, open_room.c.id == Booking.bookable_id)
        .join(room, room.c.id == open_room.c.room_id)
        .join(Person, Person.id == Booking.person_id)
        .outerjoin(news, news.c.booking_id == Booking.id)
        .outerjoin(Reminder, Reminder.id == news.c.id)
        .where(RoomBlockHit.block_id == block_id)
        .order_by(Booking.starts_at, Booking.id)
    )  # fmt: skip
    return [dict(row._mapping) | {"told": _told(row)} for row in rows]


def _told(row: AnyRow) -> str:
    if row.called_at is not None or row.delivery in (Delivery.SENT, Delivery.INBOX):
        return "yes"
    return "call" if row.delivery in (Delivery.UNREACHED, Delivery.FAILED) else "soon"


def count(hits: Iterable[Hit]) -> dict[str, int]:
    """How many end in which way: cancelled, declined, or cut short."""
    found = {"cancelled": 0, "declined": 0, "shortened": 0}
    for hit in hits:
        if hit.state == State.REQUESTED:
            found["declined"] += 1
        else:
            found["cancelled" if hit.until is None else "shortened"] += 1
    return found
