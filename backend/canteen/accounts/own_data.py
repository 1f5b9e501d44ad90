"""What is on somebody's meal account, line by line, for themselves to read."""

from collections.abc import Sequence
from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.booking.models import Bookable, Booking
from backend.canteen.accounts.desk_models import Relative
from backend.canteen.accounts.models import Entry, MealAccount, Purse
from backend.canteen.accounts.wording import ENTRIES
from backend.db import AnyRow, table_of
from backend.money import in_yuan
from backend.people.own_data import RELATION, Section, moment, tells
from backend.people.queries import Resident

_entry, _purse = table_of(Entry), table_of(Purse)


@tells
def ledger_told(session: Session, me: Resident, now: datetime) -> Section:
    """Every line of my account, the latest first, and what I paid in for others."""
    section = Section(_("餐卡流水"))
    rows = session.execute(
        select(
            _entry.c.kind, _entry.c.fen, _entry.c.at, _entry.c.note, _purse.c.name,
            MealAccount.person_id, Bookable.title,
        )
        .join(_purse, _purse.c.id == _entry.c.purse_id)
        .join(MealAccount, MealAccount.id == _purse.c.account_id)
        .outerjoin(Booking, Booking.id == _entry.c.booking_id)
        .outerjoin(Bookable, Bookable.id == Booking.bookable_id)
        .where(
            (MealAccount.person_id == me.person_id)
            | ((_purse.c.payer_id == me.account_id) & _entry.c.kind.in_(("top_up", "refund")))
        )
        .order_by(_entry.c.at.desc(), _entry.c.id.desc())
    )  # fmt: skip
    for row in rows:
        whose = "" if row.person_id == me.person_id else _("为家人")
        what = filter(None, (whose, str(ENTRIES[row.kind]), row.name, row.title))
        said = filter(
            None, (moment(row.at), _("%(yuan)s 元", yuan=in_yuan(row.fen)), row.note)
        )  # fmt: skip
        section.add(" ".join(what), " ".join(said))
    for one in _relatives(session, me):
        section.add(_("为我付款的家人"), f"{one.name} {RELATION[one.relation]} {one.phone}")
    return section


def _relatives(session: Session, me: Resident) -> Sequence[AnyRow]:
    """Who pays in for me and has no account."""
    return session.execute(
        select(Relative.name, Relative.relation, Relative.phone)
        .join(MealAccount, MealAccount.id == Relative.account_id)
        .where(MealAccount.person_id == me.person_id)
        .order_by(Relative.id)
    ).all()
