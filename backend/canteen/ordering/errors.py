"""Why a meal is not ordered: one class a rule, each with its stable code."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _

from backend.canteen.errors import CanteenRefused
from backend.money import in_yuan
from backend.reminders import moments


class OrderOver(CanteenRefused):
    """The order does not stand any more, or the meal is over: nothing of it can be changed."""

    errcode = 409354
    sentence = _("这份订餐已经退了，或者这一餐已经结束，不能再改。")


class OrdersClosed(CanteenRefused):
    """The cut-off of the meal has come: no order, change or cancellation; `closes_at`."""

    errcode = 409310
    sentence = _("这一餐%(closes)s已经截止，不能再订、改或退。有急事请给食堂打电话。")

    def __init__(self, closes_at: datetime, now: datetime) -> None:
        super().__init__(closes_at=closes_at, closes=moments.spoken(closes_at, now))


class PriceChanged(CanteenRefused):
    """The price is not what the client showed; `pays_fen` is, and the whole quote with it."""

    errcode = 409311
    sentence = _("价格有变化，现在一共 %(pays)s 元。请核对后再下单。")

    def __init__(self, quote: Mapping[str, Any]) -> None:
        super().__init__(**{**quote, "pays": in_yuan(quote["pays_fen"])})


class SoldOut(CanteenRefused):
    """There are fewer portions of a dish than are wanted; `dish`, and how many are `left`."""

    errcode = 409312
    sentence = _("“%(dish)s”只剩 %(left)s 份了，请换一道菜，或者少订一些。")


class TooManyPortions(CanteenRefused):
    """More portions of a dish than a person may order; `dish`, and the `most`."""

    errcode = 409313
    sentence = _("“%(dish)s”每人每餐最多订 %(most)s 份。")


class NotServedSo(CanteenRefused):
    """The meal cannot be eaten that way: at the canteen, fetched or brought."""

    errcode = 409314
    sentence = _("这一餐不提供这种用餐方式，请换一种。")


class DeliverWhere(CanteenRefused):
    """A meal is to be brought, and nobody knows where to."""

    errcode = 409315
    sentence = _("送餐要知道送到哪里，请填写用餐人的住址。")


class ForChildren(CanteenRefused):
    """The dish is for children, and whoever eats is none, or their age is not known; `dish`."""

    errcode = 409316
    sentence = _("“%(dish)s”是儿童餐，只能给未满 18 周岁的孩子订。")


class OffTheMenu(CanteenRefused):
    """A dish is not on the menu of that meal, or not any more."""

    errcode = 409317
    sentence = _("有的菜已经不在菜单上，请刷新菜单再选。")


class DayOff(CanteenRefused):
    """The canteen does not cook the meal after all; `why`."""

    errcode = 409318
    sentence = _("这一餐不供应了：%(why)s。")


class DietClash(CanteenRefused):
    """Something speaks against a dish for whoever eats it; `clashes`: what, to be confirmed."""

    errcode = 409319
    sentence = _("请先核对忌口：%(clashes)s。确定要订，请确认后再提交。")


class HasOrdered(CanteenRefused):
    """Who stands at the counter has ordered that meal before: it is there for them."""

    errcode = 409374
    for_staff = True
    sentence = _("这位居民已经订了这一餐，请在名单里点取餐。")
