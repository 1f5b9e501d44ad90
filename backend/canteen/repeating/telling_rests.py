"""What is told about rests: to whoever eats and whoever orders for them, if somebody else said so.

A meal that is called off unknown to them would be missed; one that is paid for an empty bed, too.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from flask_babel import format_date
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from backend import clock
from backend.booking.service import Actor
from backend.canteen.models import Canteen
from backend.canteen.repeating.models import Rest, StandingOrder, StandingPause
from backend.canteen.repeating.wording import REST
from backend.db import AnyRow, table_of
from backend.people.models import Account, Person
from backend.reminders import moments, outbox, wording
from backend.reminders.models import Kind
from backend.reminders.wording import Due, Message, Template

PAGE = "canteen/pages/standing"

_so, _pause, _account = table_of(StandingOrder), table_of(StandingPause), table_of(Account)
_eater, _sayer = aliased(Person), aliased(Person)


def tell_rest(
    session: Session, pause_id: int, person_id: int, back: int, actor: Actor, now: datetime
) -> None:
    """Everybody concerned but the one who said so; `back`: so many meals were given back."""
    theirs = (_so.c.person_id == person_id) & _so.c.ended_at.is_(None)
    canteen_id = session.scalars(select(_so.c.canteen_id).where(theirs).limit(1)).first()
    if canteen_id is None:
        return
    own = select(_account.c.id).where(
        _account.c.person_id == person_id, _account.c.closed_at.is_(None)
    )
    orders = select(_so.c.account_id).where(theirs, _so.c.account_id.is_not(None))
    for account_id in sorted(session.scalars(own.union(orders))):
        if account_id != actor.account_id:
            outbox.tell(
                session, Kind.CHANGED, person_id=person_id, account_id=account_id, now=now,
                facts={"standing_rest": pause_id, "back": back, "canteen_id": canteen_id},
            )  # fmt: skip


def read(session: Session, dues: Sequence[Due], now: datetime) -> Mapping[int, Any]:
    """The rests of these reminders as they are now; not those that are over and forgotten."""
    wanted = [due for due in dues if "standing_rest" in due.facts]
    if not wanted:
        return {}
    rests = {
        row.id: row
        for row in session.execute(
            select(
                _pause.c.id, _pause.c.person_id, _pause.c.from_day, _pause.c.until_day,
                _pause.c.why, _sayer.id.label("sayer_id"), _sayer.name.label("sayer_name"),
                _eater.name.label("eater_name"),
            )
            .join(_eater, _eater.id == _pause.c.person_id)
            .outerjoin(_account, _account.c.id == _pause.c.account_id)
            .outerjoin(_sayer, _sayer.id == _account.c.person_id)
            .where(_pause.c.id.in_([due.facts["standing_rest"] for due in wanted]))
        )
    }  # fmt: skip
    canteens = {
        row.id: row
        for row in session.execute(
            select(Canteen.id, Canteen.name, Canteen.place_id, Canteen.phone).where(
                Canteen.id.in_([due.facts["canteen_id"] for due in wanted])
            )
        )
    }
    return {
        due.id: (rests[due.facts["standing_rest"]], canteens[due.facts["canteen_id"]])
        for due in wanted
        if due.facts["standing_rest"] in rests
    }


def word(due: Due, about: Any, now: datetime) -> Message:
    """Who has stopped whose meals, why, from when until when, and how they go on."""
    rest, canteen = about
    body = _(
        "%(to)s您好，%(who)s把%(whose)s的固定订餐停了（%(why)s）：%(days)s。",
        to=due.to, who=_who(rest), whose=_whose(due, rest), why=REST[Rest(rest.why)],
        days=_days(rest),
    )  # fmt: skip
    if due.facts["back"]:
        body += _("订好的 %(count)s 餐已经退掉，钱回到餐卡。", count=due.facts["back"])
    body += _("要恢复，请到“固定订餐”里点“恢复订餐”")
    body += _("，或打食堂电话 %(phone)s。", phone=canteen.phone) if canteen.phone else _("。")
    starts_at = moments.field(clock.at_minute(rest.from_day))
    return Message(
        title=_("固定订餐停了"), body=body, page=PAGE, template=Template.CHANGED,
        fields={
            "thing1": canteen.name, "thing2": _("固定订餐停了"), "time3": starts_at,
            "thing4": _("要恢复，点开办理"),
        },
        place_id=canteen.place_id,
    )  # fmt: skip


def _who(rest: AnyRow) -> str:
    return str(_("社区工作人员") if rest.sayer_id is None else rest.sayer_name)


def _whose(due: Due, rest: AnyRow) -> str:
    if rest.sayer_id == rest.person_id:
        return str(_("自己"))
    return str(_("您") if due.own else rest.eater_name)


def _days(rest: AnyRow) -> str:
    first = _day(rest.from_day)
    if rest.until_day is None:
        return str(_("%(first)s起，恢复之前一直停", first=first))
    return str(_("%(first)s到%(last)s", first=first, last=_day(rest.until_day)))


def _day(day: date) -> str:
    return str(format_date(day, str(_("M月d日（EEE）"))))


wording.register("standing_rest", read, word)
