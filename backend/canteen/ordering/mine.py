"""A resident's own orders and those of their household, and their part of the calendar."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from flask_babel import gettext as _
from icalendar import Event
from sqlalchemy import ColumnElement, exists, func, select, true
from sqlalchemy.orm import Session, aliased

from backend import clock
from backend.booking import ics
from backend.booking.calendar_feed import fills_calendar
from backend.booking.errors import NotHeld
from backend.booking.models import Bookable, Booking, State
from backend.booking.queries import is_coming, is_mine
from backend.canteen.delivery.models import DeliveryRun, DeliveryStop, StopState
from backend.canteen.kitchen.models import DishReplacement
from backend.canteen.models import Canteen, Dish, Meal, MealService, MenuItem
from backend.canteen.ordering.models import MealLine, MealOrder, MealShare
from backend.canteen.pricing.models import SubsidyRule, SubsidyVersion
from backend.canteen.pricing.rules import Payer
from backend.canteen.repeating.models import StandingMeal, StandingOrder
from backend.canteen.serving.models import MealServed
from backend.canteen.wording import MEALS
from backend.db import AnyRow, table_of
from backend.errors import NotFound
from backend.people.models import Person
from backend.people.queries import Resident

PAST = timedelta(days=90)
"""How long an order stays in the feed after it is over."""

_service, _run, _stop = table_of(MealService), table_of(DeliveryRun), table_of(DeliveryStop)
_SHOWN = (
    Booking.id.label("booking_id"), Booking.person_id, Person.name.label("person_name"),
    Booking.state, Booking.starts_at, Booking.ends_at, Booking.created_at, Booking.code,
    Booking.short_code, Bookable.closes_at, _service.c.id.label("meal_service_id"), _service.c.day,
    _service.c.meal, _service.c.canteen_id, Canteen.name.label("canteen_name"), Canteen.phone,
    Canteen.address, MealOrder.mode, MealOrder.list_fen, MealOrder.discount_fen,
    MealOrder.subsidy_fen, MealOrder.fee_fen, MealOrder.pays_fen, MealOrder.revision,
    MealServed.at.label("served_at"), MealServed.way.label("served_way"), _run.c.out_at,
    _stop.c.state.label("stop_state"), _stop.c.reason.label("stop_reason"),
    _stop.c.at.label("stop_at"),
)  # fmt: skip
_IS_STANDING = (
    exists()
    .where(
        StandingMeal.booking_id == Booking.id,
        StandingOrder.id == StandingMeal.standing_order_id,
        StandingOrder.ended_at.is_(None),
    )
    .label("is_standing")
)


def list_mine(
    session: Session, me: Resident, now: datetime, *, past: bool = False
) -> list[dict[str, Any]]:
    """The orders of everybody I may act for: what is to come, or the last 100 others. Two reads."""
    coming = is_coming(now)
    rows = session.execute(
        _orders(*_SHOWN)
        .where(is_mine(me, clock.today(now)), ~coming if past else coming)
        .order_by(Booking.starts_at.desc() if past else Booking.starts_at, Booking.id)
        .limit(100)
    ).all()
    dishes = dishes_of(session, [row.booking_id for row in rows])
    return [_shown(row, now) | {"dishes": dishes.get(row.booking_id, [])} for row in rows]


def get_mine(session: Session, me: Resident, booking_id: int, now: datetime) -> dict[str, Any]:
    """One order with its codes, where it goes, and who pays which share. Three reads.

    Raises NotFound, also for other people's and for bookings of something else.
    """
    return _one(session, (Booking.id == booking_id) & is_mine(me, clock.today(now)), now)


def get_one(session: Session, booking_id: int, now: datetime) -> dict[str, Any]:
    """The same for staff, who have found it to be in their reach. Raises NotFound."""
    return _one(session, Booking.id == booking_id, now)


def _one(session: Session, which: ColumnElement[bool], now: datetime) -> dict[str, Any]:
    row = session.execute(
        _orders(
            *_SHOWN, MealOrder.address.label("delivered_to"), MealOrder.phone.label("ring"),
            MealOrder.note, SubsidyRule.name.label("rule"), _IS_STANDING,
        )
        .outerjoin(SubsidyVersion, SubsidyVersion.id == MealOrder.subsidy_version_id)
        .outerjoin(SubsidyRule, SubsidyRule.id == SubsidyVersion.rule_id)
        .where(which)
    ).first()  # fmt: skip
    if row is None:
        raise NotFound()
    booking_id = row.booking_id
    return _shown(row, now) | {
        "dishes": dishes_of(session, [booking_id]).get(booking_id, []),
        "shares": _shares_of(session, booking_id), "rule": row.rule, "code": row.code,
        "short_code": row.short_code, "address": row.delivered_to, "phone": row.ring,
        "note": row.note, "is_standing": row.is_standing, "canteen_phone": row.phone,
        "canteen_address": row.address,
    }  # fmt: skip


def dishes_of(session: Session, booking_ids: Sequence[int]) -> dict[int, list[dict[str, Any]]]:
    """The lines of these orders, by booking, as they were sold; what is cooked `instead`, if so."""
    cooked = aliased(Dish)
    found: dict[int, list[dict[str, Any]]] = {}
    for row in session.execute(
        select(
            MealLine.booking_id, MealLine.menu_item_id.label("id"), MenuItem.dish_id, Dish.name,
            MealLine.portions, MealLine.list_fen, MealLine.discount_fen, MealLine.subsidy_fen,
            MealLine.pays_fen, cooked.name.label("instead"),
        )
        .join(MenuItem, MenuItem.id == MealLine.menu_item_id)
        .join(Dish, Dish.id == MenuItem.dish_id)
        .outerjoin(DishReplacement, DishReplacement.menu_item_id == MenuItem.id)
        .outerjoin(cooked, cooked.id == DishReplacement.dish_id)
        .where(MealLine.booking_id.in_(booking_ids))
        .order_by(MealLine.id)
    ):  # fmt: skip
        line = dict(row._mapping)
        found.setdefault(line.pop("booking_id"), []).append(line)
    return found


@fills_calendar
def meals_of(session: Session, me: Resident, now: datetime) -> Iterator[Event]:
    """All meals that are ordered, for the feed."""
    return map(_event, _held(session, me, now))


def calendar_of(session: Session, me: Resident, booking_id: int, now: datetime) -> bytes:
    """The meal, to be put into a phone's calendar; a second file moves the same entry.

    Raises NotFound, and NotHeld for one that was given back.
    """
    get_mine(session, me, booking_id, now)
    found = _held(session, me, now, booking_id)
    if not found:
        raise NotHeld(_("订上以后才能加入日历。"))
    return ics.calendar("Canteen", _("食堂订餐"), map(_event, found))


def _orders(*columns: ColumnElement[Any] | Any) -> Any:
    return (
        select(*columns)
        .select_from(Booking)
        .join(MealOrder, MealOrder.booking_id == Booking.id)
        .join(_service, _service.c.id == Booking.bookable_id)
        .join(Bookable, Bookable.id == Booking.bookable_id)
        .join(Canteen, Canteen.id == _service.c.canteen_id)
        .join(Person, Person.id == Booking.person_id)
        .outerjoin(
            MealServed,
            (MealServed.booking_id == Booking.id) & MealServed.undone_at.is_(None),
        )
        .outerjoin(_stop, _stop.c.booking_id == Booking.id)
        .outerjoin(_run, _run.c.id == _stop.c.run_id)
    )


_PLAIN = (
    "booking_id", "person_id", "person_name", "state", "meal_service_id", "meal", "canteen_id",
    "canteen_name", "mode", "list_fen", "discount_fen", "subsidy_fen", "fee_fen", "pays_fen",
    "revision", "served_way",
)  # fmt: skip


def _shown(row: AnyRow, now: datetime) -> dict[str, Any]:
    return {name: getattr(row, name) for name in _PLAIN} | {
        "day": row.day.isoformat(), "starts_at": clock.rfc3339(row.starts_at),
        "ends_at": clock.rfc3339(row.ends_at), "closes_at": clock.rfc3339(row.closes_at),
        "served_at": clock.rfc3339(row.served_at),
        "may_change": row.state == State.CONFIRMED and now < row.closes_at,
    } | _on_its_way(row)  # fmt: skip


def _on_its_way(row: AnyRow) -> dict[str, Any]:
    """Where a meal is that is brought: out, or at the door in vain, and since when."""
    state, at = None, None
    if row.stop_state == StopState.FAILED:
        state, at = "failed", row.stop_at
    elif row.stop_state == StopState.TODO and row.out_at is not None:
        state, at = "out", row.out_at
    return {
        "delivery": state, "delivery_at": clock.rfc3339(at), "delivery_reason": row.stop_reason,
    }  # fmt: skip


def _shares_of(session: Session, booking_id: int) -> list[dict[str, Any]]:
    rows = session.execute(
        select(MealShare.payer, func.sum(MealShare.fen).label("fen"))
        .join(MealLine, MealLine.id == MealShare.line_id)
        .where(MealLine.booking_id == booking_id)
        .group_by(MealShare.payer)
    )
    by_payer = {row.payer: int(row.fen) for row in rows}
    return [{"payer": one, "fen": by_payer[one]} for one in Payer if one in by_payer]


def _held(
    session: Session, me: Resident, now: datetime, booking_id: int | None = None
) -> Sequence[AnyRow]:
    only = true() if booking_id is None else Booking.id == booking_id
    rows: Sequence[AnyRow] = session.execute(
        _orders(*_SHOWN)
        .where(
            only, is_mine(me, clock.today(now)), Booking.ends_at > now - PAST,
            Booking.state.in_((State.CONFIRMED, State.ATTENDED)),
        )
        .order_by(Booking.starts_at, Booking.id)
    ).all()  # fmt: skip
    return rows


def _event(held: AnyRow) -> Event:
    """Where somebody's meal is brought to stands in no calendar."""
    where = () if held.mode == "delivery" else (held.canteen_name, held.address)
    return ics.event(
        f"meal-{held.booking_id}", held.starts_at, held.ends_at, made_at=held.created_at,
        summary=f"{MEALS[Meal(held.meal)]} {held.person_name}".rstrip(), where=where,
    )  # fmt: skip
