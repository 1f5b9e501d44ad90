"""Changing to another class of the same course: what there is to choose from, and the change."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.booking import rules, transfers
from backend.booking import service as booking
from backend.booking.errors import TransferElsewhere
from backend.booking.models import Booking
from backend.booking.queries import check_mine
from backend.booking.service import Actor, Booked
from backend.db import AnyRow
from backend.errors import NotFound
from backend.night_school import eligibility, facts, queries
from backend.night_school.models import CourseRun
from backend.night_school.service import Enrolment
from backend.people.queries import Resident

MOST = 50
_run = CourseRun.__table__


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """To which class. `wait`: keep the old place and wait where the other is full.

    `late`: also after the old place's deadline, which is then kept in the history.
    """

    run_id: int
    wait: bool = False
    late: bool = False
    idempotency_key: str | None = None
    idempotency_hash: str | None = None

    def enrolment(self, person_id: int) -> Enrolment:
        return Enrolment(
            run_id=self.run_id, person_id=person_id, wait=self.wait,
            idempotency_key=self.idempotency_key, idempotency_hash=self.idempotency_hash,
        )  # fmt: skip


def choices(session: Session, me: Resident, booking_id: int, now: datetime) -> list[dict[str, Any]]:
    """The other classes of the same course, each with what it says to who holds the place.

    The place that would be given back does not stand in the way. Raises NotFound.
    """
    check_mine(session, me, booking_id, now)
    held = held_place(session, booking_id)
    asked = {"course_id": held.course_id, "limit": MOST}
    others = [
        run for run in queries.list_runs(session, asked, now)["items"] if run["id"] != held.run_id
    ]
    says = eligibility.for_runs(
        session, me, [run["id"] for run in others], held.person_id, now, leaving=booking_id
    )
    return [{"run": run, "says": one} for run, one in zip(others, says, strict=True)]


def transfer(
    session: Session, me: Resident, booking_id: int, asked: Transfer, now: datetime
) -> Booked:
    """Change a place for one in another class of the same course, or wait for it.

    The same Idempotency-Key answers with the first booking. Raises NotFound, TransferElsewhere,
    the refusals of the rules and those of `transfers.exchange`; then nothing has changed.
    """
    check_mine(session, me, booking_id, now)
    held = held_place(session, booking_id)
    question = facts.for_account(
        session, asked.run_id, held.person_id, me.account_id, me.person_id,
        asked.idempotency_key, now, leaving=booking_id,
    )  # fmt: skip
    wish = asked.enrolment(held.person_id).wish(in_group=question.in_group)
    if question.replay is not None:
        return booking.replayed(question.replay, wish)
    check_same_course(session, held, asked.run_id)
    rules.check(question.facts)
    actor = Actor(account_id=me.account_id)
    return transfers.exchange(session, booking_id, held.run_id, wish, actor, now, late=asked.late)


def transfer_at_desk(
    session: Session, staff_id: int, booking_id: int, asked: Transfer, now: datetime, *,
    overruled_reason: str | None = None,
) -> Booked:  # fmt: skip
    """Staff change somebody's class; with a reason they may set rules aside, as on sign-up."""
    held = held_place(session, booking_id)
    question = facts.for_staff(session, asked.run_id, held.person_id, now, leaving=booking_id)
    check_same_course(session, held, asked.run_id)
    rules.check(question.facts, overruled=overruled_reason is not None)
    enrolment = asked.enrolment(held.person_id)
    wish = enrolment.wish(overruled_reason, in_group=question.in_group)
    actor = Actor(staff_id=staff_id)
    return transfers.exchange(session, booking_id, held.run_id, wish, actor, now, late=asked.late)


def held_place(session: Session, booking_id: int) -> AnyRow:
    """Whose booking of which run and course. Raises NotFound, also for what is not a class."""
    row = session.execute(
        select(Booking.person_id, Booking.bookable_id.label("run_id"), _run.c.course_id)
        .join(_run, _run.c.id == Booking.bookable_id)
        .where(Booking.id == booking_id)
    ).first()
    if row is None:
        raise NotFound()
    return row


def check_same_course(session: Session, held: AnyRow, run_id: int) -> None:
    """Raise TransferElsewhere unless the run is another one of the same course."""
    course_id = session.scalar(select(_run.c.course_id).where(_run.c.id == run_id))
    if run_id == held.run_id or course_id != held.course_id:
        raise TransferElsewhere()
