"""Classes as a table: opening them one by one or from a sheet, and changing what may be changed."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from marshmallow import Schema
from sqlalchemy import and_, func, select, update
from sqlalchemy.orm import Session

from backend.errors import Invalid
from backend.night_school.admission.composing import follow_opening
from backend.night_school.fees import service as fees
from backend.night_school.models import Audience, Lesson
from backend.night_school.planning.opening import new_run
from backend.night_school.planning.plan import Hour, Plan
from backend.night_school.reach import RUNS, bookable, place, run, teacher
from backend.night_school.teaching import reassign
from backend.staff.access import Permission, SignedInStaff
from backend.tables.catalogue import any_manager, courses, teachers, terms
from backend.tables.fields import At, Chosen, MinuteOfDay, Number, Ref, Yuan
from backend.tables.places import communities, parents, rooms
from backend.tables.table import Choices, Table

WEEKDAYS = {
    0: _("周一"), 1: _("周二"), 2: _("周三"), 3: _("周四"), 4: _("周五"), 5: _("周六"),
    6: _("周日"),
}  # fmt: skip
AUDIENCES = {
    Audience.EVERYONE: _("不限"),
    Audience.ADULTS: _("成人"),
    Audience.SENIORS: _("老年人"),
    Audience.CHILDREN: _("少儿"),
    Audience.FAMILIES: _("亲子"),
}
_LESSONS = select(func.count()).where(Lesson.run_id == run.c.id).scalar_subquery()
_OF_BOOKABLE = ("place_id", "capacity", "opens_at", "closes_at")
_OF_RUN = (
    "course_id", "term_id", "room_id", "teacher_id", "weekday", "from_minute", "price_fen",
    "audience", "min_age", "max_age", "home_place_id", "minimum",
)  # fmt: skip
_OF_HOUR = ("weekday", "from_minute", "minutes")


class RunRow(Schema):
    """The columns of classes."""

    course_id = Ref(_("课程"), courses, required=True, only_new=True, width=20)
    term_id = Ref(_("学期"), terms, required=True, only_new=True, listed=False, width=18)
    place_id = Ref(_("社区"), communities, required=True, only_new=True, width=18)
    room_id = Ref(_("教室"), rooms, only_new=True, listed=False, width=24,
                  hint=_("选了教室，每次课都会占用；时间冲突时不能开班。"))  # fmt: skip
    teacher_id = Ref(_("老师"), teachers, width=20)
    weekday = Chosen(_("星期"), WEEKDAYS, required=True, only_new=True, width=8)
    from_minute = MinuteOfDay(_("上课时间"), required=True, only_new=True, width=10)
    minutes = Number(_("时长（分钟）"), 15, 480, required=True, only_new=True, listed=False,
                     width=12)  # fmt: skip
    lessons = Number(_("课次"), 1, 60, required=True, only_new=True,
                     hint=_("从学期开始后的第一个这天起，每周一次，法定节假日顺延。"))  # fmt: skip
    capacity = Number(_("名额"), 1, 2000, required=True, only_new=True)
    minimum = Number(_("开班人数"), 1, 2000, listed=False,
                     hint=_("报名截止时不到这个人数，会提醒您决定是否开班。"))  # fmt: skip
    price_fen = Yuan(_("费用（元）"), required=True, width=10)
    audience = Chosen(_("对象"), AUDIENCES, required=True, listed=False, width=8)
    min_age = Number(_("最小年龄"), 0, 120, listed=False, width=10)
    max_age = Number(_("最大年龄"), 0, 120, listed=False, width=10)
    home_place_id = Ref(_("只限居民"), parents, listed=False, width=18,
                        hint=_("只接受住在这个街道、社区或小区的居民；不限请留空。"))  # fmt: skip
    opens_at = At(_("报名开始"), required=True, listed=False, width=18)
    closes_at = At(_("报名截止"), listed=False, width=18,
                   hint=_("不填就到第一次课开始为止。"))  # fmt: skip


def ages_fit(values: dict[str, Any], _choices: Mapping[str, Choices]) -> None:
    """The greatest age is not below the least."""
    low, high = values.get("min_age"), values.get("max_age")
    if low is not None and high is not None and high < low:
        raise Invalid({"max_age": [gettext("最大年龄不能小于最小年龄。")]})


def sign_up_lasts(values: dict[str, Any], _choices: Mapping[str, Choices]) -> None:
    """Sign-up closes after it opens."""
    opens, closes = values.get("opens_at"), values.get("closes_at")
    if opens and closes and closes <= opens:
        raise Invalid({"closes_at": [gettext("报名截止要晚于报名开始。")]})


def minimum_fits(values: dict[str, Any], _choices: Mapping[str, Choices]) -> None:
    """No more than there are places have to sign up."""
    least, places = values.get("minimum"), values.get("capacity")
    if least is not None and places is not None and least > places:
        raise Invalid({"minimum": [gettext("开班人数不能多于名额。")]})


def room_is_there(values: dict[str, Any], choices: Mapping[str, Choices]) -> None:
    """The room belongs to the community."""
    room_id = values.get("room_id")
    if room_id is not None and choices["room_id"].about[room_id] != values["place_id"]:
        raise Invalid({"room_id": [gettext("这个教室不在所选的社区。")]})


def _create(session: Session, me: SignedInStaff, values: dict[str, Any], now: datetime) -> int:
    hour = Hour(values["weekday"], values["from_minute"], values["minutes"])
    rest = {name: value for name, value in values.items() if name not in _OF_HOUR}
    return new_run(session, me, Plan(hours=(hour,), **rest), now)


def _change(
    session: Session, _me: SignedInStaff, ident: int, values: dict[str, Any], now: datetime
) -> None:
    values = {  # no end of its own: up to the first lesson
        name: value for name, value in values.items() if name != "closes_at" or value is not None
    }
    if "teacher_id" in values:
        reassign(session, [ident], values.pop("teacher_id"), now)
    if "opens_at" in values:
        follow_opening(session, ident, values["opens_at"])
    if "price_fen" in values:
        fees.freeze(session, ident)
    if "minimum" in values:  # decided of another number: it is looked at anew
        session.execute(update(run).where(run.c.id == ident).values(run_anyway_at=None))
    for table, names in ((bookable, _OF_BOOKABLE), (run, _OF_RUN)):
        if part := {name: values[name] for name in names if name in values}:
            session.execute(update(table).where(table.c.id == ident).values(part))


RUNS_TABLE = Table(
    name="runs", subject="course_run",
    title=_("班级安排"), noun=_("班级"), drawing="mortarboard", schema=RunRow,
    source=RUNS, ident=bookable.c.id, key=None,
    scope=lambda me: and_(
        me.covers(Permission.EDIT_TABLES, place.c.path), bookable.c.cancelled_at.is_(None)
    ),
    may_edit=any_manager,
    columns={name: bookable.c[name] for name in _OF_BOOKABLE}
    | {name: run.c[name] for name in _OF_RUN}
    | {"lessons": _LESSONS},
    search=(bookable.c.title, place.c.name, teacher.c.name),
    order=(bookable.c.starts_at.desc(),), place_of=bookable.c.place_id,
    create=_create, change=_change, rules=(room_is_there, ages_fit, minimum_fits, sign_up_lasts),
    page=("admin.class_page", "run_id"), rehearsed=True,
    note=_("新开的班先是“未发布”，在班级页面核对后发布，居民才能看到。"),
)  # fmt: skip
