"""What a courier's phone shows: runs to claim, and one's own of today stop by stop.

No more of people than it takes to hand a bag over: the name masked, the telephone only while the
bag is under way, and of the code no more than what knows it again.
"""

import hashlib
from collections.abc import Collection, Iterator
from datetime import date, datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from backend import clock
from backend.booking.models import Bookable, Booking
from backend.canteen.carrying.claiming import CARRY, find_mine
from backend.canteen.delivery import queries as delivery
from backend.canteen.delivery import wording
from backend.canteen.delivery.models import CourierSkill, DeliveryRun, DeliveryStop, StopState
from backend.canteen.kitchen import wording as kitchen
from backend.canteen.models import Canteen, MealService
from backend.canteen.welfare import absent
from backend.canteen.welfare import queries as welfare
from backend.db import AnyRow, table_of
from backend.people.models import Person
from backend.places.models import Place
from backend.staff.access import SignedInStaff

_run, _stop, _service = table_of(DeliveryRun), table_of(DeliveryStop), table_of(MealService)
_bookable, _booking = table_of(Bookable), table_of(Booking)
_MOMENTS = ("leaves_at", "claimed_at", "out_at", "back_at")
_AS_IT_IS = ("id", "seq", "name", "portions", "state", "reason", "gone")


def list_claimable(session: Session, me: SignedInStaff, now: datetime) -> list[dict[str, Any]]:
    """Today's runs in reach that nobody has, the next to leave first; `may`: one has the skill."""
    today = clock.today(now)
    skills = set(
        session.scalars(
            select(CourierSkill.skill).where(
                CourierSkill.staff_id == me.staff_id,
                CourierSkill.valid_until.is_(None) | (CourierSkill.valid_until >= today),
            )
        )
    )
    rows = session.execute(
        _runs(today)
        .join(Place, Place.id == Canteen.place_id)
        .where(
            me.covers(CARRY, Place.path), _run.c.courier_id.is_(None), _run.c.back_at.is_(None),
            _bookable.c.cancelled_at.is_(None), _bookable.c.ends_at > now,
        )
    )  # fmt: skip
    return [dict(row._mapping) | {"may": row.skill is None or row.skill in skills} for row in rows]


def list_mine(session: Session, me: SignedInStaff, now: datetime) -> list[dict[str, Any]]:
    """My runs of today with their `stops`; those that are back come without."""
    rows = session.execute(
        _runs(clock.today(now)).where(_run.c.courier_id == me.staff_id)
    ).all()  # fmt: skip
    return [_shown(row, _stops(session, row, now) if row.back_at is None else []) for row in rows]


def get_mine(session: Session, me: SignedInStaff, run_id: int, now: datetime) -> dict[str, Any]:
    """One of them. Raises NotFound."""
    find_mine(session, me, run_id, now)
    [row] = session.execute(_runs(clock.today(now)).where(_run.c.id == run_id)).all()
    return _shown(row, _stops(session, row, now) if row.back_at is None else [])


def _runs(today: date) -> Select[*tuple[Any, ...]]:
    stops = (
        select(func.count())
        .where(_stop.c.run_id == _run.c.id, _stop.c.state != StopState.GONE)
        .scalar_subquery()
    )
    return (
        select(
            _run.c.id, _run.c.name, _run.c.number, _run.c.leaves_at, _run.c.skill,
            _run.c.claimed_at, _run.c.out_at, _run.c.back_at, _run.c.boxes_out, _run.c.boxes_in,
            _service.c.meal, Canteen.name.label("canteen"), stops.label("bags"),
        )
        .join(_service, _service.c.id == _run.c.meal_service_id)
        .join(_bookable, _bookable.c.id == _service.c.id)
        .join(Canteen, Canteen.id == _service.c.canteen_id)
        .where(_service.c.day == today)
        .order_by(_run.c.leaves_at, _run.c.number, _run.c.id)
    )  # fmt: skip


def _shown(row: AnyRow, stops: list[dict[str, Any]]) -> dict[str, Any]:
    moments = {name: getattr(row, name) and clock.rfc3339(getattr(row, name)) for name in _MOMENTS}
    return dict(row._mapping) | moments | {"stops": stops}


def _stops(session: Session, run: AnyRow, now: datetime) -> list[dict[str, Any]]:
    """The stops of a run in the order they are walked."""
    known = {
        row.id: row
        for row in session.execute(
            select(_stop.c.id, _booking.c.short_code, Person.phone)
            .join(_booking, _booking.c.id == _stop.c.booking_id)
            .join(Person, Person.id == _booking.c.person_id)
            .where(_stop.c.run_id == run.id)
        )
    }
    stops = delivery.stops_of(session, run.id)
    today, people = clock.today(now), [one["person_id"] for one in stops]
    out = absent.announced(session, people, today)
    hungry = welfare.lunch_not_taken(session, run.meal, people, today, now)
    return [_stop_of(one, known[one["id"]], out, hungry) for one in stops]


def _stop_of(
    stop: dict[str, Any], known: AnyRow, out: Collection[int], hungry: Collection[int]
) -> dict[str, Any]:
    under_way = stop["state"] in (StopState.TODO, StopState.FAILED)
    code = f"{stop['id']}:{known.short_code}"
    return {name: stop[name] for name in _AS_IT_IS} | {
        "head": _head(stop), "where": _where(stop),
        "needs": " · ".join(_minded(stop, out, hungry)),
        "note": stop["note"] if under_way else None,
        "phone": (stop["phone"] or known.phone) if under_way else None,
        "at": stop["at"] and clock.rfc3339(stop["at"]),
        "code_hash": hashlib.sha256(code.encode()).hexdigest(),
    }  # fmt: skip


def _minded(stop: dict[str, Any], out: Collection[int], hungry: Collection[int]) -> Iterator[str]:
    """What to know before one knocks: who said they are out, who had no lunch; the diet."""
    if stop["person_id"] in out:
        yield str(_("登记过今天不在家"))
    if stop["person_id"] in hungry:
        yield str(_("午餐没有吃，请多留意"))
    if needs := kitchen.needs(stop["texture"], stop["marks"]):
        yield needs


def _head(stop: dict[str, Any]) -> str:
    """翠园小区 3号楼, or the point where an estate's bags are handed over."""
    if stop["at_drop_point"] and stop["drop_point"]:
        return f"{stop['estate']} {stop['drop_point']}"
    return _said(stop["estate"], wording.building(stop["building"]))


def _where(stop: dict[str, Any]) -> str:
    """2单元 501; the address as it was given where that much could not be read."""
    if stop["flat"] is None:
        return stop["address"] or str(_("地址不详，请打电话问"))
    building = wording.building(stop["building"]) if stop["at_drop_point"] else None
    return _said(building, wording.unit(stop["unit"]), stop["flat"])


def _said(*parts: str | None) -> str:
    return " ".join(one for one in parts if one)
