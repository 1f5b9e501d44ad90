"""What enters later: at the end of the run it fits, which then needs to be put in order again."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from backend.canteen.delivery import arranging
from backend.canteen.delivery.arranging import Bag, Ground
from backend.canteen.delivery.models import DeliveryRun, DeliveryStop
from backend.canteen.delivery.rows import bag_of, stop_values, stops_with_estate
from backend.db import table_of

_run, _stop = table_of(DeliveryRun), table_of(DeliveryStop)


@dataclass(slots=True)
class Room:
    """A run that has not left: how many bags it has, from which buildings and estates."""

    run_id: int
    bags: int = 0
    buildings: set[tuple[int, str | None]] = field(default_factory=set)
    estates: set[int] = field(default_factory=set)


def append(
    session: Session, meal_service_id: int, bags: Sequence[Bag], at_drop: Collection[int],
    capacity: int, now: datetime,
) -> list[Bag]:  # fmt: skip
    """Add each to the run that fits, if one has room; those that are left over."""
    rooms = _rooms(session, meal_service_id) if bags else []
    left = []
    for bag in bags:
        if (room := fitting(rooms, bag, capacity)) is None:
            left.append(bag)
            continue
        room.bags += 1
        room.buildings.add((bag.place_id, bag.building))
        values = stop_values(meal_service_id, bag, bag.estate_id in at_drop)
        seq = next_seq(session, room.run_id)
        session.execute(insert(_stop).values(values | {"run_id": room.run_id, "seq": seq}))
        mark(session, room.run_id, now)
    return left


def find(session: Session, meal_service_id: int, bag: Bag, capacity: int) -> int | None:
    """The run of a meal that one more bag fits in."""
    room = fitting(_rooms(session, meal_service_id), bag, capacity)
    return None if room is None else room.run_id


def fitting(rooms: Iterable[Room], bag: Bag, capacity: int) -> Room | None:
    """A run that goes to the same building, else to the same estate and has most room."""
    free = [one for one in rooms if one.bags < capacity and bag.estate_id in one.estates]
    same = [one for one in free if (bag.place_id, bag.building) in one.buildings]
    return min(same or free, key=lambda one: (one.bags, one.run_id), default=None)


def next_seq(session: Session, run_id: int) -> int:
    """Where the next stop of a run stands."""
    last = session.scalars(select(func.max(_stop.c.seq)).where(_stop.c.run_id == run_id)).one()
    return (last or 0) + 1


def mark(
    session: Session, run_id: int, now: datetime, *, needs_ordering: bool | None = True
) -> None:
    """Its stops have changed: its name is told anew, and what was printed of it is old.

    `needs_ordering` None leaves that as it is: a stop is missing, the others stand as they stood.
    """
    rows = stops_with_estate(session, _stop.c.run_id == run_id)
    names = {row.estate_id: row.estate for row in rows}
    bags = arranging.in_order(map(bag_of, rows), Ground(names))
    session.execute(
        update(_run)
        .where(_run.c.id == run_id)
        .values(
            name=arranging.name_of(bags, Ground(names)) or _run.c.name, changed_at=now,
            needs_ordering=_run.c.needs_ordering if needs_ordering is None else needs_ordering,
        )
    )  # fmt: skip


def _rooms(session: Session, meal_service_id: int) -> list[Room]:
    """The runs that have not left, locked, so that none leaves meanwhile."""
    ids = session.scalars(
        select(_run.c.id)
        .where(_run.c.meal_service_id == meal_service_id, _run.c.out_at.is_(None))
        .order_by(_run.c.number)
        .with_for_update()
    ).all()
    rooms = {one: Room(one) for one in ids}
    for row in stops_with_estate(session, _stop.c.meal_service_id == meal_service_id):
        if (room := rooms.get(row.run_id)) is not None:
            room.bags += 1
            room.buildings.add((row.place_id, row.building))
            room.estates.add(row.estate_id)
    return list(rooms.values())
