"""What is noted about somebody's reservations of rooms."""

from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.booking.models import Bookable, Booking
from backend.people.own_data import Section, moment, tells
from backend.people.queries import Resident
from backend.venues.models import Reservation
from backend.venues.sheet import room
from backend.venues.tries import WORDS, RefusedTry, Why


@tells
def reservations_told(session: Session, me: Resident, now: datetime) -> Section:
    """What each was for, how many came, and what was wished for; the newest first."""
    section = Section(_("场馆预约"))
    rows = session.execute(
        select(
            Bookable.title.label("room_name"), Booking.starts_at, Reservation.title,
            Reservation.purpose, Reservation.headcount, Reservation.wishes,
        )
        .join(Booking, Booking.id == Reservation.booking_id)
        .join(Bookable, Bookable.id == Booking.bookable_id)
        .where(Booking.person_id == me.person_id)
        .order_by(Booking.id.desc())
    )  # fmt: skip
    for row in rows:
        people = _("%(people)s 人", people=row.headcount)
        said = (row.title, row.purpose, people, row.wishes)
        section.add(f"{row.room_name} {moment(row.starts_at)}", " ".join(filter(None, said)))
    return section


@tells
def tries_told(session: Session, me: Resident, now: datetime) -> Section:
    """Which rooms they did not get, on which day, and why; the newest first."""
    section = Section(_("没约上的房间"))
    rows = session.execute(
        select(room.c.name.label("room_name"), RefusedTry.day, RefusedTry.why)
        .join(room, room.c.id == RefusedTry.room_id)
        .where(RefusedTry.person_id == me.person_id)
        .order_by(RefusedTry.id.desc())
    )
    for row in rows:
        section.add(f"{row.room_name} {row.day}", str(WORDS[Why(row.why)]))
    return section
