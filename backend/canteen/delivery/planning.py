"""Runs are planned when orders close; what enters later is added at the end of the fitting run.

Every order that is to be brought has exactly one stop: in a run, or waiting for a person to decide.
Done again it finds nothing left to do.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, delete, func, insert, select
from sqlalchemy.orm import Session, aliased

from backend.booking import line
from backend.booking.models import HELD, Bookable, Booking
from backend.canteen.delivery import address, arranging, estates, fitting, offering
from backend.canteen.delivery.arranging import Bag, Ground
from backend.canteen.delivery.estates import Estates
from backend.canteen.delivery.models import DeliveryRun, DeliverySetting, DeliveryStop, Waits
from backend.canteen.delivery.rows import bag_of, stop_values, stops_with_estate
from backend.canteen.kitchen.models import KitchenSheet
from backend.canteen.models import Canteen, MealService, Mode
from backend.canteen.ordering.models import MealOrder
from backend.db import AnyRow, table_of
from backend.people.models import Person
from backend.places.models import Place, PlaceKind

CAPACITY, LEAVE_MINUTES = 20, 20
"""What holds for a canteen that has set nothing."""

_bookable, _service = table_of(Bookable), table_of(MealService)
_booking, _order = table_of(Booking), table_of(MealOrder)
_run, _stop = table_of(DeliveryRun), table_of(DeliveryStop)
_setting, _sheet = table_of(DeliverySetting), table_of(KitchenSheet)

TO_BRING: ColumnElement[bool] = and_(
    _booking.c.state.in_(HELD), _order.c.mode == Mode.DELIVERY
)  # fmt: skip
"""An order that stands and is to be brought."""

_WITHOUT_STOP: ColumnElement[bool] = ~(
    select(_stop.c.id).where(_stop.c.booking_id == _booking.c.id).exists()
)


@dataclass(frozen=True, slots=True)
class Sorted:
    """Orders by what is to be done with them; `at_drop`: estates whose bags go to one point."""

    bags: list[Bag] = field(default_factory=list)
    few: list[Bag] = field(default_factory=list)
    lost: list[tuple[int, address.Home]] = field(default_factory=list)
    at_drop: set[int] = field(default_factory=set)
    least: dict[int, int] = field(default_factory=dict)


def due(session: Session, now: datetime) -> Sequence[int]:
    """Meals closed and not yet over, of which an order that is to be brought has no stop."""
    return session.scalars(
        select(_sheet.c.meal_service_id)
        .join(_bookable, _bookable.c.id == _sheet.c.meal_service_id)
        .where(_bookable.c.ends_at > now, _bookable.c.cancelled_at.is_(None))
        .where(
            select(_booking.c.id)
            .join(_order, _order.c.booking_id == _booking.c.id)
            .where(_booking.c.bookable_id == _bookable.c.id, TO_BRING, _WITHOUT_STOP)
            .exists()
        )
        .order_by(_bookable.c.starts_at, _bookable.c.id)
    ).all()


def plan(session: Session, meal_service_id: int, now: datetime) -> int:
    """Give every order without a stop one; how many.

    The first time whole runs are arranged. Later ones go to the end of a run to the same building,
    else estate, that has not left and has room; else they make runs of their own.
    """
    line.lock(session, meal_service_id)
    meal = session.execute(_meal(meal_service_id)).first()
    fresh = session.execute(_fresh(meal_service_id)).all()
    if meal is None or not fresh:
        return 0
    known = estates.read(session, meal.path)
    found = _sort(session, meal_service_id, known, fresh)
    enough = _no_longer_few(session, meal_service_id, known, found)
    ground = known.ground()
    capacity = meal.bag_capacity or CAPACITY
    left = fitting.append(session, meal_service_id, found.bags, found.at_drop, capacity, now)
    runs = arranging.arrange(left, ground, capacity)
    ids = open_runs(session, meal, runs, ground, now)
    stops = [
        stop_values(meal.id, bag, bag.estate_id in found.at_drop) | {"run_id": run_id, "seq": seq}
        for run_id, run in zip(ids, runs, strict=True)
        for seq, bag in enumerate(run, 1)
    ]
    _write(session, stops)
    _wait(session, meal_service_id, found)
    offering.tell_few(session, meal, found.least, now)
    offering.tell_enough(session, meal, enough, now)
    return len(fresh)


def meal_of(session: Session, meal_service_id: int) -> AnyRow:
    """The meal with what its runs are made by."""
    return session.execute(_meal(meal_service_id)).one()


def open_runs(
    session: Session, meal: AnyRow, runs: Sequence[Sequence[Bag]], ground: Ground, now: datetime
) -> Sequence[int]:
    """Further runs of a meal, numbered on and named by what is in them; their ids."""
    last = session.scalars(
        select(func.max(_run.c.number)).where(_run.c.meal_service_id == meal.id)
    ).one()
    minutes = LEAVE_MINUTES if meal.leave_minutes is None else meal.leave_minutes
    values = [
        {
            "meal_service_id": meal.id, "number": number, "name": arranging.name_of(run, ground),
            "leaves_at": meal.starts_at - timedelta(minutes=minutes), "skill": meal.skill,
            "changed_at": now,
        }
        for number, run in enumerate(runs, (last or 0) + 1)
    ]  # fmt: skip
    if not values:
        return []
    return session.scalars(
        insert(_run).returning(_run.c.id, sort_by_parameter_order=True), values
    ).all()


def _write(session: Session, stops: Sequence[Mapping[str, Any]]) -> None:
    for at in range(0, len(stops), estates.CHUNK):
        session.execute(insert(_stop), stops[at : at + estates.CHUNK])


def _wait(session: Session, meal_service_id: int, found: Sorted) -> None:
    """Those that are in no run yet, and why."""
    nothing = {"run_id": None, "seq": None}
    few = [
        stop_values(meal_service_id, bag, False) | nothing | {"waits": Waits.TOO_FEW}
        for bag in found.few
    ]
    lost = [
        {
            "meal_service_id": meal_service_id, "booking_id": booking_id, "place_id": None,
            "building": home.building, "unit": home.unit, "floor": home.floor, "flat": home.flat,
            "at_drop_point": False, "waits": Waits.NO_ADDRESS, **nothing,
        }
        for booking_id, home in found.lost
    ]  # fmt: skip
    _write(session, few + lost)


def _sort(
    session: Session, meal_service_id: int, known: Estates, fresh: Sequence[AnyRow]
) -> Sorted:
    homes = {row.id: address.parse(row.address) for row in fresh}
    found = {row.id: known.estate_of(homes[row.id], _estate_of(row)) for row in fresh}
    there = [one for one in found.values() if one is not None]
    estates.read_buildings(session, known, there)
    orders = _orders_in(session, meal_service_id) + Counter(there)
    result = Sorted()
    for booking_id, home in homes.items():
        estate_id = found[booking_id]
        drop = None if estate_id is None else known.drop(estate_id)
        if estate_id is None or (drop is None and home.building is None):
            result.lost.append((booking_id, home))
            continue
        bag = known.bag(booking_id, estate_id, home)
        if drop is not None and orders[estate_id] < drop.least:
            result.few.append(bag)
            result.least[booking_id] = drop.least
            continue
        result.bags.append(bag)
        if drop is not None:
            result.at_drop.add(estate_id)
    return result


def _no_longer_few(
    session: Session, meal_service_id: int, known: Estates, found: Sorted
) -> dict[int, str]:
    """Who waited in an estate that has enough by now comes along; by booking the point they go to.

    Whoever has decided by then does not wait any more.
    """
    rows = stops_with_estate(
        session,
        (_stop.c.meal_service_id == meal_service_id) & (_stop.c.waits == Waits.TOO_FEW),
    )
    there = [row for row in rows if row.estate_id in found.at_drop]
    found.bags.extend(map(bag_of, there))
    session.execute(delete(_stop).where(_stop.c.id.in_([row.id for row in there])))
    drops = {row.booking_id: known.drop(row.estate_id) for row in there}
    return {booking_id: drop.point for booking_id, drop in drops.items() if drop is not None}


def _orders_in(session: Session, meal_service_id: int) -> Counter[int]:
    """How many orders each estate has by now."""
    rows = stops_with_estate(session, _stop.c.meal_service_id == meal_service_id)
    return Counter(row.estate_id for row in rows)


def _estate_of(row: AnyRow) -> int | None:
    """The estate somebody lives in, as far as the books know."""
    if row.home_kind == PlaceKind.BUILDING:
        return int(row.home_parent_id)
    return int(row.home_id) if row.home_kind == PlaceKind.ESTATE else None


def _fresh(meal_service_id: int) -> Select[*tuple[Any, ...]]:
    home = aliased(Place)
    return (
        select(
            _booking.c.id, _order.c.address, home.id.label("home_id"),
            home.kind.label("home_kind"), home.parent_id.label("home_parent_id"),
        )
        .join(_order, _order.c.booking_id == _booking.c.id)
        .join(Person, Person.id == _booking.c.person_id)
        .outerjoin(home, home.id == Person.home_place_id)
        .where(_booking.c.bookable_id == meal_service_id, TO_BRING, _WITHOUT_STOP)
        .order_by(_booking.c.id)
    )  # fmt: skip


def _meal(meal_service_id: int) -> Select[*tuple[Any, ...]]:
    """A meal whose orders are closed and that takes place."""
    return (
        select(
            _service.c.id, _bookable.c.place_id, _bookable.c.starts_at, Place.path,
            _setting.c.bag_capacity, _setting.c.leave_minutes, _setting.c.skill,
        )
        .join(_bookable, _bookable.c.id == _service.c.id)
        .join(_sheet, _sheet.c.meal_service_id == _service.c.id)
        .join(Canteen, Canteen.id == _service.c.canteen_id)
        .join(Place, Place.id == Canteen.place_id)
        .outerjoin(_setting, _setting.c.canteen_id == Canteen.id)
        .where(_service.c.id == meal_service_id, _bookable.c.cancelled_at.is_(None))
    )  # fmt: skip
