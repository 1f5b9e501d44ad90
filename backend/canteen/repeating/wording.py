"""Words for standing orders."""

from flask_babel import lazy_gettext as _

from backend.canteen.repeating.models import Otherwise, Rest, Why

WHY = {
    Why.MONEY: _("餐卡余额不够"),
    Why.SOLD_OUT: _("份数已订完"),
    Why.CLASH: _("与登记的过敏或忌口冲突"),
    Why.OFF_MENU: _("那天没有这道菜"),
    Why.ADDRESS: _("没有送餐地址"),
    Why.CONSENT: _("代办关系已解除"),
    Why.RULE: _("不符合订餐规定"),
}
REST = {Rest.HOSPITAL: _("住院"), Rest.AWAY: _("外出"), Rest.OTHER: _("其他")}
OTHERWISE = {Otherwise.SET: _("改订当天的套餐"), Otherwise.NOTHING: _("那天不订")}
