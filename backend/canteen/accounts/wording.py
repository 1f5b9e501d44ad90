"""The words of meal accounts in Chinese."""

from flask_babel import lazy_gettext as _

from backend.canteen.accounts.models import EntryKind

ENTRIES = {
    EntryKind.TOP_UP: _("现金充值"), EntryKind.GRANT: _("补助"), EntryKind.OPENING: _("期初余额"),
    EntryKind.CHARGE: _("餐费"), EntryKind.CREDIT: _("退差价"), EntryKind.REFUND: _("退款"),
    EntryKind.EXPIRY: _("补助到期"), EntryKind.REVERSAL: _("冲正"),
}  # fmt: skip
"""What a line of the ledger is called."""
