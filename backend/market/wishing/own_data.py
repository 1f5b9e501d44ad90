"""What somebody wished for, for themselves to read."""

from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.market.models import Service
from backend.market.wishing.models import MarketWish
from backend.people.own_data import Section, moment, tells
from backend.people.queries import Resident


@tells
def wishes_told(session: Session, me: Resident, now: datetime) -> Section:
    """Each service, or their own words, and when they last said so."""
    section = Section(_("集市愿望"))
    rows = session.execute(
        select(Service.name, MarketWish.own_words, MarketWish.wished_at)
        .outerjoin(Service, Service.id == MarketWish.service_id)
        .where(MarketWish.person_id == me.person_id)
        .order_by(MarketWish.id)
    )
    for row in rows:
        section.add(row.name or row.own_words, moment(row.wished_at))
    return section
