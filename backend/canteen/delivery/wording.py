"""The words of deliveries."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _

from backend.canteen.delivery.models import Gone, Reason, Skill, StopState

STATES: dict[StopState, Any] = {
    StopState.TODO: _("待送"),
    StopState.DONE: _("已送到"),
    StopState.FAILED: _("没送到"),
    StopState.GONE: _("不用送了"),
}
GONE: dict[Gone, Any] = {
    Gone.FETCHED: _("已在窗口取走"),
    Gone.ENDED: _("已退订"),
    Gone.PICK_UP: _("改为自取"),
    Gone.TOO_LATE: _("收车后才撤销取餐"),
}
REASONS: dict[Reason, Any] = {
    Reason.NO_ANSWER: _("上门无人应答"),
    Reason.REFUSED: _("本人不要"),
    Reason.WRONG_ADDRESS: _("地址不对"),
    Reason.ABSENT_ANNOUNCED: _("事先说了不在家"),
    Reason.OTHER: _("其他原因"),
}
SKILLS: dict[Skill, Any] = {Skill.HEALTH: _("健康证")}


def door(stop: Mapping[str, Any]) -> str:
    """What stands on the door: 3号楼 2单元 501; what is not known is left out."""
    parts = (building(stop["building"]), unit(stop["unit"]), stop["flat"])
    return " ".join(str(one) for one in parts if one)


def building(name: str | None) -> str | None:
    """3 is 3号楼, A is A座."""
    if not name:
        return None
    if name[-1].isdecimal():
        return str(gettext("%(n)s号楼", n=name))
    return str(gettext("%(n)s座", n=name))


def unit(name: str | None) -> str | None:
    """2 is 2单元."""
    return str(gettext("%(n)s单元", n=name)) if name else None
