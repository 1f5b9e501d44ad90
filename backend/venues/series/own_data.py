"""What is noted about somebody's recurring reservations."""

from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.people.own_data import Section, moment, tells
from backend.people.queries import Resident
from backend.venues.groups.models import Group
from backend.venues.series.models import Series, SeriesDate
from backend.venues.sheet import room


@tells
def series_told(session: Session, me: Resident, now: datetime) -> Section:
    """What each is for, and for which group, when it begins, how many dates; the newest first."""
    section = Section(_("固定预约"))
    rows = session.execute(
        select(
            Series.id, room.c.name.label("room_name"), Series.title, Series.purpose,
            Series.wishes, func.min(SeriesDate.starts_at).label("starts_at"),
            func.count().label("dates"), Group.name.label("group_name"),
        )
        .join(room, room.c.id == Series.room_id)
        .outerjoin(Group, Group.id == Series.group_id)
        .join(SeriesDate, SeriesDate.series_id == Series.id)
        .where(Series.person_id == me.person_id)
        .group_by(
            Series.id, room.c.name, Group.name, Series.title, Series.purpose, Series.wishes
        )
        .order_by(Series.id.desc())
    )  # fmt: skip
    for row in rows:
        times = _("共 %(dates)s 次", dates=row.dates)
        said = (row.group_name, row.title, row.purpose, times, row.wishes)
        section.add(f"{row.room_name} {moment(row.starts_at)}", " ".join(filter(None, said)))
    return section
