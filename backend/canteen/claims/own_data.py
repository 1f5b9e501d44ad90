"""Which of somebody's meals the layers were asked for, and how much of each, for them to read."""

from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.booking.models import Booking
from backend.canteen.claims.models import MealClaim, MealClaimLine
from backend.canteen.claims.wording import WHY
from backend.canteen.models import Canteen
from backend.canteen.pricing.wording import PAYERS
from backend.canteen.wording import MEALS
from backend.db import table_of
from backend.money import in_yuan
from backend.people.own_data import Section, tells
from backend.people.queries import Resident

_claim, _line = table_of(MealClaim), table_of(MealClaimLine)


@tells
def claims_told(session: Session, me: Resident, now: datetime) -> Section:
    """Each line of a claim about a meal of mine, the latest first."""
    section = Section(_("餐费补贴结算"))
    rows = session.execute(
        select(_line.c.day, _line.c.meal, _line.c.why, _line.c.fen, _claim.c.payer, Canteen.name)
        .join(_claim, _claim.c.id == _line.c.claim_id)
        .join(Canteen, Canteen.id == _line.c.canteen_id)
        .join(Booking, Booking.id == _line.c.booking_id)
        .where(Booking.person_id == me.person_id)
        .order_by(_line.c.day.desc(), _line.c.claim_id.desc(), _line.c.seq.desc())
    )
    for row in rows:
        payer, yuan = PAYERS[row.payer], _("%(yuan)s 元", yuan=in_yuan(row.fen))
        section.add(f"{row.day} {MEALS[row.meal]} {row.name}", f"{payer} {yuan} {WHY[row.why]}")
    return section
