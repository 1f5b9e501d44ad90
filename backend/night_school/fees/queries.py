"""Who owes what: one enrolment, a whole class, and its sums."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Select, case, func, or_, select
from sqlalchemy.orm import Session

from backend import clock
from backend.booking.models import HELD, Booking, State
from backend.db import AnyRow
from backend.night_school.fees.models import Fee, FeeState
from backend.night_school.models import CourseRun
from backend.people.models import Person
from backend.people.naming import shown_name
from backend.staff.models import Staff

_run = CourseRun.__table__
_SETTLED = (FeeState.REFUNDED, FeeState.WAIVED)
_OWED = (State.CONFIRMED, State.ATTENDED, State.MISSED)


def _fees() -> Select[*tuple[Any, ...]]:
    """Fees with a row, and enrolments of a run with a price that owe it without one."""
    return (
        select(
            Booking.id.label("booking_id"), Booking.bookable_id.label("run_id"),
            Booking.state.label("booking_state"), shown_name().label("name"),
            func.coalesce(Fee.amount_fen, _run.c.price_fen).label("amount_fen"), Fee.paid_fen,
            func.coalesce(Fee.state, FeeState.UNPAID.value).label("state"), Fee.method, Fee.note,
            Fee.marked_at, Staff.name.label("staff_name"),
        )
        .select_from(Booking)
        .join(_run, _run.c.id == Booking.bookable_id)
        .join(Person, Person.id == Booking.person_id)
        .outerjoin(Fee, Fee.booking_id == Booking.id)
        .outerjoin(Staff, Staff.id == Fee.staff_id)
        .where(
            or_(Fee.booking_id.is_not(None), (_run.c.price_fen > 0) & Booking.state.in_(_OWED)),
            # Nobody owes for a place they gave back unpaid.
            or_(Booking.state.in_(HELD), Fee.state != FeeState.UNPAID),
        )
    )  # fmt: skip


def _shown(row: AnyRow) -> dict[str, Any]:
    """`due_fen` is still to be paid, `refund_fen` to be given back, of what was `received_fen`.

    `to_refund`: all of it, because the place is given back.
    """
    ended = row.booking_state in (State.CANCELLED, State.DECLINED)
    received = row.amount_fen if row.state == FeeState.PAID else row.paid_fen or 0
    asked = 0 if ended or row.state in _SETTLED else row.amount_fen
    more = 0 if row.state in _SETTLED else received - asked
    return dict(row._mapping) | {
        "marked_at": clock.rfc3339(row.marked_at),
        "received_fen": received,
        "due_fen": max(-more, 0),
        "refund_fen": max(more, 0),
        "to_refund": ended and received > 0,
    }


def of_booking(session: Session, booking_id: int) -> dict[str, Any] | None:
    """The fee of one enrolment; None where nothing is or was owed."""
    row = session.execute(_fees().where(Booking.id == booking_id)).first()
    return None if row is None else _shown(row)


def owed(session: Session, booking_id: int) -> dict[str, Any] | None:
    """The fee of one enrolment as residents see it: without what staff note."""
    fee = of_booking(session, booking_id)
    shown = ("amount_fen", "due_fen", "refund_fen", "state", "marked_at", "to_refund")
    return None if fee is None else {name: fee[name] for name in shown}


def of_run(session: Session, run_id: int) -> dict[int, dict[str, Any]]:
    """By booking, the fees of a class: of those who are in it, and of those who paid and left."""
    first = case((Booking.state == State.CONFIRMED, 0), else_=1)
    rows = session.execute(_fees().where(Booking.bookable_id == run_id).order_by(first, Booking.id))
    return {row.booking_id: _shown(row) for row in rows}


def of_bookings(session: Session, booking_ids: Iterable[int]) -> dict[int, dict[str, Any]]:
    """By booking, the fees of several."""
    rows = session.execute(_fees().where(Booking.id.in_(list(booking_ids))))
    return {row.booking_id: _shown(row) for row in rows}


def sums(fees: Mapping[int, Mapping[str, Any]]) -> dict[str, int]:
    """In fen: still to be paid, paid and to stay so, to be refunded, refunded, waived."""
    found = dict.fromkeys(("unpaid", "paid", "to_refund", "refunded", "waived"), 0)
    for fee in fees.values():
        found["unpaid"] += fee["due_fen"]
        found["paid"] += fee["received_fen"] - fee["refund_fen"]
        found["to_refund"] += fee["refund_fen"]
        if fee["state"] in _SETTLED:
            found[fee["state"]] += fee["amount_fen"]
    return found
