"""What markets are planned from: services, their providers, and the providers' papers."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from marshmallow import Schema
from sqlalchemy import case, select
from sqlalchemy.orm import Session

from backend.db import table_of
from backend.errors import Invalid
from backend.market.models import Provider, ProviderKind, ProviderPaper, ProviderService, Service
from backend.market.wording import KINDS, PAPERS
from backend.staff.access import SignedInStaff
from backend.tables.catalogue import any_manager, everybody
from backend.tables.fields import Chosen, Code, Day, Line, Number, Ref, Several
from backend.tables.table import Choices, Option, Table
from backend.tables.writing import insert_into, update_of

service, provider, paper = table_of(Service), table_of(Provider), table_of(ProviderPaper)
offer = table_of(ProviderService)
_organisation = provider.alias("organisation")


def providers(session: Session, _me: SignedInStaff) -> list[Option]:
    """Everybody who serves at markets, organisations first; `about` is the kind."""
    first = case((provider.c.kind == ProviderKind.PERSON, 1), else_=0)
    rows = session.execute(
        select(provider.c.id, provider.c.name, provider.c.kind).order_by(first, provider.c.name)
    )
    return [Option(row.id, row.name, row.name, row.kind) for row in rows]


def services(session: Session, _me: SignedInStaff) -> list[Option]:
    """What is done at markets."""
    rows = session.execute(select(service.c.id, service.c.name).order_by(service.c.name))
    return [Option(row.id, row.name, row.name) for row in rows]


class ServiceRow(Schema):
    """The columns of services."""

    code = Code(_("编码"), 32)
    name = Line(_("服务名称"), 20, required=True, width=18, hint=_("例如：义诊、理发、磨刀。"))
    minutes = Number(_("每人约几分钟"), 1, 240, required=True, width=12)
    bring = Line(_("请居民带什么"), 120, width=32, hint=_("例如：请带社保卡和病历。"))
    papers = Several(_("需要的证件"), PAPERS, width=20)


class ProviderRow(Schema):
    """The columns of providers."""

    name = Line(_("名称"), 40, required=True, only_new=True, width=24,
                hint=_("单位写全称；个人写姓名，同名的加上单位区分。"))  # fmt: skip
    kind = Chosen(_("类型"), KINDS, required=True, only_new=True, width=10)
    organisation_id = Ref(_("所属单位"), providers, width=24,
                          hint=_("个人才填；单位的证件对他也有效。"))  # fmt: skip
    contact = Line(_("联系人"), 20)
    phone = Line(_("联系电话"), 20, listed=False)
    intro = Line(_("简介"), 120, listed=False, width=40)


class OfferRow(Schema):
    """The columns of what providers offer."""

    provider_id = Ref(_("谁"), providers, required=True, only_new=True, width=24)
    service_id = Ref(_("服务"), services, required=True, only_new=True, width=18)
    until = Day(_("做到哪天"), hint=_("这一天也算；一直做请留空。"))


class PaperRow(Schema):
    """The columns of papers."""

    provider_id = Ref(_("谁的"), providers, required=True, only_new=True, width=24)
    kind = Chosen(_("证件"), PAPERS, required=True, only_new=True, width=10)
    number = Line(_("证号"), 40, listed=False, width=24)
    valid_until = Day(_("有效期至"), hint=_("这一天也有效；长期有效请留空。"))


def person_of_organisation(values: dict[str, Any], choices: Mapping[str, Choices]) -> None:
    """Only a person belongs to somebody, and to no other person."""
    organisation_id = values.get("organisation_id")
    if organisation_id is None:
        return
    if values.get("kind", ProviderKind.PERSON) != ProviderKind.PERSON:
        raise Invalid({"organisation_id": [gettext("个人才填所属单位。")]})
    if choices["organisation_id"].about[organisation_id] == ProviderKind.PERSON:
        raise Invalid({"organisation_id": [gettext("请选一个单位，不是个人。")]})


SERVICES = Table(
    name="services", subject="market_service",
    title=_("集市服务"), noun=_("服务"), drawing="card-checklist", schema=ServiceRow,
    source=service, ident=service.c.id, key="code", scope=everybody, may_edit=any_manager,
    columns={name: service.c[name] for name in ServiceRow().fields},
    search=(service.c.name, service.c.code), order=(service.c.name,),
    create=insert_into(Service), change=update_of(Service),
)  # fmt: skip
PROVIDERS = Table(
    name="providers", subject="provider",
    title=_("集市服务者"), noun=_("服务者"), drawing="person-badge", schema=ProviderRow,
    source=provider.outerjoin(_organisation, _organisation.c.id == provider.c.organisation_id),
    ident=provider.c.id, key="name", scope=everybody, may_edit=any_manager,
    columns={name: provider.c[name] for name in ProviderRow().fields},
    search=(provider.c.name, _organisation.c.name, provider.c.contact),
    order=(provider.c.name,), create=insert_into(Provider), change=update_of(Provider),
    rules=(person_of_organisation,),
    note=_("医院、理发店、志愿队等单位，以及其中的个人。理发这样要挑人的服务，请把每位师傅单独登记。"),
)  # fmt: skip
OFFERS = Table(
    name="provider_services", subject="provider_service",
    title=_("服务者的服务"), noun=_("服务项目"), drawing="list", schema=OfferRow,
    source=offer.join(provider, provider.c.id == offer.c.provider_id).join(
        service, service.c.id == offer.c.service_id
    ),
    ident=offer.c.id, scope=everybody, may_edit=any_manager,
    columns={name: offer.c[name] for name in OfferRow().fields},
    search=(provider.c.name, service.c.name), order=(provider.c.name, service.c.name),
    create=insert_into(ProviderService), change=update_of(ProviderService),
    note=_("登记了服务的人和单位，只能排这些服务；单位登记的，对它的人都算。一项都没登记的，暂时什么都能排。"),
)  # fmt: skip
PAPERS_TABLE = Table(
    name="provider_papers", subject="provider_paper",
    title=_("服务者证件"), noun=_("证件"), drawing="clipboard-check", schema=PaperRow,
    source=paper.join(provider, provider.c.id == paper.c.provider_id), ident=paper.c.id,
    scope=everybody, may_edit=any_manager,
    columns={name: paper.c[name] for name in PaperRow().fields},
    search=(provider.c.name, paper.c.number),
    order=(paper.c.valid_until, provider.c.name), create=insert_into(ProviderPaper),
    change=update_of(ProviderPaper),
    note=_("排摊位时会核对：证件过期或没有登记的，排不上；当天失效的，会在今日社区和集市页面提醒。"),
)  # fmt: skip
