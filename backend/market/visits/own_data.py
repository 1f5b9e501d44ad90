"""What is noted about visits at somebody's home."""

from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.booking.models import Bookable, Booking
from backend.market.visits.models import HomeVisit
from backend.people.own_data import Section, moment, tells
from backend.people.queries import Resident


@tells
def visits_told(session: Session, me: Resident, now: datetime) -> Section:
    """When, where, and what was noted before and after; the newest first."""
    section = Section(_("集市上门服务"))
    rows = session.execute(
        select(
            Bookable.title, Booking.starts_at, HomeVisit.address, HomeVisit.phone, HomeVisit.note,
            HomeVisit.remark,
        )
        .join(Booking, Booking.id == HomeVisit.booking_id)
        .join(Bookable, Bookable.id == Booking.bookable_id)
        .where(Booking.person_id == me.person_id)
        .order_by(HomeVisit.booking_id.desc())
    )  # fmt: skip
    for row in rows:
        said = " ".join(filter(None, (row.address, row.phone, row.note, row.remark)))
        section.add(f"{row.title} {moment(row.starts_at)}", said)
    return section
