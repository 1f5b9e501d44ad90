"""Standing orders at the desk and on the telephone: the residents' verbs, for who is in reach."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend import clock
from backend.booking.service import Actor
from backend.canteen.planning import access_canteen
from backend.canteen.repeating import making, queries, reports, service
from backend.canteen.repeating.making import Made
from backend.canteen.repeating.models import StandingOrder
from backend.canteen.repeating.service import Plan, Rested
from backend.db import table_of
from backend.desk.reach import access_person, place_of
from backend.errors import NotFound
from backend.people.models import Person
from backend.staff import audit
from backend.staff.access import Permission, SignedInStaff

ORDER = Permission.ORDER_MEALS

_so = table_of(StandingOrder)


def get(session: Session, me: SignedInStaff, person_id: int, now: datetime) -> dict[str, Any]:
    """A person's standing orders and when they rest. Raises NotFound."""
    person = access_person(session, me, ORDER, person_id)
    return {
        "id": person.id, "name": person.name,
        "orders": queries.of_person(session, person_id, now),
        "pauses": queries.pauses_of(session, [person_id], clock.today(now)),
    }  # fmt: skip


def report(session: Session, me: SignedInStaff, canteen_id: int, now: datetime) -> dict[str, Any]:
    """How standing orders went at a canteen in reach. Raises NotFound."""
    canteen = access_canteen(session, me, canteen_id)
    return {
        "id": canteen.id, "name": canteen.name, "live": reports.count_live(session, canteen_id),
        "runs": reports.runs_of(session, canteen_id),
        "left_out": reports.left_out(session, canteen_id, now),
        "fewer": [
            one for one in reports.fewer(session, me, now) if one.canteen_id == canteen_id
        ],
    }  # fmt: skip


def set_up(session: Session, me: SignedInStaff, plan: Plan, now: datetime) -> Made:
    """A standing order for somebody without a phone. Raises NotFound, Invalid."""
    person = access_person(session, me, ORDER, plan.person_id)
    access_canteen(session, me, plan.canteen_id)
    standing_id, made = service.set_up(session, plan, _actor(me), now)
    after = {"standing_order": standing_id, "meal": plan.meal, "weekdays": list(plan.weekdays)}
    _audit(session, me, "set_up", person, after)
    return made


def end(session: Session, me: SignedInStaff, standing_id: int, now: datetime) -> Rested:
    """Nothing more is ordered by it. Raises NotFound."""
    person = _access(session, me, standing_id)
    done = service.end(session, standing_id, _actor(me), now)
    _audit(session, me, "end", person, {"standing_order": standing_id})
    return done


def pause(
    session: Session, me: SignedInStaff, person_id: int, from_day: date, until_day: date | None,
    why: str, now: datetime,
) -> Rested:  # fmt: skip
    """All of them rest; somebody has called. Raises NotFound, Invalid."""
    person = access_person(session, me, ORDER, person_id)
    done = service.pause(session, person_id, from_day, until_day, why, _actor(me), now)
    days = {"from": from_day.isoformat(), "until": until_day and until_day.isoformat()}
    _audit(session, me, "pause", person, days)
    return done


def resume(
    session: Session, me: SignedInStaff, person_id: int, from_day: date, now: datetime
) -> Made:
    """They go on. Raises NotFound, Invalid."""
    person = access_person(session, me, ORDER, person_id)
    made = service.resume(session, person_id, from_day, now)
    _audit(session, me, "resume", person, {"from": from_day.isoformat()})
    return made


def skip(session: Session, me: SignedInStaff, standing_id: int, day: date, now: datetime) -> None:
    """One day is left out. Raises NotFound, NotThatDay, TooLateToSkip."""
    person = _access(session, me, standing_id)
    service.skip(session, standing_id, day, _actor(me), now)
    _audit(session, me, "skip", person, {"standing_order": standing_id, "day": day.isoformat()})


def put_back(
    session: Session, me: SignedInStaff, standing_id: int, day: date, now: datetime
) -> Made:
    """That day after all. Raises NotFound, NotThatDay, TooLateToSkip."""
    person = _access(session, me, standing_id)
    made = service.put_back(session, standing_id, day, now)
    after = {"standing_order": standing_id, "day": day.isoformat()}
    _audit(session, me, "put_back", person, after)
    return made


def try_again(session: Session, me: SignedInStaff, person_id: int, now: datetime) -> Made:
    """What was left out is tried at once, say after money came in. Raises NotFound."""
    person = access_person(session, me, ORDER, person_id)
    made = making.make_for(session, person_id, now, at_once=True)
    _audit(session, me, "try_again", person, {"made": made.made})
    return made


def _actor(me: SignedInStaff) -> Actor:
    return Actor(staff_id=me.staff_id)


def _access(session: Session, me: SignedInStaff, standing_id: int) -> Person:
    person_id = session.scalar(select(_so.c.person_id).where(_so.c.id == standing_id))
    if person_id is None:
        raise NotFound()
    return access_person(session, me, ORDER, person_id)


def _audit(
    session: Session, me: SignedInStaff, verb: str, person: Person, after: dict[str, Any]
) -> None:
    audit.record(
        session, me.staff_id, f"standing_order.{verb}", "person", person.id, after=after,
        place_id=place_of(session, me, person),
    )  # fmt: skip
