"""The words for what was missed."""

from flask_babel import lazy_gettext as _

from backend.standing.weighing import Why

WHY = {Why.ABSENT: _("没有请假，没来"), Why.LATE: _("过了期限才取消")}
