"""A stop is ticked: handed over against the eater's code or with a photo, or failed, and why.

Phones tick in stairwells without a network and send it later, perhaps twice: `key` makes a tick
once, and `at` is when it happened.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import bindparam, exists, select, update
from sqlalchemy.orm import Session, aliased

from backend import clock
from backend.booking.models import Booking, State
from backend.canteen.carrying import photos, telling
from backend.canteen.carrying.errors import NotThatFar, StopSettled
from backend.canteen.delivery.models import DeliveryRun, DeliveryStop, Reason, StopState
from backend.canteen.models import Canteen, MealService
from backend.canteen.serving import service as serving
from backend.canteen.serving.models import Proof, Way
from backend.canteen.welfare import service as welfare
from backend.db import AnyRow, RunAgain, table_of
from backend.errors import Invalid, KeyReused, NotFound
from backend.people.models import Account
from backend.staff import audit
from backend.staff.access import SignedInStaff

_run, _stop, _service = table_of(DeliveryRun), table_of(DeliveryStop), table_of(MealService)
_booking = table_of(Booking)
_other = aliased(_stop)

_STANDS = (State.CONFIRMED, State.MISSED)
"""Orders that may be handed over; MISSED, because a phone may send what it did hours later."""


class Outcome(StrEnum):
    """What happened at a stop; `UNDO` takes a failure back."""

    DONE = "done"
    FAILED = "failed"
    UNDO = "undo"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """What the courier tapped, at which time by the server's clock; `photo` is prepared."""

    outcome: Outcome
    key: str
    at: datetime
    code: str | None = None
    photo: bytes | None = None
    received_by: str | None = None
    reason: Reason | None = None


@dataclass(frozen=True, slots=True)
class Ticked:
    """How the stop stands after a tick."""

    state: StopState
    at: datetime | None = None
    reason: Reason | None = None

    def shown(self) -> dict[str, Any]:
        """As a phone keeps it."""
        at = None if self.at is None else clock.rfc3339(self.at)
        return {"state": self.state, "reason": self.reason, "at": at}


_find = (
    select(
        _stop.c.id, _stop.c.booking_id, _stop.c.state, _stop.c.reason, _stop.c.at, _stop.c.key,
        _stop.c.staff_id, _run.c.out_at, _run.c.back_at, _booking.c.state.label("order_state"),
        _booking.c.short_code, _booking.c.person_id, _booking.c.account_id,
        Account.person_id.label("account_of"), Canteen.place_id,
        exists()
        .where(_other.c.key == bindparam("key"), _other.c.id != _stop.c.id)
        .label("key_of_another"),
    )
    .join(_run, _run.c.id == _stop.c.run_id)
    .join(_service, _service.c.id == _run.c.meal_service_id)
    .join(Canteen, Canteen.id == _service.c.canteen_id)
    .join(_booking, _booking.c.id == _stop.c.booking_id)
    .outerjoin(Account, Account.id == _booking.c.account_id)
    .where(
        _stop.c.id == bindparam("stop"), _run.c.id == bindparam("run"),
        _run.c.courier_id == bindparam("me"),
        _service.c.day.between(bindparam("earliest"), bindparam("today")),
    )
)  # fmt: skip


def tick(
    session: Session, me: SignedInStaff, run_id: int, stop_id: int, ticked: Tick, now: datetime
) -> Ticked:
    """Apply a tick once; how the stop stands. GONE: the order was given back, bring it along.

    A phone that lay dead may tell it some days later. Raises NotFound (also for somebody else's),
    NotThatFar, StopSettled, Invalid, KeyReused, and what serving refuses.
    """
    today = clock.today(now)
    row = session.execute(
        _find,
        {"stop": stop_id, "run": run_id, "me": me.staff_id, "key": ticked.key, "today": today,
         "earliest": today - serving.LATEST},
    ).first()  # fmt: skip
    if row is None:
        raise NotFound()
    if row.key == ticked.key:
        audit.unchanged(session)
        return Ticked(StopState(row.state), row.at, row.reason)
    if row.key_of_another:
        raise KeyReused()
    _check_out(row)
    return _apply(session, me, row, ticked, now)


def _check_out(row: AnyRow) -> None:
    if row.out_at is None:
        raise NotThatFar(_("还没有出发，请先点“出发”。"))
    if row.back_at is not None:
        raise NotThatFar()


def _apply(session: Session, me: SignedInStaff, row: AnyRow, ticked: Tick, now: datetime) -> Ticked:
    if ticked.outcome == Outcome.UNDO:
        return _undo(session, me, row, ticked)
    if row.state not in (StopState.TODO, StopState.GONE):
        raise StopSettled()
    if row.state == StopState.GONE or row.order_state not in _STANDS:
        return _gone(session, me, row)
    at = happened_at(ticked, row.out_at, now)
    if ticked.outcome == Outcome.DONE:
        return _done(session, me, row, ticked, at, now)
    return _failed(session, me, row, ticked, at, now)


def _done(
    session: Session, me: SignedInStaff, row: AnyRow, ticked: Tick, at: datetime, now: datetime
) -> Ticked:
    proof = proof_of(row, ticked)
    photo_id = photos.keep(session, row.id, ticked.photo, me.staff_id, at) if ticked.photo else None
    serving.serve(  # first, because it locks the meal, as those do who end orders
        session, row.booking_id, way=Way.DOOR, proof=proof, staff_id=me.staff_id, at=at,
        key=ticked.key, now=now, received_by=ticked.received_by, photo_id=photo_id,
    )  # fmt: skip
    _write(session, row, StopState.TODO, state=StopState.DONE, at=at, staff_id=me.staff_id,
           key=ticked.key)  # fmt: skip
    if row.key is not None:  # it had failed before: whoever was looked for has opened
        welfare.answered(session, row.booking_id, staff_id=me.staff_id, now=now)
    telling.delivered(session, row, now)
    return Ticked(StopState.DONE, at)


def happened_at(ticked: Tick, out_at: datetime, now: datetime) -> datetime:
    """When it happened: after the run went out, and not in the future."""
    return max(min(ticked.at, now), out_at)


def proof_of(row: AnyRow, ticked: Tick) -> Proof:
    """By which it is proven: the code where it was given. Raises Invalid."""
    if ticked.code:
        if ticked.code.replace(" ", "") != row.short_code:
            wrong = _("取餐码不对。请再核对一次，或者拍照并写明谁收的。")
            raise Invalid({"code": [wrong]}, wrong)
        return Proof.CODE
    if not ticked.photo or not ticked.received_by:
        wrong = _("请输入取餐码；没有取餐码的，请拍照并写明谁收的。")
        raise Invalid({"photo": [wrong]}, wrong)
    return Proof.PHOTO


def _failed(
    session: Session, me: SignedInStaff, row: AnyRow, ticked: Tick, at: datetime, now: datetime
) -> Ticked:
    if (reason := ticked.reason) is None:
        wrong = _("请选择没有送到的原因。")
        raise Invalid({"reason": [wrong]}, wrong)
    if reason in (Reason.NO_ANSWER, Reason.ABSENT_ANNOUNCED):
        # Only what is on file spares the search: words at a door may be about somebody else.
        case = welfare.open_case(
            session, row.booking_id, staff_id=me.staff_id, at=at, key=ticked.key, now=now
        )
        reason = Reason.ABSENT_ANNOUNCED if case is None else Reason.NO_ANSWER
    _write(session, row, StopState.TODO, state=StopState.FAILED, reason=reason, at=at,
           staff_id=me.staff_id, key=ticked.key)  # fmt: skip
    _note(session, me, row, "stop.failed", reason=reason)
    return Ticked(StopState.FAILED, at, reason)


def _undo(session: Session, me: SignedInStaff, row: AnyRow, ticked: Tick) -> Ticked:
    """A failure taken back by whoever noted it: somebody opened after all.

    GONE if the order has ended since, or was fetched at the counter.
    """
    if row.state != StopState.FAILED or row.staff_id != me.staff_id:
        raise StopSettled(_("只能撤销自己登记的“没送到”。"))
    state = StopState.TODO if row.order_state in _STANDS else StopState.GONE
    _write(session, row, StopState.FAILED, state=state, reason=None, at=None, staff_id=None,
           key=ticked.key)  # fmt: skip
    _note(session, me, row, "stop.undo")
    return Ticked(state)


def _gone(session: Session, me: SignedInStaff, row: AnyRow) -> Ticked:
    """The order ended, or was fetched at the counter: there is nothing to hand over."""
    if row.state == StopState.GONE:
        audit.unchanged(session)
        return Ticked(StopState.GONE)
    _write(session, row, StopState.TODO, state=StopState.GONE)
    _note(session, me, row, "stop.gone")
    return Ticked(StopState.GONE)


def _write(session: Session, row: AnyRow, was: StopState, **values: Any) -> None:
    """Of two who tick at once one does; the next try of the other sees what came of it."""
    written = session.execute(
        update(_stop)
        .where(_stop.c.id == row.id, _stop.c.state == was)
        .values(**values)
        .returning(_stop.c.id)
    ).first()
    if written is None:
        raise RunAgain()


def _note(session: Session, me: SignedInStaff, row: AnyRow, action: str, **after: Any) -> None:
    audit.record(
        session, me.staff_id, action, "delivery_stop", row.id, place_id=row.place_id,
        before={"state": row.state}, after=after or None,
    )  # fmt: skip
