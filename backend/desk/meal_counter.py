"""The counter of a canteen: meals are handed over, mistakes taken back, walk-ins sold a meal."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy.orm import Session

from backend import clock
from backend.booking import service as booking
from backend.booking.service import Actor
from backend.canteen.accounts import cash
from backend.canteen.accounts.cash import TopUp
from backend.canteen.guests import service as guests
from backend.canteen.kitchen import replacing
from backend.canteen.models import Mode
from backend.canteen.ordering import service as ordering
from backend.canteen.ordering.asked import Wanted
from backend.canteen.ordering.errors import HasOrdered
from backend.canteen.serving import conflicts, queries, service
from backend.canteen.serving.errors import AlreadyServed, GivenBack, NotServing, NotToday
from backend.canteen.serving.models import Proof, Way
from backend.canteen.serving.queries import SERVE
from backend.canteen.serving.service import Served
from backend.canteen.welfare import service as welfare
from backend.db import AnyRow
from backend.desk.reach import access_person
from backend.errors import NotFound, Refusal
from backend.staff import audit
from backend.staff.access import SignedInStaff


@dataclass(frozen=True, slots=True, kw_only=True)
class Tap:
    """Somebody got their meal; `at`: when, as the tablet says, None for just now.

    `given`: the tablet could not ask, so the meal is out, whatever the answer is.
    """

    booking_id: int
    proof: Proof
    key: str
    at: datetime | None = None
    given: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Sale:
    """What a walk-in wants to eat, the total that was shown, and whether they pay it in cash."""

    person_id: int
    dishes: Sequence[tuple[int, int]]
    mode: Mode
    pays_fen: int
    in_cash: bool
    despite_diet: bool
    key: str


def hand_over(
    session: Session, me: SignedInStaff, meal_service_id: int, tap: Tap, now: datetime
) -> Served:
    """An order of a meal in reach is handed over. Raises NotFound, and as `service.serve`."""
    meal = queries.find_meal(session, me, meal_service_id)
    if not queries.is_order_of(session, meal.id, tap.booking_id):
        raise NotFound()
    return service.serve(
        session, tap.booking_id, way=Way.COUNTER, proof=tap.proof, staff_id=me.staff_id,
        at=tap.at or now, key=tap.key, now=now,
    )  # fmt: skip


def take(
    session: Session, me: SignedInStaff, meal_service_id: int, taps: Sequence[Tap], now: datetime
) -> list[dict[str, Any]]:
    """What became of each tap of a tablet: done, refused, or a conflict that somebody settles.

    Sent again, the same key gets the same answer. Raises NotFound.
    """
    audit.unchanged(session)
    meal = queries.find_meal(session, me, meal_service_id)
    return [{"key": tap.key} | _taken(session, me, meal.id, tap, now) for tap in taps]


def _taken(
    session: Session, me: SignedInStaff, meal_service_id: int, tap: Tap, now: datetime
) -> dict[str, Any]:
    try:
        hand_over(session, me, meal_service_id, tap, now)
    except (NotFound, AlreadyServed, GivenBack, NotToday) as refusal:
        why = conflicts.WHY.get(type(refusal)) if tap.given else None
        if why is not None:
            conflicts.note(session, me, tap.booking_id, why, tap.at or now, tap.key, now)
        return {"outcome": "conflict" if why else "refused", "sentence": str(refusal)}
    return {"outcome": "done", "sentence": ""}


def take_back(
    session: Session, me: SignedInStaff, served_id: int, reason: str, now: datetime,
    *, give_back: bool = False,
) -> None:  # fmt: skip
    """It was not handed over; with `give_back` the order ends, too, and its money comes back.

    Whoever was no longer looked for because of it is looked for again.
    Raises NotFound, NotLive once the meal is over.
    """
    served = queries.find_served(session, me, served_id)
    service.undo(session, served_id, staff_id=me.staff_id, reason=reason, now=now)
    if served.undone_at is not None:
        return
    welfare.doubted(session, served, reason, staff_id=me.staff_id, now=now)
    if give_back:
        actor = Actor(staff_id=me.staff_id)
        booking.cancel(session, served.booking_id, actor, now, reason)


def judge(session: Session, me: SignedInStaff, wanted: Wanted, now: datetime) -> dict[str, Any]:
    """What a walk-in would pay (`bill`), or what stands `against` it. Raises NotFound."""
    _selling(session, me, wanted.meal_service_id, wanted.person_id, now)
    try:
        return {"bill": ordering.quote_walk_in(session, wanted, now), "against": None}
    except Refusal as refusal:
        return {"bill": None, "against": str(refusal)}


def judge_guests(
    session: Session, me: SignedInStaff, meal_service_id: int, dishes: Sequence[tuple[int, int]],
    now: datetime,
) -> dict[str, Any]:  # fmt: skip
    """What guests would pay (`bill`), or what stands `against` it."""
    try:
        return {"bill": guests.quote(session, me, meal_service_id, dishes, now), "against": None}
    except Refusal as refusal:
        return {"bill": None, "against": str(refusal)}


def sell(
    session: Session, me: SignedInStaff, meal_service_id: int, sale: Sale, now: datetime
) -> int:
    """Order, pay and hand over in one step; the booking. The same key sells once.

    Raises NotFound, NotServing, HasOrdered, the refusals of ordering, PriceChanged, BalanceShort.
    """
    if (booking_id := queries.booking_of(session, sale.key)) is not None:
        audit.unchanged(session)
        return booking_id
    meal = _selling(session, me, meal_service_id, sale.person_id, now)
    wanted = Wanted(
        meal_service_id=meal.id, person_id=sale.person_id, dishes=sale.dishes, mode=sale.mode,
        pays_fen=sale.pays_fen, despite_diet=sale.despite_diet,
    )  # fmt: skip
    pay_in = partial(_pay_in, session, me, meal.canteen_id, sale, now) if sale.in_cash else None
    try:
        ordered = ordering.order_walk_in(session, me.staff_id, wanted, now, pay_in)
    except HasOrdered:
        # A double click: the first was not through yet when the second looked.
        if (booking_id := queries.booking_of(session, sale.key)) is None:
            raise
        audit.unchanged(session)
        return booking_id
    if replacing.of_meal(session, meal.id):
        replacing.settle(session, ordered.booking_id, Actor(staff_id=me.staff_id), now)
    audit.record(
        session, me.staff_id, "meal_order.walk_in", "booking", ordered.booking_id,
        place_id=meal.place_id,
        after={
            "person_id": sale.person_id, "meal_service_id": meal.id, "pays_fen": ordered.pays_fen,
            "in_cash": sale.in_cash, "dishes": [list(one) for one in sale.dishes],
        },
    )  # fmt: skip
    service.serve(
        session, ordered.booking_id, way=Way.COUNTER, proof=Proof.PERSON, staff_id=me.staff_id,
        at=now, key=sale.key, now=now,
    )  # fmt: skip
    return ordered.booking_id


def _pay_in(
    session: Session, me: SignedInStaff, canteen_id: int, sale: Sale, now: datetime, fen: int
) -> None:
    """Cash into the till, with a receipt; a meal that costs nothing needs none."""
    if fen:
        paid = TopUp(person_id=sale.person_id, canteen_id=canteen_id, fen=fen, key=sale.key)
        cash.top_up(session, me, paid, now, needs=SERVE)


def _selling(
    session: Session, me: SignedInStaff, meal_service_id: int, person_id: int, now: datetime
) -> AnyRow:
    """The meal, if it is served on this day and not over. Raises NotFound, NotServing."""
    meal = queries.find_meal(session, me, meal_service_id)
    access_person(session, me, SERVE, person_id)
    if not clock.at_minute(meal.day) <= now < meal.ends_at:
        raise NotServing()
    return meal
