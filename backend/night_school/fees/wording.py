"""The words for fees, on pages and in sheets."""

from flask_babel import lazy_gettext as _

STATE = {
    "unpaid": _("未交费"),
    "short": _("待补差价"),
    "over": _("待退差价"),
    "paid": _("已交费"),
    "refunded": _("已退费"),
    "waived": _("已减免"),
}
TONE = {
    "unpaid": "amber",
    "short": "amber",
    "over": "amber",
    "paid": "green",
    "refunded": "grey",
    "waived": "grey",
}
BECOMES = {
    ("short", "paid"): _("已补差价"),
    ("short", "waived"): _("差价不用补"),
    ("short", "refunded"): _("已全部退费"),
    ("over", "paid"): _("已退差价"),
    ("over", "refunded"): _("已全部退费"),
}
"""What marking says where a difference is open."""

METHOD = {"cash": _("现金"), "transfer": _("银行转账"), "scan": _("扫码"), "other": _("其他")}
