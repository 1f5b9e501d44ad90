"""The calendar's tables: terms, days off beyond the published ones, and closed places."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from marshmallow import Schema
from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from backend.db import table_of
from backend.errors import Invalid
from backend.night_school.models import Term
from backend.places.models import CalendarDay, Closure, DayKind, Place
from backend.staff.access import Permission, SignedInStaff
from backend.tables.catalogue import any_manager, district_manager, everybody
from backend.tables.fields import Chosen, Day, Line, Number, Ref
from backend.tables.places import parents
from backend.tables.table import Choices, Table
from backend.tables.writing import insert_into, update_of

term, day, closure, place = (table_of(one) for one in (Term, CalendarDay, Closure, Place))
KINDS = {DayKind.OFF: _("放假"), DayKind.WORK: _("调休上班")}
_CLOSURE = ("place_id", "starts_on", "ends_on", "reason")


class TermRow(Schema):
    """The columns of terms."""

    name = Line(_("学期名称"), 40, required=True, width=20)
    starts_on = Day(_("开始日期"), required=True)
    ends_on = Day(_("结束日期"), required=True)
    most_per_person = Number(_("每人最多报几个班"), 1, 20, width=16,
                             hint=_("报名和候补都算；不限请留空。"))  # fmt: skip


class DayRow(Schema):
    """The columns of days that differ."""

    day = Day(_("日期"), required=True, only_new=True)
    kind = Chosen(_("安排"), KINDS, required=True, width=10)
    name = Line(_("名称"), 20, required=True, hint=_("例如：国庆节、国庆调休。"))


class ClosureRow(Schema):
    """The columns of closures."""

    place_id = Ref(_("停课范围"), parents, required=True, width=20,
                   hint=_("选区或街道，下面的社区也一起停课。"))  # fmt: skip
    starts_on = Day(_("开始日期"), required=True)
    ends_on = Day(_("结束日期"), required=True, hint=_("这一天也停课。"))
    reason = Line(_("原因"), 60, required=True, width=30, hint=_("例如：装修、停电、防汛值守。"))


def ends_after_start(values: dict[str, Any], _choices: Any) -> None:
    """A term lasts."""
    if values["ends_on"] <= values["starts_on"]:
        raise Invalid({"ends_on": [gettext("结束日期要晚于开始日期。")]})


def ends_not_before_start(values: dict[str, Any], _choices: Mapping[str, Choices]) -> None:
    """A closure lasts a day at least."""
    if values["ends_on"] < values["starts_on"]:
        raise Invalid({"ends_on": [gettext("结束日期不能早于开始日期。")]})


def _create_term(session: Session, me: SignedInStaff, values: dict[str, Any], now: datetime) -> int:
    _check_apart(session, values, 0)
    return int(insert_into(Term)(session, me, values, now))


def _change_term(
    session: Session, me: SignedInStaff, ident: int, values: dict[str, Any], now: datetime
) -> None:
    stands = session.execute(
        select(term.c.starts_on, term.c.ends_on).where(term.c.id == ident)
    ).one()
    _check_apart(session, dict(stands._mapping) | values, ident)
    update_of(Term)(session, me, ident, values, now)


def _check_apart(session: Session, values: Mapping[str, Any], ident: int) -> None:
    """No two terms share a day. The database refuses it too, for two clerks at once."""
    other = session.execute(
        select(term.c.name, term.c.starts_on, term.c.ends_on).where(
            term.c.id != ident,
            and_(term.c.starts_on <= values["ends_on"], term.c.ends_on >= values["starts_on"]),
        )
        .order_by(term.c.starts_on)
    ).first()  # fmt: skip
    if other is None:
        return
    sentence = gettext(
        "和“%(name)s”（%(first)s 至 %(last)s）重叠了，两个学期不能有同一天。",
        name=other.name, first=other.starts_on, last=other.ends_on,
    )  # fmt: skip
    field = "starts_on" if values["starts_on"] >= other.starts_on else "ends_on"
    raise Invalid({field: [sentence]}, sentence.replace("%", "%%"))


TERMS = Table(
    name="terms", subject="term",
    title=_("学期设置"), noun=_("学期"), drawing="calendar3", schema=TermRow,
    source=term, ident=term.c.id, key="name", scope=everybody, may_edit=district_manager,
    columns={name: term.c[name] for name in ("name", "starts_on", "ends_on", "most_per_person")},
    search=(term.c.name,), order=(term.c.starts_on.desc(),),
    create=_create_term, change=_change_term, rules=(ends_after_start,), rehearsed=True,
)  # fmt: skip
DAYS = Table(
    name="days", subject="calendar_day",
    title=_("放假和调休"), noun=_("日子"), drawing="calendar-check", schema=DayRow,
    source=day, ident=day.c.id, key="day", scope=everybody, may_edit=district_manager,
    columns={name: day.c[name] for name in ("day", "kind", "name")},
    search=(day.c.name,), order=(day.c.day.desc(),),
    create=insert_into(CalendarDay), change=update_of(CalendarDay),
    moves_hours=True,
    note=_("国家已公布的节假日不用填。这里填还没公布的年份，或和公布的不一样的日子。"),
)  # fmt: skip
CLOSURES = Table(
    name="closures", subject="closure",
    title=_("停课安排"), noun=_("停课安排"), drawing="x-circle", schema=ClosureRow,
    source=closure.join(place, place.c.id == closure.c.place_id), ident=closure.c.id,
    scope=lambda me: me.covers(Permission.EDIT_TABLES, place.c.path), may_edit=any_manager,
    columns={name: closure.c[name] for name in _CLOSURE},
    search=(closure.c.reason, place.c.name), order=(closure.c.starts_on.desc(),),
    place_of=closure.c.place_id, create=insert_into(Closure), change=update_of(Closure),
    rules=(ends_not_before_start,),
    moves_hours=True,
    note=_("场馆这些日子也不开放。以后排课会跳过这些日子；已经排好的课会列在“排课”页面请您调整，已有的房间预约保存后会列出来。"),
)  # fmt: skip
