"""A market day that is over, for everybody: what was offered and how many people were served.

It names no person: organisations by name, those who stood at the stalls as a number.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.errors import NotFound
from backend.market import grid, result_paper
from backend.market.models import MarketDay, Provider, ProviderKind, StallProvider
from backend.market.statistics import counting
from backend.places.models import Place


def read(session: Session, market_day_id: int, now: datetime) -> dict[str, Any]:
    """The result of a day; five reads.

    Raises NotFound for one that residents never saw, that was cancelled, or is not over.
    """
    day = session.execute(
        select(
            MarketDay.id, MarketDay.day, MarketDay.title, MarketDay.spot,
            Place.name.label("place_name"),
        )
        .join(Place, Place.id == MarketDay.place_id)
        .where(
            MarketDay.id == market_day_id, MarketDay.opened_at.is_not(None),
            MarketDay.cancelled_at.is_(None),
        )
    ).first()  # fmt: skip
    if day is None:
        raise NotFound()
    counted = counting.stalls(session, MarketDay.id == day.id, now)
    rows = [row for row, _figures in counted.stalls.values()]
    if not rows or not all(
        grid.is_over(day.day, row.until_minute, row.closed_at, now) for row in rows
    ):
        raise NotFound()
    services: dict[str, int] = {}
    for row, figures in counted.stalls.values():
        services[row.service] = services.get(row.service, 0) + figures.served
    standing = {one[0]: one[1] for many in counted.organisations.values() for one in many}
    names, people = _people(session, counted.stalls, standing)
    return {
        "id": day.id, "day": day.day.isoformat(), "title": day.title, "spot": day.spot,
        "place_name": day.place_name, "served": sum(services.values()),
        "services": [
            {"service": service, "served": served}
            for service, served in sorted(services.items(), key=lambda one: -one[1])
        ],
        "organisations": names, "people": people,
    }  # fmt: skip


def address(day: Mapping[str, Any], now: datetime) -> str | None:
    """Where everybody reads the result of a day as `plans.get_day` tells it; None before it is."""
    stalls = [one for one in day["stalls"] if not one["called_off"]]
    over = all(
        grid.is_over(day["day"], one["until_minute"], one["closed_at"], now) for one in stalls
    )
    if day["opened_at"] is None or day["cancelled_at"] is not None or not stalls or not over:
        return None
    return result_paper.address(day["id"])


def _people(
    session: Session, stall_ids: Iterable[int], standing: dict[int, str]
) -> tuple[list[str], int]:
    """The organisations, and how many people were there."""
    at_stalls = select(StallProvider.provider_id).where(StallProvider.stall_id.in_(list(stall_ids)))
    people = session.scalar(
        select(func.count()).where(Provider.id.in_(at_stalls), Provider.kind == ProviderKind.PERSON)
    )
    alone = set(
        session.scalars(
            select(Provider.id).where(
                Provider.id.in_(standing), Provider.kind == ProviderKind.PERSON
            )
        )
    )
    return [name for ident, name in standing.items() if ident not in alone], int(people or 0)
