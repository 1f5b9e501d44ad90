"""Why a change to a table is refused."""

from flask_babel import lazy_gettext as _

from backend.errors import Refusal


class ChangedMeanwhile(Refusal):
    """Somebody else changed the row since the form was opened; `changes` lists what."""

    errcode, status = 40937, 409
    sentence = _("您打开之后，别人已经改过这条记录，您的修改还没有保存。请看清楚现在的内容再决定。")
