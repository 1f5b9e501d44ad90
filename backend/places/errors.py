"""Why a room is refused."""

from flask_babel import lazy_gettext as _

from backend.errors import Refusal


class RoomTaken(Refusal):
    """Something else occupies the room, or a part of it, at that time; `clashes` names what."""

    errcode, status = 40918, 409
    sentence = _("该时段场地已被占用，请换一个时间或房间。")
