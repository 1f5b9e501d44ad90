"""Why the market says no: one class a rule, each with its stable code."""

from typing import Any

from flask_babel import gettext, lazy_gettext

from backend.errors import Refusal

_ = lazy_gettext


class MarketRefused(Refusal):
    """A rule of the market says no."""

    errcode, status = 409200, 409
    sentence = _("现在不能办理这项集市服务。")


class DayTaken(MarketRefused):
    """The place has a market on that day already."""

    errcode = 409201
    sentence = _("这个地方当天已经有一场集市了，请把摊位加到那一场里。")


class DayClosed(MarketRefused):
    """The market day was cancelled, or is over: its plan does not change any more."""

    errcode = 409202
    sentence = _("这场集市已经取消或结束，不能再改。")


class ProviderBusy(MarketRefused):
    """Somebody is at another stall at that time; `name`, and `where` they are."""

    errcode = 409203
    sentence = _("%(name)s这段时间已经安排在“%(where)s”，一个人不能同时在两处。")


class PapersLacking(MarketRefused):
    """Somebody lacks a paper that the service asks for, or it ends before the day; `lacking`."""

    errcode = 409204
    sentence = _("%(lacking)s。证件齐全、当天有效，才能安排。")

    def __init__(self, lacking: list[str], **data: Any) -> None:
        super().__init__(**data | {"lacking": gettext("；").join(lacking)})
