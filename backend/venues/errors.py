"""Why a room is not to be had: one class a rule, each with its stable code."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _

from backend.errors import Refusal
from backend.reminders import moments


class ReservationRefused(Refusal):
    """A rule of reserving rooms says no."""

    errcode, status = 409100, 409
    sentence = _("现在不能预约这个房间。")


class EndsBeforeStart(ReservationRefused):
    """The reservation has no length, or a negative one."""

    errcode = 409101
    sentence = _("结束时间要晚于开始时间。")


class StaffOnly(ReservationRefused):
    """The room is not for residents to reserve; staff do it."""

    errcode = 409102
    sentence = _("这个房间由工作人员安排，请到前台或打电话预约。")


class HomeElsewhere(ReservationRefused):
    """The room is for the residents of a place, and the person's home is not there."""

    errcode = 409103
    sentence = _("这个房间只面向附近的居民，请核对家庭住址。")


class Past(ReservationRefused):
    """It has begun, or is over."""

    errcode = 409104
    sentence = _("这个时间已经过了，请选晚一点的。")


class TooSoon(ReservationRefused):
    """So many minutes (`lead_minutes`) lie between reserving and the start at least."""

    errcode = 409105
    sentence = _("来不及准备了，请选晚一点的时间，或给场馆打电话。")


class TooFarAhead(ReservationRefused):
    """One reserves at most `horizon_days` days ahead; `opens_at` says from when this day."""

    errcode = 409106
    sentence = _("这一天还没有开放预约，%(when)s 起可以预约。")

    def __init__(self, horizon_days: int, opens_at: datetime, now: datetime) -> None:
        super().__init__(horizon_days=horizon_days, opens_at=opens_at)
        self.now = now

    def __str__(self) -> str:
        return str(self.sentence) % {"when": moments.spoken(self.data["opens_at"], self.now)}


class RoomClosed(ReservationRefused):
    """The room is closed then; `why` says so in words, where that is known."""

    errcode = 409107
    sentence = _("这个时间不开放。")

    def __str__(self) -> str:
        if why := self.data.get("why"):
            return str(_("这个时间不开放：%(why)s。", why=why))
        return str(self.sentence)


class AcrossClosing(ReservationRefused):
    """It begins while the room is open and does not end before it closes at `closes_at`."""

    errcode = 409108
    sentence = _("这段时间里房间要关门，请在关门前结束。")


class OffGrid(ReservationRefused):
    """Reservations begin and end every `grid_minutes` from the opening on, or at closing."""

    errcode = 409109
    sentence = _("请从可选的时间里选开始和结束。")


class WholeDayOnly(ReservationRefused):
    """The room is reserved from opening to closing."""

    errcode = 409110
    sentence = _("这个房间按整天预约，请选一整天。")


class TooShort(ReservationRefused):
    """Shorter than `min_minutes`."""

    errcode = 409111
    sentence = _("这个房间每次至少预约 %(min_minutes)s 分钟。")


class TooLong(ReservationRefused):
    """Longer than `max_minutes`."""

    errcode = 409112
    sentence = _("这个房间每次最多预约 %(max_minutes)s 分钟，把时间也留给邻居。")


class InUse(ReservationRefused):
    """Something else is there at that time; `use` says what kind: lesson, block, reservation.

    `why`: the reason staff gave for a block.
    """

    errcode = 409113
    sentence = _("这个时间已经有人预约了。")

    def __str__(self) -> str:
        if self.data.get("use") == "lesson":
            return str(_("这个时间夜校上课。"))
        if why := self.data.get("why"):
            return str(_("这个时间场馆另有安排：%(why)s。", why=why))
        if self.data.get("use") == "block":
            return str(_("这个时间场馆另有安排。"))
        return str(self.sentence)


class TooClose(ReservationRefused):
    """`gap_minutes` are left between two uses, to tidy up and air the room."""

    errcode = 409114
    sentence = _("前后两场之间要留 %(gap_minutes)s 分钟整理房间，请换个时间。")


class TooManyPeople(ReservationRefused):
    """The room holds `capacity` people."""

    errcode = 409115
    sentence = _("这个房间最多容纳 %(capacity)s 人，请换大一点的。")


class EnoughReserved(ReservationRefused):
    """The person has as many reservations to come (`most`) as one may have."""

    errcode = 409116
    sentence = _("每人同时最多有 %(most)s 个预约，用过或取消一个，才能再约。")


class HouseholdHasEnough(ReservationRefused):
    """The household has as many reservations to come (`most`) as one may have."""

    errcode = 409117
    sentence = _("一家人同时最多有 %(most)s 个预约，用过或取消一个，才能再约。")


class EnoughThisWeek(ReservationRefused):
    """The person would have more than `most_minutes` in that week."""

    errcode = 409118
    sentence = _("每人每周最多预约 %(most_minutes)s 分钟，这一周已经够了，请看看别的星期。")


class HouseholdHasEnoughThisWeek(ReservationRefused):
    """The household would have more than `most_minutes` in that week."""

    errcode = 409119
    sentence = _("一家人每周最多预约 %(most_minutes)s 分钟，这一周已经够了，请看看别的星期。")


class HomeUnknown(ReservationRefused):
    """The room is for residents of a place, and where the person lives is not on file."""

    errcode = 409120
    sentence = _("这个房间只面向本地居民，请先填写家庭住址。")


class ChangeTooLate(ReservationRefused):
    """The deadline for changing, that of the start as it is, has passed (`cancel_until`)."""

    errcode = 409121
    sentence = _("已过更改期限，时间改不了了；来不了请取消，把房间让给邻居。")


class RoomLetGo(ReservationRefused):
    """Nobody had checked in in time, and the room has been let go (`let_go_at`)."""

    errcode = 409122
    sentence = _("过了签到时间，房间已经让出。现在还空着的话，可以马上再约。")


class CheckInLater(ReservationRefused):
    """One checks in from `opens_at` on."""

    errcode = 409123
    sentence = _("还没到签到时间，%(when)s 起可以签到。")

    def __init__(self, opens_at: datetime, now: datetime) -> None:
        super().__init__(opens_at=opens_at)
        self.now = now

    def __str__(self) -> str:
        return str(self.sentence) % {"when": moments.spoken(self.data["opens_at"], self.now)}


class NothingHere(ReservationRefused):
    """The household has no reservation of this room that is not over."""

    errcode = 409124
    sentence = _("没有找到您在这个房间的预约，请看看是不是走错了门。")


class NotCheckedIn(ReservationRefused):
    """Only what has begun, with somebody checked in, can be ended early."""

    errcode = 409125
    sentence = _("还没有签到，不能提前结束；来不了请取消。")


class AlreadyDecided(ReservationRefused):
    """Somebody has approved or declined the request, or it was withdrawn, or its start passed."""

    errcode = 409130
    sentence = _("这个申请已经处理过，或者居民已经撤回了。")


class AwaitsDecision(ReservationRefused):
    """It is a request still: staff decide it before they move it."""

    errcode = 409131
    sentence = _("这是还没审核的申请，请先审核，再改时间。")


class OthersInTheWay(ReservationRefused):
    """Lessons, market days or other blocks are there then, and stay: nothing goes around them."""

    errcode = 409132
    for_staff = True
    sentence = _("这段时间里有夜校课程、集市或别的停用安排，请先处理，再停用房间。")


class NothingLeft(ReservationRefused):
    """What goes on in the rooms leaves no time that could be taken out of use."""

    errcode = 409180
    for_staff = True
    sentence = _("这段时间已经排满了课程、集市或别的停用安排，没有可以停用的时间。")


class WouldBeOutside(ReservationRefused):
    """The change leaves `count` reservations outside the opening hours; these are looked at first.

    `hits` are they, and `shown` what the confirmation carries.
    """

    errcode = 409181
    for_staff = True
    sentence = _("这样改，有 %(count)s 个预约会落在开放时间以外，名单在下面。核对后请再保存一次。")

    def __init__(self, hits: Sequence[Any], shown: str) -> None:
        super().__init__(count=len(hits))
        self.hits, self.shown = hits, shown


class StillWhole(ReservationRefused):
    """Something has the whole room still that is taken apart; it keeps the whole, once looked at.

    `lines` say what it is, and `shown` is what the confirmation carries.
    """

    errcode = 409182
    for_staff = True
    sentence = _("还有安排约的是整间。拆开以后，这些照旧占用整间，别人那时约不了其中一半。")

    def __init__(self, lines: Sequence[str], shown: Sequence[str]) -> None:
        super().__init__()
        self.lines, self.shown = lines, shown


class ListChanged(ReservationRefused):
    """Between the look and the confirmation somebody reserved, moved or cancelled."""

    errcode = 409133
    for_staff = True
    sentence = _("刚刚有居民预约、改期或取消，名单变了。请重新核对，再确认。")


class BlockTooLong(ReservationRefused):
    """A room is taken out of use for a year at most; more is a slip of the pen."""

    errcode = 409134
    for_staff = True
    sentence = _("一次最多停用一年，请核对结束日期。")


class DatesClash(ReservationRefused):
    """Some dates of a series cannot be, and none was to be left out; `dates` says which and why."""

    errcode = 409140
    sentence = _("有 %(count)s 次约不上，这次一次也没有约。可以只约能约的几次。")


class SeriesByStaff(ReservationRefused):
    """Residents reserve this room once at a time; staff make series."""

    errcode = 409141
    sentence = _("这个房间要一次一次预约；需要固定时间，请联系工作人员。")


class TooManyDates(ReservationRefused):
    """A series has at most `most` dates."""

    errcode = 409142
    sentence = _("一次最多连续约 %(most)s 次，请减少次数或提早结束日期。")


class NoDates(ReservationRefused):
    """No date of the series is left: the last day comes before the first, or all are left out."""

    errcode = 409143
    sentence = _("这样选一次也约不上，请换换日期。")


class NotSkipped(ReservationRefused):
    """The date is reserved, or has passed: there is nothing to put back."""

    errcode = 409144
    sentence = _("这一次已经约好了，或者已经过去，不用补。")


class RequestMoved(ReservationRefused):
    """The resident asks for another time now than the one that staff have read."""

    errcode = 409170
    for_staff = True
    sentence = _("居民刚刚改了申请的时间，请看清楚再决定。")
