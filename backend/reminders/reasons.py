"""Why a reminder is not on WeChat, or nowhere, in sentences staff read on its row.

The row keeps the Chinese sentence, which is its own msgid where it is shown.
"""

from flask_babel import lazy_gettext as _

NO_ACCOUNT = _("本人没有账号，也没有能代收的家人，请打电话告知")
TOLD_IN_PERSON = _("没有账号，报名时已当面告知")
CALLED_BEFORE = _("没有账号，前一晚已列入电话名单，不再打第二次")
LATE_CLASH = _("订餐截止后才发现和饮食情况冲突，请马上打电话问清")
TOO_FEW = _("所在小区订送餐的人不够，请打电话问：改到食堂自取，还是退餐")
AT_THE_STALL = _("没有账号，人在现场，由摊位当面告知")
NO_OPENID = _("没有绑定微信，只发了站内消息")
NO_TEMPLATE = _("这类消息没有微信模板，只发了站内消息")
NO_GRANT = _("没有剩余的微信订阅次数，只发了站内消息")
NOT_SUBSCRIBED = _("微信未送达：对方没有订阅或已关闭提醒，只发了站内消息")
OPENID_UNKNOWN = _("微信不认识这个用户，只发了站内消息")
NO_LONGER = _("到发送时已不再适用")
REFUSED = _("微信拒收了这条消息，请系统管理员查看日志")
GIVEN_UP = _("微信多次没有接收，已停止重试")
UNANSWERED = _("微信两次没有回音，可能已经送达，为免打扰不再重发")
NOT_WORDED = _("消息内容生成出错，请系统管理员查看日志")
