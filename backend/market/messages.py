"""What is told about booked slots, in Chinese as a community office writes it."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.booking import line, visits
from backend.booking.models import Booking, State
from backend.booking.visits import SOON
from backend.db import AnyRow, table_of
from backend.market.models import KIND, MarketDay, MarketSlot, Provider, Service, Stall
from backend.market.visits import wording as visits_wording
from backend.market.wording import because
from backend.people.models import Person
from backend.reminders import moments, wording
from backend.reminders.models import Kind, Reminder
from backend.reminders.wording import Due, Message, Template

PAGE = "pages/booking?id={}"

_slot = table_of(MarketSlot)
# A `phrase` field takes Chinese characters only, whatever the language.
_BOOKED = "预约成功"


def read(session: Session, dues: Sequence[Due], now: datetime) -> Mapping[int, Any]:
    """The facts of those reminders that are about slots, in one read."""
    rows = session.execute(
        select(
            Reminder.id, Booking.state, Booking.starts_at, Booking.ends_at, Booking.cancel_until,
            Booking.offer_until, Booking.short_code, Person.name.label("person_name"),
            Service.name.label("service"), Service.bring, Provider.name.label("provider_name"),
            MarketDay.spot, MarketDay.place_id, MarketDay.cancelled_at,
            Stall.at_home,
        )
        .join(Booking, Booking.id == Reminder.booking_id)
        .join(_slot, _slot.c.id == Booking.bookable_id)
        .join(Stall, Stall.id == _slot.c.stall_id)
        .join(Service, Service.id == Stall.service_id)
        .join(MarketDay, MarketDay.id == Stall.market_day_id)
        .join(Person, Person.id == Booking.person_id)
        .outerjoin(Provider, Provider.id == _slot.c.provider_id)
        .where(Reminder.id.in_([due.id for due in dues]))
    )  # fmt: skip
    return {row.id: row for row in rows}


def word(due: Due, facts: AnyRow, now: datetime) -> Message | None:
    """One reminder's sentence; None when it is over or things have changed since."""
    say = (visits_wording.WORDS if facts.at_home else _WORDS).get(due.kind)
    return None if say is None or now >= facts.ends_at else say(due, facts, now)


def _booked(due: Due, facts: AnyRow, now: datetime) -> Message | None:
    if facts.state != State.CONFIRMED:
        return None
    body = _(
        "%(about)s已经约好：%(when)s，在%(where)s。",
        about=_about(due, facts), when=_when(facts, now), where=facts.spot,
    )  # fmt: skip
    if facts.bring:
        body += f"{facts.bring.rstrip('。')}{_('。')}"
    if facts.cancel_until is not None and facts.cancel_until > now:
        until = moments.spoken(facts.cancel_until, now)
        body += _("来不了请在%(until)s 前取消，把时间让给邻居。", until=until)
    return _message(
        due, facts, _("集市预约成功"), body, Template.BOOKED, time2=moments.field(facts.starts_at),
        thing3=facts.spot, phrase4=_BOOKED, thing5=_("来不了请尽早取消"),
    )  # fmt: skip


def _visit(due: Due, facts: AnyRow, now: datetime) -> Message | None:
    """A slot of today or tomorrow, unless it was given back since, or they are there."""
    starts_at = facts.starts_at
    if facts.state != State.CONFIRMED or starts_at != due.occasion_at or now >= starts_at:
        return None
    soon = due.kind == Kind.VISIT_SOON
    if not soon and now >= starts_at - SOON:
        return None
    body = _(
        "%(about)s：%(when)s，在%(where)s。",
        about=_about(due, facts), when=_when(facts, now), where=facts.spot,
    )  # fmt: skip
    body += _("到了请用摊位上的码取号，或者向工作人员报预约码 %(code)s。", code=facts.short_code)
    if facts.bring:
        body += f"{facts.bring.rstrip('。')}{_('。')}"
    return _message(
        due, facts, _("预约提醒"), body, Template.LESSON, time2=moments.field(starts_at),
        thing3=facts.spot, thing4=_("到了请先取号"),
    )  # fmt: skip


def _waits(due: Due, facts: AnyRow, now: datetime) -> Message | None:
    if facts.state != State.WAITING:
        return None
    body = _(
        "%(about)s，%(when)s，已约满，已为您排上候补，有空位马上通知您。当天也可以到现场取号。",
        about=_about(due, facts), when=_when(facts, now),
    )  # fmt: skip
    return _message(due, facts, _("已排上候补"), body)


def _offered(due: Due, facts: AnyRow, now: datetime) -> Message | None:
    if facts.state != State.OFFERED or facts.offer_until <= now:
        return None
    until = moments.spoken(facts.offer_until, now)
    body = _(
        "%(about)s，%(when)s，有空位了，请在%(until)s 前确认，过时就让给下一位。",
        about=_about(due, facts), when=_when(facts, now), until=until,
    )  # fmt: skip
    return _message(
        due, facts, _("有空位了，请确认"), body, Template.OFFERED,
        time2=moments.field(facts.starts_at), time3=moments.field(facts.offer_until),
        thing4=_("过时会让给下一位"),
    )  # fmt: skip


def _offer_expired(due: Due, facts: AnyRow, now: datetime) -> Message:
    body = _(
        "%(about)s，%(when)s，空位没有及时确认，已让给下一位。当天可以到现场取号。",
        about=_about(due, facts), when=_when(facts, now),
    )  # fmt: skip
    return _message(due, facts, _("候补名额已让出"), body)


def _cancelled(due: Due, facts: AnyRow, now: datetime) -> Message | None:
    reason = due.facts.get("reason")
    if facts.state != State.CANCELLED or reason == line.TRANSFERRED:
        return None
    body = _("%(about)s，%(when)s，已取消。", about=_about(due, facts), when=_when(facts, now))
    if facts.cancelled_at is not None:
        body = _(
            "%(about)s，%(when)s：很抱歉，%(because)s这场集市取消了，预约也一起取消。",
            about=_about(due, facts), when=_when(facts, now), because=because(due),
        )  # fmt: skip
    elif reason:
        body += _("原因：%(reason)s。", reason=str(reason).rstrip("。.！! "))
    return _message(
        due, facts, _("集市预约已取消"), body, Template.CHANGED, thing2=_("集市预约已取消"),
        time3=moments.field(facts.starts_at), thing4=_("可以改约别的时间"),
    )  # fmt: skip


def _about(due: Due, facts: AnyRow) -> str:
    if due.own:
        said = _("%(to)s您好，您预约的%(service)s", to=due.to, service=facts.service)
    else:
        said = _(
            "%(to)s您好，您为%(person)s预约的%(service)s",
            to=due.to, person=facts.person_name, service=facts.service,
        )  # fmt: skip
    return f"{said}（{facts.provider_name}）" if facts.provider_name else str(said)


def _when(facts: AnyRow, now: datetime) -> str:
    return f"{moments.spoken(facts.starts_at, now)}–{moments.time_of_day(facts.ends_at)}"


def _message(
    due: Due, facts: AnyRow, title: str, body: str, template: Template | None = None, **fields: str
) -> Message:
    return Message(
        title=title, body=body, template=template, fields={"thing1": facts.service} | fields,
        page=PAGE.format(due.booking_id), place_id=facts.place_id, deadline=facts.starts_at,
    )  # fmt: skip


_WORDS: Mapping[str, Callable[[Due, Any, datetime], Message | None]] = {
    Kind.BOOKED: _booked,
    Kind.WAITLISTED: _waits,
    Kind.OFFERED: _offered,
    Kind.OFFER_EXPIRED: _offer_expired,
    Kind.CANCELLED: _cancelled,
    Kind.VISIT_EVE: _visit,
    Kind.VISIT_SOON: _visit,
}

wording.register(KIND, read, word)
visits.remind_of(KIND)
