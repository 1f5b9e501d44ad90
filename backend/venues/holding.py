"""What a reservation holds: its room, a place in the count, and the moments it is watched by."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from backend.booking.ends import follows_end
from backend.booking.models import Bookable, State
from backend.db import AnyRow, RunAgain
from backend.places import occupancy
from backend.places.models import OccupantKind
from backend.venues import coming, writing
from backend.venues.asked import MINUTE, RuleSet
from backend.venues.facts import Question, Slot


def cancel_until(starts_at: datetime, ruled: RuleSet) -> datetime:
    """The deadline for cancelling and changing."""
    return starts_at - ruled.cancel_minutes * MINUTE


def watched(starts_at: datetime, ruled: RuleSet, state: State) -> dict[str, datetime | None]:
    """From when on one can check in, and when the room is free again if nobody has."""
    watching = ruled.no_show_minutes and state == State.CONFIRMED
    no_show_at = starts_at + ruled.no_show_minutes * MINUTE if watching else None
    check_in_from = starts_at - ruled.check_in_minutes * MINUTE
    return {"check_in_from": check_in_from, "no_show_at": no_show_at}


def take(session: Session, booking_id: int, question: Question, slot: Slot) -> None:
    """The room is in use for it, and counted. Asks the door to run again where it is in use."""
    try:
        with session.begin_nested():
            writing.use(session, slot.room_id, booking_id, slot.starts_at, slot.ends_at)
    except IntegrityError as error:
        raise RunAgain() from error
    _count(session, question.sheet.room.bookable_id, 1)


def give_back(session: Session, held: AnyRow) -> None:
    """The room is free of it; what was only asked for held nothing."""
    free_room(session, held.id)
    if held.state == State.CONFIRMED:
        _count(session, held.bookable_id, -1)


def _count(session: Session, bookable_id: int, by: int) -> None:
    session.execute(
        update(Bookable).where(Bookable.id == bookable_id).values(taken=Bookable.taken + by)
    )


@follows_end()
def _ended(session: Session, booking_ids: Sequence[int], now: datetime) -> None:
    for booking_id in booking_ids:
        free_room(session, booking_id)


def free_room(session: Session, booking_id: int) -> None:
    """The room is not in use for that reservation any more."""
    coming.unwatch(session, booking_id)
    occupancy.vacate(session, OccupantKind.RESERVATION, [booking_id])
