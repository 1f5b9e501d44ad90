"""What residents read of moves: where a market stood before, and at the old date where it went."""

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, aliased

from backend import clock
from backend.db import AnyRow
from backend.market.grid import moment
from backend.market.models import MarketDay, Stall
from backend.market.moving.models import MarketMove
from backend.places.models import Place

WAS = aliased(Place)
"""The place a market stood at before."""

_newest = aliased(MarketMove)
_NEWEST = (
    select(func.max(_newest.id))
    .where(_newest.market_day_id == MarketDay.id)
    .correlate(MarketDay)
    .scalar_subquery()
)
_OPENS = (
    select(func.min(Stall.from_minute))
    .where(Stall.market_day_id == MarketDay.id)
    .correlate(MarketDay)
    .scalar_subquery()
)
COLUMNS = (
    MarketMove.was_day, MarketMove.was_spot, MarketMove.was_from_minute, MarketMove.reason,
    WAS.name.label("was_place_name"),
)  # fmt: skip


def with_newest_move(markets: Any) -> Any:
    """The same markets, each with its newest move, if there is one."""
    return markets.outerjoin(MarketMove, MarketMove.id == _NEWEST).outerjoin(
        WAS, WAS.id == MarketMove.was_place_id
    )


def old_dates(
    session: Session, columns: tuple[Any, ...], first: date, last: date,
    *where: ColumnElement[bool],
) -> list[AnyRow]:  # fmt: skip
    """Dates and places at which a market stood before it moved on; `where` speaks of WAS."""
    elsewhere = (MarketDay.day != MarketMove.was_day) | (
        MarketDay.place_id != MarketMove.was_place_id
    )
    return list(
        session.execute(
            select(
                *columns, *COLUMNS, MarketMove.was_place_id, MarketMove.was_until_minute,
                WAS.path.label("was_path"), _OPENS.label("opens"),
            )
            .select_from(MarketMove)
            .join(MarketDay, MarketDay.id == MarketMove.market_day_id)
            .join(Place, Place.id == MarketDay.place_id)
            .join(WAS, WAS.id == MarketMove.was_place_id)
            .where(
                MarketDay.opened_at.is_not(None), elsewhere,
                MarketMove.was_day.between(first, last), *where,
            )
            .order_by(MarketMove.was_day, MarketMove.id)
        )
    )  # fmt: skip


def moved_from(day: AnyRow) -> dict[str, Any] | None:
    """Where a market stood before, if it moved."""
    if day.was_day is None:
        return None
    return {
        "day": day.was_day.isoformat(), "place_name": day.was_place_name, "spot": day.was_spot,
        "starts_at": clock.rfc3339(moment(day.was_day, day.was_from_minute)),
        "reason": day.reason,
    }  # fmt: skip


def at_old_date(row: AnyRow) -> dict[str, Any]:
    """What differs at the old date: when and where it was to be, and where it went."""
    return {
        "day": row.was_day.isoformat(), "place_id": row.was_place_id,
        "place_name": row.was_place_name, "spot": row.was_spot, "services": [],
        "starts_at": clock.rfc3339(moment(row.was_day, row.was_from_minute)),
        "ends_at": clock.rfc3339(moment(row.was_day, row.was_until_minute)),
        "moved_from": None,
        "moved_to": {
            "day": row.day.isoformat(), "place_name": row.place_name, "spot": row.spot,
            "starts_at": clock.rfc3339(moment(row.day, row.opens or 0)), "reason": row.reason,
        },
    }  # fmt: skip
