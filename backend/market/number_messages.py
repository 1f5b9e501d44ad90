"""What is told about queue numbers, in Chinese as a community office writes it."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.db import AnyRow
from backend.market.grid import moment
from backend.market.models import MarketDay, Service, Stage, Stall, Ticket
from backend.market.wording import because
from backend.people.models import Person
from backend.reminders import moments, wording
from backend.reminders.models import Kind, Reminder
from backend.reminders.wording import Due, Message, Template

PAGE = "market/pages/line?stall={}&ticket={}"


def read(session: Session, dues: Sequence[Due], now: datetime) -> Mapping[int, Any]:
    """The facts of those reminders that are about queue numbers, in one read."""
    rows = session.execute(
        select(
            Reminder.id, Ticket.number, Ticket.stage, Stall.paused_at, Stall.until_minute,
            Person.name.label("person_name"), Service.name.label("service"), MarketDay.spot,
            MarketDay.day, MarketDay.place_id, Ticket.stall_id, Ticket.id.label("ticket_id"),
            MarketDay.cancelled_at,
        )
        .join(Ticket, Ticket.id == Reminder.ticket_id)
        .join(Person, Person.id == Reminder.person_id)
        .join(Stall, Stall.id == Ticket.stall_id)
        .join(Service, Service.id == Stall.service_id)
        .join(MarketDay, MarketDay.id == Stall.market_day_id)
        .where(Reminder.id.in_([due.id for due in dues]))
    )  # fmt: skip
    return {row.id: row for row in rows}


def word(due: Due, facts: AnyRow, now: datetime) -> Message | None:
    """One reminder's sentence; None when the number waits no more, or the day is over."""
    say = _WORDS.get(due.kind)
    over = now >= moment(facts.day, 1440)
    return None if say is None or over else say(due, facts, now)


def _next(due: Due, facts: AnyRow, now: datetime) -> Message | None:
    if facts.stage != Stage.WAITING or facts.paused_at is not None:
        return None
    body = _(
        "%(about)s，下一位就是您，请到摊位前等候。地点：%(where)s。",
        about=_about(due, facts), where=facts.spot,
    )  # fmt: skip
    return _message(
        due, facts, _("下一位就是您"), body, Template.LESSON, time2=moments.field(now),
        thing3=facts.spot, thing4=_("下一位就是您，请到摊位前"),
    )  # fmt: skip


def _soon(due: Due, facts: AnyRow, now: datetime) -> Message | None:
    if facts.stage != Stage.WAITING or facts.paused_at is not None:
        return None
    minutes = max(int(due.facts["minutes"]), 1)
    body = _(
        "%(about)s，大约%(minutes)s分钟后轮到，请回到摊位附近。地点：%(where)s。",
        about=_about(due, facts), minutes=minutes, where=facts.spot,
    )  # fmt: skip
    return _message(
        due, facts, _("快轮到您了"), body, Template.LESSON,
        time2=moments.field(now + timedelta(minutes=minutes)), thing3=facts.spot,
        thing4=_("快轮到您了，请回到摊位附近"),
    )  # fmt: skip


def _paused(due: Due, facts: AnyRow, now: datetime) -> Message | None:
    if facts.stage != Stage.WAITING or facts.paused_at is None:
        return None
    body = _(
        "%(about)s：摊位从%(since)s 起暂停叫号，您的号还在，顺序不变，可以在手机上看排到哪里。",
        about=_about(due, facts), since=moments.time_of_day(facts.paused_at),
    )  # fmt: skip
    return _message(
        due, facts, _("摊位暂停叫号"), body, Template.CHANGED, thing2=_("暂停叫号，您的号还在"),
        time3=moments.field(now), thing4=_("不用一直站着等"),
    )  # fmt: skip


def _closed(due: Due, facts: AnyRow, now: datetime) -> Message | None:
    if facts.stage == Stage.MOVED:
        return _moved(due, facts, now)
    if facts.stage != Stage.CLOSED:
        return None
    if facts.cancelled_at is not None:
        body = _(
            "%(about)s：很抱歉，%(because)s这场集市取消了，请不用再等。",
            about=_about(due, facts), because=because(due),
        )  # fmt: skip
    else:
        body = _(
            "%(about)s：很抱歉，%(because)s摊位提前收摊了，今天轮不到您，请不用再等。",
            about=_about(due, facts), because=because(due),
        )  # fmt: skip
    return _message(
        due, facts, _("摊位提前收摊"), body, Template.CHANGED, thing2=_("摊位提前收摊"),
        time3=moments.field(now), thing4=_("今天轮不到了，请不用再等"),
    )  # fmt: skip


def _moved(due: Due, facts: AnyRow, now: datetime) -> Message:
    number = due.facts["number"]
    body = _(
        "%(about)s：摊位提前收摊了，已转到%(people)s的摊位，新号 %(number)s 号，请到那里等候。",
        about=_about(due, facts), people=due.facts["people"], number=number,
    )  # fmt: skip
    return _message(
        due, facts, _("已转到另一个摊位"), body, Template.CHANGED,
        thing2=_("转到别的摊位，新号%(number)s", number=number), time3=moments.field(now),
        thing4=_("请到新的摊位等候"),
    )  # fmt: skip


def _about(due: Due, facts: AnyRow) -> str:
    if due.own:
        return str(_("%(to)s您好，您%(service)s的 %(number)s 号", to=due.to, service=facts.service,
                     number=facts.number))  # fmt: skip
    return str(_("%(to)s您好，您替%(person)s取的%(service)s %(number)s 号", to=due.to,
                 person=facts.person_name, service=facts.service, number=facts.number))  # fmt: skip


def _message(
    due: Due, facts: AnyRow, title: str, body: str, template: Template, **fields: str
) -> Message:
    return Message(
        title=title, body=body, template=template, fields={"thing1": facts.service} | fields,
        page=PAGE.format(facts.stall_id, facts.ticket_id), place_id=facts.place_id,
        deadline=moment(facts.day, facts.until_minute),
    )  # fmt: skip


_WORDS: Mapping[str, Callable[[Due, Any, datetime], Message | None]] = {
    Kind.NUMBER_NEXT: _next,
    Kind.NUMBER_SOON: _soon,
    Kind.NUMBER_PAUSED: _paused,
    Kind.NUMBER_CLOSED: _closed,
}

wording.register("ticket", read, word)
