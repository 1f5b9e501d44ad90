"""Somebody died or moved away: staff note it, and decide in the same step what becomes of meals.

Nothing is told about the meals of somebody who died: whoever notes it speaks with the family.
"""

from collections.abc import Collection, Sequence
from datetime import date, datetime

from flask_babel import gettext as _
from flask_babel import lazy_gettext
from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from backend import clock
from backend.booking import service as booking
from backend.booking.models import Booking, State
from backend.booking.service import Actor
from backend.canteen.eaters.models import Departure, Leaving
from backend.canteen.models import Canteen, MealService
from backend.canteen.ordering.models import MealOrder
from backend.canteen.repeating.models import StandingOrder
from backend.db import AnyRow, table_of
from backend.desk.reach import access_person, place_of
from backend.errors import Invalid
from backend.people.models import Person
from backend.staff import audit
from backend.staff.access import Permission, SignedInStaff

CHANGE = Permission.CHANGE_PEOPLE

ENDED = {Leaving.DECEASED: lazy_gettext("停餐"), Leaving.MOVED: lazy_gettext("已迁出")}
"""Why an order ended, as its history says."""

_departure, _so = table_of(Departure), table_of(StandingOrder)
_booking, _service, _order = table_of(Booking), table_of(MealService), table_of(MealOrder)


def of_person(session: Session, person_id: int) -> AnyRow | None:
    """What is noted of somebody, whom the caller has found to be in reach."""
    return session.execute(
        select(_departure).where(_departure.c.person_id == person_id)
    ).first()  # fmt: skip


def open_meals(session: Session, person_id: int, now: datetime) -> Sequence[AnyRow]:
    """Their orders that are still to be eaten, the next first."""
    return session.execute(
        select(
            _booking.c.id, _service.c.day, _service.c.meal, _order.c.mode, _order.c.pays_fen,
            Canteen.name.label("canteen_name"), Canteen.place_id,
        )
        .join(_service, _service.c.id == _booking.c.bookable_id)
        .join(_order, _order.c.booking_id == _booking.c.id)
        .join(Canteen, Canteen.id == _service.c.canteen_id)
        .where(
            _booking.c.person_id == person_id, _booking.c.state == State.CONFIRMED,
            _booking.c.ends_at > now,
        )
        .order_by(_booking.c.starts_at, _booking.c.id)
    ).all()  # fmt: skip


def standing_orders(session: Session, person_id: int) -> Sequence[int]:
    """Their standing orders that go on."""
    return session.scalars(
        select(_so.c.id)
        .where(_so.c.person_id == person_id, _so.c.ended_at.is_(None))
        .order_by(_so.c.id)
    ).all()


def note(
    session: Session, me: SignedInStaff, person_id: int, kind: str, left_on: date, now: datetime,
    *, standing: bool = False, booking_ids: Collection[int] = (),
) -> int:  # fmt: skip
    """From that day on meals of theirs are looked at before they are claimed; how many orders end.

    Of `open_meals` those of `booking_ids` are given back, also after the cut-off. Standing orders
    end with `standing`, and always when somebody died. Raises NotFound, Invalid for a day to come.
    """
    person = access_person(session, me, CHANGE, person_id)
    if left_on > clock.today(now):
        raise Invalid({"left_on": [_("请填写今天或以前的日期。")]})
    was = of_person(session, person_id)
    values = {"kind": kind, "left_on": left_on, "staff_id": me.staff_id, "noted_at": now}
    if was is None:
        session.execute(insert(_departure).values(person_id=person_id, **values))
    else:
        session.execute(
            update(_departure).where(_departure.c.person_id == person_id).values(values)
        )
    audit.record(
        session, me.staff_id, "person.left", "person", person_id, _shown(was),
        {"departure": kind, "left_on": left_on.isoformat()}, place_id=place_of(session, me, person),
    )  # fmt: skip
    if standing or kind == Leaving.DECEASED:
        for ident in standing_orders(session, person_id):
            _end_standing(session, me, person, ident, now)
    ending = [one for one in open_meals(session, person_id, now) if one.id in booking_ids]
    for one in ending:
        _end_meal(session, me, one, kind, now)
    return len(ending)


def _end_standing(
    session: Session, me: SignedInStaff, person: Person, standing_id: int, now: datetime
) -> None:
    """What it has ordered and is still open stands among the meals, for whoever notes to decide."""
    session.execute(update(_so).where(_so.c.id == standing_id).values(ended_at=now))
    audit.record(
        session, me.staff_id, "standing_order.end", "person", person.id,
        after={"standing_order": standing_id}, place_id=place_of(session, me, person),
    )  # fmt: skip


def _end_meal(session: Session, me: SignedInStaff, meal: AnyRow, kind: str, now: datetime) -> None:
    """Given back, with its money; who moved away is told."""
    actor, reason = Actor(staff_id=me.staff_id), str(ENDED[Leaving(kind)])
    if kind == Leaving.DECEASED:
        _place, held = booking.lock_booking(session, meal.id, now)
        booking.check_may_end(held, actor, now, late=False)
        booking.end(session, held, State.CANCELLED, actor, now, reason)
    else:
        booking.cancel(session, meal.id, actor, now, reason)
    audit.record(
        session, me.staff_id, "meal_order.cancel", "booking", meal.id, place_id=meal.place_id,
        before={"state": State.CONFIRMED, "pays_fen": meal.pays_fen},
        after={"state": State.CANCELLED, "reason": reason},
    )  # fmt: skip


def take_back(session: Session, me: SignedInStaff, person_id: int) -> None:
    """It was a mistake. Raises NotFound."""
    person = access_person(session, me, CHANGE, person_id)
    was = of_person(session, person_id)
    if was is None:
        audit.unchanged(session)
        return
    session.execute(delete(_departure).where(_departure.c.person_id == person_id))
    audit.record(
        session, me.staff_id, "person.not_left", "person", person_id, _shown(was),
        place_id=place_of(session, me, person),
    )  # fmt: skip


def _shown(row: AnyRow | None) -> dict[str, str] | None:
    return None if row is None else {"departure": row.kind, "left_on": row.left_on.isoformat()}
