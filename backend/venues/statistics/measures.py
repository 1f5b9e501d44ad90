"""What is shown of a line's figures, and what each means: page, sheets and legend agree."""

from flask_babel import lazy_gettext as _

from backend.staff.figures import Measure, Shown, hours, percent
from backend.venues.statistics.figures import Figures

MEASURES = (
    Measure("rooms", _("房间"), _("可以预约的房间数。")),
    Measure("open", _("开放时长"),
            _("各房间开放的小时数合计，节假日、闭馆、开放调整都已算进去；场馆另有安排的时间不算开放。"),
            hours=True),
    Measure("used", _("使用时长"),
            _("开放时间里真正用上的小时数，包括预约和上课；约了没来的不算，提前结束的算到结束。"),
            hours=True),
    Measure("rate", _("使用率"), _("使用时长 ÷ 开放时长。"), percent=True),
    Measure("lessons", _("其中上课"), _("使用时长里夜校上课的小时数。"), hours=True),
    Measure("blocked", _("另有安排"), _("开放时间里被场馆留作他用的小时数。"), hours=True),
    Measure("outside", _("开放时间以外"), _("在不开放的时间里用掉的小时数，不计入使用率。"),
            hours=True),
    Measure("reservations", _("预约"), _("约成的场次，按开始的日期算；后来取消的不算。")),
    Measure("missed", _("没来"), _("约了没来签到、房间让出的场次。只有要求签到的房间才有。")),
    Measure("no_show_rate", _("没来的比例"), _("没来 ÷ 预约。"), percent=True),
    Measure("late", _("逾期取消"), _("过了取消期限才取消的场次。")),
    Measure("early", _("提前归还"), _("用完提前结束、还回来的小时数。"), hours=True),
    Measure("declined", _("没约上"), _("提出申请、没有获准的次数，包括到开始时还没有审核的。")),
)  # fmt: skip
"""In the order of the columns."""

NAMED = {each.code: each for each in MEASURES}

NOTES = (
    _("统计到现在为止，还没到的时间不算。跨零点的时段，零点以后的算在第二天。"),
    _("大厅由两个半厅组成时，三间各算各的：用大厅，两个半厅也算在用；用一个半厅，大厅也算在用。"),
    _("两天以前的数字每天汇总后固定下来，以后再改规则、开放时间，不影响已经汇总的日子。"),
    _(
        "没约上的：点了预约而被拒绝的（同一人、同一房间、同一天、同一原因记一次，保留一年），和申请没有获准的。"
        "居民查找时没有看到空档、自己放弃的，系统不留记录，统计不到。"
    ),
)


def shown(figures: Figures, rooms: int) -> Shown:
    """A line's measures; a share of nothing is none."""
    return {
        "rooms": rooms,
        "open": hours(figures.open),
        "used": hours(figures.used),
        "rate": percent(figures.used, figures.open),
        "lessons": hours(figures.lessons),
        "blocked": hours(figures.blocked),
        "outside": hours(figures.outside),
        "reservations": figures.reservations,
        "missed": figures.missed,
        "no_show_rate": percent(figures.missed, figures.reservations),
        "late": figures.late,
        "early": hours(figures.early_minutes),
        "declined": figures.declined,
    }
