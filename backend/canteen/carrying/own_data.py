"""Which photos of handed-over meals are still kept."""

from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.booking.models import Bookable, Booking
from backend.canteen.carrying.models import DeliveryPhoto
from backend.canteen.delivery.models import DeliveryStop
from backend.people.own_data import Section, moment, tells
from backend.people.queries import Resident


@tells
def photos_told(session: Session, me: Resident, now: datetime) -> Section:
    """Of which meal, and when it was taken; the newest first."""
    section = Section(_("送餐照片"))
    for row in session.execute(
        select(Bookable.title, Booking.starts_at, DeliveryPhoto.at)
        .join(DeliveryStop, DeliveryStop.id == DeliveryPhoto.stop_id)
        .join(Booking, Booking.id == DeliveryStop.booking_id)
        .join(Bookable, Bookable.id == Booking.bookable_id)
        .where(Booking.person_id == me.person_id)
        .order_by(DeliveryPhoto.id.desc())
    ):
        said = _("%(when)s 送到时拍的照片，只有配送调度能看，过期自动删除", when=moment(row.at))
        section.add(f"{row.title} {moment(row.starts_at)}", str(said))
    return section
