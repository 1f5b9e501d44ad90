"""What a resident is told when staff have answered an appeal: in the inbox alone."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.booking.models import Bookable, Booking
from backend.people.models import Person
from backend.reminders import wording
from backend.reminders.models import Kind, Reminder
from backend.reminders.wording import Due, Message

PAGE = "household/pages/standing?person={}"


def read(session: Session, dues: Sequence[Due], now: datetime) -> Mapping[int, Any]:
    """What these reminders are about, by reminder id."""
    wanted = [due.id for due in dues if due.kind == Kind.STANDING]
    if not wanted:
        return {}
    rows = session.execute(
        select(Reminder.id, Bookable.title, Bookable.place_id, Person.name)
        .join(Booking, Booking.id == Reminder.booking_id)
        .join(Bookable, Bookable.id == Booking.bookable_id)
        .join(Person, Person.id == Booking.person_id)
        .where(Reminder.id.in_(wanted))
    )
    return {row.id: row for row in rows}


def word(due: Due, about: Any, now: datetime) -> Message | None:
    """Granted or not, and what staff said."""
    said = str(due.facts["answer"]).rstrip("。.！! ")
    if due.own:
        begins = _(
            "%(to)s您好，您为《%(title)s》说明的情况，社区看过了。", to=due.to, title=about.title
        )
    else:
        begins = _(
            "%(to)s您好，您替%(person)s为《%(title)s》说明的情况，社区看过了。",
            to=due.to, person=about.name, title=about.title,
        )  # fmt: skip
    if due.facts["granted"]:
        became = _("这一次不再计入。社区答复：%(said)s。", said=said)
    else:
        became = _(
            "这一次还是要计入，过一阵会自然减掉。社区答复：%(said)s。还有疑问，请到社区说一声。",
            said=said,
        )
    return Message(
        title=_("您说明的情况有了答复"), body=begins + became, page=PAGE.format(due.person_id),
        place_id=about.place_id,
    )  # fmt: skip


wording.register("standing", read, word)
