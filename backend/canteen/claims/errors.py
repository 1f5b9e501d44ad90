"""Why a claim is not made, judged or frozen like that; only staff meet these."""

from flask_babel import lazy_gettext as _

from backend.canteen.errors import CanteenRefused


class ClaimOverlaps(CanteenRefused):
    """Some of these days are in another claim on the same layer; `claim`, its number."""

    errcode = 409395
    for_staff = True
    sentence = _("这段时间里有的日子已经在第 %(claim)s 号结算单里，同一天不能结算两次。")


class NotJudged(CanteenRefused):
    """So many meals (`meals`) still have to be looked at."""

    errcode = 409396
    for_staff = True
    sentence = _("还有 %(meals)s 餐要核定，核定完才能定稿。")


class OnePerMeal(CanteenRefused):
    """The same person's same meal is claimed at another canteen (`canteen`)."""

    errcode = 409397
    for_staff = True
    sentence = _(
        "这位居民的同一餐已在“%(canteen)s”申报，一人一餐只能申报一次。要改的话，先把那一餐定为不申报。"
    )


class PeriodNotOver(CanteenRefused):
    """The period runs until the end of `day`."""

    errcode = 409398
    for_staff = True
    sentence = _("%(day)s 还没有过完，过完才能定稿。")


class AlreadyFrozen(CanteenRefused):
    """The claim is frozen and stays as it is."""

    errcode = 409399
    for_staff = True
    sentence = _("这张结算单已经定稿，不能再改。后来的更正会列在下一张里。")
