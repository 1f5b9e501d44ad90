"""What is noted about meals that were brought to somebody."""

from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.booking.models import Bookable, Booking
from backend.canteen.delivery import wording
from backend.canteen.delivery.models import DeliveryStop, Reason, StopState
from backend.db import table_of
from backend.people.own_data import Section, moment, tells
from backend.people.queries import Resident

_stop = table_of(DeliveryStop)


@tells
def deliveries_told(session: Session, me: Resident, now: datetime) -> Section:
    """Which door, and what became of it when; the newest first."""
    section = Section(_("送餐记录"))
    rows = session.execute(
        select(Bookable.title, Booking.starts_at, *_stop.c)
        .join(Booking, Booking.id == _stop.c.booking_id)
        .join(Bookable, Bookable.id == Booking.bookable_id)
        .where(Booking.person_id == me.person_id)
        .order_by(_stop.c.id.desc())
    )
    for row in rows:
        became = str(wording.STATES[StopState(row.state)])
        why = str(wording.REASONS[Reason(row.reason)]) if row.reason else None
        when = moment(row.at) if row.at else None
        said = filter(None, (wording.door(dict(row._mapping)), became, why, when))
        section.add(f"{row.title} {moment(row.starts_at)}", " ".join(said))
    return section
