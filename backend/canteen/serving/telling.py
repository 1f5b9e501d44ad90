"""Who ordered a meal hears that its price was given back: how much, and why."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.booking.models import Booking
from backend.canteen.models import Canteen, Meal, MealService
from backend.canteen.wording import MEALS
from backend.db import AnyRow, table_of
from backend.money import in_yuan
from backend.people.models import Person
from backend.reminders import moments, outbox, wording
from backend.reminders.models import Kind, Reminder
from backend.reminders.wording import Due, Message, Template

PAGE = "canteen/pages/meal?id={}"
_REFUNDED = "refunded"

_booking, _service = table_of(Booking), table_of(MealService)


def refunded(session: Session, order: AnyRow, fen: int, reason: str, now: datetime) -> None:
    """One row of the outbox, whoever ordered."""
    outbox.tell(
        session, Kind.CHANGED, person_id=order.person_id, account_id=order.account_id, now=now,
        booking_id=order.id, facts={"what": _REFUNDED, "fen": fen, "reason": reason},
    )  # fmt: skip


def read(session: Session, dues: Sequence[Due], now: datetime) -> Mapping[int, Any]:
    """The meals these reminders are about."""
    wanted = [due.id for due in dues if due.facts.get("what") == _REFUNDED]
    if not wanted:
        return {}
    rows = session.execute(
        select(
            Reminder.id, _service.c.meal, _service.c.day, _booking.c.starts_at, Canteen.place_id,
            Person.name.label("person"),
        )
        .join(_booking, _booking.c.id == Reminder.booking_id)
        .join(_service, _service.c.id == _booking.c.bookable_id)
        .join(Canteen, Canteen.id == _service.c.canteen_id)
        .join(Person, Person.id == _booking.c.person_id)
        .where(Reminder.id.in_(wanted))
    )  # fmt: skip
    return {row.id: row for row in rows}


def word(due: Due, meal: AnyRow, now: datetime) -> Message | None:
    """One sentence."""
    said = {
        "to": due.to, "person": meal.person, "day": moments.day(meal.day),
        "meal": MEALS[Meal(meal.meal)], "yuan": in_yuan(due.facts["fen"]),
        "reason": str(due.facts["reason"]).rstrip("。.！! "),
    }  # fmt: skip
    if due.own:
        body = _(
            "%(to)s您好，您%(day)s的%(meal)s，餐费 %(yuan)s 元已经退回餐卡。原因：%(reason)s。",
            **said,
        )
    else:
        body = _(
            "%(to)s您好，您为%(person)s订的%(day)s的%(meal)s，餐费 %(yuan)s 元已经退回餐卡。"
            "原因：%(reason)s。", **said,
        )  # fmt: skip
    title = _("餐费已退回餐卡")
    return Message(
        title=title, body=body, page=PAGE.format(due.booking_id), template=Template.CHANGED,
        fields={
            "thing1": str(said["meal"]), "thing2": str(title),
            "time3": moments.field(meal.starts_at), "thing4": str(_("点开看详情")),
        },
        place_id=meal.place_id,
    )  # fmt: skip


wording.register("refunded meal", read, word)
