"""What standing orders somebody has, and when they rest."""

from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend import clock
from backend.canteen.models import Canteen, Meal
from backend.canteen.repeating import queries
from backend.canteen.repeating.models import Rest, StandingOrder
from backend.canteen.repeating.wording import REST
from backend.canteen.wording import MEALS, WEEKDAYS
from backend.people.own_data import Section, moment, tells
from backend.people.queries import Resident


@tells
def standing_orders_told(session: Session, me: Resident, now: datetime) -> Section:
    """Those of mine, the newest first, and when they rest."""
    section = Section(_("固定订餐"))
    rows = session.execute(
        select(StandingOrder, Canteen.name)
        .join(Canteen, Canteen.id == StandingOrder.canteen_id)
        .where(StandingOrder.person_id == me.person_id)
        .order_by(StandingOrder.id.desc())
    )
    for order, name in rows:
        days = _("、").join(str(WEEKDAYS[number]) for number in order.weekdays)
        until = moment(order.ended_at) if order.ended_at else _("至今")
        section.add(f"{name} {MEALS[Meal(order.meal)]}", f"{days} {order.since} – {until}")
    for pause in queries.pauses_of(session, [me.person_id], clock.today(now)):
        until = pause["until_day"] or _("恢复前")
        section.add(_("暂停"), f"{pause['from_day']} – {until} {REST[Rest(pause['why'])]}")
    return section
