"""The words of handing meals over, in Chinese."""

from flask_babel import lazy_gettext as _

from backend.canteen.serving.models import Way

WAYS = {Way.COUNTER: _("已取餐"), Way.DOOR: _("已送达")}
