"""What is noted about somebody's meals."""

from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.booking.models import Bookable, Booking
from backend.canteen.models import Mode
from backend.canteen.ordering.mine import dishes_of
from backend.canteen.ordering.models import MealOrder
from backend.canteen.wording import MODES
from backend.money import in_yuan
from backend.people.own_data import Section, moment, tells
from backend.people.queries import Resident


@tells
def meals_told(session: Session, me: Resident, now: datetime) -> Section:
    """Which dishes, how eaten, what was paid and by whom, where it went; the newest first."""
    section = Section(_("食堂订餐"))
    rows = session.execute(
        select(
            Bookable.title, Booking.starts_at, MealOrder.booking_id, MealOrder.mode,
            MealOrder.pays_fen, MealOrder.subsidy_fen, MealOrder.address, MealOrder.phone,
            MealOrder.note,
        )
        .join(Booking, Booking.id == MealOrder.booking_id)
        .join(Bookable, Bookable.id == Booking.bookable_id)
        .where(Booking.person_id == me.person_id)
        .order_by(MealOrder.booking_id.desc())
    ).all()  # fmt: skip
    dishes = dishes_of(session, [row.booking_id for row in rows])
    for row in rows:
        eaten = [f"{one['name']} × {one['portions']}" for one in dishes.get(row.booking_id, [])]
        paid = _(
            "自付 %(pays)s 元，补贴 %(subsidy)s 元",
            pays=in_yuan(row.pays_fen), subsidy=in_yuan(row.subsidy_fen),
        )  # fmt: skip
        said = (*eaten, str(MODES[Mode(row.mode)]), paid, row.address, row.phone, row.note)
        section.add(f"{row.title} {moment(row.starts_at)}", " ".join(filter(None, said)))
    return section
