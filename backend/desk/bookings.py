"""Booking at the desk: staff of the place act for anyone who comes or calls."""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.booking import offers, rules
from backend.booking import service as booking
from backend.booking.models import Bookable
from backend.booking.service import Actor, Booked
from backend.desk.card import get_booking_place
from backend.desk.reach import access_person
from backend.errors import NotFound
from backend.night_school import facts, overlaps, transfers
from backend.night_school import service as night_school
from backend.night_school.models import CourseRun, Teacher
from backend.night_school.queries import places_left
from backend.night_school.service import Enrolment
from backend.night_school.transfers import Transfer
from backend.places.models import Place
from backend.staff import audit
from backend.staff.access import Permission, SignedInStaff

BOOK = Permission.BOOK_FOR_PEOPLE
_EASIEST_FIRST = ("yes", "wait", "overrule", "no")
_run = CourseRun.__table__
_bookable = Bookable.__table__


def list_choices(
    session: Session, me: SignedInStaff, person_id: int, text: str, now: datetime, *,
    leaving: int | None = None,
) -> list[dict[str, Any]]:  # fmt: skip
    """The classes of my places that are not over, and for each why the person cannot have it.

    What can be had comes first. `can`: yes, wait (full), overrule (only rules that staff may set
    aside stand against it) or no. With `leaving`, a booking, only the other classes of its
    course, that booking not counted. Raises NotFound.
    """
    access_person(session, me, BOOK, person_id)
    query = (
        select(
            _bookable.c.id, _bookable.c.title, _bookable.c.starts_at, _bookable.c.ends_at,
            _bookable.c.capacity, _bookable.c.taken, _bookable.c.overbooked, _bookable.c.waiting,
            _bookable.c.kept, _bookable.c.kept_taken,
            _run.c.weekday, _run.c.from_minute, _run.c.price_fen,
            Place.name.label("place_name"), Teacher.name.label("teacher_name"),
        )
        .select_from(_run.join(_bookable, _bookable.c.id == _run.c.id))
        .join(Place, Place.id == _bookable.c.place_id)
        .outerjoin(Teacher, Teacher.id == _run.c.teacher_id)
        .where(
            me.covers(BOOK, Place.path), _bookable.c.published_at <= now, _bookable.c.ends_at > now,
            _bookable.c.cancelled_at.is_(None),
        )
        .order_by(_bookable.c.starts_at, _bookable.c.id)
        .limit(120)
    )  # fmt: skip
    if leaving is not None:
        held = transfers.held_place(session, leaving)
        query = query.where(_run.c.course_id == held.course_id, _run.c.id != held.run_id)
    if text:
        query = query.where(_bookable.c.title.contains(text, autoescape=True))
    rows = session.execute(query).all()
    ids = [row.id for row in rows]
    sights = facts.for_many(session, ids, person_id, now, leaving=leaving)
    clashes = overlaps.for_many(session, ids, person_id, now, leaving=leaving)
    choices = [
        dict(row._mapping)
        | {"places_left": places_left(row), "clashes": clashes.get(row.id, [])}
        | judged(sights[row.id])
        for row in rows
    ]
    return sorted(choices, key=lambda choice: _EASIEST_FIRST.index(choice["can"]))


def judged(sight: facts.Sight) -> dict[str, Any]:
    """Whether a class can be had: `can`, `full` and `reasons`."""
    known, full = sight.facts, not sight.has_place
    against = rules.reasons(known)
    firm = rules.reasons(known, rules=[r for r in rules.RULES if r not in rules.DESK_MAY_OVERRULE])
    if firm:
        can = "no"
    elif against:
        can = "overrule"
    else:
        can = "wait" if full else "yes"
    return {"can": can, "full": full, "reasons": [str(reason) for reason in against]}


def book_for(
    session: Session, me: SignedInStaff, person_id: int, run_id: int, now: datetime,
    *, wait: bool = False, reason: str | None = None,
) -> Booked:  # fmt: skip
    """Sign the person up for a class of my places; with a `reason`, against rules staff may set
    aside. Raises NotFound and the refusals of the rules.
    """
    access_person(session, me, BOOK, person_id)
    place_id = _access_run(session, me, run_id)
    asked = Enrolment(run_id=run_id, person_id=person_id, wait=wait)
    booked = night_school.enrol_at_desk(
        session, me.staff_id, asked, now, overruled_reason=reason or None
    )
    audit.record(
        session, me.staff_id, "booking.book", "booking", booked.booking_id, place_id=place_id,
        after={"person_id": person_id, "run_id": run_id, "state": booked.state, "reason": reason},
    )  # fmt: skip
    return booked


def cancel_for(
    session: Session, me: SignedInStaff, person_id: int, booking_id: int, reason: str,
    now: datetime, *, late: bool = False,
) -> None:  # fmt: skip
    """Give the place back, with the reason the person is told.

    With `late` it is kept that this was after the deadline, else staff excuse it. Raises NotFound,
    NotLive.
    """
    before = _access(session, me, person_id, booking_id)
    booking.cancel(session, booking_id, Actor(staff_id=me.staff_id), now, reason, late=late)
    after = {"state": "cancelled", "reason": reason, "late": late}
    _audit(session, me, "booking.cancel", before, after)


def transfer_for(
    session: Session, me: SignedInStaff, person_id: int, booking_id: int, run_id: int,
    now: datetime, *, wait: bool = False, whole_party: bool | None = None,
    reason: str | None = None,
) -> Booked:  # fmt: skip
    """Change the person's place for one in another class of the course, both of my places.

    `whole_party`: with all who go together, or alone, as they have agreed. With a `reason`,
    against rules staff may set aside. Raises NotFound and the refusals of a
    transfer; then nothing has changed.
    """
    before = _access(session, me, person_id, booking_id)
    _access_run(session, me, run_id)
    asked = Transfer(run_id=run_id, wait=wait, whole_party=whole_party)
    booked = transfers.transfer_at_desk(
        session, me.staff_id, booking_id, asked, now, overruled_reason=reason or None
    )
    _audit(
        session, me, "booking.transfer", before,
        {"run_id": run_id, "booking_id": booked.booking_id, "state": booked.state,
         "whole_party": whole_party, "reason": reason},
    )  # fmt: skip
    return booked


def accept_for(
    session: Session, me: SignedInStaff, person_id: int, booking_id: int, now: datetime
) -> None:
    """They said yes on the phone. Raises NotFound, OfferGone."""
    before = _access(session, me, person_id, booking_id)
    offers.accept(session, booking_id, Actor(staff_id=me.staff_id), now)
    _audit(session, me, "booking.accept", before, {"state": "confirmed"})


def decline_for(
    session: Session, me: SignedInStaff, person_id: int, booking_id: int, now: datetime
) -> None:
    """They said no on the phone; the next in line is asked. Raises NotFound, OfferGone."""
    before = _access(session, me, person_id, booking_id)
    offers.decline(session, booking_id, Actor(staff_id=me.staff_id), now)
    _audit(session, me, "booking.decline", before, {"state": "declined"})


def _access_run(session: Session, me: SignedInStaff, run_id: int) -> int:
    """The place of a run of my places. Raises NotFound."""
    place_id = session.scalar(
        select(Place.id)
        .join(_bookable, _bookable.c.place_id == Place.id)
        .where(_bookable.c.id == run_id, me.covers(BOOK, Place.path))
    )
    if place_id is None:
        raise NotFound()
    return place_id


def _access(session: Session, me: SignedInStaff, person_id: int, booking_id: int) -> Any:
    found = get_booking_place(session, me, booking_id)
    if found.person_id != person_id:
        raise NotFound()
    return found


def _audit(
    session: Session, me: SignedInStaff, action: str, before: Any, after: dict[str, Any]
) -> None:
    audit.record(
        session, me.staff_id, action, "booking", before.id,
        {"state": before.state, "person_id": before.person_id}, after, place_id=before.place_id,
    )  # fmt: skip
