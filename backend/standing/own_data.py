"""What is known of how reliably somebody comes: it is worked out from bookings and attendance."""

from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from backend.people.own_data import Section, moment, tells
from backend.people.queries import Resident
from backend.standing.queries import get_standing
from backend.standing.wording import BECAME, WHY


@tells
def standing_told(session: Session, me: Resident, now: datetime) -> Section:
    """What was missed and counts still, and how much."""
    section = Section(_("出勤情况"))
    for one in get_standing(session, me.person_id, now)["entries"]:
        appeal = one["appeal"]
        said = _("%(title)s，%(when)s", title=one["title"], when=moment(one["at"]))
        section.add(
            said, _("%(why)s，现在算 %(weighs)s 次", why=WHY[one["why"]], weighs=one["weighs"])
        )
        if one["waived"]:
            section.add(said, _("社区不再计入：%(reason)s", reason=one["waived"]))
        if appeal and appeal["reason"]:
            told = _("您说明的情况：%(reason)s", reason=appeal["reason"])
            section.add(said, f"{told}（{BECAME[appeal['state']]}）")
    return section
