"""What somebody owes and paid, for themselves to read."""

from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.booking.models import Bookable, Booking
from backend.money import in_yuan
from backend.night_school.fees import queries
from backend.night_school.fees.wording import STATE
from backend.people.own_data import Section, tells
from backend.people.queries import Resident


@tells
def fees_told(session: Session, me: Resident, now: datetime) -> Section:
    """Every fee of mine, the newest first."""
    section = Section(_("费用"))
    titles = {
        row.id: row.title
        for row in session.execute(
            select(Booking.id, Bookable.title)
            .join(Bookable, Bookable.id == Booking.bookable_id)
            .where(Booking.person_id == me.person_id)
            .order_by(Booking.id.desc())
        )
    }
    fees = queries.of_bookings(session, titles)
    for booking_id, title in titles.items():
        if fee := fees.get(booking_id):
            amount = _("%(yuan)s 元", yuan=in_yuan(fee["amount_fen"]))
            section.add(
                title, " ".join(filter(None, (amount, str(STATE[fee["state"]]), fee["note"])))
            )
    return section
