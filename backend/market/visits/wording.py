"""What is told about home visits. Where they lead to stands in no message."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from flask_babel import gettext as _

from backend.booking import line
from backend.booking.models import State
from backend.booking.requests import UNDECIDED
from backend.booking.visits import SOON
from backend.db import AnyRow
from backend.market.wording import because
from backend.reminders import moments
from backend.reminders.models import Kind
from backend.reminders.wording import Due, Message, Template

# A `phrase` field takes Chinese characters only, whatever the language.
_BOOKED = "预约成功"
_PAGE = "pages/booking?id={}"


def _asked(due: Due, facts: AnyRow, now: datetime) -> Message | None:
    if facts.state != State.REQUESTED:
        return None
    body = _(
        "%(about)s收到了：%(when)s。工作人员看过以后马上通知您，可能会打电话核实。",
        about=_about(due, facts), when=_when(facts, now),
    )  # fmt: skip
    return _message(due, facts, _("上门申请已收到"), body)


def _agreed(due: Due, facts: AnyRow, now: datetime) -> Message | None:
    if facts.state != State.CONFIRMED:
        return None
    body = _(
        "%(about)s定好了：%(when)s上门。请留人在家，电话保持畅通。",
        about=_about(due, facts), when=_when(facts, now),
    )  # fmt: skip
    if facts.cancel_until is not None and facts.cancel_until > now:
        until = moments.spoken(facts.cancel_until, now)
        body += _("不需要了请在%(until)s 前取消，把时间让给邻居。", until=until)
    return _message(
        due, facts, _("上门时间定好了"), body, Template.BOOKED,
        time2=moments.field(facts.starts_at), thing3=_("到您家里"), phrase4=_BOOKED,
        thing5=_("请留人在家"),
    )  # fmt: skip


def _over(due: Due, facts: AnyRow, now: datetime) -> Message | None:
    reason = due.facts.get("reason")
    if reason == line.TRANSFERRED:
        return None
    declined = facts.state == State.DECLINED
    if facts.cancelled_at is not None and not declined:
        body = _(
            "%(about)s，%(when)s：很抱歉，%(because)s这场集市取消了，上门也一起取消。",
            about=_about(due, facts), when=_when(facts, now), because=because(due),
        )  # fmt: skip
    elif declined:
        body = _(
            "%(about)s，%(when)s：很抱歉，这次没有安排上。",
            about=_about(due, facts), when=_when(facts, now),
        )  # fmt: skip
    else:
        body = _("%(about)s，%(when)s，已取消。", about=_about(due, facts), when=_when(facts, now))
    if reason == UNDECIDED:
        body += _("工作人员没有来得及处理，请打社区电话，我们另外想办法。")
    elif reason:
        body += _("原因：%(reason)s。", reason=str(reason).rstrip("。.！! "))
    title = _("上门没有安排上") if declined else _("上门已取消")
    return _message(
        due, facts, title, body, Template.CHANGED, thing2=title,
        time3=moments.field(facts.starts_at), thing4=_("可以改约别的时间"),
    )  # fmt: skip


def _reminder(due: Due, facts: AnyRow, now: datetime) -> Message | None:
    starts_at = facts.starts_at
    if facts.state != State.CONFIRMED or starts_at != due.occasion_at or now >= starts_at:
        return None
    if due.kind != Kind.VISIT_SOON and now >= starts_at - SOON:
        return None
    body = _(
        "%(about)s：%(when)s上门。请留人在家，电话保持畅通。",
        about=_about(due, facts), when=_when(facts, now),
    )  # fmt: skip
    return _message(
        due, facts, _("上门提醒"), body, Template.LESSON, time2=moments.field(starts_at),
        thing3=_("到您家里"), thing4=_("请留人在家"),
    )  # fmt: skip


def _about(due: Due, facts: AnyRow) -> str:
    if due.own:
        return str(_("%(to)s您好，您申请的上门%(service)s", to=due.to, service=facts.service))
    return str(
        _("%(to)s您好，您为%(person)s申请的上门%(service)s",
          to=due.to, person=facts.person_name, service=facts.service)
    )  # fmt: skip


def _when(facts: AnyRow, now: datetime) -> str:
    return f"{moments.spoken(facts.starts_at, now)}–{moments.time_of_day(facts.ends_at)}"


def _message(
    due: Due, facts: AnyRow, title: str, body: str, template: Template | None = None, **fields: str
) -> Message:
    return Message(
        title=title, body=body, template=template, fields={"thing1": facts.service} | fields,
        page=_PAGE.format(due.booking_id), place_id=facts.place_id, deadline=facts.starts_at,
    )  # fmt: skip


WORDS: Mapping[str, Callable[[Due, Any, datetime], Message | None]] = {
    Kind.BOOKED: _agreed,
    Kind.WAITLISTED: _asked,
    Kind.CANCELLED: _over,
    Kind.VISIT_EVE: _reminder,
    Kind.VISIT_SOON: _reminder,
}
