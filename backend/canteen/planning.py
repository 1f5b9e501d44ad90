"""The verbs of planning menus: what is cooked for which meal, copied, shown to residents."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, insert, select, update
from sqlalchemy.orm import Session

from backend import clock
from backend.booking.models import Bookable
from backend.canteen import calendar, items
from backend.canteen.calendar import CanteenCalendar
from backend.canteen.errors import MealOver, NotServing
from backend.canteen.items import Planned
from backend.canteen.models import KIND, Canteen, CanteenMeal, Dish, Meal, MealService, MenuItem
from backend.canteen.wording import MEALS
from backend.db import AnyRow, table_of
from backend.errors import NotFound
from backend.places.models import Place
from backend.staff import audit
from backend.staff.access import Permission, SignedInStaff

PLAN = Permission.PLAN_MENUS
WEEK = timedelta(days=7)

_bookable, _service = table_of(Bookable), table_of(MealService)
_item = table_of(MenuItem)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A meal that was not copied or shown, and why."""

    day: date
    meal: str
    why: str


def access_canteen(
    session: Session, me: SignedInStaff, canteen_id: int, *, locked: bool = False
) -> AnyRow:
    """A canteen in reach, with its place's `path`. Raises NotFound."""
    found = select(*table_of(Canteen).c, Place.path).join(Place, Place.id == Canteen.place_id)
    found = found.where(Canteen.id == canteen_id, me.covers(PLAN, Place.path))
    if locked:
        found = found.with_for_update(of=Canteen.__table__)
    row = session.execute(found).first()
    if row is None:
        raise NotFound()
    return row


def _names(session: Session, dishes: Sequence[Planned]) -> list[str]:
    """What these are called, for the audit; one read."""
    ids = [one.dish_id for one in dishes]
    rows = session.execute(select(Dish.id, Dish.name).where(Dish.id.in_(ids)))
    names = {row.id: row.name for row in rows}
    return [names[one] for one in ids]


def meals_of(session: Session, canteen_id: int) -> dict[str, AnyRow]:
    """The meals the canteen serves, in the order of the day."""
    rows = session.execute(
        select(*table_of(CanteenMeal).c).where(CanteenMeal.canteen_id == canteen_id)
    ).all()
    by_meal = {row.meal: row for row in rows}
    return {meal: by_meal[meal] for meal in Meal if meal in by_meal}


def set_menu(
    session: Session, me: SignedInStaff, canteen_id: int, day: date, meal: str,
    dishes: Sequence[Planned], now: datetime,
) -> int:  # fmt: skip
    """What is on the menu of one meal, all of it; the meal's id.

    What somebody has ordered stays, at its price; fewer portions than were ordered need a reason
    and show as oversold. Raises NotFound, NotServing, MealOver, DishOrdered, PortionsOrdered,
    Invalid.
    """
    canteen = access_canteen(session, me, canteen_id, locked=True)
    served = meals_of(session, canteen_id).get(meal)
    if served is None:
        raise NotFound()
    if why := calendar.of_canteen(session, canteen, day, day).why_not(day):
        raise NotServing(why=why)
    service_id = _service_of(session, canteen, served, day, now)
    items.write(session, canteen_id, service_id, dishes)
    after = {"day": day.isoformat(), "meal": meal, "dishes": _names(session, dishes)}
    reasons = [one.reason for one in dishes if one.reason]
    audit.record(
        session, me.staff_id, "menu.change", "meal_service", service_id,
        after=after | ({"reasons": reasons} if reasons else {}), place_id=canteen.place_id,
    )  # fmt: skip
    return service_id


def copy_week(
    session: Session, me: SignedInStaff, canteen_id: int, source: date, target: date, now: datetime
) -> tuple[int, list[LeftOut]]:
    """The menus of the week of `source` once more in that of `target`; how many, and what was not.

    Dishes come at their usual price of today, without those that are no longer offered. A meal that
    has a menu keeps it. Raises NotFound.
    """
    canteen = access_canteen(session, me, canteen_id, locked=True)
    first, target = monday_of(source), monday_of(target)
    serving = calendar.of_canteen(session, canteen, target, target + WEEK)
    has = {(row.day, row.meal) for row in _meals_with_menu(session, canteen_id, target)}
    copied, left_out = 0, []
    for row in _meals_with_menu(session, canteen_id, first):
        day = row.day + (target - first)
        why = _why_not_planned(serving, day, now) or (
            _("这一餐已经有菜单") if (day, row.meal) in has else None
        )
        dishes = items.still_offered(session, row.id)
        if why or not dishes:
            left_out.append(LeftOut(day, row.meal, str(why or _("菜品都已下架"))))
            continue
        set_menu(session, me, canteen_id, day, row.meal, dishes, now)
        copied += 1
    return copied, left_out


def publish(
    session: Session, me: SignedInStaff, canteen_id: int, week: date, at: datetime | None,
    now: datetime,
) -> tuple[int, list[LeftOut]]:  # fmt: skip
    """Residents see the week's menus, and order, from that moment on, or at once.

    Deadlines are worked out now. How many meals, and those whose orders would be closed by then.
    Raises NotFound.
    """
    canteen = access_canteen(session, me, canteen_id, locked=True)
    first = monday_of(week)
    serving = calendar.of_canteen(session, canteen, first, first + WEEK)
    meals, shown_at = meals_of(session, canteen_id), max(at or now, now)
    published, left_out = 0, []
    for row in _meals_with_menu(session, canteen_id, first):
        if row.published_at is not None or row.cancelled_at is not None:
            continue
        served = meals[row.meal]
        closes = serving.closes(row.day, served.cutoff_days, served.cutoff_minute)
        if closes <= shown_at:
            left_out.append(LeftOut(row.day, row.meal, str(_("已经过了截止订餐的时间"))))
            continue
        _update_bookable(
            session, row.id, published_at=shown_at, opens_at=shown_at, closes_at=closes,
            cancel_until=closes, promote_until=closes,
        )  # fmt: skip
        published += 1
    audit.record(
        session, me.staff_id, "menu.publish", "canteen", canteen_id,
        after={"week": first.isoformat(), "at": shown_at.isoformat(), "meals": published},
        place_id=canteen.place_id,
    )  # fmt: skip
    return published, left_out


def monday_of(day: date) -> date:
    """The day the week of `day` begins on."""
    return day - timedelta(days=day.weekday())


def _why_not_planned(serving: CanteenCalendar, day: date, now: datetime) -> str | None:
    return str(_("已经过去")) if day < clock.today(now) else serving.why_not(day)


def _service_of(session: Session, canteen: AnyRow, served: AnyRow, day: date, now: datetime) -> int:
    """The meal of that day, made where there is none yet. Raises MealOver."""
    row = session.execute(
        select(_service.c.id, _bookable.c.cancelled_at)
        .join(_bookable, _bookable.c.id == _service.c.id)
        .where(
            _service.c.canteen_id == canteen.id, _service.c.day == day,
            _service.c.meal == served.meal,
        )
    ).first()  # fmt: skip
    ends_at = clock.at_minute(day, served.until_minute)
    if ends_at <= now or (row is not None and row.cancelled_at is not None):
        raise MealOver()
    if row is not None:
        return int(row.id)
    ident = session.scalars(
        insert(_bookable)
        .values(
            kind=KIND, title=f"{canteen.name} {MEALS[Meal(served.meal)]}",
            place_id=canteen.place_id, starts_at=clock.at_minute(day, served.from_minute),
            ends_at=ends_at, capacity=None,
        )
        .returning(_bookable.c.id)
    ).one()  # fmt: skip
    session.execute(
        insert(_service).values(id=ident, canteen_id=canteen.id, day=day, meal=served.meal)
    )
    return int(ident)


def _meals_with_menu(session: Session, canteen_id: int, first: date) -> Sequence[AnyRow]:
    """The week's meals that have dishes, in the order they are served."""
    has_dishes: ColumnElement[bool] = (
        select(_item.c.id).where(_item.c.meal_service_id == _service.c.id).exists()
    )
    return session.execute(
        select(
            _service.c.id, _service.c.day, _service.c.meal, _bookable.c.published_at,
            _bookable.c.cancelled_at,
        )
        .join(_bookable, _bookable.c.id == _service.c.id)
        .where(
            _service.c.canteen_id == canteen_id, _service.c.day >= first,
            _service.c.day < first + WEEK, has_dishes,
        )
        .order_by(_bookable.c.starts_at)
    ).all()  # fmt: skip


def _update_bookable(session: Session, ident: int, **values: Any) -> None:
    session.execute(update(_bookable).where(_bookable.c.id == ident).values(values))
