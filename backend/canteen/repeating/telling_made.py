"""What is told about meals that standing orders made: once for all of them, and in the inbox alone.

They were asked for once and for all; nobody wants a message for every meal of a week.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from flask_babel import format_date
from flask_babel import gettext as _
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from backend.booking.models import Booking, State
from backend.canteen.models import Canteen, Meal, MealService
from backend.canteen.ordering.models import MealOrder
from backend.canteen.wording import MEALS
from backend.db import AnyRow, table_of
from backend.money import in_yuan
from backend.people.models import Person
from backend.reminders import wording
from backend.reminders.models import Kind, Reminder
from backend.reminders.wording import Due, Message

PAGE = "canteen/pages/standing"

_reminder, _service = table_of(Reminder), table_of(MealService)


def tell_made(session: Session, made: Mapping[int, AnyRow]) -> None:
    """One message to each who asked for these, by booking: the first one's, in place of all."""
    by_account: dict[int | None, list[int]] = {}
    for booking_id, standing in made.items():
        by_account.setdefault(standing.account_id, []).append(booking_id)
    is_booked = _reminder.c.kind == Kind.BOOKED
    for booking_ids in by_account.values():
        first, *others = booking_ids
        session.execute(
            update(_reminder)
            .where(_reminder.c.booking_id == first, is_booked)
            .values(booking_id=None, facts={"standing_made": booking_ids})
        )
        if others:
            session.execute(delete(_reminder).where(_reminder.c.booking_id.in_(others), is_booked))


def read(session: Session, dues: Sequence[Due], now: datetime) -> Mapping[int, list[AnyRow]]:
    """The meals of these reminders that are still ordered, the first one first."""
    wanted = {due.id: due.facts["standing_made"] for due in dues if "standing_made" in due.facts}
    if not wanted:
        return {}
    rows = session.execute(
        select(
            Booking.id, Booking.starts_at, _service.c.day, _service.c.meal, MealOrder.pays_fen,
            Canteen.name.label("canteen_name"), Canteen.place_id, Person.name.label("person_name"),
        )
        .join(_service, _service.c.id == Booking.bookable_id)
        .join(MealOrder, MealOrder.booking_id == Booking.id)
        .join(Canteen, Canteen.id == _service.c.canteen_id)
        .join(Person, Person.id == Booking.person_id)
        .where(
            Booking.id.in_([one for ids in wanted.values() for one in ids]),
            Booking.state == State.CONFIRMED,
        )
        .order_by(Booking.starts_at)
    ).all()  # fmt: skip
    return {ident: [row for row in rows if row.id in ids] for ident, ids in wanted.items()}


def word(due: Due, meals: Sequence[AnyRow], now: datetime) -> Message | None:
    """Which days, where, for how much; nothing once none of them stands or is to come."""
    coming = [one for one in meals if one.starts_at > now]
    if not coming:
        return None
    first = coming[0]
    whose = _("您") if due.own else first.person_name
    body = _(
        "%(to)s您好，%(whose)s的固定订餐订好了。%(named)s，在%(canteen)s，共 %(pays)s 元。",
        to=due.to, whose=whose, named=_days(coming),
        pays=in_yuan(sum(one.pays_fen for one in coming)),
        canteen=_("、").join(dict.fromkeys(one.canteen_name for one in coming)),
    )  # fmt: skip
    body += _("哪天不吃，请在截止前到“固定订餐”里点“这天不吃”。")
    return Message(title=_("固定订餐订好了"), body=body, page=PAGE, place_id=first.place_id)


def _days(meals: Sequence[AnyRow]) -> str:
    """By meal, each day once named: 午餐：3月16日（周一）、3月17日（周二）."""
    days: dict[str, list[str]] = {}
    for one in meals:
        day = format_date(one.day, str(_("M月d日（EEE）")))
        days.setdefault(one.meal, []).append(str(day))
    named = [
        str(_("%(meal)s：%(days)s", meal=MEALS[Meal(meal)], days=_("、").join(theirs)))
        for meal, theirs in days.items()
    ]
    return str(_("；")).join(named)


wording.register("standing_made", read, word)
