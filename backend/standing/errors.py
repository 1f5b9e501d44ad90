"""Why an appeal is refused; codes 40985 to 40989 and 409175 are the standing's."""

from flask_babel import lazy_gettext as _

from backend.booking.errors import BookingRefused


class AppealDecided(BookingRefused):
    """Somebody of staff has decided already: `who`, and what (`became`)."""

    errcode = 40985
    for_staff = True
    sentence = _("%(who)s已经处理过了：%(became)s。")


class NothingToAppeal(BookingRefused):
    """The occasion does not count any more: waived, put right, or faded."""

    errcode = 40987
    sentence = _("这一次已经不再计入，不用再说明。")


class AppealTooLate(BookingRefused):
    """Appeals are heard for some days after the occasion; `days` says how many."""

    errcode = 40988
    sentence = _("已经过了 %(days)s 天，不能在手机上说明了。有特殊情况，请和社区工作人员说一声。")


class AppealAnswered(BookingRefused):
    """Staff have answered that the occasion counts; on the phone it is said once."""

    errcode = 409175
    sentence = _("这一次社区已经看过并答复您了。还有新的情况，请和社区工作人员说一声。")


class AppealOpen(BookingRefused):
    """There is an open appeal about this occasion already."""

    errcode = 40989
    sentence = _("这一次您已经说明过了，社区看过会告诉您。")
