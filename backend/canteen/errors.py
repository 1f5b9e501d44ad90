"""Why the canteen says no: one class a rule, each with its stable code."""

from flask_babel import lazy_gettext as _

from backend.errors import Refusal


class CanteenRefused(Refusal):
    """A rule of the canteen says no."""

    errcode, status = 409300, 409
    sentence = _("现在不能办理这项食堂业务。")


class NotServing(CanteenRefused):
    """The canteen does not cook on that day; `why`."""

    errcode = 409301
    for_staff = True
    sentence = _("这一天不供餐：%(why)s。")


class MealOver(CanteenRefused):
    """The meal's menu is over, or was cancelled: it does not change any more."""

    errcode = 409302
    for_staff = True
    sentence = _("这一餐已经结束或取消，菜单不能再改。")


class DishOrdered(CanteenRefused):
    """Somebody has ordered the dish: it stays on the menu at its price; `dish`."""

    errcode = 409303
    for_staff = True
    sentence = _("已经有人订了“%(dish)s”，不能撤下，也不能改价。")


class PortionsOrdered(CanteenRefused):
    """More portions of the dish are ordered than there are to be; `dish`, how many `taken`."""

    errcode = 409304
    for_staff = True
    sentence = _("“%(dish)s”已经订出 %(taken)s 份。份数要少于这个数，请写明原因，按超订处理。")
