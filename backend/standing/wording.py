"""The words for what was missed."""

from flask_babel import lazy_gettext as _

from backend.standing.models import AppealState
from backend.standing.weighing import Why

WHY = {Why.ABSENT: _("没有请假，没来"), Why.LATE: _("过了期限才取消")}
BECAME = {
    AppealState.ASKED: _("等社区答复"),
    AppealState.GRANTED: _("不再计入"),
    AppealState.DECLINED: _("照常计入"),
}
