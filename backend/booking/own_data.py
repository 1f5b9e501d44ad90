"""What the books of booking say about somebody."""

from datetime import datetime

from flask_babel import gettext as _
from flask_babel import lazy_gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.booking.models import Bookable, Booking, State
from backend.booking.queries import given_back_late
from backend.people.own_data import Section, moment, tells
from backend.people.queries import Resident
from backend.places.models import Place

STATE = {
    State.REQUESTED: lazy_gettext("待审核"),
    State.WAITING: lazy_gettext("候补中"),
    State.OFFERED: lazy_gettext("待确认"),
    State.CONFIRMED: lazy_gettext("已报名"),
    State.ATTENDED: lazy_gettext("已参加"),
    State.MISSED: lazy_gettext("未到"),
    State.CANCELLED: lazy_gettext("已取消"),
    State.DECLINED: lazy_gettext("未接受"),
}


@tells
def bookings_told(session: Session, me: Resident, now: datetime) -> Section:
    """Every booking of mine, whoever made it, the newest first."""
    section = Section(_("报名与预约"))
    rows = session.execute(
        select(
            Bookable.title, Place.name.label("place_name"), Booking.state, Booking.starts_at,
            Booking.created_at, given_back_late(),
        )
        .join(Bookable, Bookable.id == Booking.bookable_id)
        .join(Place, Place.id == Bookable.place_id)
        .where(Booking.person_id == me.person_id)
        .order_by(Booking.id.desc())
    )  # fmt: skip
    for row in rows:
        section.add(
            f"{row.title}（{row.place_name}）",
            _(
                "%(state)s，%(starts)s 开始，%(made)s 报名",
                state=_("逾期取消") if row.cancelled_late else STATE[State(row.state)],
                starts=moment(row.starts_at),
                made=moment(row.created_at),
            ),
        )  # fmt: skip
    return section
