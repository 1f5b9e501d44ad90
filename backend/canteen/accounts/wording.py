"""The words of meal accounts in Chinese."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _

from backend.canteen.accounts.closing_models import Way
from backend.canteen.accounts.models import EntryKind

ENTRIES = {
    EntryKind.TOP_UP: _("现金充值"), EntryKind.GRANT: _("补助"), EntryKind.OPENING: _("期初余额"),
    EntryKind.CHARGE: _("餐费"), EntryKind.CREDIT: _("退差价"), EntryKind.REFUND: _("退款"),
    EntryKind.EXPIRY: _("补助到期"), EntryKind.REVERSAL: _("冲正"),
}  # fmt: skip
"""What a line of the ledger is called."""

SLIPS: Mapping[Any, Any] = ENTRIES | {None: _("散客餐费")}
"""What cash with a receipt was for; None: a guest's meal, which is on nobody's account."""

FAMILY, UNNAMED, GUEST = _("家人"), _("（未填姓名）"), _("散客")
"""A relative, or a resident, without a name on file; somebody who is not on file."""

WAYS = {Way.CASH: _("现金"), Way.TRANSFER: _("银行转账")}
"""How money goes back when a canteen closes."""
