"""Couriers at work: a lunch on its way to people's doors, what phones send, the proof."""

import uuid
from collections.abc import Iterable, Sequence
from datetime import timedelta
from urllib.parse import urlencode

import httpx
from sqlalchemy import Connection, Engine, func, insert, select, update

from admin.doors import COOKIE
from backend import checking, clock
from backend.booking.models import Bookable, Booking
from backend.canteen.carrying import check
from backend.canteen.delivery.models import DeliveryRun, DeliveryStop
from backend.canteen.models import MealService
from backend.canteen.ordering.models import MealOrder
from backend.canteen.serving.models import MealServed
from backend.db import table_of
from backend.staff import sessions
from backend.staff.models import Staff, StaffRole, StaffSession
from bench import canteen
from bench.driver import post_form
from bench.proof import Proof
from bench.seed import Resident

BAGS_OF_ONE = 20
"""So many bags one courier has with them."""


def lunch(connection: Connection, place_id: int, people: Sequence[Resident]) -> int:
    """Today's lunch, ordered by all of these, delivered in runs of BAGS_OF_ONE that are out."""
    now = clock.now()
    meal, _items = canteen.lunch(connection, place_id, None)
    begins = clock.at_minute(clock.today(now))
    span = {"starts_at": begins, "ends_at": begins + timedelta(hours=24)}
    connection.execute(update(table_of(Bookable)).where(Bookable.id == meal).values(span))
    connection.execute(
        update(table_of(MealService)).where(MealService.id == meal).values(day=clock.today(now))
    )
    bookings = connection.execute(
        insert(table_of(Booking)).returning(Booking.id),
        [{"bookable_id": meal, "person_id": one.person_id,
          "state": "confirmed", "code": uuid.uuid4().hex[:22], "short_code": "123456",
          "once_key": f"meal:{meal}", "created_at": now, **span} for one in people],
    ).scalars().all()  # fmt: skip
    sums = dict.fromkeys(("list_fen", "discount_fen", "subsidy_fen", "fee_fen", "pays_fen"), 0)
    connection.execute(
        insert(table_of(MealOrder)),
        [{"booking_id": one, "mode": "delivery", **sums} for one in bookings],
    )
    for number, at in enumerate(range(0, len(bookings), BAGS_OF_ONE), 1):
        _run(connection, meal, place_id, number, bookings[at : at + BAGS_OF_ONE])
    return meal


def _run(
    connection: Connection, meal: int, place_id: int, number: int, bookings: Sequence[int]
) -> None:
    now = clock.now()
    courier = connection.execute(
        insert(table_of(Staff)).returning(Staff.id),
        [{"username": f"courier{meal}-{number}", "name": "赵师傅", "password_hash": "-",
          "must_change_password": False, "language": "zh", "failed_sign_ins": 0,
          "created_at": now}],
    ).scalar_one()  # fmt: skip
    connection.execute(
        insert(table_of(StaffRole)).values(staff_id=courier, role="courier", place_id=place_id)
    )
    run = connection.execute(
        insert(table_of(DeliveryRun)).returning(DeliveryRun.id),
        [{"meal_service_id": meal, "number": number, "name": "3号楼", "leaves_at": now,
          "changed_at": now, "courier_id": courier, "claimed_at": now, "out_at": now}],
    ).scalar_one()  # fmt: skip
    connection.execute(
        insert(table_of(DeliveryStop)),
        [{"meal_service_id": meal, "run_id": run, "booking_id": one, "seq": seq,
          "place_id": place_id, "building": "3"} for seq, one in enumerate(bookings, 1)],
    )  # fmt: skip


def ticks(engine: Engine, base: str, meal: int) -> list[bytes]:
    """Every stop by the eater's code, as phones send it: each courier's in their own session."""
    with engine.begin() as connection:
        rows = connection.execute(
            select(DeliveryStop.id, DeliveryStop.run_id, DeliveryRun.courier_id)
            .join(DeliveryRun, DeliveryRun.id == DeliveryStop.run_id)
            .where(DeliveryStop.meal_service_id == meal)
            .order_by(DeliveryStop.seq, DeliveryStop.id)
        ).all()  # fmt: skip
        tokens = _tokens(connection, {row.courier_id for row in rows})
    signed = {one: _signed_in(base, token) for one, token in tokens.items()}
    return [
        post_form(
            f"/admin/courier/runs/{row.run_id}/stops/{row.id}",
            urlencode({"outcome": "done", "key": str(uuid.uuid4()), "code": "123456"}).encode(),
            **signed[row.courier_id],
        )
        for row in rows
    ]


def _tokens(connection: Connection, couriers: Iterable[int]) -> dict[int, str]:
    now = clock.now()
    tokens = {one: uuid.uuid4().hex for one in couriers}
    times = {"created_at": now, "seen_at": now, "expires_at": now + timedelta(hours=12)}
    connection.execute(
        insert(table_of(StaffSession)),
        [{"token_hash": sessions.token_hash(token), "staff_id": one, **times}
         for one, token in tokens.items()],
    )  # fmt: skip
    return tokens


def _signed_in(base: str, token: str) -> dict[str, str]:
    with httpx.Client(trust_env=False, cookies={COOKIE: token}) as phone:
        told = phone.get(f"{base}/admin/courier.json").raise_for_status().json()
        cookies = "; ".join(f"{one.name}={one.value}" for one in phone.cookies.jar)
    return {"Cookie": cookies, "X_CSRFToken": told["csrf"], "Accept": "application/json"}


def prove(connection: Connection, meal: int, *, answered: int, capacity: int) -> Proof:
    """Each bag was handed over once, and `xingfu check` of runs and stops holds."""
    found = checking.run(connection, check.CHECKS, clock.now())
    wrong = [one.check.name for one in found if one.rows]
    served = connection.execute(
        select(func.count())
        .select_from(MealServed)
        .join(Booking, Booking.id == MealServed.booking_id)
        .where(Booking.bookable_id == meal, Booking.state == "attended")
    ).scalar_one()
    if served != answered:
        wrong.append(f"{answered} were told that it is noted, {served} are")
    return Proof(capacity=capacity, sold=served, waiting=0, wrong=tuple(wrong))
