"""The rows of stops: as they are written, and with the estate each lies in."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, case, select
from sqlalchemy.orm import Session, aliased

from backend.canteen.delivery.arranging import Bag
from backend.canteen.delivery.models import DeliveryStop, StopState
from backend.db import AnyRow, table_of
from backend.places.models import Place, PlaceKind

_stop, _place = table_of(DeliveryStop), table_of(Place)
_estate = aliased(Place)

ESTATE_ID = case(
    (_place.c.kind == PlaceKind.BUILDING, _place.c.parent_id), else_=_place.c.id
)  # fmt: skip
"""The estate of a place that is a building in it, or the estate itself."""


def stop_values(meal_service_id: int, bag: Bag, at_drop_point: bool) -> dict[str, Any]:
    """A stop's row, but for the run it is in."""
    return {
        "meal_service_id": meal_service_id, "booking_id": bag.booking_id,
        "place_id": bag.place_id, "building": bag.building, "unit": bag.unit, "floor": bag.floor,
        "flat": bag.flat, "at_drop_point": at_drop_point, "waits": None,
    }  # fmt: skip


def stops_with_estate(session: Session, which: ColumnElement[bool]) -> Sequence[AnyRow]:
    """Stops that somebody still goes to, or went to, whose place is known, with their estate."""
    return session.execute(
        select(
            _stop.c.id, _stop.c.run_id, _stop.c.booking_id, _stop.c.place_id, _stop.c.building,
            _stop.c.unit, _stop.c.floor, _stop.c.flat, _stop.c.seq, _stop.c.state,
            _estate.id.label("estate_id"), _estate.name.label("estate"),
        )
        .join(_place, _place.c.id == _stop.c.place_id)
        .join(_estate, _estate.id == ESTATE_ID)
        .where(which, _stop.c.state != StopState.GONE)
        .order_by(_stop.c.seq, _stop.c.id)
    ).all()  # fmt: skip


def bag_of(row: AnyRow) -> Bag:
    """Such a stop as the arranging takes it."""
    return Bag(
        row.booking_id, row.estate_id, row.place_id, row.building, row.unit, row.floor, row.flat
    )
