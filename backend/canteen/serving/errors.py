"""Why a meal is not handed over: one class a rule, each with its stable code."""

from flask_babel import lazy_gettext as _

from backend.errors import Refusal


class ServingRefused(Refusal):
    """A rule of handing over says no."""

    errcode, status = 409370, 409
    for_staff = True
    sentence = _("现在不能登记取餐。")


class AlreadyServed(ServingRefused):
    """Somebody has handed it over before; `at` says when, `time` as a clock shows it, `by` who."""

    errcode = 409371
    sentence = _("这一份 %(time)s 已经由%(by)s交出去了，请不要再给。")


class GivenBack(ServingRefused):
    """The order was given back, or the meal called off."""

    errcode = 409372
    sentence = _("这一单已经退订，不能再登记取餐。")


class NotToday(ServingRefused):
    """The meal is still to come, or long over; `day`."""

    errcode = 409373
    sentence = _("这一单是 %(day)s 的，现在不能登记取餐。")


class NotOverYet(ServingRefused):
    """Until a meal is taken or missed its order is given back, which takes the bag along."""

    errcode = 409377
    sentence = _("这一餐还没有取，也没有过，请用“退订”。")


class NotServing(ServingRefused):
    """Walk-ins eat on the day of the meal, until it ends."""

    errcode = 409375
    sentence = _("只有当天、开餐结束以前才能现场加餐。")
