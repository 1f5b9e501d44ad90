"""What is noted about somebody's queue numbers at markets."""

from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.market.models import Service, Stall, Ticket
from backend.people.own_data import Section, moment, tells
from backend.people.queries import Resident


@tells
def tickets_told(session: Session, me: Resident, now: datetime) -> Section:
    """At which stall, when, and what was noted; the newest first."""
    section = Section(_("集市排队号"))
    rows = session.execute(
        select(Service.name, Ticket.number, Ticket.taken_at, Ticket.note)
        .join(Stall, Stall.id == Ticket.stall_id)
        .join(Service, Service.id == Stall.service_id)
        .where(Ticket.person_id == me.person_id)
        .order_by(Ticket.id.desc())
    )
    for row in rows:
        number = str(_("%(number)s 号", number=row.number))
        said = " ".join(filter(None, (number, row.note)))
        section.add(f"{row.name} {moment(row.taken_at)}", said)
    return section
