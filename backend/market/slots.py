"""The slots of a stall as bookables: made when a market opens, gone with an unbooked stall."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import cycle, islice

from sqlalchemy import delete, exists, insert, or_, select, update
from sqlalchemy.orm import Session

from backend.booking import bookables
from backend.booking.models import Bookable, Booking
from backend.db import AnyRow, table_of
from backend.market import grid
from backend.market.errors import StallBooked
from backend.market.grid import moment
from backend.market.models import KIND, MarketSlot, Stall, StallProvider, Ticket

CANCEL_BEFORE = timedelta(hours=1)
"""How long before its slot somebody may still give it back in time."""

_bookable, _slot = table_of(Bookable), table_of(MarketSlot)
_booking, _stall = table_of(Booking), table_of(Stall)


@dataclass(frozen=True, slots=True)
class Piece:
    """One slot: when, with whom (None: whoever is there), for how many."""

    minute: int
    provider_id: int | None
    places: int


def pieces(stall: AnyRow, provider_ids: Sequence[int]) -> Iterator[Piece]:
    """The slots of a stall that can be booked; who may be chosen takes turns in being kept free."""
    starts = grid.starts(stall.from_minute, stall.until_minute, stall.breaks, stall.slot_minutes)
    booked = grid.bookable(len(starts), stall.at_once, stall.walk_up_percent)
    turns = cycle(sorted(provider_ids))
    for minute, places in zip(starts, booked, strict=True):
        if stall.by_person:
            yield from (Piece(minute, one, 1) for one in sorted(islice(turns, places)))
        elif places:
            yield Piece(minute, None, places)


def make(session: Session, day: AnyRow, stall: AnyRow, service: str, books_from: datetime) -> int:
    """Make the stall's slots bookable from that moment on; how many there are."""
    of_stall = StallProvider.stall_id == stall.id
    people = session.scalars(select(StallProvider.provider_id).where(of_stall)).all()
    made = list(pieces(stall, people))
    _insert(session, day, stall, service, books_from, made)
    return len(made)


def _insert(
    session: Session, day: AnyRow, stall: AnyRow, service: str, books_from: datetime,
    made: Iterable[Piece],
) -> None:  # fmt: skip
    for one in made:
        starts_at = moment(day.day, one.minute)
        slot_id = session.execute(
            insert(_bookable)
            .values(
                kind=KIND, title=service, place_id=day.place_id, starts_at=starts_at,
                ends_at=starts_at + stall.slot_minutes * grid.MINUTE, capacity=one.places,
                published_at=books_from, opens_at=books_from, closes_at=starts_at,
                cancel_until=starts_at - CANCEL_BEFORE, promote_until=starts_at,
            )
            .returning(_bookable.c.id)
        ).scalar_one()  # fmt: skip
        session.execute(
            insert(_slot).values(
                id=slot_id, stall_id=stall.id, provider_id=one.provider_id, minute=one.minute
            )
        )


def reshape(
    session: Session, day: AnyRow, stall: AnyRow, service: str, provider_ids: Collection[int],
    now: datetime,
) -> list[int]:  # fmt: skip
    """The slots as the changed stall has them; added places go to those who wait.

    Whoever booked a slot that still stands keeps it. The ids of those that were booked and are no
    more: they are cancelled, their bookings are not.
    """
    starts = grid.starts(stall.from_minute, stall.until_minute, stall.breaks, stall.slot_minutes)
    stand = {
        (minute, one) for minute in starts for one in (provider_ids if stall.by_person else [None])
    }
    wanted = {(one.minute, one.provider_id): one for one in pieces(stall, list(provider_ids))}
    lost = []
    for row in _stand(session, stall.id):
        piece = wanted.pop((row.minute, row.provider_id), None)
        if piece is None and not row.used:
            session.execute(delete(_slot).where(_slot.c.id == row.id))
            session.execute(delete(_bookable).where(_bookable.c.id == row.id))
        elif (row.minute, row.provider_id) not in stand:
            if row.cancelled_at is None:
                lost.append(row.id)
        else:
            places = max(piece.places if piece else 0, row.taken)
            if row.cancelled_at is not None:
                cancel(session, [row.id], None)
            if places != row.capacity:
                bookables.change_capacity(session, row.id, places, now)
    cancel(session, lost, now)
    _insert(session, day, stall, service, day.books_from, wanted.values())
    return lost


def _stand(session: Session, stall_id: int) -> Sequence[AnyRow]:
    """The slots there are; `used`: one was ever booked."""
    return session.execute(
        select(
            _slot.c.id, _slot.c.minute, _slot.c.provider_id, _bookable.c.taken,
            _bookable.c.capacity, _bookable.c.cancelled_at,
            exists().where(Booking.bookable_id == _slot.c.id).label("used"),
        )
        .join(_bookable, _bookable.c.id == _slot.c.id)
        .where(_slot.c.stall_id == stall_id)
        .order_by(_slot.c.id)
    ).all()  # fmt: skip


def cancel(session: Session, slot_ids: Collection[int], at: datetime | None) -> None:
    """Nobody books these slots from that moment on; None: they stand again."""
    session.execute(
        update(_bookable).where(_bookable.c.id.in_(slot_ids)).values(cancelled_at=at)
    )  # fmt: skip


def stand_again(session: Session, stall_id: int, closed_at: datetime) -> None:
    """The slots that were cancelled as the stall closed stand again."""
    of_stall = select(_slot.c.id).where(_slot.c.stall_id == stall_id)
    session.execute(
        update(_bookable)
        .where(_bookable.c.id.in_(of_stall), _bookable.c.cancelled_at == closed_at)
        .values(cancelled_at=None)
    )


def to_come(session: Session, stall_id: int, now: datetime) -> Sequence[int]:
    """The slots of a stall that have not begun and stand."""
    return session.scalars(
        select(_slot.c.id)
        .join(_bookable, _bookable.c.id == _slot.c.id)
        .where(
            _slot.c.stall_id == stall_id, _bookable.c.starts_at > now,
            _bookable.c.cancelled_at.is_(None),
        )
        .order_by(_slot.c.id)
    ).all()  # fmt: skip


def hold(session: Session, market_day_id: int) -> None:
    """All slots of a market, their bookings, its stalls: in the order in which others hold them."""
    ids = ids_of(session, market_day_id)
    for one in (
        select(_bookable.c.id).where(_bookable.c.id.in_(ids)).order_by(_bookable.c.id),
        select(_booking.c.id).where(_booking.c.bookable_id.in_(ids)).order_by(_booking.c.id),
        select(_stall.c.id).where(_stall.c.market_day_id == market_day_id).order_by(_stall.c.id),
    ):
        session.execute(one.with_for_update())


def drop(session: Session, stall_id: int) -> None:
    """Take the stall's slots away.

    Raises StallBooked where one was ever booked, or a queue number given.
    """
    ids = session.scalars(
        select(_slot.c.id)
        .join(_bookable, _bookable.c.id == _slot.c.id)
        .where(_slot.c.stall_id == stall_id)
        .order_by(_slot.c.id)
        .with_for_update(of=_bookable)
    ).all()
    if is_used(session, stall_id):
        raise StallBooked()
    session.execute(delete(_slot).where(_slot.c.id.in_(ids)))
    session.execute(delete(_bookable).where(_bookable.c.id.in_(ids)))


def is_used(session: Session, stall_id: int) -> bool:
    """Whether a slot of the stall was ever booked, or a queue number given."""
    of_stall = select(_slot.c.id).where(_slot.c.stall_id == stall_id)
    used = or_(
        exists().where(Booking.bookable_id.in_(of_stall)),
        exists().where(Ticket.stall_id == stall_id),
    )
    return bool(session.execute(select(used)).scalar_one())


def ids_of(session: Session, market_day_id: int) -> Sequence[int]:
    """The slots of all stalls of a day, in the order in which they are locked."""
    from_stalls = select(Stall.id).where(Stall.market_day_id == market_day_id)
    return session.scalars(
        select(_slot.c.id).where(_slot.c.stall_id.in_(from_stalls)).order_by(_slot.c.id)
    ).all()
