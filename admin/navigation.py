"""The console's menu: one table. An entry shows for those who hold its permission."""

from dataclasses import dataclass
from typing import Any

from flask import current_app, g, request
from flask_babel import lazy_gettext as _

from backend.staff.access import Permission


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the menu; `section` marks pages that belong under it."""

    section: str
    endpoint: str
    label: Any
    icon: str
    needs: Permission | None = None
    main: bool = False  # stands in the bar at the foot of a phone
    canteen: bool = False  # there, too, for who has nothing to do with classes


ENTRIES = (
    Entry("today", "admin.today", _("今日社区"), "house-heart", Permission.SEE_CLASSES, True),
    Entry("classes", "admin.classes", _("班级管理"), "mortarboard", Permission.SEE_CLASSES, True),
    Entry("planning", "admin.planning", _("排课"), "calendar3", Permission.MANAGE_CLASSES),
    Entry("draws", "admin.draws", _("摇号"), "card-checklist", Permission.MANAGE_CLASSES),
    Entry("scan", "admin.scan", _("扫码签到"), "qr-code-scan", Permission.TAKE_ATTENDANCE, True),
    Entry("venues", "admin.venues", _("场馆"), "building", Permission.BOOK_FOR_PEOPLE),
    Entry("market", "admin.market", _("集市"), "calendar-check", Permission.RUN_MARKETS),
    Entry("canteens", "admin.canteens", _("食堂"), "cup-hot", Permission.PLAN_MENUS, True),
    Entry("subsidies", "admin.subsidies", _("补贴"), "clipboard-check", Permission.ORDER_MEALS),
    Entry("claims", "admin.claims", _("结算"), "file-earmark-spreadsheet", Permission.SETTLE_MEALS),
    Entry("counter", "admin.counters", _("取餐窗口"), "check-circle", Permission.SERVE_MEALS,
          canteen=True),
    Entry("kitchen", "admin.kitchen", _("厨房"), "journal-text", Permission.COOK_MEALS),
    Entry("deliveries", "admin.deliveries", _("配送"), "geo-alt", Permission.DISPATCH_MEALS,
          canteen=True),
    Entry("welfare", "admin.welfare_cases", _("关爱核实"), "house-heart", Permission.CARE),
    Entry("courier", "admin.courier", _("送餐"), "phone", Permission.CARRY_MEALS),
    Entry("meal-accounts", "admin.meal_accounts", _("餐卡"), "inbox", Permission.KEEP_ACCOUNTS,
          canteen=True),
    Entry("people", "admin.people", _("居民"), "people", Permission.SEE_PEOPLE, main=True),
    Entry("calls", "admin.calls", _("电话通知"), "telephone", Permission.MAKE_CALLS),
    Entry("duplicates", "admin.duplicates", _("重复档案"), "shuffle", Permission.MERGE_PEOPLE),
    Entry("statistics", "admin.statistics", _("统计"), "bar-chart", Permission.SEE_STATISTICS),
    Entry("tables", "admin.tables", _("基础数据"), "grid", Permission.EDIT_TABLES),
    Entry("staff", "admin.staff_list", _("工作人员"), "person-badge", Permission.MANAGE_STAFF),
    Entry("audit", "admin.audit_list", _("操作记录"), "clock-history", Permission.SEE_AUDIT),
)  # fmt: skip

_ELSEWHERE = {
    "/admin/couriers": "deliveries",
    "/admin/canteens/meals/<id:meal_service_id>/live": "deliveries",
}
"""Pages that belong under an entry whose name their address does not begin with."""

BAR = 5
"""As many as a phone's width has room for."""


def menu() -> list[Entry]:
    """What the signed-in member of staff can go to."""
    me = g.get("me")
    if me is None or me.must_change_password:
        return []
    return [
        entry
        for entry in ENTRIES
        if entry.endpoint in current_app.view_functions
        and (entry.needs is None or me.holds(entry.needs))
    ]


def bar() -> list[Entry]:
    """What stands at the foot of a phone: the main pages; for who has no classes, the canteen's
    and, as far as there is room, all others.
    """
    entries, me = menu(), g.get("me")
    if me is None or me.holds(Permission.SEE_CLASSES):
        return [entry for entry in entries if entry.main]
    shown = sorted(entries, key=lambda entry: not (entry.main or entry.canteen))[:BAR]
    return [entry for entry in entries if entry in shown]


def first_page() -> str | None:
    """Where staff begin who have nothing to do with classes."""
    me = g.get("me")
    if me is None or me.holds(Permission.SEE_CLASSES):
        return None
    return next((entry.endpoint for entry in menu()), None)


def is_here(entry: Entry) -> bool:
    """Whether the page at hand belongs under the entry."""
    rule = "" if request.url_rule is None else request.url_rule.rule
    here = _ELSEWHERE.get(rule, rule.removeprefix("/admin").strip("/").partition("/")[0])
    return (here or "today") == entry.section
