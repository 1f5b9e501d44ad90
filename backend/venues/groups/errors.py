"""Why something is not to be had for a group, or not to be done with one."""

from flask_babel import lazy_gettext as _

from backend.venues.errors import ReservationRefused


class GroupsOnly(ReservationRefused):
    """The room is for registered groups; one reserves it for a group one is a member of."""

    errcode = 409150
    sentence = _("这个房间只给登记的团队使用，请选您所在的团队再约。")


class GroupElsewhere(ReservationRefused):
    """The room is for a place, and the group is not registered there."""

    errcode = 409151
    sentence = _("这个房间只面向在附近登记的团队。")


class GroupNotRegistered(ReservationRefused):
    """The group has ended, or its registration (`valid_until`) does not last to that day."""

    errcode = 409152
    sentence = _("团队的登记到这一天已经失效，请负责人到社区续登。")


class GroupHasEnough(ReservationRefused):
    """The group has as many reservations to come (`most`) as one may have."""

    errcode = 409153
    sentence = _("每个团队同时最多有 %(most)s 个预约，用过或取消一个，才能再约。")


class GroupHasEnoughThisWeek(ReservationRefused):
    """The group would have more than `most_minutes` in that week."""

    errcode = 409154
    sentence = _("每个团队每周最多预约 %(most_minutes)s 分钟，这一周已经够了，请看看别的星期。")


class LastLeader(ReservationRefused):
    """Without this one nobody would lead the group; somebody else becomes leader first."""

    errcode = 409155
    sentence = _("团队要有一位负责人，请先请社区登记另一位负责人。")


class LeadersOnly(ReservationRefused):
    """Only a leader of the group lets others go; everybody may leave."""

    errcode = 409156
    sentence = _("只有团队负责人可以请成员退出。")
