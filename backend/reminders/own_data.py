"""What was told to somebody, and what WeChat may still be asked to tell."""

from datetime import datetime

from flask_babel import gettext as _
from flask_babel import lazy_gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend import config
from backend.people.models import Identity, IdentityKind
from backend.people.own_data import Section, moment, tells
from backend.people.queries import Resident
from backend.reminders.models import InboxMessage, SubscriptionGrant
from backend.reminders.wording import Template

TEMPLATE = {
    Template.BOOKED: lazy_gettext("报名结果"),
    Template.OFFERED: lazy_gettext("候补名额"),
    Template.CHANGED: lazy_gettext("课程变更"),
    Template.LESSON: lazy_gettext("上课和预约提醒"),
}


@tells
def inbox_told(session: Session, me: Resident, now: datetime) -> Section:
    """Every message in my inbox, the newest first."""
    section = Section(_("收到的消息"))
    rows = session.execute(
        select(InboxMessage.title, InboxMessage.body, InboxMessage.created_at)
        .where(InboxMessage.account_id == me.account_id)
        .order_by(InboxMessage.id.desc())
    )
    for row in rows:
        section.add(f"{moment(row.created_at)} {row.title}", row.body)
    return section


@tells
def grants_told(session: Session, me: Resident, now: datetime) -> Section:
    """How often each template may still be sent, as far as it is counted."""
    section = Section(_("微信提醒授权"))
    kinds = {template: kind for kind, template in config.current().wx_templates.items()}
    rows = session.execute(
        select(SubscriptionGrant.template_id, SubscriptionGrant.remaining)
        .join(Identity, Identity.subject == SubscriptionGrant.openid)
        .where(Identity.kind == IdentityKind.WECHAT, Identity.account_id == me.account_id)
        .order_by(SubscriptionGrant.template_id)
    )
    for row in rows:
        kind = kinds.get(row.template_id)
        label = TEMPLATE[Template(kind)] if kind in list(Template) else row.template_id
        section.add(str(label), _("还可以发送 %(count)s 次", count=row.remaining))
    return section
