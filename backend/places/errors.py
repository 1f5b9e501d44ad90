"""Why a room, or a place, is refused."""

from flask_babel import lazy_gettext as _

from backend.errors import Refusal


class RoomTaken(Refusal):
    """Something else occupies the room, or a part of it, at that time; `clashes` names what."""

    errcode, status = 40918, 409
    sentence = _("该时段场地已被占用，请换一个时间或房间。")


class DistrictExists(Refusal):
    """There is a district already; a database serves one."""

    errcode, status = 40919, 409
    for_staff = True
    sentence = _("已经有区级单位了，不能再建一个。")
