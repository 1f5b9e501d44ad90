"""Why deliveries say no: one class a rule, each with its stable code."""

from flask_babel import lazy_gettext as _

from backend.errors import Refusal


class DeliveryRefused(Refusal):
    """A rule of deliveries says no."""

    errcode, status = 409380, 409
    for_staff = True
    sentence = _("现在不能办理这项配送业务。")


class RoutesBlocked(DeliveryRefused):
    """Somebody's address is not known, and would be missing on the paper."""

    errcode = 409381
    sentence = _("还有 %(n)s 份不知道送到哪里，先安排好，才能打印路线单。")


class StopSettled(DeliveryRefused):
    """The bag was handed over, or tried to be, or is not brought any more."""

    errcode = 409382
    sentence = _("这一份已经办完，或者不用送了，请刷新页面看看。")


class RunClosed(DeliveryRefused):
    """The run is back already, or the meal is over or called off."""

    errcode = 409383
    sentence = _("这一趟已经结束，不能再改。")


class CourierUnfit(DeliveryRefused):
    """Somebody has not shown what the run asks for, or it is valid no longer on that day."""

    errcode = 409384
    sentence = _("这位送餐员没有登记这一趟要求的证件，或者证件过期了。")
