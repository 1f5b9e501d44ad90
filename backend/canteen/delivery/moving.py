"""What the dispatcher does: puts a run in order, moves stops, finds an address, counts boxes."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from backend.booking import line
from backend.booking import service as booking
from backend.booking.service import Actor
from backend.canteen.delivery import (
    address,
    arranging,
    estates,
    fitting,
    offering,
    planning,
    queries,
)
from backend.canteen.delivery.address import Home
from backend.canteen.delivery.arranging import Bag
from backend.canteen.delivery.errors import RunClosed, StopSettled
from backend.canteen.delivery.estates import Estates
from backend.canteen.delivery.models import DeliveryRun, DeliveryStop, StopState, Waits
from backend.canteen.delivery.queries import DISPATCH
from backend.canteen.delivery.rows import bag_of, stop_values, stops_with_estate
from backend.db import AnyRow, table_of
from backend.errors import NotFound
from backend.staff import audit
from backend.staff.access import SignedInStaff

_run, _stop = table_of(DeliveryRun), table_of(DeliveryStop)


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """Where an order is brought: the estate, and what stands on the door."""

    estate_id: int
    building: str
    unit: str | None = None
    flat: str | None = None


def estates_near(session: Session, path: str) -> list[tuple[int, str]]:
    """The estates of the district, those nearest to a canteen first: (id, name)."""
    known = estates.read(session, path)
    near = sorted(known.by_id.values(), key=lambda one: (-estates.shared(one.path, path), one.path))
    return [(one.id, one.name) for one in near]


def find_run(session: Session, me: SignedInStaff, run_id: int) -> AnyRow:
    """A run in reach. Raises NotFound."""
    run = queries.run_of(session, run_id)
    if not me.may(DISPATCH, run.path):
        raise NotFound()
    return run


def find_stop(session: Session, me: SignedInStaff, stop_id: int) -> dict[str, Any]:
    """A stop in reach, with its order. Raises NotFound."""
    row = session.execute(select(_stop.c.meal_service_id).where(_stop.c.id == stop_id)).first()
    if row is None:
        raise NotFound()
    queries.find_meal(session, me, row.meal_service_id)
    return queries.stop_of(session, stop_id)


def order_anew(session: Session, me: SignedInStaff, run_id: int, now: datetime) -> None:
    """The stops of a run in the order they are walked. Raises NotFound, RunClosed."""
    run = find_run(session, me, run_id)
    line.lock(session, run.meal_service_id)  # no stop is fetched, or open again, meanwhile
    check_open(session, run)
    rows = stops_with_estate(session, _stop.c.run_id == run_id)
    known = _ground(session, run.path, [row.estate_id for row in rows])
    ids = {row.booking_id: row.id for row in rows}
    walked = arranging.in_order(map(bag_of, rows), known.ground())
    for seq, bag in enumerate(walked, 1):
        session.execute(update(_stop).where(_stop.c.id == ids[bag.booking_id]).values(seq=seq))
    _gone_last(session, run_id, len(walked))
    fitting.mark(session, run_id, now, needs_ordering=False)
    _note(session, me, run, "order", {"stops": len(walked)})


def move(
    session: Session, me: SignedInStaff, stop_id: int, run_id: int | None, now: datetime
) -> int:
    """Put a stop at the end of another run of the meal, or of a new one; the run's id.

    Raises NotFound, StopSettled, RunClosed.
    """
    stop = _movable(session, me, stop_id)
    meal = planning.meal_of(session, stop["meal_service_id"])
    if stop["place_id"] is None or run_id == stop["run_id"]:
        raise StopSettled()
    known = _ground(session, meal.path, [stop["estate_id"]])
    bag = known.bag(stop["booking_id"], stop["estate_id"], _home(stop))
    at = _into(session, me, meal, stop, bag, known, run_id, now)
    after = {"booking_id": stop["booking_id"], "from": stop["run_id"], "run": at}
    _note_stop(session, me, meal, stop, "move", after)
    return at


def place(
    session: Session, me: SignedInStaff, stop_id: int, where: Where, now: datetime
) -> int:  # fmt: skip
    """Say where an order is brought; it goes into the run that fits, else one of its own.

    The run's id. Raises NotFound, StopSettled, RunClosed.
    """
    stop = _movable(session, me, stop_id)
    meal = planning.meal_of(session, stop["meal_service_id"])
    known = _ground(session, meal.path, [where.estate_id])
    if where.estate_id not in known.by_id:
        raise NotFound()
    bag = known.bag(
        stop["booking_id"],
        where.estate_id,
        address.of_parts(where.building, where.unit, where.flat),
    )
    at = _into(session, me, meal, stop, bag, known, None, now, fits=True)
    _note_stop(session, me, meal, stop, "place", {"booking_id": stop["booking_id"], "run": at})
    return at


def bring(session: Session, me: SignedInStaff, stop_id: int, now: datetime) -> int:
    """Somebody goes there all the same, though few eat there; the run's id."""
    stop = _few(session, me, stop_id)
    meal = planning.meal_of(session, stop["meal_service_id"])
    known = _ground(session, meal.path, [stop["estate_id"]])
    bag = known.bag(stop["booking_id"], stop["estate_id"], _home(stop))
    at = _into(session, me, meal, stop, bag, known, None, now, fits=True)
    _note_stop(session, me, meal, stop, "bring", {"booking_id": stop["booking_id"], "run": at})
    return at


def fetch(session: Session, me: SignedInStaff, stop_id: int, now: datetime) -> int:
    """The meal is fetched instead; the fen that come back. Raises NotFound, StopSettled."""
    stop = _few(session, me, stop_id)
    credited = offering.fetched(session, stop, Actor(staff_id=me.staff_id), now)
    meal = planning.meal_of(session, stop["meal_service_id"])
    after = {"booking_id": stop["booking_id"], "credited_fen": credited}
    _note_stop(session, me, meal, stop, "fetch", after)
    return credited


def give_back(
    session: Session, me: SignedInStaff, stop_id: int, reason: str, now: datetime
) -> None:
    """The order ends and its money comes back. Raises NotFound, StopSettled."""
    stop = _few(session, me, stop_id)
    booking.cancel(session, stop["booking_id"], Actor(staff_id=me.staff_id), now, reason)
    meal = planning.meal_of(session, stop["meal_service_id"])
    after = {"booking_id": stop["booking_id"], "reason": reason}
    _note_stop(session, me, meal, stop, "give_back", after)


def count_boxes(
    session: Session, me: SignedInStaff, run_id: int, boxes_out: int | None, boxes_in: int | None
) -> None:
    """How many boxes went with a run, and how many came back. Raises NotFound."""
    run = find_run(session, me, run_id)
    values = {"boxes_out": boxes_out, "boxes_in": boxes_in}
    before = {name: getattr(run, name) for name in values}
    session.execute(update(_run).where(_run.c.id == run_id).values(values))
    audit.record(
        session, me.staff_id, "delivery.boxes", "delivery_run", run_id, before=before,
        after=values, place_id=run.place_id,
    )  # fmt: skip


def _into(
    session: Session, me: SignedInStaff, meal: AnyRow, stop: dict[str, Any], bag: Bag,
    known: Estates, run_id: int | None, now: datetime, *, fits: bool = False,
) -> int:  # fmt: skip
    """Out of where it is, to the end of a run: that one, the one that fits, or a new one."""
    drop = known.drop(bag.estate_id)
    if fits:
        run_id = fitting.find(session, meal.id, bag, meal.bag_capacity or planning.CAPACITY)
    if run_id is None:
        [run_id] = planning.open_runs(session, meal, [[bag]], known.ground(), now)
    else:
        run = check_open(session, find_run(session, me, run_id))
        if run.meal_service_id != meal.id:
            raise NotFound()
    values = stop_values(meal.id, bag, drop is not None and stop["waits"] != Waits.TOO_FEW)
    seq = fitting.next_seq(session, run_id)
    session.execute(
        update(_stop)
        .where(_stop.c.id == stop["id"])
        .values(values | {"run_id": run_id, "seq": seq})
    )
    fitting.mark(session, run_id, now, needs_ordering=seq > 1)
    if stop["run_id"] is not None:
        fitting.mark(session, stop["run_id"], now, needs_ordering=None)
    return run_id


def _movable(session: Session, me: SignedInStaff, stop_id: int) -> dict[str, Any]:
    """The meal is locked, so that no other hand moves it meanwhile.

    Raises NotFound, StopSettled, RunClosed.
    """
    line.lock(session, find_stop(session, me, stop_id)["meal_service_id"])
    stop = queries.stop_of(session, stop_id)
    if stop["state"] != StopState.TODO:
        raise StopSettled()
    if stop["run_id"] is not None:
        check_open(session, queries.run_of(session, stop["run_id"]))
    return stop


def _few(session: Session, me: SignedInStaff, stop_id: int) -> dict[str, Any]:
    stop = _movable(session, me, stop_id)
    if stop["waits"] != Waits.TOO_FEW:
        raise StopSettled()
    return stop


def check_open(session: Session, run: AnyRow) -> AnyRow:
    """The run, locked, so that it does not come back meanwhile. Raises RunClosed."""
    stands = session.execute(
        select(_run.c.back_at).where(_run.c.id == run.id).with_for_update()
    ).one()
    if stands.back_at is not None or run.cancelled_at is not None:
        raise RunClosed()
    return run


def _ground(session: Session, path: str, estate_ids: Iterable[int]) -> Estates:
    known = estates.read(session, path)
    estates.read_buildings(session, known, estate_ids)
    return known


def _home(stop: dict[str, Any]) -> Home:
    return Home("", stop["building"], stop["unit"], stop["floor"], stop["flat"])


def _gone_last(session: Session, run_id: int, after: int) -> None:
    """Stops nobody goes to any more stand behind the others."""
    gone = session.scalars(
        select(_stop.c.id)
        .where(_stop.c.run_id == run_id, _stop.c.state == StopState.GONE)
        .order_by(_stop.c.seq, _stop.c.id)
    ).all()
    for seq, ident in enumerate(gone, after + 1):
        session.execute(update(_stop).where(_stop.c.id == ident).values(seq=seq))


def _note(
    session: Session, me: SignedInStaff, run: AnyRow, done: str, after: dict[str, Any]
) -> None:  # fmt: skip
    audit.record(
        session, me.staff_id, f"delivery.{done}", "delivery_run", run.id,
        after={"run": run.number} | after, place_id=run.place_id,
    )  # fmt: skip


def _note_stop(
    session: Session, me: SignedInStaff, meal: AnyRow, stop: dict[str, Any], done: str,
    after: dict[str, Any],
) -> None:  # fmt: skip
    audit.record(
        session, me.staff_id, f"delivery.{done}", "delivery_stop", stop["id"], after=after,
        place_id=meal.place_id,
    )  # fmt: skip
