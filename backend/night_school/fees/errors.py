"""Why a fee is not marked."""

from flask_babel import lazy_gettext as _

from backend.booking.errors import BookingRefused


class FeeMovedOn(BookingRefused):
    """The fee cannot go from the state it is in (`state`) to this one."""

    errcode = 40963
    for_staff = True
    sentence = _("这笔费用的状态刚刚变了，或不能这样登记，请核对后再办。")
