"""What staff do to a class: change its places, cancel it, see to its list and its line."""

from datetime import datetime, timedelta

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend import clock
from backend.booking import bookables, line, offers, parties
from backend.booking import service as booking
from backend.booking.errors import Cancelled
from backend.booking.models import Bookable, Booking
from backend.booking.service import Actor
from backend.errors import Invalid, NotFound
from backend.night_school import as_shown
from backend.night_school.models import Lesson
from backend.night_school.reach import access_class
from backend.places import occupancy
from backend.places.models import OccupantKind
from backend.staff import audit
from backend.staff.access import Permission, SignedInStaff
from backend.staff.meanwhile import Original


def change_capacity(
    session: Session, me: SignedInStaff, run_id: int, capacity: int, now: datetime, *,
    overbook: bool = False, reason: str | None = None, original: Original | None = None,
) -> None:  # fmt: skip
    """More or fewer places; added ones are offered to the line at once.

    Fewer than are taken needs `overbook`, the decision to keep everybody, with a `reason`. Raises
    NotFound, Cancelled, CapacityTooSmall, Invalid, ChangedMeanwhile.
    """
    access_class(session, me, Permission.MANAGE_CLASSES, run_id)
    booking.pass_on_first(session, run_id, now)
    line.lock(session, run_id)
    found = access_class(session, me, Permission.MANAGE_CLASSES, run_id)
    if found.cancelled_at is not None:
        raise Cancelled(_("这个班已经取消，不能再调整名额。"))
    as_shown.check(session, original, run_id, as_shown.PLACES)
    if overbook and not reason:
        raise Invalid({"reason": [_("超额安排请写明原因。")]})
    bookables.change_capacity(session, run_id, capacity, now, overbook=overbook)
    after = session.execute(
        select(Bookable.capacity, Bookable.overbooked).where(Bookable.id == run_id)
    ).one()
    audit.record(
        session, me.staff_id, "class.capacity", "course_run", run_id, place_id=found.place_id,
        before={"capacity": found.capacity, "overbooked": found.overbooked},
        after={"capacity": after.capacity, "overbooked": after.overbooked, "reason": reason},
    )  # fmt: skip


def change_deadline(
    session: Session, me: SignedInStaff, run_id: int, hours: int | None, now: datetime,
    original: Original | None = None,
) -> None:  # fmt: skip
    """Places may be given back until `hours` before the first lesson; None: to the end.

    Who holds or waits for a place keeps what they were promised, unless the new deadline is
    kinder. Raises NotFound, Cancelled, ChangedMeanwhile.
    """
    access_class(session, me, Permission.MANAGE_CLASSES, run_id)
    line.lock(session, run_id)
    found = access_class(session, me, Permission.MANAGE_CLASSES, run_id)
    if found.cancelled_at is not None:
        raise Cancelled(_("这个班已经取消，不能再改取消期限。"))
    as_shown.check(session, original, run_id, as_shown.DEADLINE)
    until = None if hours is None else found.starts_at - timedelta(hours=hours)
    if until == found.cancel_until:
        audit.unchanged(session)
        return
    bookables.change_deadline(session, run_id, until)
    audit.record(
        session, me.staff_id, "class.deadline", "course_run", run_id, place_id=found.place_id,
        before={"cancel_until": clock.rfc3339(found.cancel_until)},
        after={"cancel_until": clock.rfc3339(until)},
    )  # fmt: skip


def cancel_class(
    session: Session, me: SignedInStaff, run_id: int, reason: str, now: datetime,
    original: Original | None = None,
) -> int:  # fmt: skip
    """Cancel the class and every live enrolment; all are told, coming rooms are free again.

    How many enrolments ended. Cancelling twice changes nothing. Raises NotFound, ChangedMeanwhile.
    """
    access_class(session, me, Permission.MANAGE_CLASSES, run_id)
    line.lock(session, run_id)
    found = access_class(session, me, Permission.MANAGE_CLASSES, run_id)
    if found.cancelled_at is not None:
        audit.unchanged(session)
        return 0
    as_shown.check_whole(session, original, run_id)
    ended = bookables.cancel(session, run_id, Actor(staff_id=me.staff_id), now)
    coming = session.scalars(
        select(Lesson.id).where(Lesson.run_id == run_id, Lesson.ends_at > now)
    ).all()
    occupancy.vacate(session, OccupantKind.LESSON, coming)
    audit.record(
        session, me.staff_id, "class.cancel", "course_run", run_id, place_id=found.place_id,
        before={"cancelled": False},
        after={"cancelled": True, "reason": reason, "enrolments_ended": ended},
    )  # fmt: skip
    return ended


def cancel_enrolment(
    session: Session, me: SignedInStaff, run_id: int, booking_id: int, reason: str, now: datetime,
    *, late: bool = False,
) -> None:  # fmt: skip
    """Take one person off the class's list, with a reason they are told; the line moves up.

    With `late` it is kept that the place was given back after the deadline, else staff excuse it.
    Raises NotFound, also for a booking of another class, and NotLive.
    """
    found = access_class(session, me, Permission.MANAGE_CLASSES, run_id)
    before = session.execute(
        select(Booking.state, Booking.person_id).where(
            Booking.id == booking_id, Booking.bookable_id == run_id
        )
    ).first()
    if before is None:
        raise NotFound()
    booking.cancel(session, booking_id, Actor(staff_id=me.staff_id), now, reason, late=late)
    audit.record(
        session, me.staff_id, "enrolment.cancel", "booking", booking_id, place_id=found.place_id,
        before={"state": before.state},
        after={
            "state": "cancelled", "reason": reason, "person_id": before.person_id, "late": late,
        },
    )  # fmt: skip


def release(
    session: Session, me: SignedInStaff, run_id: int, booking_id: int, reason: str, now: datetime
) -> None:
    """Give a place that is kept for somebody free before the deadline; the next is asked.

    Raises NotFound, also for a booking of another class, and OfferGone.
    """
    found = access_class(session, me, Permission.MANAGE_CLASSES, run_id)
    person_id = _person_of(session, run_id, booking_id)
    offers.release(session, booking_id, Actor(staff_id=me.staff_id), reason, now)
    audit.record(
        session, me.staff_id, "enrolment.release", "booking", booking_id, place_id=found.place_id,
        before={"state": "offered", "person_id": person_id},
        after={"state": "declined", "reason": reason},
    )  # fmt: skip


def push_line(session: Session, me: SignedInStaff, run_id: int, now: datetime) -> int:
    """Ask whoever is next for every place that is free now; how many were. Raises NotFound."""
    found = access_class(session, me, Permission.MANAGE_CLASSES, run_id)
    offered = offers.push_line(session, run_id, now)
    audit.record(
        session, me.staff_id, "class.push_line", "course_run", run_id, place_id=found.place_id,
        after={"offered_to": len(offered)},
    )  # fmt: skip
    return len(offered)


def pass_over(
    session: Session, me: SignedInStaff, run_id: int, booking_id: int, reason: str, now: datetime
) -> int:
    """Offer the free places to those behind a party that is first in line and does not fit.

    The party keeps its position. How many were offered a place. Raises NotFound, also for a
    booking of another class, NotLive and NothingToPassOn.
    """
    found = access_class(session, me, Permission.MANAGE_CLASSES, run_id)
    person_id = _person_of(session, run_id, booking_id)
    offered = parties.pass_over(session, booking_id, Actor(staff_id=me.staff_id), reason, now)
    audit.record(
        session, me.staff_id, "enrolment.pass_over", "booking", booking_id, place_id=found.place_id,
        before={"person_id": person_id}, after={"reason": reason, "offered_to": len(offered)},
    )  # fmt: skip
    return len(offered)


def _person_of(session: Session, run_id: int, booking_id: int) -> int:
    person_id = session.scalar(
        select(Booking.person_id).where(Booking.id == booking_id, Booking.bookable_id == run_id)
    )
    if person_id is None:
        raise NotFound()
    return person_id
