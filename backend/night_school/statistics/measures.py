"""What is shown of a cell's figures, and what each measure means: page, sheets and legend agree."""

from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _

from backend.night_school.statistics.figures import Band, Figures
from backend.night_school.statistics.privacy import Hidden

Value = int | float | Hidden | None
Shown = dict[str, Value]


@dataclass(frozen=True, slots=True)
class Measure:
    """A column; `percent` ones are shares."""

    code: str
    name: Any
    meaning: Any
    percent: bool = False


MEASURES = (
    Measure("runs", _("开班"), _("已发布、没有取消的班级。")),
    Measure("cancelled", _("取消的班"), _("发布以后又取消的班级；下面各项都不含这些班。")),
    Measure("places", _("名额"), _("这些班级的名额合计；不限名额的班级不计。")),
    Measure("enrolled", _("报名人次"), _("目前报名有效的人次，一人报两个班算两次。")),
    Measure("people", _("参加人数"), _("报上名或上过课的居民，一人只算一次。")),
    Measure(
        "fill_rate", _("名额使用率"), _("报名人次 ÷ 名额，只看有名额限制的班级。"), percent=True
    ),
    Measure(
        "waiting",
        _("候补"),
        _("在候补、或有空位待确认的人次。还在报名的班级按现在算，报名已截止的按截止那一刻算。"),
    ),
    Measure("lessons", _("已上课次"), _("到目前为止上过的课，取消的课次不算。")),
    Measure("came", _("到课"), _("考勤为到课、迟到、早退或他班补课的人次。")),
    Measure("absent", _("缺席"), _("没有请假、也没有来的人次。")),
    Measure("excused", _("请假"), _("课前请假和课后补请假的人次。")),
    Measure("unknown", _("不详"), _("考勤记为“不详”的人次，不计入到课率。")),
    Measure("attendance_rate", _("到课率"), _("到课 ÷（到课 + 缺席 + 请假）。"), percent=True),
    Measure("no_show_rate", _("缺席率"), _("缺席 ÷（到课 + 缺席 + 请假）。"), percent=True),
)
"""In the order of the sheets' columns."""

NAMED = {each.code: each for each in MEASURES}
_BY_BAND = (
    "enrolled", "people", "waiting", "came", "absent", "excused", "unknown", "attendance_rate",
    "no_show_rate",
)  # fmt: skip
BY_CLASS = tuple(each for each in MEASURES if each.code != "people")
"""What can be told of places, courses and terms."""
BY_BAND = tuple(each for each in MEASURES if each.code in _BY_BAND)
"""What can be told of people of an age."""

NOTES = (
    _("年龄按班级第一次课当天的周岁计算；没有登记出生日期的单列一行。"),
    _("中途退出的居民，退出前的考勤仍然计入。没有登记考勤的课次不计入到课、缺席和请假。"),
    _("“<3”表示不足 3 人；“—”表示为了不让人推算出不足 3 人的那一格，一并不显示。"),
    _("学期按班级所属学期，年份和日期按班级第一次课的日期归入。"),
)

BANDS = {
    Band.UNDER_18: _("18 岁以下"),
    Band.TO_34: _("18–34 岁"),
    Band.TO_59: _("35–59 岁"),
    Band.TO_69: _("60–69 岁"),
    Band.FROM_70: _("70 岁及以上"),
    Band.UNKNOWN: _("年龄未登记"),
}

_OF_CLASSES = ("runs", "cancelled", "places", "lessons")


def shown(
    figures: Figures, people: int | None, few: Hidden | None, waiting: Hidden | None
) -> Shown:
    """A cell's measures; `few` and `waiting` stand in for those about a group too small."""
    marks = figures.came + figures.absent + figures.excused
    values: Shown = {name: getattr(figures, name) for name in _OF_CLASSES}
    of_people: Shown = {
        "enrolled": figures.enrolled,
        "people": people,
        "fill_rate": _percent(figures.seated, figures.places),
        "came": figures.came,
        "absent": figures.absent,
        "excused": figures.excused,
        "unknown": figures.unknown,
        "attendance_rate": _percent(figures.came, marks),
        "no_show_rate": _percent(figures.absent, marks),
    }
    if few is not None:
        of_people = dict.fromkeys(of_people, few)
        of_people["people"] = None if people is None else few
    return values | of_people | {"waiting": waiting or figures.waiting}


def _percent(part: int, whole: int) -> float | None:
    return round(100 * part / whole, 1) if whole else None
