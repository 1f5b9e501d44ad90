"""Why something about a draw is refused: one class a rule, codes from 40991, and 40970."""

from flask_babel import lazy_gettext as _

from backend.booking.errors import BookingRefused


class NotCommitted(BookingRefused):
    """A draw opens only once the fingerprint of its secret is on show."""

    errcode = 40991
    for_staff = True
    sentence = _("还没有公布种子指纹，不能开放登记。")


class NotClosedYet(BookingRefused):
    """The list of applications is not fixed yet, so no public number is taken."""

    errcode = 40992
    for_staff = True
    sentence = _("登记名单还没有固定，不能摇号。")


class AlreadyDrawn(BookingRefused):
    """A draw is drawn once."""

    errcode = 40993
    sentence = _("摇号结果已经公布，不能再摇或再改。")


class NumberKnownBefore(BookingRefused):
    """The public number named is known before the list is fixed: name a later one."""

    errcode = 40994
    for_staff = True
    sentence = _("约定的公开号码在名单固定之前就已经产生，请改用之后的一期号码。")


class RunNotDrawable(BookingRefused):
    """The run `title` cannot be drawn: open or booked already, cancelled, or in another draw."""

    errcode = 40995
    for_staff = True
    sentence = _("“%(title)s”不能加入摇号：已经开始报名、已取消，或者已在别的摇号里。")


class PlacesFewer(BookingRefused):
    """The run `title` has fewer places now than when the list was fixed."""

    errcode = 40996
    for_staff = True
    sentence = _("“%(title)s”现在的名额比固定名单时少，请先把名额调回去再摇号。")


class RulesFixed(BookingRefused):
    """What residents have been told about a draw is not changed any more."""

    errcode = 40997
    for_staff = True
    sentence = _("摇号已经对居民公布，规则和班级不能再改。")


class NumberNotOut(BookingRefused):
    """The public number is not known before `number_at`."""

    errcode = 40998
    for_staff = True
    sentence = _("约定的公开号码还没有产生，请到时再输入。")


class EnoughDrawn(BookingRefused):
    """The person has as many places (`most`) of the draw as applied for, one of them `title`."""

    errcode = 40999
    sentence = _(
        "这次摇号里已经有《%(title)s》了，最多 %(most)s 个班。想改上这个班，请先退掉已有的班。"
    )


class OverlapsDrawn(BookingRefused):
    """It meets when `title` does, a class of the same draw that the person has a place in."""

    errcode = 40970
    sentence = _("这个班和已有的《%(title)s》时间冲突。想改上这个班，请先退掉那个班。")
