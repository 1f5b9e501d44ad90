"""The words staff read for states, kinds and roles."""

from flask_babel import lazy_gettext as _

ROLE = {"manager": _("管理员"), "worker": _("社区工作者"), "teacher": _("授课老师")}
PLACE_KIND = {
    "district": _("区"),
    "street": _("街道"),
    "community": _("社区"),
    "estate": _("小区"),
    "building": _("楼栋"),
}
BOOKING = {
    "requested": _("待审核"),
    "waiting": _("候补中"),
    "offered": _("待确认"),
    "confirmed": _("已报名"),
    "attended": _("已参加"),
    "missed": _("未到"),
    "cancelled": _("已取消"),
    "declined": _("未接受"),
}
RELATION = {"child": _("子女"), "parent": _("父母"), "spouse": _("配偶"), "other": _("其他亲友")}
GENDER = {"female": _("女"), "male": _("男")}
TONE = {
    "waiting": "amber",
    "requested": "amber",
    "offered": "orange",
    "confirmed": "green",
    "attended": "green",
    "missed": "grey",
    "cancelled": "grey",
    "declined": "grey",
}
"""The colour a booking's state is shown in, always beside its word."""


def device(agent: str | None) -> str:
    """A browser's own description, as people call the thing in their hand."""
    known = {
        "iPad": _("iPad 平板"),
        "iPhone": _("iPhone 手机"),
        "Android": _("安卓设备"),
        "Windows": _("Windows 电脑"),
        "Macintosh": _("苹果电脑"),
        "Linux": _("Linux 电脑"),
    }
    return str(next((name for key, name in known.items() if key in (agent or "")), _("未知设备")))
