"""What staff see first: what waits for them today at their places."""

from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from backend import clock
from backend.booking.models import Bookable, Booking, State
from backend.canteen.repeating import reports as standing_orders
from backend.desk import calls, duplicates
from backend.desk.reach import reaches
from backend.market.expiring import list_expiring
from backend.market.plans import list_lacking
from backend.market.visits import reads as visits
from backend.night_school.absences import list_absent
from backend.night_school.minimum import list_too_small
from backend.night_school.reach import RUNS, lesson, run
from backend.night_school.reach import reaches as reaches_classes
from backend.people.models import Account, Consent, Person
from backend.places.holidays import is_known
from backend.places.models import Place
from backend.staff.access import Permission, SignedInStaff
from backend.standing.desk import count_open
from backend.venues import request_list

_asker = aliased(Person)
MOST_OFFERS = 8
MOST_REQUESTS = 5


def get_desk(session: Session, me: SignedInStaff, now: datetime) -> dict[str, Any]:
    """Offers that run, the length of the lines, calls to make, requests (for rooms and home visits,
    too), appeals, duplicates, papers that lack at today's markets, and those that end soon.
    too), appeals, duplicates, standing orders that lack, and papers that lack at today's markets.

    Empty for those who do not work at the desk.
    """
    if not me.holds(Permission.SEE_PEOPLE):
        return {}
    return {
        "offers": _offers(session, me, now),
        "offered": _count(session, me, now, State.OFFERED),
        "waiting": _count(session, me, now, State.WAITING),
        "calls": len(calls.list_mine(session, me, now)),
        "requests": _requests(session, me),
        "duplicates": len(duplicates.list_pairs(session, me)),
        "too_small": list_too_small(session, me, now),
        "absent": list_absent(session, me, now),
        "appeals": count_open(session, me),
        "room_requests": request_list.count_open(session, me, now),
        "home_visits": visits.count_open(session, me, now),
        "fewer": standing_orders.fewer(session, me, now),
        "lacking": list_lacking(session, me, clock.today(now)),
        "expiring": list_expiring(session, me, clock.today(now)),
        "unannounced_year": _unannounced_year(session, me, now),
    }


def _unannounced_year(session: Session, me: SignedInStaff, now: datetime) -> int | None:
    """The year of lessons planned before its public holidays are known, if there is one."""
    last = session.execute(
        select(func.max(lesson.c.starts_at))
        .select_from(RUNS.join(lesson, lesson.c.run_id == run.c.id))
        .where(
            reaches_classes(me, Permission.MANAGE_CLASSES),
            lesson.c.cancelled_at.is_(None),
            lesson.c.starts_at > now,
        )
    ).scalar_one()
    if last is None or is_known(session, clock.today(last)):
        return None
    return clock.today(last).year


def _here(me: SignedInStaff, now: datetime, state: State) -> Any:
    return and_(
        Booking.state == state,
        Bookable.ends_at > now,
        me.covers(Permission.BOOK_FOR_PEOPLE, Place.path),
    )


def _count(session: Session, me: SignedInStaff, now: datetime, state: State) -> int:
    return session.execute(
        select(func.count())
        .select_from(Booking)
        .join(Bookable, Bookable.id == Booking.bookable_id)
        .join(Place, Place.id == Bookable.place_id)
        .where(_here(me, now, state))
    ).scalar_one()


def _offers(session: Session, me: SignedInStaff, now: datetime) -> list[dict[str, Any]]:
    """Open offers, the one that ends first on top."""
    rows = session.execute(
        select(
            Booking.id, Booking.offer_until, Bookable.title, Place.name.label("place_name"),
            Person.id.label("person_id"), Person.name.label("person_name"),
        )
        .join(Bookable, Bookable.id == Booking.bookable_id)
        .join(Place, Place.id == Bookable.place_id)
        .join(Person, Person.id == Booking.person_id)
        .where(_here(me, now, State.OFFERED), Booking.offer_until > now)
        .order_by(Booking.offer_until, Booking.id)
        .limit(MOST_OFFERS)
    )  # fmt: skip
    return [dict(row._mapping) for row in rows]


def _requests(session: Session, me: SignedInStaff) -> list[dict[str, Any]]:
    """Residents who were asked whether somebody may act for them and have not answered."""
    rows = session.execute(
        select(
            Consent.id, Consent.relation, Consent.requested_at, Person.id.label("person_id"),
            Person.name.label("person_name"), _asker.name.label("asker_name"),
        )
        .join(Account, Account.id == Consent.account_id)
        .join(_asker, _asker.id == Account.person_id)
        .join(
            Person,
            or_(Person.id == Consent.person_id, Person.phone_hash == Consent.asked_phone_hash),
        )
        .where(
            Consent.given_at.is_(None), Consent.withdrawn_at.is_(None),
            Person.merged_into_id.is_(None), reaches(me, Permission.CHANGE_PEOPLE),
        )
        .order_by(Consent.id)
        .limit(MOST_REQUESTS)
    )  # fmt: skip
    return [dict(row._mapping) for row in rows]
