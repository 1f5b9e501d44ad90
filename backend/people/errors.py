"""What is refused about people and households, each with its stable code."""

from flask_babel import lazy_gettext as _

from backend.errors import Refusal


class HouseholdFull(Refusal):
    """The account acts for as many people as one account may; `limit` says how many."""

    errcode, status = 40940, 409
    sentence = _("家人名单已满，请先移除不再需要代办的家人。")


class AlreadyInHousehold(Refusal):
    """The account may act for this person already."""

    errcode, status = 40941, 409
    sentence = _("这位家人已经在您的名单里了。")


class NotAMinor(Refusal):
    """A guardian declares for minors only; a grown-up is asked."""

    errcode, status = 40942, 409
    sentence = _("年满 18 周岁的家人需要本人同意，请改用“添加成年家人”。")


class OwnPhone(Refusal):
    """The phone given for a relative is the account's own."""

    errcode, status = 40943, 409
    sentence = _("这是您自己的手机号，请填写家人的手机号。")
