"""A month's settlement as a spreadsheet: the claims, and what they tie to; no names."""

from collections.abc import Sequence

from flask_babel import gettext as _

from backend import spreadsheets
from backend.canteen.pricing.settlement import Statement
from backend.canteen.pricing.wording import PAYERS
from backend.money import decimal
from backend.spreadsheets import Column, Sheet


def write(statements: Sequence[Statement]) -> bytes:
    """Amounts are in yuan, as numbers."""
    yuan = [Column(_("%(what)s（元）", what=word)) for word in PAYERS.values()]
    canteen = Column(_("食堂"), 24)
    claims = Sheet(
        _("补贴结算"),
        [canteen, Column(_("补贴规则"), 28), Column(_("版本"), 8), Column(_("餐数"), 8), *yuan,
         Column(_("合计（元）"))],
        [
            [one.name, claim.name, claim.version, claim.meals,
             *(decimal(claim.by_payer.get(payer, 0)) for payer in PAYERS), decimal(claim.fen)]
            for one in statements
            for claim in one.claims
        ],
    )  # fmt: skip
    sums = Sheet(
        _("对账"),
        [canteen, Column(_("餐数"), 8), *(Column(heading) for heading in (
            _("原价（元）"), _("优惠（元）"), _("补贴（元）"), _("居民付餐费（元）"),
            _("送餐费（元）"), _("各级应付（元）"), _("散客（位）"), _("散客现金（元）"),
        ))],
        [
            [one.name, one.meals, *map(decimal, (
                one.list_fen, one.discount_fen, one.subsidy_fen, one.pays_fen, one.fee_fen,
                sum(one.by_payer.values()),
            )), one.guests, decimal(one.guests_fen)]
            for one in statements
        ],
    )  # fmt: skip
    return spreadsheets.write_book([claims, sums])
