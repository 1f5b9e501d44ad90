"""What the people desk refuses, each with its stable code."""

from flask_babel import lazy_gettext as _

from backend.errors import Refusal


class PerhapsKnown(Refusal):
    """Cards with the same phone, or the same name and birth date, exist (`person_ids`)."""

    errcode, status = 40971, 409
    for_staff = True
    sentence = _("可能已有这位居民的档案，请先核对下面的记录。")


class NoAccount(Refusal):
    """Nobody signs in with that phone, so nobody can be allowed to act."""

    errcode, status = 42203, 422
    sentence = _("没有找到用这个手机号登录的居民，请代办人先在小程序登录并绑定手机号。")


class OwnConsent(Refusal):
    """Nobody needs a consent for oneself."""

    errcode, status = 40973, 409
    for_staff = True
    sentence = _("代办人和居民是同一个人，不需要登记代办。")


class NotTwo(Refusal):
    """The two cards are one, or one of them was merged before."""

    errcode, status = 40974, 409
    for_staff = True
    sentence = _("这两份档案不能合并，可能已经合并过了，请刷新后再看。")
