"""What is told about a slot that is no more, in Chinese as a community office writes it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.booking.models import Booking, State
from backend.db import AnyRow, table_of
from backend.market.models import MarketDay, MarketSlot, Provider, Service, Stall
from backend.market.wording import service_words
from backend.people.models import Person
from backend.reminders import moments, wording
from backend.reminders.models import Reminder
from backend.reminders.wording import Due, Message, Template

FACT = "market_slot_gone"
"""In the facts of a reminder: the state the booking had when its slot went."""

_PAGE = "pages/booking?id={}"
_slot = table_of(MarketSlot)


def read(session: Session, dues: Sequence[Due], now: datetime) -> Mapping[int, Any]:
    """The facts of those reminders that are about slots that are no more, in one read."""
    about = [due.id for due in dues if due.facts and FACT in due.facts]
    if not about:
        return {}
    rows = session.execute(
        select(
            Reminder.id, Booking.state, Booking.starts_at, Person.name.label("person_name"),
            Service.name.label("service"), Provider.name.label("provider_name"), Stall.at_home,
            MarketDay.spot, MarketDay.place_id, MarketDay.cancelled_at,
        )
        .join(Booking, Booking.id == Reminder.booking_id)
        .join(_slot, _slot.c.id == Booking.bookable_id)
        .join(Stall, Stall.id == _slot.c.stall_id)
        .join(Service, Service.id == Stall.service_id)
        .join(MarketDay, MarketDay.id == Stall.market_day_id)
        .join(Person, Person.id == Booking.person_id)
        .outerjoin(Provider, Provider.id == _slot.c.provider_id)
        .where(Reminder.id.in_(about))
    )  # fmt: skip
    return {row.id: row for row in rows}


def word(due: Due, facts: AnyRow, now: datetime) -> Message | None:
    """One booking's sentence; None where it changed again since, or is over."""
    to = due.facts["to"] and datetime.fromisoformat(due.facts["to"])
    if now >= datetime.fromisoformat(due.facts["was"]) and to is None:
        return None
    if to is None:
        return _gone(due, facts, now) if facts.state == State.CANCELLED else None
    stands = facts.state in (State.CONFIRMED, State.REQUESTED) and facts.starts_at == to
    return _moved(due, facts, now) if stands and now < to else None


def _moved(due: Due, facts: AnyRow, now: datetime) -> Message:
    when = moments.spoken(facts.starts_at, now)
    named = {"about": _about(due, facts), "reason": due.facts["reason"], "when": when}
    if facts.state == State.REQUESTED:
        title = _("申请的上门时间改了")
        body = _(
            "%(about)s，因为%(reason)s，申请的时间改为%(when)s，工作人员看过以后马上通知您。",
            **named,
        )
    elif facts.at_home:
        title = _("上门时间改了")
        body = _("%(about)s，因为%(reason)s，改为%(when)s上门。请留人在家。", **named)
    else:
        title = _("预约改了时间")
        who = facts.provider_name or ""
        body = _(
            "%(about)s，因为%(reason)s，改为%(when)s%(who)s，在%(where)s。", **named,
            who=f"（{who}）" if who else "", where=facts.spot,
        )  # fmt: skip
    body += _("不用重新预约；来不了，开始前都可以取消，不算迟取消。")
    return _message(due, facts, title, body, facts.starts_at)


def _gone(due: Due, facts: AnyRow, now: datetime) -> Message:
    was = datetime.fromisoformat(due.facts["was"])
    named = {
        "about": _about(due, facts), "when": moments.spoken(was, now),
        "reason": due.facts["reason"],
    }  # fmt: skip
    if due.facts[FACT] in (State.WAITING, State.OFFERED):
        body = _("%(about)s，您候补的%(when)s，因为%(reason)s取消了，很抱歉。", **named)
    else:
        body = _("%(about)s，%(when)s，因为%(reason)s取消了，很抱歉。", **named)
    if not facts.at_home and facts.cancelled_at is None:
        body += _("可以改约别的时间，当天也可以到现场取号。")
    return _message(due, facts, _("集市预约已取消"), body, was)


def _about(due: Due, facts: AnyRow) -> str:
    service = service_words(facts.service, at_home=facts.at_home)
    if due.own:
        return str(_("%(to)s您好，您预约的%(service)s", to=due.to, service=service))
    return str(
        _("%(to)s您好，您为%(person)s预约的%(service)s", to=due.to, service=service,
          person=facts.person_name)
    )  # fmt: skip


def _message(due: Due, facts: AnyRow, title: str, body: str, at: datetime) -> Message:
    return Message(
        title=title, body=body, template=Template.CHANGED,
        fields={
            "thing1": facts.service, "thing2": title, "time3": moments.field(at),
            "thing4": facts.spot,
        },
        page=_PAGE.format(due.booking_id), place_id=facts.place_id, deadline=at,
    )  # fmt: skip


wording.register(FACT, read, word)
