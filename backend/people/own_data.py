"""Everything that is stored about somebody, in plain sections for that person to read.

Right of access: Personal Information Protection Law of the PRC, article 45. Packages that keep
rows about people register what theirs say; people knows none of them.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend import clock
from backend.people import household_queries
from backend.people.models import (
    AccessToken,
    Account,
    Gender,
    Identity,
    IdentityKind,
    Person,
    Relation,
)
from backend.people.queries import Resident
from backend.places.models import Place


@dataclass(slots=True)
class Section:
    """A heading and its lines, each a label and what is stored."""

    title: str
    rows: list[tuple[str, str]] = field(default_factory=list)

    def add(self, label: str, value: object | None) -> None:
        """A line; nothing stored is no line."""
        if value not in (None, ""):
            self.rows.append((label, str(value)))


Tell = Callable[[Session, Resident, datetime], Section]
"""What a package keeps about the account's owner."""

_tellers: list[Tell] = []

GENDER = {Gender.FEMALE: lazy_gettext("女"), Gender.MALE: lazy_gettext("男")}
RELATION = {
    Relation.CHILD: lazy_gettext("子女"),
    Relation.PARENT: lazy_gettext("父母"),
    Relation.SPOUSE: lazy_gettext("配偶"),
    Relation.OTHER: lazy_gettext("其他亲友"),
}
LANGUAGE = {"zh": "中文", "en": "English"}


def tells(tell: Tell) -> Tell:
    """Register `tell`; sections come in the order they were registered."""
    _tellers.append(tell)
    return tell


def gather(session: Session, me: Resident, now: datetime) -> dict[str, Any]:
    """`{made_at, sections: [{title, rows: [{label, value}]}]}`, in the language of the request."""
    sections = [tell(session, me, now) for tell in _tellers]
    return {
        "made_at": clock.rfc3339(now),
        "sections": [
            {
                "title": section.title,
                "rows": [{"label": label, "value": value} for label, value in section.rows],
            }
            for section in sections
            if section.rows
        ],
    }


def moment(at: datetime | None) -> str:
    """A moment as it is written here: 2026-03-11 19:00."""
    return f"{clock.local(at):%Y-%m-%d %H:%M}" if at else ""


@tells
def _facts(session: Session, me: Resident, now: datetime) -> Section:
    person = session.get_one(Person, me.person_id)
    account = session.get_one(Account, me.account_id)
    section = Section(_("我的资料"))
    section.add(_("姓名"), person.name)
    section.add(_("性别"), GENDER[Gender(person.gender)] if person.gender else None)
    section.add(_("出生日期"), person.birth_date)
    section.add(_("手机号"), person.phone)
    section.add(_("居住地"), _home(session, person.home_place_id))
    section.add(_("门牌"), person.address)
    section.add(_("身份证号"), person.id_number)
    section.add(_("社区备注"), person.note)
    section.add(_("语言"), LANGUAGE.get(account.language))
    section.add(_("登记时间"), moment(person.created_at))
    return section


@tells
def _sign_in(session: Session, me: Resident, now: datetime) -> Section:
    account = session.get_one(Account, me.account_id)
    section = Section(_("账号与登录"))
    section.add(_("账号开通"), moment(account.created_at))
    words = {IdentityKind.WECHAT: _("已关联微信"), IdentityKind.PHONE: _("已验证手机号")}
    proofs = session.execute(
        select(Identity.kind, Identity.created_at)
        .where(Identity.account_id == me.account_id)
        .order_by(Identity.id)
    )
    for proof in proofs:
        section.add(words[IdentityKind(proof.kind)], moment(proof.created_at))
    tokens = session.execute(
        select(AccessToken.created_at, AccessToken.expires_at)
        .where(AccessToken.account_id == me.account_id, AccessToken.revoked_at.is_(None))
        .order_by(AccessToken.created_at)
    )
    for token in tokens:
        until = _("有效至 %(until)s", until=moment(token.expires_at))
        section.add(_("登录于 %(at)s", at=moment(token.created_at)), until)
    section.add(_("日历链接"), _("已开通") if account.calendar_token else None)
    return section


@tells
def _household(session: Session, me: Resident, now: datetime) -> Section:
    section = Section(_("家人代办"))
    words = {"given": _("您可以代办"), "requested": _("等待对方同意"), "ended": _("已到期")}
    for one in household_queries.list_mine(session, me, now):
        said = f"{words[one['state']]}（{RELATION[Relation(one['relation'])]}）"
        section.add(one["name"], said)
    for one in household_queries.list_acting_for_me(session, me, now):
        section.add(one["name"] or _("一位居民"), _("可以为您代办"))
    for one in household_queries.list_requests(session, me):
        section.add(one["name"] or _("一位居民"), _("申请为您代办"))
    return section


def _home(session: Session, place_id: int | None) -> str | None:
    return session.scalar(select(Place.name).where(Place.id == place_id)) if place_id else None
