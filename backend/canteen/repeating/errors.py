"""Why a standing order, or a change to it, is refused: one class a rule, with its stable code."""

from datetime import datetime

from flask_babel import lazy_gettext as _

from backend.canteen.errors import CanteenRefused
from backend.reminders import moments


class TooLateToSkip(CanteenRefused):
    """The meal of that day is closed: it is cooked, and is not left out or put back any more."""

    errcode = 409360
    sentence = _("那天这一餐%(closes)s已经截止，不能再改。有急事请给食堂打电话。")

    def __init__(self, closes_at: datetime, now: datetime) -> None:
        super().__init__(closes_at=closes_at, closes=moments.spoken(closes_at, now))


class NotThatDay(CanteenRefused):
    """The standing order is for other days than that."""

    errcode = 409361
    sentence = _("固定订餐里没有这一天，请核对日期。")
