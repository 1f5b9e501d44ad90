"""The market's words in Chinese, for forms and sentences."""

from flask_babel import gettext
from flask_babel import lazy_gettext as _

from backend.market.models import PaperKind, ProviderKind
from backend.reminders.wording import Due

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


def service_words(service: str, *, at_home: bool) -> str:
    """义诊, or 上门义诊: what is done at home is called so."""
    return str(gettext("上门%(service)s", service=service)) if at_home else service


def because(due: Due) -> str:
    """Why it is so, as staff wrote it; nothing where they did not."""
    reason = due.facts.get("reason") if due.facts else None
    return str(gettext("因为%(reason)s，", reason=reason)) if reason else ""
