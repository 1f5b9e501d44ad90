"""The demo's notices: what the district, a street and the demo worker's community tell today."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from backend.demo.calendar import moment, term_name, term_starts
from backend.demo.places import District
from backend.demo.rows import Rows
from backend.notices.models import Notice
from backend.places.holidays import is_public_holiday
from backend.places.models import Place

NEXT_HOLIDAY = 60  # days ahead in which a holiday is announced
FIXED = ((1, 1), (5, 1), (10, 1))  # holidays every year, also in years not yet announced


@dataclass(frozen=True, slots=True)
class Told:
    """A notice: so many days ago, at that minute of the day, for so many days from today on."""

    place_id: int
    days_ago: int
    minute: int
    days_left: int | None
    title: str
    body: str


def build(rows: Rows, district: District, today: date) -> None:
    """Some for everybody, one for a street, some for the demo worker's own community."""
    for one in _told(rows, district, today):
        rows.add(
            Notice,
            place_id=one.place_id,
            title=one.title,
            body=one.body,
            published_at=moment(today - timedelta(days=one.days_ago), one.minute),
            until=_midnight(today, one.days_left),
        )


def _midnight(today: date, days_left: int | None) -> object:
    return None if days_left is None else moment(today + timedelta(days=days_left + 1), 0)


def _told(rows: Rows, district: District, today: date) -> Iterator[Told]:
    own = district.centres[0]
    street = rows.get(Place, own.street_id)["name"]
    phone = rows.get(Place, own.id)["phone"]
    term = term_name(term_starts(today)[1])
    answer_by = today + timedelta(days=20)
    yield Told(
        district.id, 12, 540, None, f"夜校{term}开始报名",
        "各位居民：\n在首页点“幸福夜校”，选好班次就可以报名。可以给自己报，也可以替孩子和父母报；"
        "想结伴上课的，可以几个人一起报。名额满了请排候补，有空位会马上通知您。\n"
        "不会用手机的，请带上身份证到社区服务大厅，工作人员帮您报。",
    )  # fmt: skip
    yield from _holiday(district.id, today)
    yield Told(
        district.id, 2, 600, 20, "夜校下一期课程征求意见",
        "下一期想学什么、什么时间方便，请告诉所在社区的工作人员，也可以在课间填写意见表。"
        f"意见收到{_day(answer_by)}，排好课后会第一时间在这里公布。",
    )  # fmt: skip
    fair = today + timedelta(days=(5 - today.weekday()) % 7 or 7)
    yield Told(
        own.street_id, 3, 570, (fair - today).days, f"{street}周六开放日",
        f"{_day(fair)}（周六）上午 9:00 到 11:30，{street}所辖社区活动中心向居民开放，"
        "夜校书画、手工、合唱班的学员现场展示，欢迎带上家人邻居来看看。",
    )  # fmt: skip
    water = today + timedelta(days=1)
    yield Told(
        own.id, 0, 500, 1, "活动中心明天下午停水",
        f"接自来水公司通知，{_day(water)}13:30 到 17:00 {own.name}活动中心检修管道，暂停供水。"
        "下午的课照常上，请自带饮用水；一楼卫生间停用，请到旁边的服务大厅。"
        f"给您带来不便，请谅解。咨询电话：{phone}。",
    )  # fmt: skip
    yield Told(
        own.id, 6, 630, 30, "请爱护共享教室",
        "下课后请把桌椅归位，关好门窗和电灯，自己的颜料、剪刀请带走。"
        "捡到物品请交到一楼服务台，丢了东西也请到服务台问一问。",
    )  # fmt: skip


def _holiday(place_id: int, today: date) -> Iterator[Told]:
    """Opening hours of the next public holiday, where it is near enough to be announced."""
    days = [today + timedelta(days=ahead) for ahead in range(NEXT_HOLIDAY)]
    first = next((day for day in days if _is_off(day)), None)
    if first is None:
        return
    last = first
    while _is_off(last + timedelta(days=1)):
        last += timedelta(days=1)
    span = f"{_day(first)}到{_day(last)}" if last > first else _day(first)
    yield Told(
        place_id, 1, 560, (last - today).days, "节假日开放时间",
        f"{span}放假期间，夜校停课，课次顺延；各社区活动中心每天 9:00 到 17:00 开放，晚上不开放。"
        "社区服务大厅有人值班，急事请打社区电话。假期后的第一天恢复正常。",
    )  # fmt: skip


def _is_off(day: date) -> bool:
    return is_public_holiday(day) or (day.month, day.day) in FIXED


def _day(day: date) -> str:
    return f"{day.month}月{day.day}日"
