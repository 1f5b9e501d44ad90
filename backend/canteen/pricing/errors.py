"""Why a subsidy rule, or a proof for one, is not changed like that; only staff meet these."""

from flask_babel import lazy_gettext as _

from backend.canteen.errors import CanteenRefused


class SubsidyRefused(CanteenRefused):
    """A rule about subsidies says no."""

    errcode = 409330
    for_staff = True
    sentence = _("现在不能办理这项补贴业务。")


class NothingDrafted(SubsidyRefused):
    """The rule has no draft: it was published or thrown away meanwhile."""

    errcode = 409331
    sentence = _("没有要发布的草稿，可能同事已经发布或删除了。")


class BeginsInPast(SubsidyRefused):
    """The version would begin before today: what was ordered by then has its price."""

    errcode = 409332
    sentence = _("生效日期已经过去，请改成今天或以后的日期再发布。")


class RuleStops(SubsidyRefused):
    """The rule ends before the version would begin; `day`, the rule's last one."""

    errcode = 409333
    sentence = _("这条规则定在 %(day)s 停用，之后不能再有新版本。")


class PayerAbove(SubsidyRefused):
    """They decide on money of a level above theirs; `payers` they may name."""

    errcode = 409334
    sentence = _("您能定的是%(payers)s出的补贴，上级出的部分请上级管理员来定。")


class AlreadyProven(SubsidyRefused):
    """The same category is noted for some of these days; `category`."""

    errcode = 409335
    sentence = _("“%(category)s”在这段时间已经登记过。要改的话，先取消原来的一条。")
