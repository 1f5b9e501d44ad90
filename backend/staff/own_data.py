"""What the audit says about a resident: that staff looked or changed, not who."""

from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.people.own_data import Section, moment, tells
from backend.people.queries import Resident
from backend.staff.models import AuditEntry


@tells
def audit_told(session: Session, me: Resident, now: datetime) -> Section:
    """How many rows there are, and when the last one was written."""
    section = Section(_("工作人员的操作记录"))
    row = session.execute(
        select(func.count().label("entries"), func.max(AuditEntry.at).label("last")).where(
            AuditEntry.subject_kind == "person", AuditEntry.subject_id == me.person_id
        )
    ).one()
    if row.entries:
        said = _("%(count)s 条，最近一次 %(at)s", count=row.entries, at=moment(row.last))
        section.add(_("查看或修改您的资料"), said)
    return section
