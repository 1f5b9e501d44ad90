"""Venues, their rooms, the rules by which rooms are reserved, and days with other hours."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from marshmallow import Schema
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.db import table_of
from backend.errors import Invalid
from backend.places.models import Place, Room, Venue
from backend.staff.access import Permission, SignedInStaff
from backend.tables.catalogue import any_manager
from backend.tables.fields import Chosen, Code, Day, Degrees, Hours, Line, Number, Ref, Several
from backend.tables.places import in_reach, parents, rooms
from backend.tables.table import Choices, Option, Table
from backend.tables.writing import insert_into, update_of
from backend.venues import rooms as setting_up
from backend.venues.models import OpeningDay, RoomRules
from backend.venues.wording import AUDIENCES, EQUIPMENT, FUNCTIONS

venue, room, place = table_of(Venue), table_of(Room), table_of(Place)
ruled, opening_day = table_of(RoomRules), table_of(OpeningDay)
_of_venue, _of_room = place.alias("of_venue"), place.alias("of_room")
_room_venue = venue.alias("room_venue")
YES_NO = {True: _("是"), False: _("否")}
_LEVELS = ("place_id", "venue_id", "room_id")


def venues(session: Session, me: SignedInStaff) -> list[Option]:
    """Venues in reach; `about` is the place they stand at."""
    rows = session.execute(
        select(venue.c.id, venue.c.code, venue.c.name, venue.c.place_id)
        .join_from(venue, place, place.c.id == venue.c.place_id)
        .where(in_reach(me))
        .order_by(place.c.path, venue.c.name)
    )
    return [Option(row.id, row.code, row.name, row.place_id) for row in rows]


class VenueRow(Schema):
    """The columns of venues."""

    code = Code(_("编码"), 32)
    name = Line(_("场馆名称"), 60, required=True, width=24)
    place_id = Ref(_("所在地"), parents, required=True, only_new=True, width=18)
    address = Line(_("地址"), 120, width=32)
    phone = Line(_("电话"), 20, listed=False)
    latitude = Degrees(_("纬度"), 90, listed=False, hint=_("高德地图上的坐标，用来按远近排。"))
    longitude = Degrees(_("经度"), 180, listed=False)
    step_free = Chosen(_("无障碍"), YES_NO, required=True, width=8,
                       hint=_("轮椅、腿脚不便的人能进门、用卫生间。"))  # fmt: skip
    access = Line(_("无障碍说明"), 120, listed=False, hint=_("例如：东门有坡道，三楼有电梯。"))


class RoomRow(Schema):
    """The columns of rooms."""

    venue_id = Ref(_("场馆"), venues, required=True, only_new=True, width=24)
    name = Line(_("房间名称"), 60, required=True, width=20)
    capacity = Number(_("可容纳人数"), 1, 5000, required=True, width=12)
    functions = Several(_("用途"), FUNCTIONS, width=20)
    equipment = Several(_("设备"), EQUIPMENT, listed=False, width=24)
    step_free = Chosen(_("无障碍"), YES_NO, listed=False, load_default=False, width=8)
    directions = Line(_("怎么走"), 120, width=36)


_UPWARDS = _("留空就沿用上一级的规则。")


class RulesRow(Schema):
    """The columns of rules: for one place, one venue or one room."""

    place_id = Ref(_("地区"), parents, only_new=True, width=18,
                   hint=_("地区、场馆、房间三项里填一项；范围小的优先。"))  # fmt: skip
    venue_id = Ref(_("场馆"), venues, only_new=True, width=24)
    room_id = Ref(_("房间"), rooms, only_new=True, width=24)
    monday = Hours(
        _("周一"), width=24, hint=_("例如 09:00-12:00 14:00-21:00，可以过零点；留空沿用上一级。")
    )
    tuesday = Hours(_("周二"), listed=False, width=24)
    wednesday = Hours(_("周三"), listed=False, width=24)
    thursday = Hours(_("周四"), listed=False, width=24)
    friday = Hours(_("周五"), listed=False, width=24)
    saturday = Hours(_("周六"), width=24)
    sunday = Hours(_("周日"), listed=False, width=24)
    holiday = Hours(_("法定节假日"), listed=False, width=24, hint=_("都不填就和平日一样开放。"))
    grid_minutes = Number(_("每隔几分钟可以开始"), 5, 480, listed=False, width=12, hint=_UPWARDS)
    min_minutes = Number(_("最短（分钟）"), 5, 1440, listed=False, width=10)
    max_minutes = Number(_("最长（分钟）"), 5, 1440, listed=False, width=10)
    whole_day = Chosen(_("只按整天"), YES_NO, listed=False, width=8)
    buffer_before = Number(_("之前留空（分钟）"), 0, 240, listed=False, width=10,
                           hint=_("两场之间取前一场之后、后一场之前里较大的。"))  # fmt: skip
    buffer_after = Number(_("之后留空（分钟）"), 0, 240, listed=False, width=10)
    lead_minutes = Number(_("至少提前（分钟）"), 0, 20160, listed=False, width=10)
    horizon_days = Number(_("最多提前（天）"), 0, 365, listed=False, width=10)
    cancel_minutes = Number(_("取消期限（开始前分钟）"), 0, 20160, listed=False, width=12)
    check_in_minutes = Number(_("开始前几分钟可签到"), 0, 240, listed=False, width=12)
    no_show_minutes = Number(_("过几分钟没签到就让出"), 0, 240, listed=False, width=12,
                             hint=_("从开始算起；0 是不让出。"))  # fmt: skip
    approval = Chosen(_("预约要审核"), YES_NO, listed=False, width=8,
                      hint=_("居民先申请，工作人员同意才算约好；代约的不用审核。"))  # fmt: skip
    audience = Chosen(_("谁可以预约"), AUDIENCES, width=14)
    person_live = Number(_("每人同时几个"), 0, 50, listed=False, width=10, hint=_("0 是不限。"))
    household_live = Number(_("每家同时几个"), 0, 50, listed=False, width=10)
    person_week_minutes = Number(_("每人每周（分钟）"), 0, 10080, listed=False, width=10)
    household_week_minutes = Number(_("每家每周（分钟）"), 0, 10080, listed=False, width=10)
    series_dates = Number(_("居民连续约最多几次"), 0, 60, listed=False, width=12,
                          hint=_("每周或隔周固定预约；0 是只由工作人员安排。"))  # fmt: skip
    series_days = Number(_("连续约最多提前（天）"), 0, 365, listed=False, width=12,
                         hint=_("0 是和单次预约一样。"))  # fmt: skip
    group_live = Number(_("每个团队同时几个"), 0, 50, listed=False, width=10,
                        hint=_("团队预约只占团队的名额，不占个人的。"))  # fmt: skip
    group_week_minutes = Number(_("每个团队每周（分钟）"), 0, 10080, listed=False, width=10)
    across_venue = Chosen(_("全馆合并计算"), YES_NO, listed=False, width=8,
                          hint=_("限额按整个场馆的房间一起算。"))  # fmt: skip
    door_titles = Chosen(_("门口屏幕显示用途"), YES_NO, listed=False, width=8,
                         hint=_("不显示时，屏幕上只写“已预约”；姓名从不显示。"))  # fmt: skip


class OpeningDayRow(Schema):
    """The columns of days with other hours."""

    venue_id = Ref(_("场馆"), venues, required=True, only_new=True, width=24)
    room_id = Ref(_("房间"), rooms, only_new=True, width=24, hint=_("留空就是整个场馆。"))
    day = Day(_("日期"), required=True, only_new=True)
    hours = Hours(_("开放时间"), required=True, width=24,
                  hint=_("例如 09:00-12:00；不开放请填“不开放”。"))  # fmt: skip
    reason = Line(_("原因"), 60, required=True, width=30, hint=_("居民会看到，例如：选举投票日。"))


def one_scope(values: dict[str, Any], _choices: Mapping[str, Choices]) -> None:
    """Rules are for one place, one venue or one room."""
    if all(name not in values for name in _LEVELS):
        return
    if sum(values.get(name) is not None for name in _LEVELS) != 1:
        raise Invalid({"place_id": [gettext("地区、场馆、房间三项里填一项，只填一项。")]})


def lengths_fit(values: dict[str, Any], _choices: Mapping[str, Choices]) -> None:
    """The greatest length is not below the least."""
    least, most = values.get("min_minutes"), values.get("max_minutes")
    if least is not None and most is not None and most < least:
        raise Invalid({"max_minutes": [gettext("最长不能短于最短。")]})


def position_is_whole(values: dict[str, Any], _choices: Mapping[str, Choices]) -> None:
    """Latitude and longitude come together."""
    if (values.get("latitude") is None) != (values.get("longitude") is None):
        raise Invalid({"longitude": [gettext("纬度和经度要一起填。")]})


def room_is_in_venue(values: dict[str, Any], choices: Mapping[str, Choices]) -> None:
    """The room belongs to the venue's place."""
    room_id = values.get("room_id")
    if room_id is None:
        return
    if choices["room_id"].about[room_id] != choices["venue_id"].about[values["venue_id"]]:
        raise Invalid({"room_id": [gettext("这个房间不在所选的场馆。")]})


def _create_room(
    session: Session, _me: SignedInStaff, values: dict[str, Any], _now: datetime
) -> int:
    """A room of one part; on its page in the console it is put together from others."""
    rest = {name: value for name, value in values.items() if name != "venue_id"}
    return setting_up.add_room(session, values["venue_id"], rest)


def _change_room(
    session: Session, me: SignedInStaff, ident: int, values: dict[str, Any], now: datetime
) -> None:
    update_of(Room)(session, me, ident, values, now)
    if "name" in values:
        setting_up.rename(session, ident, values["name"])


def _create_day(session: Session, me: SignedInStaff, values: dict[str, Any], now: datetime) -> int:
    """One entry a day, for the venue and for each room. Raises Invalid."""
    same = select(opening_day.c.id).where(
        opening_day.c.venue_id == values["venue_id"],
        opening_day.c.room_id.is_not_distinct_from(values.get("room_id")),
        opening_day.c.day == values["day"],
    )
    if session.execute(same).first() is not None:
        raise Invalid({"day": [gettext("这一天已经有安排了，请在原来的那条上改。")]})
    return int(insert_into(OpeningDay)(session, me, values, now))


def _columns(table: Any, schema: type[Schema]) -> dict[str, Any]:
    return {name: table.c[name] for name in schema().fields}


VENUES = Table(
    name="venues", subject="venue",
    title=_("场馆"), noun=_("场馆"), drawing="house-heart", schema=VenueRow,
    source=venue.join(place, place.c.id == venue.c.place_id), ident=venue.c.id, key="code",
    scope=in_reach, may_edit=any_manager, columns=_columns(venue, VenueRow),
    search=(venue.c.name, place.c.name), order=(place.c.path, venue.c.name),
    place_of=venue.c.place_id, create=insert_into(Venue), change=update_of(Venue),
    rules=(position_is_whole,), pictures=Venue,
)  # fmt: skip
ROOMS = Table(
    name="rooms", subject="room",
    title=_("教室场地"), noun=_("房间"), drawing="building", schema=RoomRow,
    source=room.join(place, place.c.id == room.c.place_id), ident=room.c.id, scope=in_reach,
    may_edit=any_manager, columns=_columns(room, RoomRow),
    search=(room.c.name, place.c.name), order=(place.c.path, room.c.name),
    place_of=room.c.place_id, create=_create_room, change=_change_room, pictures=Room,
    note=_("能隔开、能打通的大厅：先把整间和隔出来的几间都登记好，再到“场馆”里点开大厅，在“房间组成”里勾选。"),
)  # fmt: skip
_PATH = func.coalesce(place.c.path, _of_venue.c.path, _of_room.c.path)
ROOM_RULES = Table(
    name="room_rules", subject="room_rules",
    title=_("预约规则"), noun=_("规则"), drawing="card-checklist", schema=RulesRow,
    source=ruled.outerjoin(place, place.c.id == ruled.c.place_id)
    .outerjoin(venue, venue.c.id == ruled.c.venue_id)
    .outerjoin(_of_venue, _of_venue.c.id == venue.c.place_id)
    .outerjoin(room, room.c.id == ruled.c.room_id)
    .outerjoin(_of_room, _of_room.c.id == room.c.place_id),
    ident=ruled.c.id, scope=lambda me: me.covers(Permission.EDIT_TABLES, _PATH),
    may_edit=any_manager, columns=_columns(ruled, RulesRow),
    unique=_LEVELS, search=(place.c.name, venue.c.name, room.c.name), order=(_PATH, ruled.c.id),
    place_of=func.coalesce(ruled.c.place_id, venue.c.place_id, room.c.place_id),
    create=insert_into(RoomRules), change=update_of(RoomRules), rules=(one_scope, lengths_fit),
    moves_hours=True,
    note=_(
        "规则从区、街道、社区到场馆、房间逐级沿用：没填的用上一级的。"
        "哪一级都没填开放时间的房间，居民约不到。"
    ),
)  # fmt: skip
OPENING_DAYS = Table(
    name="opening_days", subject="opening_day",
    title=_("开放调整"), noun=_("调整"), drawing="clock", schema=OpeningDayRow,
    source=opening_day.join(venue, venue.c.id == opening_day.c.venue_id)
    .join(place, place.c.id == venue.c.place_id),
    ident=opening_day.c.id, scope=in_reach, may_edit=any_manager,
    columns=_columns(opening_day, OpeningDayRow),
    search=(venue.c.name, opening_day.c.reason), order=(opening_day.c.day.desc(),),
    place_of=venue.c.place_id, create=_create_day, change=update_of(OpeningDay),
    rules=(room_is_in_venue,), rehearsed=True,
    moves_hours=True,
    note=_("某一天和平常不一样时填在这里。已经约好的不会自动取消，保存后会列出来，可以一起取消并通知。"),
)  # fmt: skip
