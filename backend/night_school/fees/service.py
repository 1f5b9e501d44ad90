"""Marking fees: by staff now; whoever takes payments online marks them by the same verb."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext
from sqlalchemy import delete, insert, literal, select
from sqlalchemy.orm import Session

from backend.booking.models import Booking, State
from backend.booking.transfers import follows_transfer
from backend.db import AnyRow, table_of
from backend.errors import Invalid, NotFound
from backend.money import in_yuan
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
    FeeState.SHORT: (FeeState.PAID, FeeState.WAIVED, FeeState.REFUNDED),
    FeeState.OVER: (FeeState.PAID, FeeState.REFUNDED),
    FeeState.PAID: (FeeState.REFUNDED, FeeState.UNPAID),
    FeeState.WAIVED: (FeeState.UNPAID, FeeState.PAID),
    FeeState.REFUNDED: (FeeState.PAID,),
}
"""What staff may mark next; a slip is taken back with a note that says so. Where a difference is
open, `PAID` says that it is settled and `WAIVED` that it need not be."""

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
        "amount_fen": str(_("%(yuan)s 元", yuan=in_yuan(fee["amount_fen"]))),
        "state": str(STATE[fee["state"]]),
        "method": str(METHOD.get(fee["method"], "")),
        "note": fee["note"] or "",
    }


def mark(
    session: Session, me: SignedInStaff, run_id: int, booking_id: int, now: datetime, *,
    state: str, method: str | None = None, note: str | None = None,
    original: Original | None = None,
) -> None:  # fmt: skip
    """Mark a fee; all but a payment need a note, also giving a difference back.

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
    if (state != FeeState.PAID or fee["state"] == FeeState.OVER) and not note:
        raise Invalid({"note": [_("请写明原因，以后好核对。")]})
    if state == FeeState.PAID and not method:
        raise Invalid({"method": [_("请选择怎么交的。")]})
    becomes = _marked(fee, state, method) | {"note": note}
    _write(session, booking_id, **becomes, staff_id=me.staff_id, marked_at=now)
    kept = ("amount_fen", "paid_fen", "state", "method", "note")
    audit.record(
        session, me.staff_id, "fee.mark", "booking", booking_id, place_id=found.place_id,
        before={name: fee[name] for name in kept}, after=becomes,
    )  # fmt: skip


def _marked(fee: Mapping[str, Any], state: str, method: str | None) -> dict[str, Any]:
    """The row a mark comes to. What is refunded is what was received."""
    if fee["state"] == FeeState.SHORT and state == FeeState.WAIVED:
        # The difference is waived: what was paid for the cheaper class is all.
        return {
            "amount_fen": fee["received_fen"], "state": FeeState.PAID, "method": fee["method"],
        }  # fmt: skip
    moved_money = state in (FeeState.PAID, FeeState.REFUNDED)
    received = fee["received_fen"] if state == FeeState.REFUNDED else None
    return {
        "amount_fen": received or fee["amount_fen"], "state": state,
        "method": method if moved_money else None,
    }  # fmt: skip


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
    """What was paid or waived for one enrolment counts for the one that stands in its place.

    Where that costs another amount, the difference is due or to be refunded; where it costs
    nothing, what was paid stays behind, to be refunded there.
    """
    was = session.execute(
        select(_fee).where(_fee.c.booking_id == from_id, _fee.c.state.in_(_GOES_ALONG))
    ).first()
    known = session.execute(select(_fee).where(_fee.c.booking_id == to_id)).first()
    if was is None or (known is not None and known.state != FeeState.UNPAID):
        return
    price = known.amount_fen if known is not None else _price(session, to_id)
    if not price:
        return
    _write(
        session, to_id, **_held_against(was, price), method=was.method, note=was.note,
        staff_id=was.staff_id, marked_at=was.marked_at,
    )  # fmt: skip
    session.execute(delete(_fee).where(_fee.c.booking_id == from_id))


_GOES_ALONG = (FeeState.PAID, FeeState.SHORT, FeeState.OVER, FeeState.WAIVED)


def _held_against(was: AnyRow, price: int) -> dict[str, Any]:
    """Where a fee stands for a class that costs `price`."""
    if was.state == FeeState.WAIVED:
        return {"amount_fen": price, "state": FeeState.WAIVED}
    received = was.amount_fen if was.paid_fen is None else was.paid_fen
    if received == price:
        return {"amount_fen": price, "state": FeeState.PAID}
    state = FeeState.SHORT if received < price else FeeState.OVER
    return {"amount_fen": price, "state": state, "paid_fen": received}


def _price(session: Session, booking_id: int) -> int:
    found = session.execute(
        select(_run.c.price_fen)
        .join(Booking, Booking.bookable_id == _run.c.id)
        .where(Booking.id == booking_id)
    )
    return int(found.scalar_one())
