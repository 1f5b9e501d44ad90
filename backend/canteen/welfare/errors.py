"""Why a case is not opened, or does not change: one class a rule, with its stable code."""

from flask_babel import lazy_gettext as _

from backend.canteen.errors import CanteenRefused


class NothingBrought(CanteenRefused):
    """The order is not delivered, was given back, or is for another day: nobody was to answer."""

    errcode = 409390
    for_staff = True
    sentence = _("这一单今天不用送到家，不能登记上门无人应答。")


class CaseClosed(CanteenRefused):
    """The case is closed and stays so; what came to be known later is added."""

    errcode = 409391
    for_staff = True
    sentence = _("这次核实已经结束，不能再改。后来知道的情况，请写在“补充”里。")
