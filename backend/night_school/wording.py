"""The words staff and residents read for attendance, on pages, in sheets and in "my data"."""

from flask_babel import lazy_gettext as _

from backend.night_school.models import Presence

PRESENCE = {
    Presence.PRESENT: _("到课"),
    Presence.LATE: _("迟到"),
    Presence.LEFT_EARLY: _("早退"),
    Presence.ABSENT: _("缺席"),
    Presence.EXCUSED: _("请假"),
    Presence.EXCUSED_AFTER: _("补请假"),
    Presence.MADE_UP: _("他班补课"),
    Presence.UNKNOWN: _("不详"),
}
"""In the order of the buttons."""


def word(presence: str | None) -> str:
    """The word for a mark, or for none."""
    return str(_("未登记") if presence is None else PRESENCE[Presence(presence)])
