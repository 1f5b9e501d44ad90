"""What draws keep about somebody: each application with its code and wishes."""

from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.booking.models import Bookable
from backend.night_school.draws.models import Draw, DrawApplication, DrawWish
from backend.people.own_data import Section, moment, tells
from backend.people.queries import Resident


@tells
def applications_told(session: Session, me: Resident, now: datetime) -> Section:
    """Every application of mine, the newest first."""
    section = Section(_("摇号登记"))
    rows = session.execute(
        select(
            Draw.title, DrawApplication.code, DrawApplication.applied_at, DrawWish.rank,
            Bookable.title.label("run_title"),
        )
        .join(DrawApplication, DrawApplication.draw_id == Draw.id)
        .join(DrawWish, DrawWish.application_id == DrawApplication.id)
        .join(Bookable, Bookable.id == DrawWish.run_id)
        .where(DrawApplication.person_id == me.person_id)
        .order_by(DrawApplication.applied_at.desc(), DrawApplication.id, DrawWish.rank)
    ).all()  # fmt: skip
    for code in dict.fromkeys(row.code for row in rows):
        those = [row for row in rows if row.code == code]
        wishes = _("、").join(row.run_title for row in those)
        said = _("%(title)s（编号 %(code)s）", title=those[0].title, code=code)
        section.add(said, f"{moment(those[0].applied_at)} {wishes}")
    return section
