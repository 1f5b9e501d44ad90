"""What the night school says in its reminders, in Chinese as a community office writes it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import case, func, select
from sqlalchemy.orm import Session, aliased

from backend.booking.models import Bookable, Booking, State
from backend.booking.queries import POSITION
from backend.db import AnyRow, table_of
from backend.night_school import similar
from backend.night_school.models import Course, CourseRun, Lesson, Teacher
from backend.people.models import Person
from backend.places.models import Place, Room
from backend.reminders import moments, wording
from backend.reminders.models import Kind, Reminder
from backend.reminders.wording import Due, Message, Template

SOON = timedelta(hours=2)
"""How long before a lesson its second reminder goes out; from then on the first is moot."""

MOST_NAMED = 2
"""How many other classes a message names."""

PAGE = "pages/booking?id={}"

# A `phrase` field takes Chinese characters only, whatever the language.
_BOOKED, _WAITING = "报名成功", "候补中"

_run = table_of(CourseRun)
_usual_room, _lesson_room = aliased(Room), aliased(Room)
_coming = aliased(Lesson)
_gives = aliased(Teacher)
_newer = aliased(Reminder)

_told_again = (
    select(_newer.id)
    .where(
        _newer.booking_id == Reminder.booking_id,
        _newer.lesson_id == Reminder.lesson_id,
        _newer.kind == Reminder.kind,
        _newer.id > Reminder.id,
    )
    .exists()
)


def read(session: Session, dues: Sequence[Due], now: datetime) -> Mapping[int, Any]:
    """The facts of those reminders that are about course runs, in one read."""
    next_lesson = (
        select(func.min(_coming.starts_at))
        .where(
            _coming.run_id == _run.c.id, _coming.cancelled_at.is_(None), _coming.starts_at > now
        )
        .scalar_subquery()
    )  # fmt: skip
    rows = session.execute(
        select(
            Reminder.id, Booking.state, Booking.offer_until, Booking.cancel_until,
            Booking.offer_before,
            case((Booking.state == State.WAITING, POSITION)).label("position"),
            Bookable.title, Bookable.place_id, Bookable.starts_at, Bookable.ends_at,
            Bookable.cancelled_at, Place.name.label("place_name"), Course.bring,
            Person.name.label("person_name"), Person.birth_date, Booking.bookable_id,
            next_lesson.label("next_lesson_at"),
            func.coalesce(_lesson_room.name, _usual_room.name).label("room_name"),
            _gives.name.label("teacher_name"), Lesson.starts_at.label("lesson_at"),
            Lesson.cancelled_at.label("lesson_cancelled_at"),
            _told_again.label("told_again"),
        )
        .join(Booking, Booking.id == Reminder.booking_id)
        .join(Bookable, Bookable.id == Booking.bookable_id)
        .join(_run, _run.c.id == Bookable.id)
        .join(Course, Course.id == _run.c.course_id)
        .join(Place, Place.id == Bookable.place_id)
        .join(Person, Person.id == Booking.person_id)
        .outerjoin(Lesson, Lesson.id == Reminder.lesson_id)
        .outerjoin(_lesson_room, _lesson_room.id == Lesson.room_id)
        .outerjoin(_usual_room, _usual_room.id == _run.c.room_id)
        .outerjoin(_gives, _gives.id == func.coalesce(Lesson.teacher_id, _run.c.teacher_id))
        .where(Reminder.id.in_([due.id for due in dues]))
    )  # fmt: skip
    return _with_similar(session, rows.all(), now)


def _with_similar(session: Session, rows: Sequence[AnyRow], now: datetime) -> Mapping[int, Any]:
    """Who is told that a run is cancelled is told where else there are places."""
    cancelled = {row.bookable_id for row in rows if row.cancelled_at is not None}
    instead = {run_id: similar.find(session, run_id, now) for run_id in cancelled}
    return {
        row.id: SimpleNamespace(
            **row._mapping,
            similar=similar.for_age(instead.get(row.bookable_id, []), row.birth_date, now),
        )
        for row in rows
    }


def word(due: Due, facts: AnyRow, now: datetime) -> Message | None:
    """One reminder's sentence; None when the run is over or things have changed since."""
    say = _WORDS.get(due.kind)
    # The run of a cancelled last lesson ends earlier: a change has moments of its own to look at.
    over = now >= facts.ends_at and due.kind != Kind.CHANGED
    return None if say is None or over else say(due, facts, now)


def _booked(due: Due, facts: AnyRow, now: datetime) -> Message | None:
    if facts.state != State.CONFIRMED or facts.next_lesson_at is None:
        return None
    body = _(
        "%(about)s已经报上了，最近一次课是%(when)s，在%(where)s。",
        about=_about(due, facts),
        when=moments.spoken(facts.next_lesson_at, now),
        where=_where(facts),
    )
    if facts.cancel_until and facts.cancel_until > now:
        until = moments.spoken(facts.cancel_until, now)
        body += _("来不了请在%(until)s 前取消，把名额留给邻居。", until=until)
    return _message(
        due, facts, _("报名成功"), body, Template.BOOKED,
        time2=moments.field(facts.next_lesson_at), thing3=_where(facts), phrase4=_BOOKED,
        thing5=_tip(due, facts, _("来不了请尽早取消")),
    )  # fmt: skip


def _waitlisted(due: Due, facts: AnyRow, now: datetime) -> Message | None:
    if facts.state != State.WAITING:
        return None
    body = _(
        "%(about)s名额已满，已排入候补，目前排在第 %(position)s 位。有名额时会马上通知您。",
        about=_about(due, facts),
        position=facts.position,
    )
    if facts.offer_before is not None:
        until = moments.last_day(facts.offer_before)
        body += _("等到%(until)s还没有名额，候补会自动结束。", until=until)
    return _message(
        due, facts, _("已排入候补"), body, Template.BOOKED,
        time2=_occasion(facts), thing3=_where(facts), phrase4=_WAITING,
        thing5=_tip(due, facts, _("有名额马上通知您")),
    )  # fmt: skip


def _offered(due: Due, facts: AnyRow, now: datetime) -> Message | None:
    until = facts.offer_until
    if facts.state != State.OFFERED or until is None or until <= now:
        return None
    body = _(
        "%(about)s有名额了，为您保留到%(until)s。请在这之前点开确认，过时名额会让给下一位。",
        about=_about(due, facts),
        until=moments.spoken(until, now),
    )
    return _message(
        due, facts, _("候补有名额了"), body, Template.OFFERED, deadline=until,
        time2=_occasion(facts), time3=moments.field(until),
        thing4=_tip(due, facts, _("请尽快点开确认")),
    )  # fmt: skip


def _offer_expired(due: Due, facts: AnyRow, now: datetime) -> Message | None:
    if facts.state != State.DECLINED:
        return None
    about = _about(due, facts)
    if reason := _reason(due):
        body = _(
            "%(about)s为您保留的名额，社区已经让给下一位。原因：%(reason)s。"
            "还想上课，可以重新报名或排候补。",
            about=about, reason=reason,
        )  # fmt: skip
        return _message(
            due, facts, _("保留的名额已让出"), body, Template.CHANGED, thing2=reason,
            time3=_occasion(facts), thing4=_tip(due, facts, _("可重新报名或排候补")),
        )  # fmt: skip
    body = _(
        "%(about)s为您保留的名额没有在截止前确认，已让给下一位。还想上课，可以重新报名或排候补。",
        about=about,
    )
    return _message(
        due, facts, _("保留的名额已过期"), body, Template.CHANGED,
        thing2=_("保留的名额已过期"), time3=_occasion(facts),
        thing4=_tip(due, facts, _("可重新报名或排候补")),
    )  # fmt: skip


def _cancelled(due: Due, facts: AnyRow, now: datetime) -> Message | None:
    if facts.state != State.CANCELLED:
        return None
    about = _about(due, facts)
    if "wish_over" in due.facts:
        return _wish_over(due, facts)
    if "transferred" in due.facts:
        return _transferred(due, facts)
    if facts.cancelled_at is not None:
        title = what = _("课程取消")
        body = _("%(about)s因故取消，不再开课。给您带来不便，请谅解。", about=about)
    else:
        title = what = _("报名已取消")
        body = _("%(about)s已取消报名。", about=about)
    if reason := _reason(due):
        body += _("原因：%(reason)s。", reason=reason)
        what = reason
    if facts.cancelled_at is not None:
        body += _instead(facts)
    return _message(
        due, facts, title, body, Template.CHANGED, thing2=what, time3=_occasion(facts),
        thing4=_tip(due, facts, _("有疑问请咨询社区")),
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
        about=_about(due, facts),
        until=moments.last_day(datetime.fromisoformat(due.facts["wish_over"])),
    )
    return _message(
        due, facts, _("候补已结束"), body, Template.CHANGED, thing2=_("等候期限已到"),
        time3=_occasion(facts), thing4=_tip(due, facts, _("可重新报名或排候补")),
    )  # fmt: skip


def _transferred(due: Due, facts: AnyRow) -> Message:
    body = _(
        "%(about)s已经换到同一门课的另一个班，这个班的名额已让出。新班的时间和地点请看报名通知。",
        about=_about(due, facts),
    )
    return _message(
        due, facts, _("已换班"), body, Template.CHANGED, thing2=_("已换到另一个班"),
        time3=_occasion(facts), thing4=_tip(due, facts, _("请看新班的通知")),
    )  # fmt: skip


def _reason(due: Due) -> str:
    """What staff wrote, ready to stand inside a sentence."""
    return str(due.facts.get("reason") or "").rstrip("。.！! ")


def _changed(due: Due, facts: AnyRow, now: datetime) -> Message | None:
    """Lessons moved, called off, put back or added (`was_at`, … in the facts), or any `what`."""
    again = facts.told_again and not due.facts.get("series")
    if facts.state not in (State.CONFIRMED, State.OFFERED) or again:
        return None
    if due.lesson_id is not None:
        return _with_deadline(due, facts, _lesson_changed(due, facts, now), now)
    what = due.facts.get("what")
    if not what or facts.next_lesson_at is None:
        return None
    body = _("%(about)s有变动：%(what)s。", about=_about(due, facts), what=what)
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
    was, about = moments.spoken(was_at, now), _about(due, facts)
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
            about=about, when=when, where=_where(facts),
        )  # fmt: skip
        return _change(due, facts, _("恢复上课"), body, _("恢复上课"), facts.lesson_at)
    if due.facts.get("added"):
        body = _(
            "%(about)s加上一次课：%(when)s，在%(where)s。",
            about=about, when=when, where=_where(facts),
        )  # fmt: skip
        return _change(due, facts, _("加课通知"), body, _("加一次课"), facts.lesson_at)
    return _moved(due, facts, was_at, now)


def _moved(due: Due, facts: AnyRow, was_at: datetime, now: datetime) -> Message | None:
    about, when = _about(due, facts), moments.spoken(facts.lesson_at, now)
    if facts.lesson_at != was_at:
        body = _(
            "%(about)s原定%(was)s 的课改到%(when)s，在%(where)s上课。",
            about=about, was=moments.spoken(was_at, now), when=when, where=_where(facts),
        )  # fmt: skip
        body += _taught_by(due, facts)
        known_by = min(at for at in (was_at, facts.lesson_at) if at > now)
        return _change(due, facts, _("上课时间有变"), body, _("上课时间有变"), known_by)
    if facts.room_name == due.facts.get("was_room"):
        return _teacher_changed(due, facts, now)
    body = _(
        "%(about)s%(when)s 的课改在%(where)s上课。", about=about, when=when, where=_where(facts)
    )
    body += _taught_by(due, facts)
    return _change(due, facts, _("上课地点有变"), body, _("上课地点有变"), facts.lesson_at)


def _teacher_changed(due: Due, facts: AnyRow, now: datetime) -> Message | None:
    if not _taught_by(due, facts):
        return None
    body = _(
        "%(about)s%(when)s 的课由%(teacher)s老师上，时间和地点不变。",
        about=_about(due, facts), when=moments.spoken(facts.lesson_at, now),
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
    about, count = _about(due, facts), due.facts["series"]
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
            when=moments.spoken(facts.lesson_at, now), where=_where(facts),
        )  # fmt: skip
        body += _taught_by(due, facts)
    return _change(due, facts, _("课程安排有变"), body, _("课程安排有变"), facts.next_lesson_at)


def _change(
    due: Due, facts: AnyRow, title: str, body: str, what: str, deadline: datetime
) -> Message:
    return _message(
        due, facts, title, body, Template.CHANGED, deadline=deadline, thing2=what,
        time3=moments.field(facts.lesson_at or deadline),
        thing4=_tip(due, facts, _("请相互转告")),
    )  # fmt: skip


def _absent_again(due: Due, facts: AnyRow, now: datetime) -> Message | None:
    """A warning in time: the next absence, and the place may go to somebody who waits."""
    if facts.state != State.CONFIRMED or facts.next_lesson_at is None:
        return None
    body = _(
        "%(about)s已经连续 %(absent)s 次没有到课，也没有请假。"
        "最近一次课是%(when)s，盼您来上课；来不了请先请假。"
        "连续 %(limit)s 次不来，名额可能会让给候补的邻居。",
        about=_about(due, facts), absent=due.facts["absent"], limit=due.facts["limit"],
        when=moments.spoken(facts.next_lesson_at, now),
    )  # fmt: skip
    return _message(
        due, facts, _("好几次没见到您了"), body, Template.CHANGED, deadline=facts.next_lesson_at,
        thing2=_("连续缺席提醒"), time3=moments.field(facts.next_lesson_at),
        thing4=_tip(due, facts, _("来不了请先请假")),
    )  # fmt: skip


def _lesson(due: Due, facts: AnyRow, now: datetime) -> Message | None:
    lesson_at = facts.lesson_at
    stands = facts.state == State.CONFIRMED and facts.cancelled_at is None
    if not stands or facts.lesson_cancelled_at is not None or lesson_at != due.occasion_at:
        return None
    if now >= lesson_at or (due.kind == Kind.LESSON_EVE and now >= lesson_at - SOON):
        return None
    body = _(
        "%(about)s%(when)s 在%(where)s上课。",
        about=_about(due, facts),
        when=moments.spoken(lesson_at, now),
        where=_where(facts),
    )
    tip = _("请提前十分钟到")
    if facts.bring:
        tip = _("请带%(things)s", things=facts.bring)
        body += _("请带%(things)s。", things=facts.bring)
    return _message(
        due, facts, _("上课提醒"), body, Template.LESSON, deadline=lesson_at,
        time2=moments.field(lesson_at), thing3=_where(facts), thing4=_tip(due, facts, tip),
    )  # fmt: skip


def _about(due: Due, facts: AnyRow) -> str:
    """How each body begins: who is spoken to, about whose class."""
    if due.own:
        return str(_("%(to)s您好，您报名的《%(title)s》", to=due.to, title=facts.title))
    return str(
        _(
            "%(to)s您好，您为%(person)s报名的《%(title)s》",
            to=due.to, person=facts.person_name, title=facts.title,
        )
    )  # fmt: skip


def _tip(due: Due, facts: AnyRow, tip: str) -> str:
    """The last field of each template; it also says for whom, where that is somebody else."""
    return tip if due.own else str(_("%(person)s的课：%(tip)s", person=facts.person_name, tip=tip))


def _where(facts: AnyRow) -> str:
    return " ".join(filter(None, (facts.place_name, facts.room_name)))


def _occasion(facts: AnyRow) -> str:
    return moments.field(facts.next_lesson_at or facts.starts_at)


def _message(
    due: Due, facts: AnyRow, title: str, body: str, template: Template, *,
    deadline: datetime | None = None, **fields: str,
) -> Message:  # fmt: skip
    return Message(
        title=title, body=body, template=template, fields={"thing1": facts.title} | fields,
        page=PAGE.format(due.booking_id), place_id=facts.place_id,
        deadline=deadline or facts.next_lesson_at,
    )  # fmt: skip


_WORDS: Mapping[str, Callable[[Due, Any, datetime], Message | None]] = {
    Kind.BOOKED: _booked,
    Kind.WAITLISTED: _waitlisted,
    Kind.OFFERED: _offered,
    Kind.OFFER_EXPIRED: _offer_expired,
    Kind.CANCELLED: _cancelled,
    Kind.CHANGED: _changed,
    Kind.LESSON_EVE: _lesson,
    Kind.LESSON_SOON: _lesson,
    Kind.ABSENT_AGAIN: _absent_again,
}

wording.register("course_run", read, word)
