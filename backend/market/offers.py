"""Which provider offers which service: their own, and those of the organisation they belong to."""

from collections.abc import Iterable
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.market.errors import NotOffered
from backend.market.models import Provider, ProviderService, Service


def check(session: Session, provider_ids: Iterable[int], service_id: int, day: date) -> None:
    """Everybody offers the service on that day, or names none at all. Raises NotOffered."""
    rows = session.execute(
        select(Provider.id, Provider.name, ProviderService.service_id, ProviderService.until)
        .join(
            ProviderService,
            (ProviderService.provider_id == Provider.id)
            | (ProviderService.provider_id == Provider.organisation_id),
        )
        .where(Provider.id.in_(set(provider_ids)))
        .order_by(Provider.id)
    ).all()
    fitting = {
        row.id for row in rows
        if row.service_id == service_id and (row.until is None or row.until >= day)
    }  # fmt: skip
    for row in rows:
        if row.id not in fitting:
            name = session.scalar(select(Service.name).where(Service.id == service_id))
            raise NotOffered(name=row.name, service=name)


def offered(session: Session, day: date) -> dict[int, list[str]]:
    """The names of the services each provider offers on that day, by id."""
    rows = session.execute(
        select(Provider.id, Service.name)
        .distinct()
        .join(
            ProviderService,
            (ProviderService.provider_id == Provider.id)
            | (ProviderService.provider_id == Provider.organisation_id),
        )
        .join(Service, Service.id == ProviderService.service_id)
        .where(ProviderService.until.is_(None) | (ProviderService.until >= day))
        .order_by(Service.name)
    )
    found: dict[int, list[str]] = {}
    for row in rows:
        found.setdefault(row.id, []).append(row.name)
    return found
