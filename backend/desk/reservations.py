"""Reservations at the desk: look at one, make one for somebody, move it, cancel it, see them in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from backend import clock
from backend.booking import service as booking
from backend.booking.errors import NotLive
from backend.booking.models import Booking, BookingEvent, State
from backend.booking.service import Actor
from backend.desk import find
from backend.desk.reach import access_person
from backend.desk.rooms import RUN, access_room
from backend.errors import NotFound
from backend.people.masking import mask_phone
from backend.people.models import Account, Person
from backend.people.naming import shown_name
from backend.staff import audit
from backend.staff.access import SignedInStaff
from backend.staff.models import Staff
from backend.venues import coming, facts, rules, service, sheet
from backend.venues.asked import MINUTE, Asked
from backend.venues.facts import Slot
from backend.venues.groups.models import Group
from backend.venues.models import Reservation
from backend.venues.rules import DESK_MAY_OVERRULE, NOT_FOR_THE_DESK, RULES
from backend.venues.series.models import SeriesDate
from backend.venues.series.queries import series_of
from backend.venues.service import Change, Wanted
from backend.venues.sheet import open_room, place, room, venue

MOST_SHOWN = 10
USUAL = 60
"""For how many minutes a room is wanted, until somebody says otherwise."""

_actor = aliased(Person)

SOON = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Judged:
    """`can`: yes, overrule (only rules that staff may set aside stand against it) or no."""

    can: str
    reasons: Sequence[str]


def suggest(
    session: Session, room_id: int, at: datetime | None, now: datetime
) -> tuple[datetime, datetime]:
    """A span to begin with for whoever wants the room then, or soon: on its grid, about an hour.

    The whole opening, where the room is reserved by whole days. Raises NotFound.
    """
    at = at or (now + SOON).replace(second=0, microsecond=0)
    day = clock.today(at)
    found = sheet.of_room(session, room_id, day - timedelta(days=1), day, now)
    ruled, spans = found.rules, [span for one in found.days for span in one.spans]
    span = next((one for one in spans if one.starts_at <= at < one.ends_at), None)
    minutes = min(max(ruled.min_minutes, USUAL), ruled.max_minutes) * MINUTE
    if span is None:
        return at, at + minutes
    if ruled.whole_day:
        return span.starts_at, span.ends_at
    begins = at - (at - span.starts_at) % (ruled.grid_minutes * MINUTE)
    if begins <= now < at:
        begins += ruled.grid_minutes * MINUTE
    return begins, min(begins + minutes, span.ends_at)


def judge_time(
    session: Session, room_id: int, starts_at: datetime, ends_at: datetime, now: datetime
) -> Judged:
    """What stands against a piece of time in the room, whoever wants it. Raises NotFound."""
    day = clock.today(starts_at)
    found = sheet.of_room(session, room_id, day - timedelta(days=1), day, now)
    asked = Asked(
        now=now, starts_at=starts_at, ends_at=ends_at, rules=found.rules, days=found.days,
        uses=found.uses, place_path=found.room.place_path, capacity=found.room.capacity,
    )  # fmt: skip
    return _judged(asked)


def judge(
    session: Session, me: SignedInStaff, slot: Slot, now: datetime, *, moving: int | None = None
) -> Judged:
    """The same for a person, whose limits count too. Raises NotFound."""
    access_room(session, me, slot.room_id)
    series_id = series_of(session, moving)
    found = facts.for_staff(session, slot, now, moving=moving, series_id=series_id)
    return _judged(found.asked)


def _judged(asked: Asked) -> Judged:
    minded = [rule for rule in RULES if rule not in NOT_FOR_THE_DESK]
    against = rules.reasons(asked, minded)
    firm = rules.reasons(asked, [rule for rule in minded if rule not in DESK_MAY_OVERRULE])
    can = "no" if firm else "overrule" if against else "yes"
    return Judged(can, [str(reason) for reason in against])


def list_candidates(
    session: Session, me: SignedInStaff, room_id: int, text: str, starts_at: datetime,
    ends_at: datetime, now: datetime,
) -> list[dict[str, Any]]:  # fmt: skip
    """Residents found as the desk finds them, each with what stands against it."""
    return [
        one | {"judged": judge(session, me, Slot(room_id=room_id, person_id=one["id"],
                                                 starts_at=starts_at, ends_at=ends_at), now)}
        for one in find.find_people(session, me, text)[:MOST_SHOWN]
    ]  # fmt: skip


def get_candidate(session: Session, me: SignedInStaff, person_id: int) -> dict[str, Any]:
    """One of them. Raises NotFound."""
    found = find.by_ids(session, me, [person_id])
    if not found:
        raise NotFound()
    return found[0]


def reserve_for(
    session: Session, me: SignedInStaff, wanted: Wanted, now: datetime, reason: str | None = None
) -> int:
    """Reserve for somebody in reach; with a `reason` against rules that staff may set aside.

    Raises NotFound and the refusals of the rules.
    """
    of_room = access_room(session, me, wanted.room_id)
    access_person(session, me, RUN, wanted.person_id)
    booked = service.reserve_at_desk(session, me.staff_id, wanted, now, overruled_reason=reason)
    audit.record(
        session, me.staff_id, "reservation.book", "booking", booked.booking_id,
        after=_span(wanted.starts_at, wanted.ends_at)
        | {"person_id": wanted.person_id, "group_id": wanted.group_id,
           "room_id": wanted.room_id, "reason": reason},
        place_id=of_room.place_id,
    )  # fmt: skip
    return booked.booking_id


def move(
    session: Session, me: SignedInStaff, booking_id: int, to: Change, now: datetime,
    reason: str | None = None,
) -> None:  # fmt: skip
    """Move a reservation, to another room of my places too; whoever made it is told."""
    before = get_reservation(session, me, booking_id, now)
    if to.room_id is not None:
        access_room(session, me, to.room_id)
    service.change_at_desk(session, me.staff_id, booking_id, to, now, overruled_reason=reason)
    _audit(
        session, me, "reservation.move", before,
        _span(before["starts_at"], before["ends_at"]) | {"room_id": before["room_id"]},
        _span(to.starts_at, to.ends_at)
        | {"room_id": to.room_id or before["room_id"], "reason": reason},
    )  # fmt: skip


def cancel(
    session: Session, me: SignedInStaff, booking_id: int, reason: str, now: datetime
) -> None:
    """The room is free again; whoever had it is told the reason. Raises NotFound, NotLive."""
    before = get_reservation(session, me, booking_id, now)
    if not before["live"]:
        raise NotLive()
    booking.cancel(session, booking_id, Actor(staff_id=me.staff_id), now, reason)
    _audit(
        session, me, "reservation.cancel", before, {"state": before["state"]},
        {"state": State.CANCELLED, "reason": reason},
    )  # fmt: skip


def come(session: Session, me: SignedInStaff, booking_id: int, now: datetime) -> None:
    """They are here. Raises NotFound, NotLive, CheckInLater, RoomLetGo."""
    before = get_reservation(session, me, booking_id, now)
    coming.check_in_at_desk(session, me.staff_id, booking_id, now)
    _audit(
        session, me, "reservation.come", before, {"state": before["state"]},
        {"state": State.ATTENDED},
    )  # fmt: skip


def get_reservation(
    session: Session, me: SignedInStaff, booking_id: int, now: datetime
) -> dict[str, Any]:
    """One reservation of my places, the phone masked. Raises NotFound.

    Who should have come by now, and has not, missed it, whether or not a job ran.
    """
    row = session.execute(
        select(
            Booking.id, Booking.state, Booking.starts_at, Booking.ends_at, Booking.short_code,
            Booking.created_at, Booking.person_id, shown_name().label("person_name"), Person.phone,
            Reservation.title, Reservation.purpose, Reservation.headcount, Reservation.wishes,
            Reservation.check_in_from, Reservation.no_show_at, Reservation.checked_in_at,
            room.c.id.label("room_id"), room.c.name.label("room_name"), room.c.capacity,
            room.c.place_id, venue.c.id.label("venue_id"), venue.c.name.label("venue_name"),
            SeriesDate.series_id, Reservation.group_id, Group.name.label("group_name"),
        )
        .outerjoin(SeriesDate, SeriesDate.booking_id == Booking.id)
        .join(Reservation, Reservation.booking_id == Booking.id)
        .join(open_room, open_room.c.id == Booking.bookable_id)
        .join(room, room.c.id == open_room.c.room_id)
        .join(venue, venue.c.id == room.c.venue_id)
        .join(place, place.c.id == room.c.place_id)
        .join(Person, Person.id == Booking.person_id)
        .outerjoin(Group, Group.id == Reservation.group_id)
        .where(Booking.id == booking_id, me.covers(RUN, place.c.path))
    ).first()  # fmt: skip
    if row is None:
        raise NotFound()
    let_go = row.state == State.CONFIRMED and row.no_show_at and row.no_show_at <= now
    live = row.state == State.CONFIRMED and not let_go and now < row.ends_at
    return dict(row._mapping) | {
        "phone": mask_phone(row.phone) if row.phone else None,
        "state": State.MISSED if let_go else row.state,
        "live": live,
        "can_come": live and (row.check_in_from is None or row.check_in_from <= now),
    }


def history(session: Session, booking_id: int) -> list[dict[str, Any]]:
    """Who did what to it, the newest first."""
    rows = session.execute(
        select(
            BookingEvent.at,
            BookingEvent.state,
            BookingEvent.reason,
            BookingEvent.late_minutes,
            Staff.name.label("staff_name"),
            shown_name(_actor).label("account_name"),
        )
        .outerjoin(Staff, Staff.id == BookingEvent.staff_id)
        .outerjoin(Account, Account.id == BookingEvent.account_id)
        .outerjoin(_actor, _actor.id == Account.person_id)
        .where(BookingEvent.booking_id == booking_id)
        .order_by(BookingEvent.id.desc())
    )
    return [dict(row._mapping) for row in rows]


def _span(starts_at: datetime, ends_at: datetime) -> dict[str, Any]:
    return {"starts_at": clock.rfc3339(starts_at), "ends_at": clock.rfc3339(ends_at)}


def _audit(
    session: Session, me: SignedInStaff, action: str, of: dict[str, Any], before: dict[str, Any],
    after: dict[str, Any],
) -> None:  # fmt: skip
    audit.record(
        session, me.staff_id, action, "booking", of["id"],
        before | {"person_id": of["person_id"]}, after, place_id=of["place_id"],
    )  # fmt: skip
