"""Marking fees: by staff now; whoever takes payments online marks them by the same verb."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext
from sqlalchemy import delete, insert, literal, select, update
from sqlalchemy.orm import Session

from backend.booking.models import Booking, State
from backend.booking.transfers import follows_transfer
from backend.db import table_of
from backend.errors import Invalid, NotFound
from backend.night_school.fees import queries
from backend.night_school.fees.errors import FeeMovedOn
from backend.night_school.fees.models import Fee, FeeState
from backend.night_school.fees.wording import METHOD, STATE
from backend.night_school.models import CourseRun
from backend.night_school.reach import access_class
from backend.staff import audit, meanwhile
from backend.staff.access import Permission, SignedInStaff
from backend.staff.meanwhile import Original

MAY_BECOME: dict[str, tuple[FeeState, ...]] = {
    FeeState.UNPAID: (FeeState.PAID, FeeState.WAIVED),
    FeeState.PAID: (FeeState.REFUNDED, FeeState.UNPAID),
    FeeState.WAIVED: (FeeState.UNPAID, FeeState.PAID),
    FeeState.REFUNDED: (FeeState.PAID,),
}
"""What staff may mark next; a slip is taken back with a note that says so."""

LABELS = {
    "amount_fen": lazy_gettext("应交"),
    "state": lazy_gettext("交费情况"),
    "method": lazy_gettext("方式"),
    "note": lazy_gettext("说明"),
}
_fee, _run = table_of(Fee), CourseRun.__table__


def form_shows(fee: Mapping[str, Any]) -> dict[str, str]:
    """What the form shows of a fee, as `queries.of_booking` has it: text by field."""
    return {
        "amount_fen": str(_("%(yuan)s 元", yuan=f"{fee['amount_fen'] / 100:g}")),
        "state": str(STATE[fee["state"]]),
        "method": str(METHOD.get(fee["method"], "")),
        "note": fee["note"] or "",
    }


def mark(
    session: Session, me: SignedInStaff, run_id: int, booking_id: int, now: datetime, *,
    state: str, method: str | None = None, note: str | None = None,
    original: Original | None = None,
) -> None:  # fmt: skip
    """Mark a fee; all but a payment need a note.

    Raises NotFound, also for a booking of another class or without a fee, ChangedMeanwhile,
    FeeMovedOn, Invalid.
    """
    found = access_class(session, me, Permission.MANAGE_CLASSES, run_id)
    session.execute(select(Booking.id).where(Booking.id == booking_id).with_for_update())
    fee = queries.of_booking(session, booking_id)
    if fee is None or fee["run_id"] != run_id:
        raise NotFound()
    meanwhile.check(session, original, form_shows(fee), LABELS, [("booking", booking_id)])
    if state not in MAY_BECOME[fee["state"]]:
        raise FeeMovedOn(state=fee["state"])
    if state != FeeState.PAID and not note:
        raise Invalid({"note": [_("请写明原因，以后好核对。")]})
    if state == FeeState.PAID and not method:
        raise Invalid({"method": [_("请选择怎么交的。")]})
    _write(
        session, booking_id, amount_fen=fee["amount_fen"], state=state, note=note,
        method=method if state in (FeeState.PAID, FeeState.REFUNDED) else None,
        staff_id=me.staff_id, marked_at=now,
    )  # fmt: skip
    kept = ("amount_fen", "state", "method", "note")
    audit.record(
        session, me.staff_id, "fee.mark", "booking", booking_id, place_id=found.place_id,
        before={name: fee[name] for name in kept},
        after={"amount_fen": fee["amount_fen"], "state": state, "method": method, "note": note},
    )  # fmt: skip


def _write(session: Session, booking_id: int, **values: Any) -> None:
    session.execute(delete(_fee).where(_fee.c.booking_id == booking_id))
    session.execute(insert(_fee).values(booking_id=booking_id, **values))


def freeze(session: Session, run_id: int) -> None:
    """Before a run's price changes: who has signed up owes what it cost then."""
    session.execute(
        insert(_fee).from_select(
            ["booking_id", "amount_fen", "state"],
            select(Booking.id, _run.c.price_fen, literal(FeeState.UNPAID.value))
            .join(_run, _run.c.id == Booking.bookable_id)
            .outerjoin(_fee, _fee.c.booking_id == Booking.id)
            .where(
                Booking.bookable_id == run_id, Booking.state == State.CONFIRMED,
                _fee.c.booking_id.is_(None),
            ),
        )
    )  # fmt: skip


@follows_transfer
def move(session: Session, from_id: int, to_id: int) -> None:
    """What was settled for one enrolment counts for the one that stands in its place."""
    settled = session.execute(
        select(_fee.c.booking_id).where(
            _fee.c.booking_id == from_id, _fee.c.state != FeeState.UNPAID
        )
    ).first()
    if settled is not None:
        session.execute(
            delete(_fee).where(_fee.c.booking_id == to_id, _fee.c.state == FeeState.UNPAID)
        )
        taken = select(_fee.c.booking_id).where(_fee.c.booking_id == to_id)
        if session.execute(taken).first() is None:
            session.execute(
                update(_fee).where(_fee.c.booking_id == from_id).values(booking_id=to_id)
            )
