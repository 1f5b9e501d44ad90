"""Why the kitchen says no: one class a rule, each with its stable code."""

from flask_babel import lazy_gettext as _

from backend.errors import Refusal


class KitchenRefused(Refusal):
    """A rule of the kitchen says no."""

    errcode, status = 409350, 409
    for_staff = True
    sentence = _("现在不能办理这项厨房业务。")


class NotFrozen(KitchenRefused):
    """Orders are still open, or the meal is over or called off."""

    errcode = 409351
    sentence = _("截止订餐以后、开餐结束以前才能办。")


class AlreadyReplaced(KitchenRefused):
    """Another dish is cooked for it already."""

    errcode = 409352
    sentence = _("这道菜已经换过了，请刷新页面看看。")


class BelowNothing(KitchenRefused):
    """More is taken back than was counted."""

    errcode = 409353
    sentence = _("没有这么多份可以减，请看清数字再点。")
