"""Why a courier is told no: one class a rule, each with its stable code."""

from flask_babel import lazy_gettext as _

from backend.canteen.errors import CanteenRefused


class RunTaken(CanteenRefused):
    """Somebody else was faster, or has it by the dispatcher's word."""

    errcode = 409385
    for_staff = True
    sentence = _("这一趟已经有人领了，请看看别的趟次。")


class SkillMissing(CanteenRefused):
    """The run asks for something the courier has not shown, or that is valid no longer; `skill`."""

    errcode = 409386
    for_staff = True
    sentence = _("送这一趟要有%(skill)s，而且在有效期内。请联系配送调度登记。")


class NotThatFar(CanteenRefused):
    """The run is not out yet, is out already, or is back; the sentence says which."""

    errcode = 409387
    for_staff = True
    sentence = _("这一趟已经交回，不能再改。有不对的地方请联系配送调度。")


class StopSettled(CanteenRefused):
    """The stop is ticked already, or its order was given back; the sentence says which."""

    errcode = 409388
    for_staff = True
    sentence = _("这一份已经登记过了，请刷新页面看看。")


class NotAllSettled(CanteenRefused):
    """Bags are neither handed over nor failed, or a welfare case is open; `left`, how many."""

    errcode = 409389
    for_staff = True
    sentence = _("还有 %(left)s 份没有登记，全部登记以后才能交回。")
