"""About lessons: one that comes, what changed in them, and that somebody has not come for long."""

from dataclasses import replace
from datetime import datetime, timedelta

from flask_babel import gettext as _

from backend.booking.models import State
from backend.db import AnyRow
from backend.night_school.messages import parts
from backend.reminders import moments
from backend.reminders.models import Kind
from backend.reminders.wording import Due, Message, Template

SOON = timedelta(hours=2)
"""How long before a lesson its second reminder goes out; from then on the first is moot."""


def lesson(due: Due, facts: AnyRow, now: datetime) -> Message | None:
    """A lesson of tonight or tomorrow, unless it has moved since."""
    lesson_at = facts.lesson_at
    stands = facts.state == State.CONFIRMED and facts.cancelled_at is None
    if not stands or facts.lesson_cancelled_at is not None or lesson_at != due.occasion_at:
        return None
    if now >= lesson_at or (due.kind == Kind.LESSON_EVE and now >= lesson_at - SOON):
        return None
    body = _(
        "%(about)s%(when)s 在%(where)s上课。",
        about=parts.about(due, facts),
        when=moments.spoken(lesson_at, now),
        where=parts.where(facts),
    )
    tip = _("请提前十分钟到")
    if facts.bring:
        tip = _("请带%(things)s", things=facts.bring)
        body += _("请带%(things)s。", things=facts.bring)
    return parts.message(
        due, facts, _("上课提醒"), body, Template.LESSON, deadline=lesson_at,
        time2=moments.field(lesson_at), thing3=parts.where(facts),
        thing4=parts.tip(due, facts, tip),
    )  # fmt: skip


def changed(due: Due, facts: AnyRow, now: datetime) -> Message | None:
    """Lessons moved, called off, put back or added (`was_at`, … in the facts), or any `what`."""
    again = facts.told_again and not due.facts.get("series")
    if facts.state not in (State.CONFIRMED, State.OFFERED) or again:
        return None
    if due.lesson_id is not None:
        return _with_deadline(due, facts, _lesson_changed(due, facts, now), now)
    what = due.facts.get("what")
    if not what or facts.next_lesson_at is None:
        return None
    body = _("%(about)s有变动：%(what)s。", about=parts.about(due, facts), what=what)
    return _change(due, facts, _("课程有变动"), body, what, facts.next_lesson_at)


def _with_deadline(due: Due, facts: AnyRow, said: Message | None, now: datetime) -> Message | None:
    """Where the class begins at another moment: until when one may still give the place back."""
    until = facts.cancel_until
    if said is None or not due.facts.get("first_moved"):
        return said
    if facts.state != State.CONFIRMED or until is None or until <= now:
        return said
    may = _("来不了的话，%(until)s 前都可以取消。", until=moments.spoken(until, now))
    return replace(said, body=said.body + str(may))


def _lesson_changed(due: Due, facts: AnyRow, now: datetime) -> Message | None:
    was_at = datetime.fromisoformat(due.facts["was_at"])
    was, about = moments.spoken(was_at, now), parts.about(due, facts)
    if due.facts.get("series"):
        return _series(due, facts, was_at, now)
    if facts.lesson_cancelled_at is not None:
        if was_at <= now:
            return None
        body = _("%(about)s原定%(was)s 的课停课一次，请不要跑空。", about=about, was=was)
        return _change(due, facts, _("停课通知"), body, _("停课一次"), was_at)
    if facts.lesson_at <= now:
        return None
    when = moments.spoken(facts.lesson_at, now)
    if due.facts.get("put_back"):
        body = _(
            "%(about)s原来停课的一次课恢复上课：%(when)s，在%(where)s。",
            about=about, when=when, where=parts.where(facts),
        )  # fmt: skip
        return _change(due, facts, _("恢复上课"), body, _("恢复上课"), facts.lesson_at)
    if due.facts.get("added"):
        body = _(
            "%(about)s加上一次课：%(when)s，在%(where)s。",
            about=about, when=when, where=parts.where(facts),
        )  # fmt: skip
        return _change(due, facts, _("加课通知"), body, _("加一次课"), facts.lesson_at)
    return _moved(due, facts, was_at, now)


def _moved(due: Due, facts: AnyRow, was_at: datetime, now: datetime) -> Message | None:
    about, when = parts.about(due, facts), moments.spoken(facts.lesson_at, now)
    if facts.lesson_at != was_at:
        body = _(
            "%(about)s原定%(was)s 的课改到%(when)s，在%(where)s上课。",
            about=about, was=moments.spoken(was_at, now), when=when, where=parts.where(facts),
        )  # fmt: skip
        body += _taught_by(due, facts)
        known_by = min(at for at in (was_at, facts.lesson_at) if at > now)
        return _change(due, facts, _("上课时间有变"), body, _("上课时间有变"), known_by)
    if facts.room_name == due.facts.get("was_room"):
        return _teacher_changed(due, facts, now)
    body = _(
        "%(about)s%(when)s 的课改在%(where)s上课。",
        about=about,
        when=when,
        where=parts.where(facts),
    )
    body += _taught_by(due, facts)
    return _change(due, facts, _("上课地点有变"), body, _("上课地点有变"), facts.lesson_at)


def _teacher_changed(due: Due, facts: AnyRow, now: datetime) -> Message | None:
    if not _taught_by(due, facts):
        return None
    body = _(
        "%(about)s%(when)s 的课由%(teacher)s老师上，时间和地点不变。",
        about=parts.about(due, facts), when=moments.spoken(facts.lesson_at, now),
        teacher=facts.teacher_name,
    )  # fmt: skip
    return _change(due, facts, _("上课老师有变"), body, _("上课老师有变"), facts.lesson_at)


def _taught_by(due: Due, facts: AnyRow) -> str:
    """Who teaches, where that has changed; else nothing."""
    if not due.facts.get("other_teacher") or not facts.teacher_name:
        return ""
    return str(_("由%(teacher)s老师上课。", teacher=facts.teacher_name))


def _series(due: Due, facts: AnyRow, was_at: datetime, now: datetime) -> Message | None:
    """Several lessons moved at once: told once, by the first of them as it stands now."""
    if facts.next_lesson_at is None:
        return None
    about, count = parts.about(due, facts), due.facts["series"]
    if facts.lesson_cancelled_at is not None or facts.lesson_at <= now:
        body = _(
            "%(about)s有 %(count)s 次课调整了安排，时间和地点请打开课表看一看。",
            about=about, count=count,
        )  # fmt: skip
    else:
        body = _(
            "%(about)s有 %(count)s 次课调整了安排：原定%(was)s 的课改为%(when)s，在%(where)s，"
            "后面的课也有变动，请打开课表看一看。",
            about=about, count=count, was=moments.spoken(was_at, now),
            when=moments.spoken(facts.lesson_at, now), where=parts.where(facts),
        )  # fmt: skip
        body += _taught_by(due, facts)
    return _change(due, facts, _("课程安排有变"), body, _("课程安排有变"), facts.next_lesson_at)


def _change(
    due: Due, facts: AnyRow, title: str, body: str, what: str, deadline: datetime
) -> Message:
    return parts.message(
        due, facts, title, body, Template.CHANGED, deadline=deadline, thing2=what,
        time3=moments.field(facts.lesson_at or deadline),
        thing4=parts.tip(due, facts, _("请相互转告")),
    )  # fmt: skip


def absent_again(due: Due, facts: AnyRow, now: datetime) -> Message | None:
    """A warning in time: the next absence, and the place may go to somebody who waits."""
    if facts.state != State.CONFIRMED or facts.next_lesson_at is None:
        return None
    body = _(
        "%(about)s已经连续 %(absent)s 次没有到课，也没有请假。"
        "最近一次课是%(when)s，盼您来上课；来不了请先请假。"
        "连续 %(limit)s 次不来，名额可能会让给候补的邻居。",
        about=parts.about(due, facts), absent=due.facts["absent"], limit=due.facts["limit"],
        when=moments.spoken(facts.next_lesson_at, now),
    )  # fmt: skip
    return parts.message(
        due, facts, _("好几次没见到您了"), body, Template.CHANGED, deadline=facts.next_lesson_at,
        thing2=_("连续缺席提醒"), time3=moments.field(facts.next_lesson_at),
        thing4=parts.tip(due, facts, _("来不了请先请假")),
    )  # fmt: skip
