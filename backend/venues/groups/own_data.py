"""What is noted about somebody's groups."""

from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.people.own_data import Section, moment, tells
from backend.people.queries import Resident
from backend.venues.groups.models import Group, GroupMember


@tells
def groups_told(session: Session, me: Resident, now: datetime) -> Section:
    """Which groups, as a leader or a member, from when to when."""
    section = Section(_("团队"))
    rows = session.execute(
        select(Group.name, GroupMember.leads, GroupMember.since, GroupMember.removed_at)
        .join(Group, Group.id == GroupMember.group_id)
        .where(GroupMember.person_id == me.person_id)
        .order_by(GroupMember.id.desc())
    )
    for row in rows:
        role = _("负责人") if row.leads else _("成员")
        until = moment(row.removed_at) if row.removed_at else _("至今")
        section.add(row.name, f"{role} {moment(row.since)} – {until}")
    return section
