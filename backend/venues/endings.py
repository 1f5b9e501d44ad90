"""Reservations that have to end because the room is not to be had: which, and ending them.

Whoever looks at the list and then ends what is on it ends exactly what they saw.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session, aliased

from backend import clock
from backend.booking import service as booking
from backend.booking.models import Booking, State
from backend.booking.service import Actor
from backend.db import AnyRow
from backend.people.masking import mask_phone
from backend.people.models import Account, Person
from backend.people.naming import shown_name
from backend.places.models import RoomAtom
from backend.reminders import outbox
from backend.reminders.models import Kind
from backend.venues import coming, requests
from backend.venues.errors import ListChanged
from backend.venues.models import Reservation
from backend.venues.sheet import bookable, open_room, room

_STANDS = (State.REQUESTED, State.CONFIRMED, State.ATTENDED)
_mine, _theirs, _owner = RoomAtom.__table__, aliased(RoomAtom), aliased(Person)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A reservation or request that is in the way, and whom to call about it.

    `until`: it has begun, and ends early, at that moment. `contact_name`: who booked for somebody
    without a phone; `phone` is masked.
    """

    booking_id: int
    person_id: int
    account_id: int | None
    state: str
    starts_at: datetime
    ends_at: datetime
    room_name: str
    title: str
    headcount: int
    person_name: str
    contact_id: int
    contact_name: str
    phone: str | None
    until: datetime | None = None

    @property
    def token(self) -> str:
        """What a page that showed it carries: another state or time is another token."""
        span = f"{self.starts_at.timestamp():.0f}-{self.ends_at.timestamp():.0f}"
        return f"{self.booking_id}-{self.state}-{span}"


def sharing(room_ids: Collection[int]) -> ColumnElement[bool]:
    """Whether a row's room has a part in common with any of these."""
    return room.c.id.in_(
        select(_theirs.room_id)
        .join(_mine, _mine.c.atom_id == _theirs.atom_id)
        .where(_mine.c.room_id.in_(room_ids))
    )


def lock_rooms(session: Session, room_ids: Collection[int]) -> None:
    """Hold these rooms and all that share a part with them: nobody reserves there meanwhile."""
    session.execute(
        select(bookable.c.id)
        .join(open_room, open_room.c.id == bookable.c.id)
        .join(room, room.c.id == open_room.c.room_id)
        .where(sharing(room_ids))
        .order_by(bookable.c.id)
        .with_for_update(of=bookable)
    )


def list_standing(session: Session, now: datetime, *where: ColumnElement[bool]) -> list[Hit]:
    """What stands and is not over, by time; `where` speaks of Booking and its room.

    Who should have come by now, and has not, does not stand any more.
    """
    rows = session.execute(
        select(
            Booking.id, Booking.person_id, Booking.account_id, Booking.state, Booking.starts_at,
            Booking.ends_at, room.c.name.label("room_name"), Reservation.title,
            Reservation.headcount, shown_name().label("person_name"), Person.phone,
            _owner.id.label("owner_id"), shown_name(_owner).label("owner_name"),
            _owner.phone.label("owner_phone"),
        )
        .join(Reservation, Reservation.booking_id == Booking.id)
        .join(open_room, open_room.c.id == Booking.bookable_id)
        .join(room, room.c.id == open_room.c.room_id)
        .join(Person, Person.id == Booking.person_id)
        .outerjoin(Account, Account.id == Booking.account_id)
        .outerjoin(_owner, _owner.id == Account.person_id)
        .where(
            Booking.state.in_(_STANDS), Booking.ends_at > now,
            or_(Booking.state != State.REQUESTED, Booking.starts_at > now),
            or_(Reservation.no_show_at.is_(None), Reservation.no_show_at > now),
            *where,
        )
        .order_by(Booking.starts_at, room.c.id, Booking.id)
    )  # fmt: skip
    return [_hit(row) for row in rows]


def list_by_id(session: Session, now: datetime, booking_ids: Collection[int]) -> list[Hit]:
    """The same for these."""
    return list_standing(session, now, Booking.id.in_(booking_ids)) if booking_ids else []


def _hit(row: AnyRow) -> Hit:
    same = (
        "person_id", "account_id", "state", "starts_at", "ends_at", "room_name", "title",
        "headcount", "person_name",
    )  # fmt: skip
    own = bool(row.phone or row.owner_id is None)
    phone = row.phone if own else row.owner_phone
    return Hit(
        booking_id=row.id, **{name: getattr(row, name) for name in same},
        contact_id=row.person_id if own else row.owner_id,
        contact_name=row.person_name if own else row.owner_name,
        phone=mask_phone(phone) if phone else None,
    )  # fmt: skip


def check_shown(tokens: Iterable[str], shown: Collection[str]) -> None:
    """Whether the list is the one that was on show. Raises ListChanged."""
    if set(tokens) != set(shown):
        raise ListChanged()


def end_all(
    session: Session, hits: Iterable[Hit], staff_id: int, reason: str, now: datetime
) -> None:
    """Each ends and is told why: declined, cancelled, or cut short where it has begun.

    Their rooms are held.
    """
    for hit in hits:
        _end(session, hit, Actor(staff_id=staff_id), reason, now)


def _end(session: Session, hit: Hit, actor: Actor, reason: str, now: datetime) -> None:
    if hit.state == State.REQUESTED:
        requests.turn_down(session, hit.booking_id, actor, now, reason)
    elif hit.until is not None:
        coming.cut_short(session, hit.booking_id, actor, hit.until, reason, now)
        _tell(session, Kind.CHANGED, hit, now, {
            "reason": reason, "until": hit.until.isoformat(), "was_until": hit.ends_at.isoformat(),
        })  # fmt: skip
    elif hit.state == State.ATTENDED:  # they are at the door already, before it begins
        booking.end(
            session, booking.lock_row(session, hit.booking_id), State.CANCELLED, actor, now, reason
        )
        _tell(session, Kind.CANCELLED, hit, now, {"reason": reason})
    else:
        booking.cancel(session, hit.booking_id, actor, now, reason)


def _tell(session: Session, kind: Kind, hit: Hit, now: datetime, facts: dict[str, Any]) -> None:
    outbox.tell(
        session, kind, person_id=hit.person_id, account_id=hit.account_id,
        booking_id=hit.booking_id, now=now, facts=facts,
        concerns_today=clock.today(hit.starts_at) == clock.today(now),
    )  # fmt: skip
