"""Reads of runs and stops: for those who dispatch, those who carry, and what is printed."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, select
from sqlalchemy.orm import Session, aliased

from backend import clock, config
from backend.booking.models import HELD, Bookable, Booking, State
from backend.canteen.delivery.models import (
    BuildingFacts,
    DeliveryRun,
    DeliveryStop,
    Gone,
    StopState,
    Waits,
)
from backend.canteen.delivery.rows import ESTATE_ID
from backend.canteen.eaters.models import Texture
from backend.canteen.kitchen import lines
from backend.canteen.kitchen.lines import Line
from backend.canteen.kitchen.models import KitchenSheet
from backend.canteen.models import Canteen, MealService, Mode
from backend.canteen.ordering.models import MealOrder
from backend.db import AnyRow, table_of
from backend.errors import NotFound
from backend.people.masking import mask_name
from backend.people.models import Person
from backend.places.models import Place
from backend.staff.access import Permission, SignedInStaff
from backend.staff.models import Staff

DISPATCH = Permission.DISPATCH_MEALS
AHEAD = timedelta(days=7)

_bookable, _service, _sheet = table_of(Bookable), table_of(MealService), table_of(KitchenSheet)
_run, _stop = table_of(DeliveryRun), table_of(DeliveryStop)
_booking, _order, _place = table_of(Booking), table_of(MealOrder), table_of(Place)
_facts, _estate = table_of(BuildingFacts), aliased(Place)

_STANDS: ColumnElement[bool] = _booking.c.state.in_(HELD) & (_order.c.mode == Mode.DELIVERY)
_STATE = case((~_STANDS, StopState.GONE), else_=_stop.c.state).label("state")
_GONE = case(
    (_booking.c.state.not_in(HELD), Gone.ENDED),
    (_order.c.mode != Mode.DELIVERY, Gone.PICK_UP),
    (_booking.c.state == State.ATTENDED, Gone.FETCHED),
    else_=Gone.TOO_LATE,
).label("gone")


def list_meals(session: Session, me: SignedInStaff, now: datetime) -> Sequence[AnyRow]:
    """The meals of today and the coming week in reach whose orders are closed, with their runs."""
    today = clock.today(now)
    return session.execute(
        _meals(me)
        .where(_service.c.day >= today, _service.c.day < today + AHEAD)
        .where(_sheet.c.frozen_at.is_not(None))
        .order_by(_bookable.c.starts_at, Canteen.name)
    ).all()


def find_meal(session: Session, me: SignedInStaff, meal_service_id: int) -> AnyRow:
    """One of them, of any day. Raises NotFound."""
    row = session.execute(_meals(me).where(_service.c.id == meal_service_id)).first()
    if row is None:
        raise NotFound()
    return row


def runs_of(session: Session, meal_service_id: int, now: datetime) -> list[dict[str, Any]]:
    """The runs of a meal: how many of their stops are open, done, failed, gone; who carries them.

    `late`: nobody has claimed it and it leaves soon, or has to have left.
    """
    soon = _soon(now)
    rows = session.execute(
        _runs().where(_run.c.meal_service_id == meal_service_id).order_by(_run.c.number)
    ).all()
    counts = _counts(session, meal_service_id)
    return [
        dict(row._mapping)
        | {state.value: counts.get((row.id, state), 0) for state in StopState}
        | {"late": row.courier_id is None and row.out_at is None and row.leaves_at <= soon}
        for row in rows
    ]


def unclaimed(session: Session, me: SignedInStaff, now: datetime) -> Sequence[AnyRow]:
    """Runs in reach that leave soon, or should have left, with bags nobody carries."""
    open_stop = select(_stop.c.id).where(
        _stop.c.run_id == _run.c.id, _stop.c.state == StopState.TODO
    )
    return session.execute(
        _runs()
        .where(
            _run.c.courier_id.is_(None), _run.c.out_at.is_(None), _run.c.leaves_at <= _soon(now),
            _bookable.c.ends_at > now, _bookable.c.cancelled_at.is_(None), open_stop.exists(),
            me.covers(DISPATCH, _place.c.path),
        )
        .order_by(_run.c.leaves_at, _run.c.id)
    ).all()  # fmt: skip


def run_of(session: Session, run_id: int) -> AnyRow:
    """A run with its meal and who carries it. Raises NotFound."""
    row = session.execute(_runs().where(_run.c.id == run_id)).first()
    if row is None:
        raise NotFound()
    return row


def stops_of(session: Session, run_id: int, *, masked: bool = True) -> list[dict[str, Any]]:
    """The stops of a run in their order, with names masked unless whoever reads dispatches.

    id, seq, booking_id, person_id, account_id, name, phone, note, place_id, estate, estate_id,
    building, unit, floor, flat, at_drop_point, drop_point, state (gone also where the order has
    ended), gone (why nothing is brought any more), reason, at, portions, texture and marks (what of
    them has to be minded).
    """
    return _stops(session, _stop.c.run_id == run_id, masked=masked)


def stop_of(session: Session, stop_id: int) -> dict[str, Any]:
    """One of them, with the name. Raises NotFound."""
    found = _stops(session, _stop.c.id == stop_id, masked=False)
    if not found:
        raise NotFound()
    return found[0]


def stops_of_meal(session: Session, meal_service_id: int) -> dict[int, list[dict[str, Any]]]:
    """The same of every run of a meal, by run, with masked names."""
    found: dict[int, list[dict[str, Any]]] = {}
    which = (_stop.c.meal_service_id == meal_service_id) & _stop.c.run_id.is_not(None)
    for stop in _stops(session, which, masked=True):
        found.setdefault(stop["run_id"], []).append(stop)
    return found


def waiting(session: Session, meal_service_id: int) -> list[dict[str, Any]]:
    """Orders that are in no run: for want of an address first, then for want of neighbours."""
    which = (_stop.c.meal_service_id == meal_service_id) & _stop.c.waits.is_not(None)
    listed = _stops(session, which, masked=False)
    found = [one for one in listed if one["state"] == StopState.TODO]
    return sorted(found, key=lambda one: (one["waits"] != Waits.NO_ADDRESS, one["id"]))


def lost(session: Session, meal_service_id: int) -> int:
    """How many orders nobody knows where to bring."""
    return int(
        session.scalars(
            select(func.count())
            .select_from(_stop)
            .join(_booking, _booking.c.id == _stop.c.booking_id)
            .join(_order, _order.c.booking_id == _stop.c.booking_id)
            .where(
                _stop.c.meal_service_id == meal_service_id, _stop.c.waits == Waits.NO_ADDRESS,
                _stop.c.state == StopState.TODO, _STANDS,
            )
        ).one()
    )  # fmt: skip


def numbers_of(session: Session, meal_service_id: int) -> dict[int, tuple[int, int]]:
    """(run, stop) numbers of each order that is brought, by booking."""
    rows = session.execute(
        select(_stop.c.booking_id, _run.c.number, _stop.c.seq)
        .join(_run, _run.c.id == _stop.c.run_id)
        .where(_stop.c.meal_service_id == meal_service_id, _stop.c.state != StopState.GONE)
    )
    return {row.booking_id: (row.number, row.seq) for row in rows}


def _soon(now: datetime) -> datetime:
    """What leaves before then and is nobody's is an alarm."""
    return now + timedelta(minutes=config.current().delivery_unclaimed_minutes)


def _stops(session: Session, which: ColumnElement[bool], *, masked: bool) -> list[dict[str, Any]]:
    rows = session.execute(
        select(
            _stop.c.id, _stop.c.meal_service_id, _stop.c.run_id, _stop.c.seq, _stop.c.booking_id,
            _stop.c.place_id, _stop.c.building, _stop.c.unit, _stop.c.floor, _stop.c.flat,
            _stop.c.at_drop_point, _stop.c.waits, _STATE, _GONE, _stop.c.reason, _stop.c.at,
            _booking.c.person_id, _booking.c.account_id, Person.name, _order.c.phone,
            _order.c.note, _order.c.address, _order.c.fee_fen, _order.c.pays_fen,
            _estate.name.label("estate"), _estate.id.label("estate_id"), _facts.c.drop_point,
        )
        .join(_booking, _booking.c.id == _stop.c.booking_id)
        .join(_order, _order.c.booking_id == _stop.c.booking_id)
        .join(Person, Person.id == _booking.c.person_id)
        .outerjoin(_place, _place.c.id == _stop.c.place_id)
        .outerjoin(_estate, _estate.id == ESTATE_ID)
        .outerjoin(_facts, _facts.c.place_id == _estate.id)
        .where(which)
        .order_by(_stop.c.run_id, _stop.c.seq, _stop.c.id)
    ).all()  # fmt: skip
    carried = _carried(session, rows)
    return [
        dict(row._mapping)
        | {"name": mask_name(row.name) if masked else row.name}
        | {"gone": row.gone if row.state == StopState.GONE else None}
        | _needs(carried.get(row.booking_id, ()))
        for row in rows
    ]


def _carried(session: Session, rows: Sequence[AnyRow]) -> dict[int, list[Line]]:
    """The lines of these orders, by booking."""
    found: dict[int, list[Line]] = {}
    for meal_service_id in sorted({row.meal_service_id for row in rows}):
        ids = [row.booking_id for row in rows if row.meal_service_id == meal_service_id]
        for at in range(0, len(ids), lines.CHUNK):
            for one in lines.current(session, meal_service_id, ids[at : at + lines.CHUNK]):
                found.setdefault(one.booking_id, []).append(one)
    return found


def _needs(carried: Iterable[Line]) -> dict[str, Any]:
    """How many portions, and what has to be minded of any of them."""
    listed = list(carried)
    texture = next((one.texture for one in listed), Texture.NORMAL)
    marks = tuple(dict.fromkeys(mark for one in listed for mark in one.marks))
    return {"portions": sum(one.portions for one in listed), "texture": texture, "marks": marks}


def _counts(session: Session, meal_service_id: int) -> dict[tuple[int, str], int]:
    rows = session.execute(
        select(_stop.c.run_id, _STATE, func.count().label("stops"))
        .join(_booking, _booking.c.id == _stop.c.booking_id)
        .join(_order, _order.c.booking_id == _stop.c.booking_id)
        .where(_stop.c.meal_service_id == meal_service_id, _stop.c.run_id.is_not(None))
        .group_by(_stop.c.run_id, _STATE)
    )
    return {(row.run_id, row.state): row.stops for row in rows}


def _runs() -> Select[*tuple[Any, ...]]:
    return (
        select(
            *_run.c, Staff.name.label("courier"), _service.c.day, _service.c.meal,
            _service.c.canteen_id, _bookable.c.place_id, _bookable.c.starts_at,
            _bookable.c.ends_at, _bookable.c.cancelled_at, Canteen.name.label("canteen"),
            _place.c.path,
        )
        .join(_service, _service.c.id == _run.c.meal_service_id)
        .join(_bookable, _bookable.c.id == _service.c.id)
        .join(Canteen, Canteen.id == _service.c.canteen_id)
        .join(_place, _place.c.id == Canteen.place_id)
        .outerjoin(Staff, Staff.id == _run.c.courier_id)
    )  # fmt: skip


def _meals(me: SignedInStaff) -> Select[*tuple[Any, ...]]:
    def count(*which: ColumnElement[bool]) -> Any:
        counted = select(func.count()).where(_stop.c.meal_service_id == _service.c.id, *which)
        return counted.correlate(_service).scalar_subquery()

    runs = select(func.count()).where(_run.c.meal_service_id == _service.c.id)
    return (
        select(
            _service.c.id, _service.c.day, _service.c.meal, _service.c.canteen_id,
            Canteen.name.label("canteen"), Canteen.place_id, _place.c.path,
            _bookable.c.starts_at, _bookable.c.ends_at, _bookable.c.cancelled_at,
            _sheet.c.frozen_at, runs.correlate(_service).scalar_subquery().label("runs"),
            count(_stop.c.state != StopState.GONE).label("stops"),
            count(_stop.c.state == StopState.TODO, _stop.c.waits.is_not(None)).label("waiting"),
        )
        .join(_bookable, _bookable.c.id == _service.c.id)
        .join(Canteen, Canteen.id == _service.c.canteen_id)
        .join(_place, _place.c.id == Canteen.place_id)
        .outerjoin(_sheet, _sheet.c.meal_service_id == _service.c.id)
        .where(_bookable.c.published_at.is_not(None), me.covers(DISPATCH, _place.c.path))
    )  # fmt: skip
