"""Why a guest is not sold a meal: one class a rule, with its stable code."""

from flask_babel import lazy_gettext as _

from backend.canteen.errors import CanteenRefused


class GuestsLater(CanteenRefused):
    """Guests eat what is left: on the day, from when orders are closed (`at`) until it ends."""

    errcode = 409376
    for_staff = True
    sentence = _("现在不能卖给散客，要在%(at)s 以后、开餐结束以前。")
