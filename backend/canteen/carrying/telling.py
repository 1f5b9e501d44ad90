"""Who ordered a meal for somebody else hears that it was handed over: when, and to whom."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from backend.booking.models import Booking
from backend.canteen.models import Canteen, Meal, MealService
from backend.canteen.serving.models import MealServed, Way
from backend.canteen.wording import MEALS
from backend.db import AnyRow, table_of
from backend.people.models import Person
from backend.reminders import moments, outbox, wording
from backend.reminders.models import Kind, Reminder
from backend.reminders.wording import Due, Message, Template

PAGE = "canteen/pages/meal?id={}"
_DELIVERED = "delivered"
FACTS = {"what": _DELIVERED}

_booking, _service, _served = table_of(Booking), table_of(MealService), table_of(MealServed)


def concerns(order: AnyRow) -> bool:
    """Whether somebody else ordered it, who is told."""
    return order.account_id is not None and order.account_of != order.person_id


def delivered(session: Session, order: AnyRow, now: datetime) -> None:
    """One row of the outbox; none for who has the meal in their own hands."""
    if not concerns(order):
        return
    outbox.tell(
        session, Kind.CHANGED, person_id=order.person_id, account_id=order.account_id, now=now,
        booking_id=order.booking_id, facts=FACTS, concerns_today=True,
    )  # fmt: skip


def read(session: Session, dues: Sequence[Due], now: datetime) -> Mapping[int, Any]:
    """The meals these reminders are about, as they were handed over; one that was taken back is
    not told.
    """
    wanted = [due.id for due in dues if due.facts.get("what") == _DELIVERED]
    if not wanted:
        return {}
    rows = session.execute(
        select(
            Reminder.id, _served.c.at, _served.c.received_by, _service.c.meal,
            Canteen.name.label("canteen"), Canteen.place_id, Person.name.label("person"),
        )
        .join(_booking, _booking.c.id == Reminder.booking_id)
        .join(
            _served,
            and_(
                _served.c.booking_id == _booking.c.id, _served.c.undone_at.is_(None),
                _served.c.way == Way.DOOR,
            ),
        )
        .join(_service, _service.c.id == _booking.c.bookable_id)
        .join(Canteen, Canteen.id == _service.c.canteen_id)
        .join(Person, Person.id == _booking.c.person_id)
        .where(Reminder.id.in_(wanted))
    )  # fmt: skip
    return {row.id: row for row in rows}


def word(due: Due, meal: AnyRow, now: datetime) -> Message | None:
    """One sentence."""
    said = MEALS[Meal(meal.meal)]
    body = _(
        "%(to)s您好，您为%(person)s订的%(meal)s，%(when)s 送到了。",
        to=due.to, person=meal.person, meal=said, when=moments.spoken(meal.at, now),
    )  # fmt: skip
    if meal.received_by:
        body += _("收的人：%(name)s。", name=meal.received_by)
    return Message(
        title=_("饭送到了"), body=body, page=PAGE.format(due.booking_id),
        template=Template.CHANGED,
        fields={
            "thing1": str(said), "thing2": str(_("饭送到了")), "time3": moments.field(meal.at),
            "thing4": str(_("点开看详情")),
        },
        place_id=meal.place_id, deadline=meal.at,
    )  # fmt: skip


wording.register("delivered meal", read, word)
