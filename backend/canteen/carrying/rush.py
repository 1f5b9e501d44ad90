"""Ticks in a rush: a batch is read at once, judged one by one, written at once.

The plain case only: whoever has the run, is signed in and out with it hands a bag over against the
eater's code, for the first time. Everything else is for `ticking.tick`, behind the console's door.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Select, String, and_, bindparam, exists, select
from sqlalchemy.orm import Session, aliased

from backend import clock
from backend.arrays import Rows
from backend.booking.models import Bookable, Booking, State
from backend.canteen.carrying import ticking, writing_each
from backend.canteen.carrying.claiming import CARRY
from backend.canteen.carrying.ticking import Outcome, Tick, Ticked
from backend.canteen.carrying.writing_each import Handed
from backend.canteen.delivery.models import DeliveryRun, DeliveryStop, StopState
from backend.canteen.models import MealService
from backend.canteen.serving import service as serving
from backend.canteen.serving.models import Proof
from backend.db import AnyRow, Prepared, UtcDateTime, table_of
from backend.errors import Invalid
from backend.people.models import Account
from backend.staff import sessions
from backend.staff.access import holders
from backend.staff.models import Staff, StaffRole, StaffSession

_sign_in, _staff, _role = table_of(StaffSession), table_of(Staff), table_of(StaffRole)
_run, _stop = table_of(DeliveryRun), table_of(DeliveryStop)
_service, _bookable, _booking = table_of(MealService), table_of(Bookable), table_of(Booking)
_account = table_of(Account)
_other = aliased(_stop)
_callers = Rows(
    "caller",
    {"token_hash": String(), "run_id": BigInteger(), "stop_id": BigInteger(), "key": String()},
)


@dataclass(frozen=True, slots=True)
class Call:
    """Who calls, by the hash of the cookie, and which stop they tick; `request_id`: as it is logged
    and audited.
    """

    token_hash: str
    run_id: int
    stop_id: int
    ticked: Tick
    request_id: str | None


def _for_callers() -> Select[*tuple[Any, ...]]:
    caller, now = _callers.table, bindparam("now", type_=UtcDateTime)
    carries = exists().where(
        _role.c.staff_id == _staff.c.id, _role.c.role.in_([str(one) for one in holders(CARRY)])
    )
    key_is_known = exists().where(_other.c.key == caller.c.key)
    mine = and_(_run.c.id == caller.c.run_id, _run.c.courier_id == _staff.c.id)
    stop = and_(_stop.c.id == caller.c.stop_id, _stop.c.run_id == _run.c.id)
    return (
        select(
            caller.c.no, _staff.c.id.label("staff_id"), _sign_in.c.seen_at, _run.c.out_at,
            _run.c.back_at, _stop.c.id.label("stop_id"), _stop.c.state, _stop.c.key,
            _booking.c.id.label("booking_id"), _booking.c.state.label("order_state"),
            _booking.c.short_code, _booking.c.person_id, _booking.c.account_id,
            _account.c.person_id.label("account_of"), _bookable.c.id.label("meal_id"),
            _bookable.c.place_id, _bookable.c.ends_at, _service.c.day,
        )
        .select_from(caller)
        .join(_sign_in, _sign_in.c.token_hash == caller.c.token_hash)
        .join(_staff, _staff.c.id == _sign_in.c.staff_id)
        .join(_run, mine)
        .join(_stop, stop)
        .join(_booking, _booking.c.id == _stop.c.booking_id)
        .join(_service, _service.c.id == _run.c.meal_service_id)
        .join(_bookable, _bookable.c.id == _booking.c.bookable_id)
        .outerjoin(_account, _account.c.id == _booking.c.account_id)
        .where(
            sessions.is_signed_in(_sign_in, _staff, now), ~_staff.c.must_change_password, carries,
            ~key_is_known,
        )
    )  # fmt: skip


_FOR_CALLERS = Prepared(_for_callers())


def tick_each(session: Session, calls: Sequence[Call], now: datetime) -> list[Ticked | None]:
    """How the stop of each stands now; None for those that `ticking.tick` has to see.

    One read and one write, which commits by itself. PostgreSQL only.
    """
    handed: dict[int, Handed] = {}
    met: set[object] = set()
    found = _read_callers(session, calls, now)
    for number in sorted(found):  # of two for one stop the first is noted
        call = calls[number]
        one = _judged(call, found[number], now)
        if one is not None and met.isdisjoint((call.stop_id, call.ticked.key)):
            handed[number] = one
            met |= {call.stop_id, call.ticked.key}
    done = writing_each.write(session, list(handed.values()), now) if handed else set()
    ticked: list[Ticked | None] = [None] * len(calls)
    for number, one in handed.items():
        if one.stop_id in done:
            ticked[number] = Ticked(StopState.DONE, one.at)
    return ticked


def _judged(call: Call, row: AnyRow, now: datetime) -> Handed | None:
    """None: it has to be looked into alone."""
    ticked = call.ticked
    late = row.day < clock.today(now) - serving.LATEST
    if ticked.outcome != Outcome.DONE or late or not serving.is_open(row.day, row.ends_at, now):
        return None
    if row.out_at is None or row.back_at is not None or not _is_new(row):
        return None
    try:
        if ticking.proof_of(row, ticked) != Proof.CODE:
            return None
    except Invalid:
        return None
    at = ticking.happened_at(ticked, row.out_at, now)
    return Handed(row, ticked, call.token_hash, call.request_id, at)


def _is_new(row: AnyRow) -> bool:
    """Nobody has handed it over, given it back or noted anything at its stop."""
    return (row.state, row.order_state, row.key) == (StopState.TODO, State.CONFIRMED, None)


def _read_callers(session: Session, calls: Sequence[Call], now: datetime) -> dict[int, AnyRow]:
    """Those who are signed in and may tick what they tick, by their place in the batch."""
    asked = _callers.values(
        (one.token_hash, one.run_id, one.stop_id, one.ticked.key) for one in calls
    )
    rows = _FOR_CALLERS.all(session, asked | {"now": now, "idle_since": sessions.idle_since(now)})
    return {row.no - 1: row for row in rows}
