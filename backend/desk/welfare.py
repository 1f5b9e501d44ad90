"""Staff look for somebody who did not answer: verbs on cases in reach, each in the audit."""

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend import clock
from backend.booking.models import Bookable, Booking
from backend.booking.service import Actor
from backend.canteen.welfare import absent, contacts, duty, queries, service
from backend.canteen.welfare.contacts import Contact
from backend.canteen.welfare.errors import CaseClosed
from backend.canteen.welfare.models import WelfareAddition, WelfareCase, WelfareStep
from backend.canteen.welfare.queries import CARE
from backend.canteen.welfare.service import Ending, Tried
from backend.db import AnyRow, table_of
from backend.desk.reach import access_person, place_of
from backend.errors import NotFound
from backend.places.models import Place
from backend.staff import audit
from backend.staff.access import Permission, SignedInStaff
from backend.staff.models import Staff

LOOKS_BACK = timedelta(days=30)

_case, _step, _more = table_of(WelfareCase), table_of(WelfareStep), table_of(WelfareAddition)


def list_cases(session: Session, me: SignedInStaff, now: datetime) -> dict[str, Any]:
    """What is open, and what was closed within a month."""
    return {
        "open": queries.list_open(session, me),
        "closed": queries.list_closed(session, me, now - LOOKS_BACK),
    }


def list_open(session: Session, me: SignedInStaff) -> list[dict[str, Any]]:
    """What is open in reach."""
    return queries.list_open(session, me)


def get_case(session: Session, me: SignedInStaff, case_id: int, now: datetime) -> dict[str, Any]:
    """A case with its ladder, who wrote what, whom to ask by masked numbers. Raises NotFound."""
    shown = _access(session, me, case_id)
    case = session.execute(select(_case).where(_case.c.id == case_id)).one()
    steps = queries.steps_of(session, [case_id])[case_id]
    additions = session.execute(
        select(_more).where(_more.c.case_id == case_id).order_by(_more.c.id)
    ).all()
    wrote = [case.opened_by_id, case.closed_by_id, *(one.staff_id for one in (*steps, *additions))]
    return dict(shown._mapping) | {
        "food": case.food, "food_with": case.food_with, "note": case.note,
        "opened_by_id": case.opened_by_id, "closed_by_id": case.closed_by_id,
        "steps": steps, "additions": additions, "names": _names(session, wrote),
        "contacts": [one.masked() for one in contacts.of_case(session, shown, now)],
        "duty_text": duty.of_case(session, case_id),
        "absent": absent.is_announced(session, shown.person_id, shown.day),
    }  # fmt: skip


def reveal_phones(
    session: Session, me: SignedInStaff, case_id: int, now: datetime
) -> list[Contact]:
    """Whom to ask, by whole numbers, while the case is open.

    That they were looked at stands in the audit. Raises NotFound, CaseClosed.
    """
    shown = _access(session, me, case_id)
    if shown.closed_at is not None:
        raise CaseClosed()
    found = contacts.of_case(session, shown, now)
    _audit(session, me, "show_phones", shown, {"count": len(found)})
    return found


def open_case(
    session: Session, me: SignedInStaff, booking_id: int, key: str, now: datetime
) -> int | None:
    """Somebody has rung up: nobody answered the door. Raises NotFound, NothingBrought."""
    place = session.execute(
        select(Place.id, Place.path)
        .join(Bookable, Bookable.place_id == Place.id)
        .join(Booking, Booking.bookable_id == Bookable.id)
        .where(Booking.id == booking_id, me.covers(CARE, Place.path))
    ).first()
    if place is None:
        raise NotFound()
    is_new = booking_id not in queries.open_of(session, [booking_id])
    case_id = service.open_case(
        session, booking_id, staff_id=me.staff_id, at=now, key=key, now=now
    )  # fmt: skip
    if case_id is None or not is_new:
        audit.unchanged(session)
        return case_id
    after = {"booking_id": booking_id}
    audit.record(
        session, me.staff_id, "welfare.open", "welfare_case", case_id, after=after,
        place_id=place.id,
    )  # fmt: skip
    return case_id


def log(session: Session, me: SignedInStaff, case_id: int, tried: Tried, now: datetime) -> None:
    """Raises NotFound, CaseClosed."""
    shown = _access(session, me, case_id)
    if service.log(session, case_id, tried, staff_id=me.staff_id, now=now):
        _audit(session, me, "log", shown, {"step": tried.step, "answer": tried.answer})
    else:
        audit.unchanged(session)


def close(session: Session, me: SignedInStaff, case_id: int, ending: Ending, now: datetime) -> None:
    """Raises NotFound, Invalid, CaseClosed."""
    shown = _access(session, me, case_id)
    if service.close(session, case_id, ending, staff_id=me.staff_id, now=now):
        _audit(session, me, "close", shown, {"outcome": ending.outcome, "food": ending.food})
    else:
        audit.unchanged(session)


def add(session: Session, me: SignedInStaff, case_id: int, note: str, now: datetime) -> None:
    """Raises NotFound, Invalid."""
    shown = _access(session, me, case_id)
    service.add(session, case_id, note, staff_id=me.staff_id, now=now)
    _audit(session, me, "add", shown, {})


def absences(session: Session, me: SignedInStaff, person_id: int, now: datetime) -> list[Any]:
    """Days on which somebody in reach is out. Raises NotFound."""
    access_person(session, me, Permission.ORDER_MEALS, person_id)
    return absent.of_person(session, person_id, clock.today(now))


def announce(
    session: Session, me: SignedInStaff, person_id: int, day: date, now: datetime
) -> None:  # fmt: skip
    """Somebody has called: nobody is at home that day. Raises NotFound, Invalid."""
    person = access_person(session, me, Permission.ORDER_MEALS, person_id)
    absent.announce(session, person_id, day, Actor(staff_id=me.staff_id), now)
    audit.record(
        session, me.staff_id, "absence.announce", "person", person.id,
        after={"day": day.isoformat()}, place_id=place_of(session, me, person),
    )  # fmt: skip


def take_back(session: Session, me: SignedInStaff, person_id: int, day: date) -> None:
    """At home after all. Raises NotFound."""
    person = access_person(session, me, Permission.ORDER_MEALS, person_id)
    absent.take_back(session, person_id, day)
    audit.record(
        session, me.staff_id, "absence.take_back", "person", person.id,
        before={"day": day.isoformat()}, place_id=place_of(session, me, person),
    )  # fmt: skip


def _access(session: Session, me: SignedInStaff, case_id: int) -> AnyRow:
    row = session.execute(queries.cases(me).where(_case.c.id == case_id)).first()
    if row is None:
        raise NotFound()
    return row


def _names(session: Session, ids: list[int | None]) -> dict[int, str]:
    rows = session.execute(
        select(Staff.id, Staff.name).where(Staff.id.in_({one for one in ids if one}))
    )
    return {row.id: row.name for row in rows}


def _audit(
    session: Session, me: SignedInStaff, verb: str, shown: AnyRow, after: dict[str, Any]
) -> None:
    audit.record(
        session, me.staff_id, f"welfare.{verb}", "welfare_case", shown.id, after=after,
        place_id=shown.place_id,
    )  # fmt: skip
