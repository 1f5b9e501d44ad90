"""The verbs of standing orders: set one up, end it, let it rest and go on, leave out one day.

The cut-off of each meal governs them all: what is closed stays as it is, whatever is asked; what is
open follows at once.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, delete, insert, select, update
from sqlalchemy.orm import Session

from backend import clock
from backend.booking import service as booking
from backend.booking.models import LIVE, Bookable, Booking, State
from backend.booking.service import Actor
from backend.canteen.models import CanteenMeal, Dish, MealService
from backend.canteen.repeating import telling_rests
from backend.canteen.repeating.due import RESTED
from backend.canteen.repeating.errors import NotThatDay, TooLateToSkip
from backend.canteen.repeating.making import Made, make_for
from backend.canteen.repeating.models import (
    StandingMeal,
    StandingOrder,
    StandingPause,
    StandingSkip,
)
from backend.db import AnyRow, table_of
from backend.errors import Invalid, NotFound
from backend.people.models import Person

MOST_DISHES = 5

_so, _pause, _skip = table_of(StandingOrder), table_of(StandingPause), table_of(StandingSkip)
_sm, _service, _bookable = table_of(StandingMeal), table_of(MealService), table_of(Bookable)
_booking, _meal, _dish = table_of(Booking), table_of(CanteenMeal), table_of(Dish)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A standing order as it is asked for; no `dish_ids`: the day's set meal."""

    person_id: int
    canteen_id: int
    meal: str
    weekdays: Sequence[int]
    dish_ids: Sequence[int]
    otherwise: str
    portions: int
    mode: str
    since: date


@dataclass(frozen=True, slots=True)
class Rested:
    """Days whose meals were given back, and those that are closed and stay ordered."""

    given_back: list[AnyRow]
    stay: list[AnyRow]


def set_up(session: Session, plan: Plan, actor: Actor, now: datetime) -> tuple[int, Made]:
    """A standing order, in the place of the one for the same meal; its id, and what it made.

    Who may act for the person was looked at by the caller. Raises NotFound, Invalid.
    """
    _lock(session, plan.person_id)
    _check(session, plan, now)
    same = (
        (_so.c.person_id == plan.person_id)
        & (_so.c.canteen_id == plan.canteen_id)
        & (_so.c.meal == plan.meal)
    )
    for earlier in session.scalars(select(_so.c.id).where(same, _so.c.ended_at.is_(None))).all():
        end(session, earlier, actor, now)
    ident = session.scalars(
        insert(_so)
        .values(
            asdict(plan)
            | {"weekdays": sorted(set(plan.weekdays)), "dish_ids": list(plan.dish_ids)}
            | {"account_id": actor.account_id, "staff_id": actor.staff_id, "created_at": now}
        )
        .returning(_so.c.id)
    ).one()
    return int(ident), make_for(session, plan.person_id, now, at_once=True)


def end(session: Session, standing_id: int, actor: Actor, now: datetime) -> Rested:
    """Nothing is ordered by it any more, and what is still open is given back.

    Ending twice changes nothing.
    """
    session.execute(
        update(_so).where(_so.c.id == standing_id, _so.c.ended_at.is_(None)).values(ended_at=now)
    )
    return _give_back(session, _sm.c.standing_order_id == standing_id, actor, now)


def pause(
    session: Session, person_id: int, from_day: date, until_day: date | None, why: str,
    actor: Actor, now: datetime,
) -> Rested:  # fmt: skip
    """All standing orders of the person rest, until they are resumed where no day is named.

    Whoever eats, and whoever orders for them, is told if somebody else says so; the same once more
    changes nothing. Raises Invalid.
    """
    today = clock.today(now)
    if from_day < today or (until_day is not None and until_day < from_day):
        raise Invalid({"from_day": [_("请选择今天或以后的日期，结束不能早于开始。")]})
    _lock(session, person_id)
    days = _service.c.day >= from_day
    if until_day is not None:
        days &= _service.c.day <= until_day
    rested = _give_back(session, (_sm.c.person_id == person_id) & days, actor, now)
    rest = {"person_id": person_id, "from_day": from_day, "until_day": until_day, "why": why}
    if session.scalar(select(_pause.c.id).filter_by(**rest)) is None:
        by = {"account_id": actor.account_id, "staff_id": actor.staff_id, "made_at": now}
        pause_id = session.scalars(insert(_pause).values(rest | by).returning(_pause.c.id)).one()
        back = len(rested.given_back)
        telling_rests.tell_rest(session, pause_id, person_id, back, actor, now)
    return rested


def resume(session: Session, person_id: int, from_day: date, now: datetime) -> Made:
    """Meals from that day on are ordered again, as far as they are open; what that made.

    Raises Invalid.
    """
    if from_day < clock.today(now):
        raise Invalid({"from_day": [_("请选择今天或以后的日期。")]})
    _lock(session, person_id)
    theirs = _pause.c.person_id == person_id
    session.execute(delete(_pause).where(theirs, _pause.c.from_day >= from_day))
    session.execute(
        update(_pause)
        .where(theirs, _pause.c.until_day.is_(None) | (_pause.c.until_day >= from_day))
        .values(until_day=from_day - timedelta(days=1))
    )
    return make_for(session, person_id, now, at_once=True)


def skip(session: Session, standing_id: int, day: date, actor: Actor, now: datetime) -> None:
    """That one day is left out; twice changes nothing. Raises NotThatDay, TooLateToSkip."""
    standing = _open_on(session, standing_id, day, now)
    _lock(session, standing.person_id)
    if not _skipped(session, standing_id, day):
        session.execute(insert(_skip).values(standing_order_id=standing_id, day=day))
    mine = (_sm.c.standing_order_id == standing_id) & (_service.c.day == day)
    _give_back(session, mine, actor, now)


def put_back(session: Session, standing_id: int, day: date, now: datetime) -> Made:
    """That day after all. Raises NotThatDay, TooLateToSkip."""
    standing = _open_on(session, standing_id, day, now)
    _lock(session, standing.person_id)
    session.execute(
        delete(_skip).where(_skip.c.standing_order_id == standing_id, _skip.c.day == day)
    )
    return make_for(session, standing.person_id, now, at_once=True)


def _lock(session: Session, person_id: int) -> None:
    """Whoever else makes, pauses or orders for the person waits."""
    session.execute(select(Person.id).where(Person.id == person_id).with_for_update(key_share=True))


def _check(session: Session, plan: Plan, now: datetime) -> None:
    """Raises NotFound, Invalid."""
    served = session.execute(
        select(_meal.c.modes, _meal.c.most).where(
            _meal.c.canteen_id == plan.canteen_id, _meal.c.meal == plan.meal
        )
    ).first()
    if served is None:
        raise NotFound()
    wrong: dict[str, list[str]] = {}
    if not plan.weekdays:
        wrong["weekdays"] = [_("请至少选一天。")]
    if plan.mode not in served.modes:
        wrong["mode"] = [_("这一餐不提供这种用餐方式，请换一种。")]
    if not 1 <= plan.portions <= served.most:
        wrong["portions"] = [_("每道菜最多 %(most)s 份。", most=served.most)]
    if plan.since < clock.today(now):
        wrong["since"] = [_("请选择今天或以后的日期。")]
    ids = set(plan.dish_ids)
    known = session.scalars(
        select(_dish.c.id).where(
            _dish.c.canteen_id == plan.canteen_id, _dish.c.offered, _dish.c.id.in_(ids)
        )
    ).all()
    if len(known) < len(plan.dish_ids) or len(ids) > MOST_DISHES:
        wrong["dish_ids"] = [
            _("请选这家食堂的菜，每道选一次，最多 %(most)s 道。", most=MOST_DISHES)
        ]
    if wrong:
        raise Invalid(wrong)


def _open_on(session: Session, standing_id: int, day: date, now: datetime) -> AnyRow:
    """The standing order, if it is for that day and the meal is not closed.

    A meal that is not planned yet is not closed. Raises NotFound, NotThatDay, TooLateToSkip.
    """
    row = session.execute(
        select(
            _so.c.person_id, _so.c.weekdays, _so.c.since, _so.c.ended_at, _bookable.c.closes_at,
            _bookable.c.published_at,
        )
        .outerjoin(
            _service,
            (_service.c.canteen_id == _so.c.canteen_id)
            & (_service.c.meal == _so.c.meal)
            & (_service.c.day == day),
        )
        .outerjoin(_bookable, _bookable.c.id == _service.c.id)
        .where(_so.c.id == standing_id)
    ).first()  # fmt: skip
    if row is None or row.ended_at is not None:
        raise NotFound()
    if day.weekday() not in row.weekdays or day < max(row.since, clock.today(now)):
        raise NotThatDay()
    if row.published_at is not None and now >= row.closes_at:
        raise TooLateToSkip(row.closes_at, now)
    return row


def _skipped(session: Session, standing_id: int, day: date) -> bool:
    found = select(_skip.c.id).where(_skip.c.standing_order_id == standing_id, _skip.c.day == day)
    return session.execute(found).first() is not None


def _give_back(session: Session, which: ColumnElement[bool], actor: Actor, now: datetime) -> Rested:
    """Orders made by these standing orders end where the meal is open; the others stay.

    What was left out is forgotten, so that it is tried anew if it is wanted again.
    """
    rows = session.execute(
        select(
            _sm.c.id, _sm.c.booking_id, _service.c.day, _service.c.meal, _bookable.c.closes_at,
            _booking.c.state,
        )
        .join(_service, _service.c.id == _sm.c.meal_service_id)
        .join(_bookable, _bookable.c.id == _service.c.id)
        .outerjoin(_booking, _booking.c.id == _sm.c.booking_id)
        .where(which, _bookable.c.starts_at > now)
        .order_by(_service.c.id)
    ).all()  # fmt: skip
    live = [row for row in rows if row.state in LIVE]
    still_open = [row for row in rows if row.closes_at > now]
    for row in still_open:
        if row.state in LIVE:
            _place, held = booking.lock_booking(session, row.booking_id, now)
            booking.end(session, held, State.CANCELLED, actor, now, RESTED)
    rested = [row.id for row in still_open if row.state is None or row.state in LIVE]
    session.execute(delete(_sm).where(_sm.c.id.in_(rested)))
    return Rested(
        [row for row in live if row.closes_at > now], [row for row in live if row.closes_at <= now]
    )
