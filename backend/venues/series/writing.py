"""Writing many reservations of one room at once: the same rows as of a single one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from backend.booking.codes import new_code, new_short_code
from backend.booking.models import Bookable, Booking, BookingEvent, State
from backend.booking.service import Actor
from backend.db import AnyRow, RunAgain, table_of
from backend.places import occupancy
from backend.places.errors import RoomTaken
from backend.places.models import OccupantKind
from backend.places.occupancy import Use
from backend.reminders import outbox
from backend.reminders.models import Kind
from backend.venues import holding
from backend.venues.hours import Span
from backend.venues.models import Reservation
from backend.venues.sheet import Sheet

_booking = table_of(Booking)
_book = insert(_booking).returning(_booking.c.id, sort_by_parameter_order=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """By whom and when dates are reserved, what they become, and why a rule was set aside."""

    actor: Actor
    now: datetime
    state: State
    reason: str | None = None


def reserve_all(
    session: Session, series: AnyRow, room: Sheet, spans: Sequence[Span], made: Made
) -> Sequence[int]:
    """A booking for each; their ids. The room is held, and the rules have been checked.

    Asks the door to run again where something got in the way: the next try says what.
    """
    ruled, by = room.rules, {"account_id": made.actor.account_id, "staff_id": made.actor.staff_id}
    booker = by
    if series.group_id is not None and made.actor.account_id is not None:
        booker = by | {"account_id": series.account_id}  # whichever member put a date back
    ids = session.scalars(
        _book,
        [
            {
                "bookable_id": room.room.bookable_id, "person_id": series.person_id, **booker,
                "state": made.state, "starts_at": span.starts_at, "ends_at": span.ends_at,
                "cancel_until": holding.cancel_until(span.starts_at, ruled),
                "code": new_code(), "short_code": new_short_code(), "created_at": made.now,
            }
            for span in spans
        ],
    ).all()  # fmt: skip
    session.execute(
        insert(Reservation),
        [
            {
                "booking_id": booking_id, "title": series.title, "purpose": series.purpose,
                "group_id": series.group_id,
                "headcount": series.headcount, "wishes": series.wishes,
                "buffer_before": ruled.buffer_before, "buffer_after": ruled.buffer_after,
                **holding.watched(span.starts_at, ruled, made.state),
            }
            for booking_id, span in zip(ids, spans, strict=True)
        ],
    )  # fmt: skip
    session.execute(
        insert(BookingEvent),
        [
            {"booking_id": booking_id, "at": made.now, "state": made.state, **by,
             "reason": made.reason}
            for booking_id in ids
        ],
    )  # fmt: skip
    if made.state == State.CONFIRMED:
        _use(session, room, list(zip(ids, spans, strict=True)), made.now)
    return ids


def _use(session: Session, room: Sheet, dates: Sequence[tuple[int, Span]], now: datetime) -> None:
    try:
        occupancy.occupy(
            session,
            [
                Use(room.room.room_id, span.starts_at, span.ends_at, OccupantKind.RESERVATION, one)
                for one, span in dates
            ],
            now,
        )
    except RoomTaken as error:
        raise RunAgain() from error
    session.execute(
        update(Bookable)
        .where(Bookable.id == room.room.bookable_id)
        .values(taken=Bookable.taken + len(dates))
    )


def tell(
    session: Session, series: AnyRow, booking_ids: Sequence[int], kind: Kind, now: datetime, *,
    concerns_today: bool = False, **facts: object,
) -> None:  # fmt: skip
    """One message about all of them, which speaks of the first and says how many there are."""
    outbox.tell(
        session, kind, person_id=series.person_id, account_id=series.account_id,
        booking_id=booking_ids[0], now=now, concerns_today=concerns_today,
        facts={"dates": len(booking_ids)} | facts,
    )  # fmt: skip
