"""Why a meal account says no: one class a rule, each with its stable code."""

from flask_babel import lazy_gettext as _

from backend.errors import Refusal
from backend.money import in_yuan


class AccountRefused(Refusal):
    """A rule of meal accounts says no."""

    errcode, status = 409320, 409
    sentence = _("现在不能办理这项餐卡业务。")


class BalanceShort(AccountRefused):
    """There is less on the account than the meal costs; `short_fen` more are needed."""

    errcode = 409321
    sentence = _("餐卡余额不够，还差 %(short)s 元。请先充值再订餐。")

    def __init__(self, short_fen: int) -> None:
        super().__init__(short_fen=short_fen, short=in_yuan(short_fen))


class AlreadyReversed(AccountRefused):
    """The entry was taken back before."""

    errcode = 409322
    for_staff = True
    sentence = _("这笔流水已经冲正过了。")


class MoneySpent(AccountRefused):
    """What is to be taken back or paid out is no longer there; `left_fen` are."""

    errcode = 409323
    for_staff = True
    sentence = _("这笔钱已经用掉或订餐占用了，最多能退 %(left)s 元。")

    def __init__(self, left_fen: int) -> None:
        super().__init__(left_fen=left_fen, left=in_yuan(left_fen))


class NotTakenBack(AccountRefused):
    """Only what the desk entered is taken back there; a meal's money goes with the meal."""

    errcode = 409324
    for_staff = True
    sentence = _("这笔流水不能在这里冲正：餐费随订单退。")


class TillChanged(AccountRefused):
    """Since the page was opened, cash has come or gone, or the till was closed."""

    errcode = 409325
    for_staff = True
    sentence = _("打开页面之后又收退过现金，或已经结过账。请按现在的数目重新清点。")


class DifferenceUnexplained(AccountRefused):
    """What was counted is not what the receipts say, and nobody said why."""

    errcode = 409326
    for_staff = True
    sentence = _("清点的现金和应有的不一样，请写明原因。")


class MoneyLeft(AccountRefused):
    """An account with money that was paid in is not deleted; `left_fen` are to be fetched."""

    errcode = 409327
    sentence = _("餐卡里还有 %(left)s 元。请先到食堂退款，再注销账号。")

    def __init__(self, left_fen: int) -> None:
        super().__init__(left_fen=left_fen, left=in_yuan(left_fen))


class BalancesChanged(AccountRefused):
    """What was shown is no longer so; nothing was written."""

    errcode = 409328
    for_staff = True
    sentence = _("打开页面之后有了变动（可能已经办过）。请按现在的内容再核对一遍。")


class ClosingBegun(AccountRefused):
    """The list is being paid: it can no longer be drawn up anew or changed."""

    errcode = 409340
    for_staff = True
    sentence = _("已经开始退款，名单不能再改。请先把这一份退完。")
