"""The words for fees, on pages and in sheets."""

from flask_babel import lazy_gettext as _

STATE = {
    "unpaid": _("未交费"),
    "paid": _("已交费"),
    "refunded": _("已退费"),
    "waived": _("已减免"),
}
TONE = {"unpaid": "amber", "paid": "green", "refunded": "grey", "waived": "grey"}
METHOD = {"cash": _("现金"), "transfer": _("银行转账"), "scan": _("扫码"), "other": _("其他")}
