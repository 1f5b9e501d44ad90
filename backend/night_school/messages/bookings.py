"""About the place somebody asked for: had, waited for, offered, let go, called off or exchanged."""

from datetime import datetime

from flask_babel import gettext as _

from backend.booking.models import State
from backend.db import AnyRow
from backend.night_school.draws.errors import OverlapsDrawn
from backend.night_school.messages import parts
from backend.reminders import moments
from backend.reminders.wording import Due, Message, Template

MOST_NAMED = 2
"""How many other classes a message names."""

# A `phrase` field takes Chinese characters only, whatever the language.
_BOOKED, _WAITING = "报名成功", "候补中"


def booked(due: Due, facts: AnyRow, now: datetime) -> Message | None:
    """A place is had: when the next lesson is, and until when the place may be given back."""
    if facts.state != State.CONFIRMED or facts.next_lesson_at is None:
        return None
    body = _(
        "%(about)s已经报上了，最近一次课是%(when)s，在%(where)s。",
        about=parts.about(due, facts),
        when=moments.spoken(facts.next_lesson_at, now),
        where=parts.where(facts),
    )
    if facts.cancel_until and facts.cancel_until > now:
        until = moments.spoken(facts.cancel_until, now)
        body += _("来不了请在%(until)s 前取消，把名额留给邻居。", until=until)
    return parts.message(
        due, facts, _("报名成功"), body, Template.BOOKED,
        time2=moments.field(facts.next_lesson_at), thing3=parts.where(facts), phrase4=_BOOKED,
        thing5=parts.tip(due, facts, _("来不了请尽早取消")),
    )  # fmt: skip


def waitlisted(due: Due, facts: AnyRow, now: datetime) -> Message | None:
    """In the line: at which position, and until when they want to wait."""
    if facts.state != State.WAITING:
        return None
    body = _(
        "%(about)s名额已满，已排入候补，目前排在第 %(position)s 位。有名额时会马上通知您。",
        about=parts.about(due, facts),
        position=facts.position,
    )
    if facts.offer_before is not None:
        until = moments.last_day(facts.offer_before)
        body += _("等到%(until)s还没有名额，候补会自动结束。", until=until)
    return parts.message(
        due, facts, _("已排入候补"), body, Template.BOOKED,
        time2=parts.occasion(facts), thing3=parts.where(facts), phrase4=_WAITING,
        thing5=parts.tip(due, facts, _("有名额马上通知您")),
    )  # fmt: skip


def offered(due: Due, facts: AnyRow, now: datetime) -> Message | None:
    """A place is held for them until a moment; after it there is nothing to tell."""
    until = facts.offer_until
    if facts.state != State.OFFERED or until is None or until <= now:
        return None
    body = _(
        "%(about)s有名额了，为您保留到%(until)s。请在这之前点开确认，过时名额会让给下一位。",
        about=parts.about(due, facts),
        until=moments.spoken(until, now),
    )
    return parts.message(
        due, facts, _("候补有名额了"), body, Template.OFFERED, deadline=until,
        time2=parts.occasion(facts), time3=moments.field(until),
        thing4=parts.tip(due, facts, _("请尽快点开确认")),
    )  # fmt: skip


def offer_expired(due: Due, facts: AnyRow, now: datetime) -> Message | None:
    """The place that was held went to the next in line, by its deadline or by staff."""
    if facts.state != State.DECLINED:
        return None
    about = parts.about(due, facts)
    if reason := parts.reason(due):
        body = _(
            "%(about)s为您保留的名额，社区已经让给下一位。原因：%(reason)s。"
            "还想上课，可以重新报名或排候补。",
            about=about, reason=reason,
        )  # fmt: skip
        return parts.message(
            due, facts, _("保留的名额已让出"), body, Template.CHANGED, thing2=reason,
            time3=parts.occasion(facts), thing4=parts.tip(due, facts, _("可重新报名或排候补")),
        )  # fmt: skip
    body = _(
        "%(about)s为您保留的名额没有在截止前确认，已让给下一位。还想上课，可以重新报名或排候补。",
        about=about,
    )
    return parts.message(
        due, facts, _("保留的名额已过期"), body, Template.CHANGED,
        thing2=_("保留的名额已过期"), time3=parts.occasion(facts),
        thing4=parts.tip(due, facts, _("可重新报名或排候补")),
    )  # fmt: skip


def cancelled(due: Due, facts: AnyRow, now: datetime) -> Message | None:
    """The booking is over: given back, changed for another, waited in vain, or the class is off."""
    if facts.state != State.CANCELLED:
        return None
    about = parts.about(due, facts)
    if "wish_over" in due.facts:
        return _wish_over(due, facts)
    if "transferred" in due.facts:
        return _transferred(due, facts)
    if "ruled_out" in due.facts:
        return _ruled_out(due, facts)
    if facts.cancelled_at is not None:
        title = what = _("课程取消")
        body = _("%(about)s因故取消，不再开课。给您带来不便，请谅解。", about=about)
    else:
        title = what = _("报名已取消")
        body = _("%(about)s已取消报名。", about=about)
    if reason := parts.reason(due):
        body += _("原因：%(reason)s。", reason=reason)
        what = reason
    if facts.cancelled_at is not None:
        body += _instead(facts)
    return parts.message(
        due, facts, title, body, Template.CHANGED, thing2=what, time3=parts.occasion(facts),
        thing4=parts.tip(due, facts, _("有疑问请咨询社区")),
    )  # fmt: skip


def _instead(facts: AnyRow) -> str:
    """Two classes that still have places, by name; all of them are a tap away."""
    if not facts.similar:
        return ""
    named = _("、").join(
        _("《%(title)s》（%(place)s）", title=one.title, place=one.place_name)
        for one in facts.similar[:MOST_NAMED]
    )
    return str(_("这些类似的课程还有名额：%(named)s，点开可以看详情并报名。", named=named))


def _wish_over(due: Due, facts: AnyRow) -> Message:
    body = _(
        "%(about)s一直没有空出名额。您说只等到%(until)s，候补已经为您结束。"
        "还想上课，可以重新报名或排候补。",
        about=parts.about(due, facts),
        until=moments.last_day(datetime.fromisoformat(due.facts["wish_over"])),
    )
    return parts.message(
        due, facts, _("候补已结束"), body, Template.CHANGED, thing2=_("等候期限已到"),
        time3=parts.occasion(facts), thing4=parts.tip(due, facts, _("可重新报名或排候补")),
    )  # fmt: skip


def _ruled_out(due: Due, facts: AnyRow) -> Message:
    """They have a place elsewhere: as many as they asked for, or at the same time."""
    overlaps = due.facts["errcode"] == OverlapsDrawn.errcode
    why = _("时间冲突") if overlaps else _("想上的班数已经够了")
    body = _(
        "您已有《%(held)s》，%(why)s，%(about)s的候补到此结束，名额让给后面的居民。",
        held=due.facts["ruled_out"], why=why, about=parts.about(due, facts),
    )  # fmt: skip
    return parts.message(
        due, facts, _("候补已结束"), body, Template.CHANGED, thing2=_("已有别的班"),
        time3=parts.occasion(facts), thing4=parts.tip(due, facts, _("有疑问请咨询社区")),
    )  # fmt: skip


def _transferred(due: Due, facts: AnyRow) -> Message:
    body = _(
        "%(about)s已经换到同一门课的另一个班，这个班的名额已让出。新班的时间和地点请看报名通知。",
        about=parts.about(due, facts),
    )
    return parts.message(
        due, facts, _("已换班"), body, Template.CHANGED, thing2=_("已换到另一个班"),
        time3=parts.occasion(facts), thing4=parts.tip(due, facts, _("请看新班的通知")),
    )  # fmt: skip
