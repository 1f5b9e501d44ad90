"""The parts that sentences share: who is spoken to, where and when, and the message around them."""

from datetime import datetime

from flask_babel import gettext as _

from backend.db import AnyRow
from backend.reminders import moments
from backend.reminders.wording import Due, Message, Template

PAGE = "pages/booking?id={}"


def about(due: Due, facts: AnyRow) -> str:
    """How each body begins: who is spoken to, about whose class."""
    if due.own:
        return str(_("%(to)s您好，您报名的《%(title)s》", to=due.to, title=facts.title))
    return str(
        _(
            "%(to)s您好，您为%(person)s报名的《%(title)s》",
            to=due.to, person=facts.person_name, title=facts.title,
        )
    )  # fmt: skip


def tip(due: Due, facts: AnyRow, said: str) -> str:
    """The last field of each template; it also says for whom, where that is somebody else."""
    return (
        said if due.own else str(_("%(person)s的课：%(tip)s", person=facts.person_name, tip=said))
    )


def where(facts: AnyRow) -> str:
    """Place and room, as far as both are known."""
    return " ".join(filter(None, (facts.place_name, facts.room_name)))


def occasion(facts: AnyRow) -> str:
    """When it is about, as a field: the next lesson, or the first."""
    return moments.field(facts.next_lesson_at or facts.starts_at)


def reason(due: Due) -> str:
    """What staff wrote, ready to stand inside a sentence."""
    return str(due.facts.get("reason") or "").rstrip("。.！! ")


def message(
    due: Due, facts: AnyRow, title: str, body: str, template: Template, *,
    deadline: datetime | None = None, **fields: str,
) -> Message:  # fmt: skip
    """The sentence with what every message has. `deadline`: the next lesson unless given."""
    return Message(
        title=title, body=body, template=template, fields={"thing1": facts.title} | fields,
        page=PAGE.format(due.booking_id), place_id=facts.place_id,
        deadline=deadline or facts.next_lesson_at,
    )  # fmt: skip
