"""What is shown of a line's figures, and what each means: page, sheets and legend agree."""

from flask_babel import lazy_gettext as _

from backend.market.statistics.figures import Figures, quantile
from backend.staff.figures import Measure, Shown, hours

MEASURES = (
    Measure("days", _("集市场次"), _("开放给居民、没有取消的集市。")),
    Measure("stalls", _("摊位"), _("这些集市上的摊位数。")),
    Measure("hours", _("出摊时长"),
            _("各摊位出摊的小时数合计：从计划出摊算起，第一次叫号更晚的从叫号算起；到计划收摊为止，"
              "提前收摊的到收摊为止；中间休息不算，没有叫过号的摊位不算；"
              "上门服务从第一次上门算起。"), hours=True),
    Measure("numbers", _("取号"), _("发出的排队号，包括预约居民到场后拿的号。")),
    Measure("served", _("服务人次"),
            _("叫到号、服务完的，和上门服务完的人次；一位居民用两项服务算两次。")),
    Measure("booked", _("其中预约"), _("服务人次里提前预约的；其余是现场取号的。")),
    Measure("wait_median", _("等候中位数"),
            _("有一半居民等候不超过这么久。从取号算起，预约的从约定时间算起，到叫号为止；"
              "叫到号时不在、往后排过的不计入。"), minutes=True),
    Measure("wait_p90", _("九成等候不超过"), _("十位居民里有九位等候不超过这么久。"), minutes=True),
    Measure("no_show", _("叫号没到"), _("拿了号，叫到时没有来的。")),
    Measure("missed", _("约了没来"),
            _("预约的时间过了、没有来取号，也没有取消的；上门时没有人在的也算。")),
    Measure("left", _("自己退号"), _("拿了号，等候中自己退掉的。")),
    Measure("closed", _("没有轮到"), _("收摊时还在等、没有轮到的。")),
)  # fmt: skip
"""In the order of the columns."""

NAMED = {each.code: each for each in MEASURES}

NOTES = (
    _("一个摊位有几家单位一起服务的，服务人次每家都算，所以按单位相加会多于合计。"),
    _("小区里办的集市算在所在的社区。"),
    _("等候按整分钟统计；统计里没有居民的姓名。"),
    _("按时段只统计现场叫号的。"),
)


def shown(figures: Figures) -> Shown:
    """A line's measures; waits of nobody are none."""
    return {
        "days": len(figures.days),
        "stalls": figures.stalls,
        "hours": hours(figures.minutes),
        "numbers": figures.numbers,
        "served": figures.served,
        "booked": figures.booked,
        "wait_median": quantile(figures.waits, 0.5),
        "wait_p90": quantile(figures.waits, 0.9),
        "no_show": figures.no_show,
        "missed": figures.missed,
        "left": figures.left,
        "closed": figures.closed,
    }
