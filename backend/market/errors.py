"""Why the market says no: one class a rule, each with its stable code."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask_babel import gettext, lazy_gettext

from backend.errors import Refusal
from backend.market.grid import MINUTE, moment
from backend.reminders import moments

_ = lazy_gettext


class MarketRefused(Refusal):
    """A rule of the market says no."""

    errcode, status = 409200, 409
    sentence = _("现在不能办理这项集市服务。")


class DayTaken(MarketRefused):
    """The place has a market on that day already."""

    errcode = 409201
    for_staff = True
    sentence = _("这个地方当天已经有一场集市了，请把摊位加到那一场里。")


class DayClosed(MarketRefused):
    """The market day was cancelled, or is over: its plan does not change any more."""

    errcode = 409202
    for_staff = True
    sentence = _("这场集市已经取消或结束，不能再改。")


class ProviderBusy(MarketRefused):
    """Somebody is at another stall at that time; `name`, and `where` they are."""

    errcode = 409203
    for_staff = True
    sentence = _("%(name)s这段时间已经安排在“%(where)s”，一个人不能同时在两处。")


class PapersLacking(MarketRefused):
    """Somebody lacks a paper that the service asks for, or it ends before the day; `lacking`."""

    errcode = 409204
    for_staff = True
    sentence = _("%(lacking)s。证件齐全、当天有效，才能安排。")

    def __init__(self, lacking: list[str], **data: Any) -> None:
        super().__init__(**data | {"lacking": gettext("；").join(lacking)})


class StallBooked(MarketRefused):
    """Somebody has booked at the stall, or has a number: what it is about stays, and so does it."""

    errcode = 409205
    for_staff = True
    sentence = _(
        "已经有人预约或取号：服务、时段长短、能不能挑人不能再改，也不能去掉。"
        "摊位不来了，请按“这个摊位来不了”。"
    )


class NotReady(MarketRefused):
    """A market opens for residents once it has a stall, and only once."""

    errcode = 409206
    for_staff = True
    sentence = _("还没有摊位，或者已经开放过了。")


class OnceADay(MarketRefused):
    """The person has a slot of this service on that day already; `booking_id` names it."""

    errcode = 409210
    sentence = _("当天这项服务已经约过了，可以改时间，不用再约。")


class SlotBegun(MarketRefused):
    """The slot has begun, or is over."""

    errcode = 409211
    sentence = _("这个时段已经开始，不能再约了，可以到现场取号。")


class BooksLater(MarketRefused):
    """Slots can be booked later; `opens_at` says from when."""

    errcode = 409212
    sentence = _("%(when)s 起才能预约，请到时候再来。")

    def __init__(self, opens_at: datetime, now: datetime) -> None:
        super().__init__(opens_at=opens_at)
        self.now = now

    def __str__(self) -> str:
        return str(self.sentence) % {"when": moments.spoken(self.data["opens_at"], self.now)}


class NotThisAge(MarketRefused):
    """The stall serves people from `min_age` to `max_age`; either may be null."""

    errcode = 409213
    sentence = _("这个摊位有年龄要求，这位的年龄不符合。")


class AgeUnknown(MarketRefused):
    """The stall has a rule of age, and the person's birth date is not on file."""

    errcode = 409214
    sentence = _("这个摊位有年龄要求，请先填写这位的出生日期。")


class ForNeighbours(MarketRefused):
    """The stall is for those who live in a place; this person does not."""

    errcode = 409215
    sentence = _("这个摊位只为指定社区或小区的居民服务，请核对家庭住址。")


class MarketCancelled(MarketRefused):
    """The market does not take place."""

    errcode = 409216
    sentence = _("很抱歉，这场集市已经取消。")


class NumbersLater(MarketRefused):
    """Numbers are given from `opens_at` on, shortly before the stall opens."""

    errcode = 409221
    sentence = _("%(when)s 起可以取号，请到时候再来。")

    def __init__(self, opens_at: datetime, now: datetime) -> None:
        super().__init__(opens_at=opens_at)
        self.now = now

    def __str__(self) -> str:
        return str(self.sentence) % {"when": moments.spoken(self.data["opens_at"], self.now)}


class NumbersOver(MarketRefused):
    """The stall has closed: no numbers any more."""

    errcode = 409222
    sentence = _("这个摊位今天已经收摊，不再发号了。")


class NobodyWaits(MarketRefused):
    """There is nobody in line who could be called."""

    errcode = 409223
    for_staff = True
    sentence = _("现在没有人在排队。")


class StallPaused(MarketRefused):
    """The stall pauses: nobody is called until it goes on."""

    errcode = 409224
    sentence = _("摊位正在休息，请先继续，再叫号。")


class NotCalled(MarketRefused):
    """Only who was called last at the desk can be served, skipped or marked as not there."""

    errcode = 409225
    for_staff = True
    sentence = _("这个号已经处理过了，请看现在的队伍。")


class SkippedOnce(MarketRefused):
    """Somebody is skipped once; the second time they are not there."""

    errcode = 409226
    for_staff = True
    sentence = _("这个号已经过过一次了，人不在请按“没有来”。")


class MaybeInVain(MarketRefused):
    """As it looks, the stall closes (`closes_at`) before their turn, which is `minutes` away.

    Who wants a number nevertheless says so.
    """

    errcode = 409230
    sentence = _(
        "前面等的人多，照现在的速度要等约 %(minutes)s 分钟，摊位 %(closes)s 收摊，可能轮不到。"
    )

    @classmethod
    def at(cls, at: datetime, stall: Any, now: datetime) -> "MaybeInVain":
        """For somebody who would be called `at` that moment."""
        closes_at = moment(stall.day, stall.until_minute)
        return cls(
            minutes=-(-(at - now) // MINUTE), closes_at=closes_at,
            closes=moments.time_of_day(closes_at),
        )  # fmt: skip


class NotToThatStall(MarketRefused):
    """Those who wait go to an open stall of the same market, for the same service and people."""

    errcode = 409231
    sentence = _("不能转到那个摊位：要在同一场集市、同一项服务、同样的条件，而且还没收摊。")


class MarketBegun(MarketRefused):
    """Somebody was called at the market already: its time does not change any more."""

    errcode = 409240
    for_staff = True
    sentence = _("已经开始叫号，时间不能再改。可以换到附近避雨的地方，或者取消余下的。")


class PlanChanged(MarketRefused):
    """Between the look and the confirmation somebody booked, cancelled, or changed the plan."""

    errcode = 409241
    for_staff = True
    sentence = _("刚刚有人改过，或者有居民预约、取消、取号，情况变了。请重新核对，再确认。")


class StallsStay(MarketRefused):
    """Some stalls cannot come along; they are only left behind if that is said for each."""

    errcode = 409242
    for_staff = True
    sentence = _("有摊位来不了。请先勾选“不带这个摊位”，或者换个时间。")


class HomeNeeded(MarketRefused):
    """A wish counts for the estate somebody lives in, and that is not on file."""

    errcode = 409243
    sentence = _("请先填写住在哪个小区，愿望才能算到您的小区。")


class NoStalls(MarketRefused):
    """A template is made of a market that has stalls."""

    errcode = 409244
    for_staff = True
    sentence = _("请先加摊位，再设为每月照办。")


class MonthMade(MarketRefused):
    """The month's market was made of the template once; what was cancelled is not made again."""

    errcode = 409245
    for_staff = True
    sentence = _("这个月已经建过了。取消了的不会自动再建，需要的话请另外新建。")


class NotOffered(MarketRefused):
    """Somebody offers other services only, on that day: `name`, and the `service`."""

    errcode = 409246
    for_staff = True
    sentence = _("%(name)s没有登记“%(service)s”这项服务，请换人，或者先在“服务者的服务”里登记。")


class SlotsHit(MarketRefused):
    """Slots that somebody has would be no more: `hits`, which staff confirm as `seen`, and why."""

    errcode = 409247
    for_staff = True
    sentence = _("%(count)s 位居民约好的时段就没有了。请在名单里核对，写明原因，再确认。")

    def __init__(self, hits: Sequence[Any], seen: str, given: str | None) -> None:
        changed = _("刚刚有居民预约或取消，现在涉及 %(count)s 位。请重新核对，再确认。")
        super().__init__(changed if given and given != seen else None, count=len(hits))
        self.hits, self.seen = hits, seen
        self.errors = {"reason": [gettext("请写明原因，居民会看到。")]} if given == seen else {}


class DayHit(MarketRefused):
    """Somebody booked or holds a number at the market: staff confirm exactly these, and say why."""

    errcode = 409260
    for_staff = True
    sentence = _("涉及的居民和刚才看到的不一样了。请重新核对，写明原因，再确认。")


class StallClosed(MarketRefused):
    """The stall has closed for good: it does not change any more."""

    errcode = 409261
    for_staff = True
    sentence = _("这个摊位已经收摊或停办，不能再改。")


class AddressNeeded(MarketRefused):
    """The stall makes home visits: they are asked for with an address, and staff decide."""

    errcode = 409250
    sentence = _("这是上门服务，请填写地址和电话，提交上门申请。")


class NotAtHome(MarketRefused):
    """The stall serves people at the market alone; nobody comes to their home."""

    errcode = 409251
    sentence = _("这个摊位不提供上门服务，请约时间到现场来。")


class VisitDecided(MarketRefused):
    """A colleague decided on the visit, or it was withdrawn."""

    errcode = 409252
    for_staff = True
    sentence = _("这个上门申请已经处理过了，或者居民已经撤回。")


class NotChecked(MarketRefused):
    """The stall visits whom staff know to be unable to come down."""

    errcode = 409253
    for_staff = True
    sentence = _("请先核实本人确实下不了楼，并打上勾。")


class NumberCodeOld(MarketRefused):
    """The stall shows another code now: this one was photographed, or somebody waited long."""

    errcode = 409254
    sentence = _("这个取号码已经过时了。请到摊位旁边，照现在的码再取一次号。")
