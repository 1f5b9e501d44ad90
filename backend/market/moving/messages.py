"""What is told about a market that moved, in Chinese as a community office writes it."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from flask_babel import format_date
from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from backend import clock
from backend.db import AnyRow
from backend.market.grid import moment
from backend.market.models import MarketDay, Stall
from backend.market.moving.look import AGE, ONCE
from backend.market.moving.models import MarketMove
from backend.market.moving.telling import FACT, GONE, NUMBER, PLACE, SLOT, WAIT
from backend.people.models import Person
from backend.reminders import moments, wording
from backend.reminders.models import Reminder
from backend.reminders.wording import Due, Message, Template

PAGE, PAGES = "pages/booking?id={}", "pages/bookings"


def read(session: Session, dues: Sequence[Due], now: datetime) -> Mapping[int, Any]:
    """The facts of those reminders that are about a moved market, in one read."""
    about = {due.id: due.facts[FACT] for due in dues if due.facts and FACT in due.facts}
    if not about:
        return {}
    of_day = aliased(MarketMove)
    newest = (
        select(func.max(of_day.id))
        .where(of_day.market_day_id == MarketDay.id)
        .correlate(MarketDay)
        .scalar_subquery()
    )
    opens = (
        select(func.min(Stall.from_minute))
        .where(Stall.market_day_id == MarketDay.id)
        .correlate(MarketDay)
        .scalar_subquery()
    )
    rows = session.execute(
        select(
            MarketMove.id, MarketMove.reason, MarketMove.was_day, MarketDay.day, MarketDay.title,
            MarketDay.spot, MarketDay.place_id, MarketDay.cancelled_at, newest.label("newest_id"),
            func.coalesce(opens, 0).label("opens"), Reminder.id.label("reminder_id"),
            Person.name.label("person_name"),
        )
        .select_from(Reminder)
        .join(MarketMove, MarketMove.id.in_(set(about.values())))
        .join(MarketDay, MarketDay.id == MarketMove.market_day_id)
        .join(Person, Person.id == Reminder.person_id)
        .where(Reminder.id.in_(list(about)))
    )  # fmt: skip
    return {row.reminder_id: row for row in rows if about[row.reminder_id] == row.id}


def word(due: Due, facts: AnyRow, now: datetime) -> Message | None:
    """One sentence a thing; None where the market was moved again, cancelled, or is over."""
    opens_at = moment(facts.day, facts.opens)
    stale = facts.cancelled_at is not None or facts.newest_id != facts.id
    if stale or clock.today(now) > facts.day:
        return None
    pieces = due.facts["pieces"]
    moved = due.facts["moved"]
    title = _("集市改期了") if moved else _("集市换地方了")
    said = [_opening(due, facts, opens_at, now, moved)]
    said += [_said(one, now) for one in pieces]
    if any(one["kind"] in (SLOT, PLACE, WAIT) and one["at"] for one in pieces):
        said.append(_("不用重新预约；来不了，开始前都可以取消，不算迟取消。"))
    return Message(
        title=title, body="".join(str(one) for one in said), template=Template.CHANGED,
        fields={
            "thing1": facts.title, "thing2": title, "time3": moments.field(opens_at),
            "thing4": facts.spot,
        },
        page=PAGE.format(due.booking_id) if due.booking_id else PAGES,
        place_id=facts.place_id, deadline=opens_at,
    )  # fmt: skip


def _opening(due: Due, facts: AnyRow, opens_at: datetime, now: datetime, moved: bool) -> str:
    named = {"to": due.to, "market": facts.title, "where": facts.spot, "reason": facts.reason}
    if not moved:
        said = _("%(to)s您好，因为%(reason)s，“%(market)s”换到%(where)s，时间不变。", **named)
    else:
        said = _(
            "%(to)s您好，因为%(reason)s，原定%(was)s的“%(market)s”改到%(when)s，在%(where)s。",
            **named, was=_day(facts.was_day), when=moments.spoken(opens_at, now),
        )  # fmt: skip
    return str(said) if due.own else f"{said}{_('这是%(person)s的：', person=facts.person_name)}"


def _said(piece: Mapping[str, Any], now: datetime) -> str:
    """What becomes of one thing of theirs."""
    service = piece["service"]
    when = moments.spoken(datetime.fromisoformat(piece["at"]), now) if piece["at"] else ""
    return str(
        {
            SLOT: lambda: _("%(service)s改为%(when)s。", service=service, when=when),
            PLACE: lambda: (
                _("%(service)s还是%(when)s。", service=service, when=when)
                if when
                else _("%(service)s的 %(number)s 号继续有效。", service=service,
                       number=piece["number"])
            ),
            WAIT: lambda: _(
                "您候补的%(service)s时段：%(when)s，有空位会通知您。", service=service, when=when
            ),
            GONE: lambda: _("%(service)s这次来不了，预约已取消，很抱歉。", service=service),
            ONCE: lambda: _("%(service)s您当天已另有预约，这一份已取消。", service=service),
            AGE: lambda: _("%(service)s那天不符合年龄要求，预约已取消，很抱歉。", service=service),
            NUMBER: lambda: _(
                "%(service)s的 %(number)s 号作废，当天请重新取号。", service=service,
                number=piece["number"],
            ),
        }[piece["kind"]]()
    )  # fmt: skip


def _day(day: date) -> str:
    return str(format_date(day, str(_("M月d日（EEE）"))))


wording.register(FACT, read, word)
