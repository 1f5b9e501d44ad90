"""Why something about a staff account is refused."""

from flask_babel import lazy_gettext as _

from backend.errors import Refusal


class StaffRefused(Refusal):
    """A rule about staff accounts says no."""

    errcode, status = 40950, 409
    sentence = _("现在不能这样更改工作人员账号。")


class SignInRefused(StaffRefused):
    """Wrong name or password, locked, or nobody of that name: one answer for all, on purpose."""

    errcode, status = 42250, 422
    sentence = _("用户名或密码不正确。连续输错 5 次，账号会锁定 15 分钟。")


class UsernameTaken(StaffRefused):
    """Somebody has (or had) this username."""

    errcode = 40952
    for_staff = True
    sentence = _("这个用户名已经有人使用，请换一个。")


class RoleTooWide(StaffRefused):
    """The role or place lies outside what the manager has themselves."""

    errcode = 40953
    for_staff = True
    sentence = _("只能在您管理的范围内授权。")


class RoleMisplaced(StaffRefused):
    """The role is not given at places of this level."""

    errcode = 40954
    for_staff = True
    sentence = _("这个角色不能设在所选的层级，请重新选择地点。")


class NotYourself(StaffRefused):
    """Nobody takes their own roles, resets their own password here or signs themselves out."""

    errcode = 40955
    for_staff = True
    sentence = _("不能对自己的账号做这项操作，请联系上级管理员。")


class SuccessorNeeded(StaffRefused):
    """Open work has to go to somebody who is at work and may take it."""

    errcode = 40956
    for_staff = True
    sentence = _("请先选择一位在岗的接手人。")


class HasLeft(StaffRefused):
    """The account belongs to somebody who has left."""

    errcode = 40957
    for_staff = True
    sentence = _("这位工作人员已经离岗。")


class LastRole(StaffRefused):
    """Without a role nobody would find the account any more: it is ended instead."""

    errcode = 40958
    for_staff = True
    sentence = _("这是最后一个岗位。如果这位同事不再工作，请办理离岗交接。")


class ChangedMeanwhile(Refusal):
    """Somebody else changed it since the form was opened; `changes` lists what, and by whom."""

    errcode, status = 40937, 409
    sentence = _("您打开之后，别人已经改过这条记录，您的修改还没有保存。请看清楚现在的内容再决定。")
