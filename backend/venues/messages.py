"""What is told about reservations, in Chinese as a community office writes it."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext
from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from backend.booking import visits
from backend.booking.models import Booking, BookingEvent, State
from backend.booking.visits import SOON
from backend.db import AnyRow
from backend.people.models import Account, Person
from backend.reminders import moments, wording
from backend.reminders.models import Kind, Reminder
from backend.reminders.wording import Due, Message, Template
from backend.venues.groups.models import Group
from backend.venues.models import KIND, Reservation
from backend.venues.requests import COMPETING, UNDECIDED
from backend.venues.sheet import open_room, room, venue

PAGE = "pages/booking?id={}"

DECLINED = {
    COMPETING: lazy_gettext("这个时间已经安排给了别的申请，可以换个时间再约。"),
    UNDECIDED: lazy_gettext("开始前没有来得及审核，很抱歉，可以换个时间再约。"),
}
"""What is said where no member of staff gave a reason."""

# A `phrase` field takes Chinese characters only, whatever the language.
_BOOKED = "预约成功"


def read(session: Session, dues: Sequence[Due], now: datetime) -> Mapping[int, Any]:
    """The facts of those reminders that are about reservations, in one read."""
    rows = session.execute(
        select(
            Reminder.id, Booking.state, Booking.starts_at, Booking.ends_at, Booking.cancel_until,
            Person.name.label("person_name"), room.c.name.label("room_name"),
            venue.c.name.label("venue_name"), venue.c.place_id, Group.name.label("group_name"),
            Booking.short_code, Reservation.no_show_at, _cancelled_by().label("cancelled_by"),
        )
        .join(Booking, Booking.id == Reminder.booking_id)
        .join(open_room, open_room.c.id == Booking.bookable_id)
        .join(room, room.c.id == open_room.c.room_id)
        .join(venue, venue.c.id == room.c.venue_id)
        .join(Person, Person.id == Booking.person_id)
        .join(Reservation, Reservation.booking_id == Booking.id)
        .outerjoin(Group, Group.id == Reservation.group_id)
        .where(Reminder.id.in_([due.id for due in dues]))
    )  # fmt: skip
    return {row.id: row for row in rows}


def _cancelled_by() -> Any:
    """Which teammate gave a group's reservation back."""
    teammate = aliased(Person)
    return (
        select(teammate.name)
        .join(Account, Account.person_id == teammate.id)
        .join(BookingEvent, BookingEvent.account_id == Account.id)
        .where(
            BookingEvent.booking_id == Booking.id, BookingEvent.state == State.CANCELLED,
            Reservation.group_id.is_not(None), teammate.deleted_at.is_(None),
        )
        .order_by(BookingEvent.id.desc())
        .limit(1)
        .scalar_subquery()
    )  # fmt: skip


def word(due: Due, facts: AnyRow, now: datetime) -> Message | None:
    """One reminder's sentence; None when it is over or things have changed since."""
    say = _WORDS.get(due.kind)
    was_until = due.facts.get("was_until")
    over = datetime.fromisoformat(was_until) if was_until else facts.ends_at
    return None if say is None or now >= over else say(due, facts, now)


def _booked(due: Due, facts: AnyRow, now: datetime) -> Message | None:
    if facts.state != State.CONFIRMED:
        return None
    if due.facts.get("dates"):
        return _series_booked(due, facts, now)
    body = _(
        "%(about)s已经约好：%(when)s，在%(where)s。",
        about=_about(due, facts), when=_when(facts, now), where=facts.venue_name,
    )  # fmt: skip
    if facts.cancel_until is not None and facts.cancel_until > now:
        body += _how_to_leave(facts, now)
    return _message(
        due, facts, _("预约成功"), body, Template.BOOKED,
        time2=moments.field(facts.starts_at), thing3=facts.venue_name, phrase4=_BOOKED,
        thing5=_tip(due, facts, _("来不了请尽早取消")),
    )  # fmt: skip


def _series_booked(due: Due, facts: AnyRow, now: datetime) -> Message:
    body = _(
        "%(about)s已经约好，一共 %(dates)s 次：第一次 %(when)s，在%(where)s。",
        about=_about(due, facts), dates=due.facts["dates"], when=_when(facts, now),
        where=facts.venue_name,
    ) + _skipped(due)  # fmt: skip
    body += _("哪一次来不了，请提前取消那一次，把房间让给邻居。")
    return _message(
        due, facts, _("预约成功"), body, Template.BOOKED,
        time2=moments.field(facts.starts_at), thing3=facts.venue_name, phrase4=_BOOKED,
        thing5=_tip(due, facts, _("一共 %(dates)s 次", dates=due.facts["dates"])),
    )  # fmt: skip


def _skipped(due: Due) -> str:
    """How many dates are left out, if any."""
    skipped = due.facts.get("skipped")
    return str(_("另有 %(skipped)s 次没有约上。", skipped=skipped)) if skipped else ""


def _requested(due: Due, facts: AnyRow, now: datetime) -> Message | None:
    if facts.state != State.REQUESTED or now >= facts.starts_at:
        return None
    if dates := due.facts.get("dates"):
        body = _(
            "%(about)s已经提交申请，一共 %(dates)s 次：第一次 %(when)s，在%(where)s。"
            "工作人员审核后马上通知您。",
            about=_about(due, facts), dates=dates, when=_when(facts, now),
            where=facts.venue_name,
        ) + _skipped(due)  # fmt: skip
        return _message(due, facts, _("申请已提交"), body)
    body = _(
        "%(about)s已经提交申请：%(when)s，在%(where)s。工作人员审核后马上通知您。",
        about=_about(due, facts), when=_when(facts, now), where=facts.venue_name,
    )  # fmt: skip
    return _message(due, facts, _("申请已提交"), body)


def _declined(due: Due, facts: AnyRow, now: datetime) -> Message:
    reason = str(due.facts.get("reason") or "").rstrip("。.！! ")
    said = DECLINED[reason] if reason in DECLINED else _("原因：%(reason)s。", reason=reason)
    body = _(
        "%(about)s（%(when)s）的申请没有通过。",
        about=_about(due, facts), when=_when(facts, now),
    )  # fmt: skip
    if due.facts.get("dates", 1) > 1:
        body = _(
            "%(about)s有 %(dates)s 次申请没有通过，最早的一次是 %(when)s。",
            about=_about(due, facts), dates=due.facts["dates"], when=_when(facts, now),
        )  # fmt: skip
    return _message(
        due, facts, _("申请没有通过"), body + str(said), Template.CHANGED,
        thing2=_("申请没有通过"), time3=moments.field(facts.starts_at),
        thing4=_tip(due, facts, _("可以改约别的时间")),
    )  # fmt: skip


def _let_go(due: Due, facts: AnyRow, now: datetime) -> Message:
    body = _(
        "%(about)s（%(when)s）到点后没有人签到，房间已经让给邻居。下次来不了，请提前取消。",
        about=_about(due, facts), when=_when(facts, now),
    )  # fmt: skip
    return _message(
        due, facts, _("房间已让出"), body, Template.CHANGED, thing2=_("没有按时签到"),
        time3=moments.field(facts.starts_at), thing4=_tip(due, facts, _("还想用可以再约")),
    )  # fmt: skip


def _cancelled(due: Due, facts: AnyRow, now: datetime) -> Message | None:
    if facts.state == State.MISSED:
        return _let_go(due, facts, now)
    if facts.state == State.DECLINED:
        return _declined(due, facts, now)
    if facts.state != State.CANCELLED:
        return None
    body = _("%(about)s（%(when)s）已取消。", about=_about(due, facts), when=_when(facts, now))
    if due.facts.get("dates", 1) > 1:
        body = _(
            "%(about)s已取消 %(dates)s 次，最早的一次是 %(when)s。",
            about=_about(due, facts), dates=due.facts["dates"], when=_when(facts, now),
        )  # fmt: skip
    reason = str(due.facts.get("reason") or "").rstrip("。.！! ")
    if reason:
        body += _("原因：%(reason)s。", reason=reason)
    elif facts.cancelled_by:
        body += _("是队友%(name)s取消的。", name=facts.cancelled_by)
    return _message(
        due, facts, _("预约已取消"), body, Template.CHANGED, thing2=reason or _("预约已取消"),
        time3=moments.field(facts.starts_at), thing4=_tip(due, facts, _("可以改约别的时间")),
    )  # fmt: skip


def _cut_short(due: Due, facts: AnyRow, now: datetime) -> Message | None:
    if facts.state not in (State.CONFIRMED, State.ATTENDED):
        return None
    until = moments.time_of_day(datetime.fromisoformat(due.facts["until"]))
    reason = str(due.facts.get("reason") or "").rstrip("。.！! ")
    body = _(
        "%(about)s今天用到 %(until)s 为止，后面的时间场馆另有安排。原因：%(reason)s。",
        about=_about(due, facts), until=until, reason=reason,
    )  # fmt: skip
    return _message(
        due, facts, _("预约提前结束"), body, Template.CHANGED, thing2=reason,
        time3=moments.field(facts.starts_at), thing4=_tip(due, facts, _("可以改约别的时间")),
    )  # fmt: skip


def _changed(due: Due, facts: AnyRow, now: datetime) -> Message | None:
    if "until" in due.facts:
        return _cut_short(due, facts, now)
    if facts.state != State.CONFIRMED:
        return None
    was_at = datetime.fromisoformat(due.facts["was_at"])
    body = _(
        "%(about)s原定%(was)s，现在改为%(when)s，在%(where)s。",
        about=_about(due, facts), was=moments.spoken(was_at, now), when=_when(facts, now),
        where=facts.venue_name,
    )  # fmt: skip
    if due.facts.get("dates", 1) > 1:
        body += _("一共有 %(dates)s 次改了时间。", dates=due.facts["dates"])
    return _message(
        due, facts, _("预约时间有变"), body, Template.CHANGED, thing2=_("预约时间有变"),
        time3=moments.field(facts.starts_at), thing4=_tip(due, facts, _("不方便可以取消")),
    )  # fmt: skip


def _visit(due: Due, facts: AnyRow, now: datetime) -> Message | None:
    """A reservation of tonight or tomorrow, unless it was moved since, or they are there."""
    starts_at = facts.starts_at
    if facts.state != State.CONFIRMED or starts_at != due.occasion_at or now >= starts_at:
        return None
    soon = due.kind == Kind.VISIT_SOON
    if not soon and now >= starts_at - SOON:
        return None
    body = _(
        "%(about)s：%(when)s，在%(where)s。",
        about=_about(due, facts), when=_when(facts, now), where=facts.venue_name,
    )  # fmt: skip
    body += _how_to_come(facts) if soon else _how_to_leave(facts, now)
    tip = _("预约码 %(code)s，到了请签到", code=facts.short_code) if soon else _("来不了请提前取消")
    return _message(
        due, facts, _("预约提醒"), body, Template.LESSON, time2=moments.field(starts_at),
        thing3=facts.venue_name, thing4=_tip(due, facts, tip),
    )  # fmt: skip


def _how_to_come(facts: AnyRow) -> str:
    how = _("到了请扫门口屏幕上的码签到，或者向工作人员报预约码 %(code)s。", code=facts.short_code)
    if facts.no_show_at is not None:
        until = moments.time_of_day(facts.no_show_at)
        how += _("%(until)s 前没有人签到，房间就让给邻居了。", until=until)
    return str(how)


def _how_to_leave(facts: AnyRow, now: datetime) -> str:
    if facts.cancel_until is None or facts.cancel_until <= now:
        return str(_("来不了请尽早取消，把房间让给邻居。"))
    until = moments.spoken(facts.cancel_until, now)
    return str(_("来不了请在%(until)s 前取消，把房间让给邻居。", until=until))


def _about(due: Due, facts: AnyRow) -> str:
    if due.facts.get("handed_over"):
        return str(
            _(
                "%(to)s您好，%(group)s预约的%(room)s转到了您名下，",
                to=due.to, group=facts.group_name, room=facts.room_name,
            )
        )  # fmt: skip
    if due.own and facts.group_name is None:
        return str(_("%(to)s您好，您预约的%(room)s", to=due.to, room=facts.room_name))
    return str(
        _(
            "%(to)s您好，您为%(person)s预约的%(room)s",
            to=due.to, person=facts.group_name or facts.person_name, room=facts.room_name,
        )
    )  # fmt: skip


def _when(facts: AnyRow, now: datetime) -> str:
    """From when to when; the end as a time of day, the next day's too."""
    return f"{moments.spoken(facts.starts_at, now)}–{moments.time_of_day(facts.ends_at)}"


def _tip(due: Due, facts: AnyRow, tip: str) -> str:
    if due.own and facts.group_name is None:
        return tip
    person = facts.group_name or facts.person_name
    return str(_("%(person)s的预约：%(tip)s", person=person, tip=tip))


def _message(
    due: Due, facts: AnyRow, title: str, body: str, template: Template | None = None, **fields: str
) -> Message:
    return Message(
        title=title, body=body, template=template, fields={"thing1": facts.room_name} | fields,
        page=PAGE.format(due.booking_id), place_id=facts.place_id, deadline=facts.starts_at,
    )  # fmt: skip


_WORDS: Mapping[str, Callable[[Due, Any, datetime], Message | None]] = {
    Kind.BOOKED: _booked,
    Kind.WAITLISTED: _requested,
    Kind.CANCELLED: _cancelled,
    Kind.CHANGED: _changed,
    Kind.VISIT_EVE: _visit,
    Kind.VISIT_SOON: _visit,
}

wording.register(KIND, read, word)
visits.remind_of(KIND)
