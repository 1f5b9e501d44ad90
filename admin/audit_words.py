"""What the audit keeps, in words: each fact by its name, sums in yuan, moments on the wall."""

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from flask_babel import lazy_gettext as _

from admin import words
from admin.templating import day, stamp
from backend.canteen.eaters.wording import CATEGORIES
from backend.canteen.pricing.wording import PAYERS
from backend.canteen.wording import MEALS, MODES
from backend.money import in_yuan
from backend.tables import TABLES

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\S*")
_ORDER = words.BOOKING | {
    "confirmed": _("已订"), "attended": _("已用餐"), "missed": _("没有来"),
    "cancelled": _("已退"),
}  # fmt: skip
_STATES = {
    "reservation": words.RESERVATION, "slot": words.SLOT, "home_visit": words.VISIT,
    "meal_order": _ORDER,
}  # fmt: skip
"""A booking's states, by what the action begins with."""

_VALUES: Mapping[str, Mapping[Any, Any]] = {
    "role": words.ROLE, "roles": words.ROLE, "gender": words.GENDER, "relation": words.RELATION,
    "meal": MEALS, "meals": MEALS, "mode": MODES, "modes": MODES, "category": CATEGORIES,
    "categories": CATEGORIES, "payer": PAYERS, "payers": PAYERS, "method": words.FEE_METHOD,
    "stage": {"cooked": _("做好"), "packed": _("装好")},
    "weekdays": dict(enumerate(words.WEEKDAYS)), "language": {"zh": _("中文"), "en": "English"},
    "changed": {
        "allergens": _("过敏"), "avoids": _("忌口"), "traits": _("饮食要求"),
        "texture": _("软硬"), "note": _("备注"),
    },
}  # fmt: skip
"""By the name of the fact; numbers of days too."""


def subject(action: str, kind: str) -> str:
    """What the entry is about."""
    if action.startswith("meal_order."):
        return str(_("订餐"))
    return str(words.SUBJECT.get(kind, kind))


def said(given: Any, action: str, kind: str) -> str:
    """What was kept of how it stood before or after `action` on a thing of that `kind`."""
    return _said(given, "", _Entry(action, kind))


class _Entry:
    """What decides about words: what was done, and to what kind of thing."""

    def __init__(self, action: str, kind: str) -> None:
        self.states = _STATES.get(action.partition(".")[0], words.BOOKING)
        self.labels = _labels().get(kind, {}) if action.startswith("table.") else {}

    def field(self, name: str) -> str:
        return str(self.labels.get(name) or words.field(name))


@cache
def _labels() -> dict[str, dict[str, Any]]:
    """What the columns of plain tables are called, by the audit's word for their rows."""
    return {
        one.subject: {name: field.label for name, field in one.fields().items()}
        for one in TABLES.values()
    }


def _said(given: Any, name: str, entry: _Entry) -> str:
    if given is None or given == "":
        return "—"
    if isinstance(given, Mapping):
        return str(_("；")).join(
            f"{entry.field(key)} {_said(one, key, entry)}" for key, one in given.items()
        )
    if isinstance(given, list):
        return str(_("、")).join(_said(one, name, entry) for one in given)
    if isinstance(given, bool):
        return str(_("是") if given else _("否"))
    known = (entry.states if name == "state" else _VALUES.get(name, {})).get(given)
    if known is not None:
        return str(known)
    return _number(given, name) if isinstance(given, int) else _text(str(given))


def _number(given: int, name: str) -> str:
    if name == "fen" or name.endswith("_fen"):
        return str(_("%(yuan)s 元", yuan=in_yuan(given)))
    if name == "percent":
        return f"{in_yuan(given)}%"
    return f"{given // 60:02d}:{given % 60:02d}" if name.endswith("_minute") else str(given)


def _text(given: str) -> str:
    if _DAY.fullmatch(given):
        return day(given, year=True)
    return stamp(given) if _MOMENT.fullmatch(given) else given
