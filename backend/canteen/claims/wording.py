"""Claims in words, for the accountant."""

from flask_babel import lazy_gettext as _

from backend.canteen.claims.models import Flag, Why

FLAGS = {
    Flag.TWO_CANTEENS: _("同一餐在两家食堂"),
    Flag.DECEASED: _("已去世"),
    Flag.MOVED: _("已迁出"),
    Flag.OUTSIDE: _("住址不在补贴范围"),
    Flag.NO_PROOF: _("当天没有有效证明"),
}
WHY = {
    Why.MEAL: _("本期用餐"),
    Why.LATE: _("补报：以前漏报"),
    Why.UNDONE: _("扣回：取餐撤销"),
    Why.CANCELLED: _("扣回：订单取消"),
    Why.REFUNDED: _("扣回：餐费已退"),
    Why.LEFT_OUT: _("扣回：核定不申报"),
    Why.CHANGED: _("更正金额"),
}
