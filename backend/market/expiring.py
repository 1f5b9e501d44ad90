"""Papers of people at our markets that end soon, or ended lately and were not renewed."""

from datetime import date, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from backend.market.fitting import RUN
from backend.market.models import (
    MarketDay,
    PaperKind,
    Provider,
    ProviderPaper,
    Stall,
    StallProvider,
)
from backend.market.wording import PAPERS
from backend.places.models import Place
from backend.staff.access import SignedInStaff

AHEAD = timedelta(days=30)
"""So long before its last day a paper is listed, and so long after it."""

CONCERNS = timedelta(days=90)
"""Whoever was at a market of ours so lately, or is planned for one, concerns us."""

_organisation = aliased(Provider)


def list_expiring(session: Session, me: SignedInStaff, today: date) -> list[dict[str, Any]]:
    """Whose paper of which kind ends when, the first to end on top; one read.

    An organisation's paper is listed once. A newer paper of the same kind replaces an older one.
    """
    ours = (
        select(Provider.id, _organisation.id.label("organisation_id"))
        .select_from(StallProvider)
        .join(Stall, Stall.id == StallProvider.stall_id)
        .join(MarketDay, MarketDay.id == Stall.market_day_id)
        .join(Place, Place.id == MarketDay.place_id)
        .join(Provider, Provider.id == StallProvider.provider_id)
        .outerjoin(_organisation, _organisation.id == Provider.organisation_id)
        .where(
            me.covers(RUN, Place.path), MarketDay.cancelled_at.is_(None),
            MarketDay.day >= today - CONCERNS,
        )
        .cte("ours")
    )  # fmt: skip
    until = func.max(ProviderPaper.valid_until)
    rows = session.execute(
        select(Provider.name, ProviderPaper.kind, until.label("until"))
        .join(Provider, Provider.id == ProviderPaper.provider_id)
        .where(Provider.id.in_(select(ours.c.id)) | Provider.id.in_(select(ours.c.organisation_id)))
        .group_by(Provider.id, Provider.name, ProviderPaper.kind)
        .having(
            func.count() == func.count(ProviderPaper.valid_until),  # none is for good
            until.between(today - AHEAD, today + AHEAD),
        )
        .order_by(until, Provider.name, ProviderPaper.kind)
    )
    return [
        {
            "name": row.name, "until": row.until, "ended": row.until < today,
            "paper": PAPERS[PaperKind(row.kind)],
        }
        for row in rows
    ]  # fmt: skip
