"""Why a booking is refused: one class a rule, each with its stable code."""

from datetime import datetime

from flask_babel import lazy_gettext as _

from backend.errors import Refusal
from backend.reminders import moments


class BookingRefused(Refusal):
    """A rule of booking says no."""

    errcode, status = 40900, 409
    sentence = _("现在不能办理这项预约。")


class Cancelled(BookingRefused):
    """What was to be booked has been cancelled by staff."""

    errcode = 40901
    sentence = _("很抱歉，这项服务已经取消。")


class NotYetOpen(BookingRefused):
    """Booking opens later; `opens_at` says when."""

    errcode = 40902
    sentence = _("还没有开始报名，请在开放时间后再来。")


class Closed(BookingRefused):
    """Booking has closed."""

    errcode = 40903
    sentence = _("报名已经截止。")


class Full(BookingRefused):
    """All places are taken; there is a waiting list."""

    errcode = 40904
    sentence = _("名额已满，可以排队候补，有空位会第一时间通知您。")


class AlreadyBooked(BookingRefused):
    """The person has a live booking of the same thing; `booking_id` names it."""

    errcode = 40905
    sentence = _("已经报过名了，不用重复报名。")


class TooYoung(BookingRefused):
    """The person has not reached the least age on the day that counts."""

    errcode = 40906
    sentence = _("参加人的年龄还没有达到这个班的要求。")


class TooOld(BookingRefused):
    """The person is past the greatest age on the day that counts."""

    errcode = 40907
    sentence = _("参加人的年龄超过了这个班的要求。")


class BirthDateUnknown(BookingRefused):
    """The run has an age rule and the person's birth date is not on file."""

    errcode = 40908
    sentence = _("这个班有年龄要求，请先填写参加人的出生日期。")


class LivesElsewhere(BookingRefused):
    """The run is kept for residents of a place the person does not live in."""

    errcode = 40909
    sentence = _("这个班只面向指定街道或社区的居民，请核对家庭住址。")


class CancelTooLate(BookingRefused):
    """The deadline for cancelling has passed; `cancel_until` says when it was.

    Asked again with `late`, the place is given back and recorded as given back late.
    """

    errcode = 40910
    sentence = _("已过取消期限。现在还可以取消，但会记为一次逾期取消。")


class NotLive(BookingRefused):
    """The booking has ended already: cancelled, declined or over."""

    errcode = 40911
    sentence = _("这项预约已经结束，不能再更改。")


class OfferGone(BookingRefused):
    """There is no open offer: it was answered, or its deadline has passed."""

    errcode = 40912
    sentence = _("这个候补名额已经失效，可能已超过确认时间。")


class CapacityTooSmall(BookingRefused):
    """The new capacity is below the places taken (`taken`); staff have to decide explicitly."""

    errcode = 40913
    sentence = _("新的名额数少于已报名人数，请先确认超额安排。")


class NotHeld(BookingRefused):
    """Only a confirmed booking can be checked in or put into a calendar."""

    errcode = 40914
    sentence = _("这项预约没有确认的名额，不能签到。")


class CheckInNotOpen(BookingRefused):
    """It is too early or too late to check in to this occasion."""

    errcode = 40915
    sentence = _("现在不在签到时间内。")


class CodeExpired(BookingRefused):
    """The class's rotating code is not the one on show now."""

    errcode = 40916
    sentence = _("签到码已更新，请对准现场屏幕再扫一次。")


class CodeUnknown(BookingRefused):
    """No booking of this class has that code."""

    errcode = 40917
    sentence = _("没有找到这个签到码，请核对后再试。")


class PlacesTooFew(BookingRefused):
    """Fewer places are free (`places_left`) than the party needs (`people`)."""

    errcode = 40924
    sentence = _("剩下的名额不够大家一起报名，可以少报几位，或者一起排队候补。")


class PartyTooLarge(BookingRefused):
    """The party (`people`) would not fit even into an empty class (`places`)."""

    errcode = 40925
    sentence = _("同行的人数超过了全部名额，请分开报名。")


class PartyOfOthers(BookingRefused):
    """Somebody of the party is not one the account may act for."""

    errcode = 40926
    sentence = _("同行的人里有您不能代办的，可以只取消自己的，或请当时报名的家人来办理。")


class NotWaiting(BookingRefused):
    """Only who waits in a line can say until when."""

    errcode = 40960
    sentence = _("这项预约现在不在候补中，不用再设等候期限。")


class TransferTogether(BookingRefused):
    """Who goes together has to say whether all of them (`people`) change, or this one alone."""

    errcode = 40961
    sentence = _("几位是一起报名的，请选择一起换班，还是只换这一位。")


class TransferElsewhere(BookingRefused):
    """A place is changed for one in another run of the same course."""

    errcode = 40962
    sentence = _("只能换到同一门课的另一个班。")


class NothingToPassOn(BookingRefused):
    """Nobody would be helped by passing over whoever is first in line."""

    errcode = 40927
    for_staff = True
    sentence = _("现在没有可以先给后面居民的名额，不用调整顺序。")


class NeighboursFirst(BookingRefused):
    """The residents of another place come first; `opens_at` says from when this person may."""

    errcode = 40980
    sentence = _("现在先由附近居民报名，%(when)s 起您也可以报名。")

    def __init__(self, opens_at: datetime, now: datetime) -> None:
        super().__init__(opens_at=opens_at)
        self.now = now

    def __str__(self) -> str:
        return str(self.sentence) % {"when": moments.spoken(self.data["opens_at"], self.now)}


class CourseNeeded(BookingRefused):
    """The person has not attended the `course` that this one builds on, or less than half of it."""

    errcode = 40981
    sentence = _("报这个班，要先上过《%(course)s》，并且到课一半以上。")


class OncePerYear(BookingRefused):
    """The person has another run of the same course within a year; it begins at `starts_at`."""

    errcode = 40982
    sentence = _("这门课一年只能报一次，已经报过一个班了，把机会留给更多邻居吧。")


class EnoughThisTerm(BookingRefused):
    """The person has as many live enrolments (`most`) as a person may have in this term."""

    errcode = 40983
    sentence = _("每人每学期最多报 %(most)s 个班，已经报满了；取消一个，才能再报。")


class MissedOften(BookingRefused):
    """The person stayed away often of late; `opens_at` says from when they may book this again."""

    errcode = 40984
    sentence = _(
        "前一阵报了名没能来的次数多了些，这个班要从 %(when)s 起才能报。"
        "没有这项要求的班，照常可以报。"
    )
    too_late = _(
        "前一阵报了名没能来的次数多了些，要从 %(when)s 起才能报这样的班，这次赶不上了。"
        "没有这项要求的班，照常可以报。"
    )

    def __init__(self, opens_at: datetime, closes_at: datetime | None, now: datetime) -> None:
        super().__init__(opens_at=opens_at)
        self.in_time = closes_at is None or opens_at < closes_at
        self.now = now

    def __str__(self) -> str:
        said = self.sentence if self.in_time else self.too_late
        return str(said) % {"when": moments.spoken(self.data["opens_at"], self.now)}


class Drawn(BookingRefused):
    """Places are drawn: one applies between `opens_at` and `closes_at` in the draw `draw_id`."""

    errcode = 40990
    sentence = _("这个班用摇号录取，请在 %(opens)s 到 %(closes)s 之间登记志愿，早晚都一样。")

    def __init__(
        self, draw_id: int, opens_at: datetime, closes_at: datetime, now: datetime
    ) -> None:
        super().__init__(draw_id=draw_id, opens_at=opens_at, closes_at=closes_at)
        self.now = now

    def __str__(self) -> str:
        opens, closes = self.data["opens_at"], self.data["closes_at"]
        return str(self.sentence) % {
            "opens": moments.spoken(opens, self.now), "closes": moments.spoken(closes, self.now),
        }  # fmt: skip
