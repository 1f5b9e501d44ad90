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


class ClaimGone(Refusal):
    """The question was answered otherwise, is older than half an hour, or is settled by now."""

    errcode, status = 40944, 409
    sentence = _("这个问题已经过期，请重新登录后再回答。")


class SmsNotSetUp(Refusal):
    """Sign-in by text message is not set up on this site: no provider is configured."""

    errcode, status = 40945, 409
    sentence = _("这里还没有开通短信登录，请在微信小程序里登录。")


class SmsCodeWrong(Refusal):
    """Not the code that was sent last to this phone; `tries_left` 0: it takes a new one."""

    errcode, status = 40103, 401
    sentence = _("验证码不对或已过期，请核对后再试，或重新获取。")


class SmsCodeJustSent(Refusal):
    """A code went to this phone less than a minute ago; `retry_after` is in seconds."""

    errcode, status = 42901, 429
    sentence = _("验证码刚刚发出，请留意短信，稍后可以重新获取。")


class TooManySmsCodes(Refusal):
    """The phone got as many codes as it may for now; `retry_after` is in seconds."""

    errcode, status = 42902, 429
    sentence = _("这个手机号获取验证码的次数太多了，请过些时候再试。")


class SmsBusy(Refusal):
    """The provider of text messages did not take the message; no code is valid."""

    errcode, status = 50301, 503
    sentence = _("短信暂时发不出去，请稍后再试。")


class OwnPhone(Refusal):
    """The phone given for a relative is the account's own."""

    errcode, status = 40943, 409
    sentence = _("这是您自己的手机号，请填写家人的手机号。")
