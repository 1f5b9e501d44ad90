"""What is noted about the meals somebody got."""

from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.booking.models import Bookable, Booking
from backend.canteen.serving.models import MealServed, ServingConflict, Way
from backend.canteen.serving.wording import WAYS
from backend.people.own_data import Section, moment, tells
from backend.people.queries import Resident


@tells
def served_told(session: Session, me: Resident, now: datetime) -> Section:
    """When each was handed over, how, and to whom; the newest first. Mistakes stand there, too."""
    section = Section(_("取餐和送达"))
    for row in session.execute(
        select(
            Bookable.title, Booking.starts_at, MealServed.way, MealServed.at,
            MealServed.received_by, MealServed.undone_at, MealServed.undone_reason,
        )
        .join(Booking, Booking.id == MealServed.booking_id)
        .join(Bookable, Bookable.id == Booking.bookable_id)
        .where(Booking.person_id == me.person_id)
        .order_by(MealServed.id.desc())
    ):  # fmt: skip
        said = [f"{WAYS[Way(row.way)]} {moment(row.at)}"]
        if row.received_by:
            said.append(_("由%(name)s收下", name=row.received_by))
        if row.undone_at:
            said.append(_("登记有误，已撤销：%(reason)s", reason=row.undone_reason))
        section.add(f"{row.title} {moment(row.starts_at)}", " ".join(map(str, said)))
    for one in session.execute(
        select(Bookable.title, Booking.starts_at, ServingConflict.at, ServingConflict.settled_note)
        .join(Booking, Booking.id == ServingConflict.booking_id)
        .join(Bookable, Bookable.id == Booking.bookable_id)
        .where(Booking.person_id == me.person_id)
        .order_by(ServingConflict.id.desc())
    ):
        said = [_("断网时又登记了一次取餐 %(at)s", at=moment(one.at)), one.settled_note or ""]
        section.add(f"{one.title} {moment(one.starts_at)}", " ".join(said).rstrip())
    return section
