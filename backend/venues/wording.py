"""The words for what rooms are good for, what stands in them, and who may reserve them."""

from flask_babel import lazy_gettext as _

from backend.places.models import Equipment, RoomFunction
from backend.venues.models import Audience

FUNCTIONS = {
    RoomFunction.CALLIGRAPHY: _("书画"),
    RoomFunction.CHESS: _("棋牌"),
    RoomFunction.DANCE: _("舞蹈"),
    RoomFunction.FAMILY: _("亲子"),
    RoomFunction.MEETING: _("会议"),
    RoomFunction.STUDIO: _("直播录音"),
    RoomFunction.LECTURE: _("讲座演出"),
    RoomFunction.CRAFT: _("手工"),
    RoomFunction.MUSIC: _("音乐"),
    RoomFunction.KITCHEN: _("烘焙厨艺"),
    RoomFunction.READING: _("阅读自习"),
}
EQUIPMENT = {
    Equipment.PROJECTOR: _("投影仪"),
    Equipment.SCREEN: _("大屏"),
    Equipment.WHITEBOARD: _("白板"),
    Equipment.SOUND: _("音响"),
    Equipment.MICROPHONE: _("话筒"),
    Equipment.PIANO: _("钢琴"),
    Equipment.MIRRORS: _("镜墙"),
    Equipment.COMPUTERS: _("电脑"),
    Equipment.CAMERA: _("摄像机"),
    Equipment.STOVE: _("灶台"),
    Equipment.MATS: _("地垫"),
}
AUDIENCES = {
    Audience.EVERYONE: _("不限"),
    Audience.DISTRICT: _("本区居民"),
    Audience.STREET: _("本街道居民"),
    Audience.COMMUNITY: _("本社区居民"),
    Audience.GROUPS: _("只给登记的团队"),
    Audience.STAFF: _("只由工作人员安排"),
}
