"""The market's words in Chinese, for forms and sentences."""

from flask_babel import lazy_gettext as _

from backend.market.models import PaperKind, ProviderKind

KINDS = {
    ProviderKind.CLINIC: _("医疗机构"),
    ProviderKind.BARBER: _("理发店"),
    ProviderKind.VOLUNTEERS: _("志愿队"),
    ProviderKind.FIRM: _("商户企业"),
    ProviderKind.PERSON: _("个人"),
}
PAPERS = {
    PaperKind.HEALTH: _("健康证"),
    PaperKind.PRACTICE: _("执业证"),
    PaperKind.LICENCE: _("营业执照"),
    PaperKind.INSURANCE: _("责任险"),
}
