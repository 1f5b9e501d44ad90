"""Changing to another class of the same course: what there is to choose from, and the change."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.booking import parties, rules, transfers
from backend.booking import service as booking
from backend.booking.errors import TransferElsewhere, TransferTogether
from backend.booking.models import LIVE, Booking
from backend.booking.queries import check_mine
from backend.booking.service import Actor, Booked
from backend.db import AnyRow
from backend.errors import NotFound
from backend.night_school import eligibility, facts, queries
from backend.night_school.facts import Question
from backend.night_school.models import CourseRun
from backend.night_school.service import Enrolment, PartyEnrolment, check_each
from backend.people.queries import Resident

MOST = 50
_run = CourseRun.__table__


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """To which class. `wait`: keep the old place and wait where the other is full.

    `late`: also after the old place's deadline, which is then kept in the history. `whole_party`:
    whether all who go together change, or this one alone, as they have agreed; None: not said.
    """

    run_id: int
    wait: bool = False
    late: bool = False
    whole_party: bool | None = None
    idempotency_key: str | None = None
    idempotency_hash: str | None = None

    def enrolment(self, person_id: int) -> Enrolment:
        return Enrolment(
            run_id=self.run_id, person_id=person_id, wait=self.wait,
            idempotency_key=self.idempotency_key, idempotency_hash=self.idempotency_hash,
        )  # fmt: skip

    def of_party(self, person_ids: Sequence[int]) -> PartyEnrolment:
        return PartyEnrolment(
            run_id=self.run_id, person_ids=person_ids, wait=self.wait,
            idempotency_key=self.idempotency_key, idempotency_hash=self.idempotency_hash,
        )  # fmt: skip


def choices(
    session: Session, me: Resident, booking_id: int, now: datetime, *, whole_party: bool = False
) -> list[dict[str, Any]]:
    """The other classes of the same course, each with what it says to who holds the place.

    With `whole_party`, to all who go together: what stands against one of them stands against all.
    The places that would be given back do not stand in the way. Raises NotFound, PartyOfOthers.
    """
    check_mine(session, me, booking_id, now)
    held = held_place(session, booking_id)
    asked = {"course_id": held.course_id, "limit": MOST}
    others = [
        run for run in queries.list_runs(session, asked, now)["items"] if run["id"] != held.run_id
    ]
    leaving = {held.person_id: booking_id}
    if whole_party:
        parties.check_mine_together(session, me, booking_id, now)
        leaving = _party(session, booking_id) or leaving
    says = [
        eligibility.for_runs(session, me, [run["id"] for run in others], one, now, leaving=left)
        for one, left in leaving.items()
    ]
    return [
        {"run": run, "says": eligibility.for_all(each, run["places_left"])}
        for run, each in zip(others, zip(*says, strict=True), strict=True)
    ]


def transfer(
    session: Session, me: Resident, booking_id: int, asked: Transfer, now: datetime
) -> Booked:
    """Change a place for one in another class of the same course, or wait for it.

    Those who go together do it together, all of them or nobody, or this one alone where they say
    so, all of them by who may act for them. The answer is this person's booking; the same
    Idempotency-Key answers with the first. Raises NotFound, TransferElsewhere, TransferTogether,
    PartyOfOthers, the refusals of the rules and those of `exchange`; then nothing has changed.
    """
    check_mine(session, me, booking_id, now)
    held = held_place(session, booking_id)

    def ask(person_id: int, leaving: int) -> Question:
        return facts.for_account(
            session, asked.run_id, person_id, me.account_id, me.person_id,
            asked.idempotency_key, now, leaving=leaving,
        )  # fmt: skip

    party = _party(session, booking_id)
    if len(party) > 1 and asked.whole_party is not None:
        parties.check_mine_together(session, me, booking_id, now)
    return _change(session, held, booking_id, party, asked, ask, Actor(account_id=me.account_id),
                   now)  # fmt: skip


def transfer_at_desk(
    session: Session, staff_id: int, booking_id: int, asked: Transfer, now: datetime, *,
    overruled_reason: str | None = None,
) -> Booked:  # fmt: skip
    """Staff change somebody's class; with a reason they may set rules aside, as on sign-up."""

    def ask(person_id: int, leaving: int) -> Question:
        return facts.for_staff(session, asked.run_id, person_id, now, leaving=leaving)

    return _change(
        session, held_place(session, booking_id), booking_id, _party(session, booking_id), asked,
        ask, Actor(staff_id=staff_id), now, overruled_reason,
    )  # fmt: skip


def _change(
    session: Session, held: AnyRow, booking_id: int, party: Mapping[int, int], asked: Transfer,
    ask: Callable[[int, int], Question], actor: Actor, now: datetime,
    overruled_reason: str | None = None,
) -> Booked:  # fmt: skip
    """Judged by the facts that `ask` finds for a person and the booking they would leave."""
    together = len(party) > 1 and asked.whole_party is True
    leaving = party if together else {held.person_id: booking_id}
    # In the order of their ids, in which their rows are locked where rules count.
    questions = {one: ask(one, leaving[one]) for one in sorted(leaving)}
    own = questions[held.person_id]
    if own.replay is not None:
        return booking.replayed(own.replay, asked.enrolment(held.person_id).wish())
    check_same_course(session, held, asked.run_id)
    if len(party) > 1 and asked.whole_party is None:
        raise TransferTogether(people=len(party))
    overruled = overruled_reason is not None
    if not together:
        rules.check(own.facts, overruled=overruled)
        wish = asked.enrolment(held.person_id).wish(overruled_reason, in_group=own.in_group)
        return transfers.exchange(session, booking_id, held.run_id, wish, actor, now,
                                  late=asked.late)  # fmt: skip
    check_each({one: questions[one].facts for one in party}, overruled=overruled)
    group = [one for one, question in questions.items() if question.in_group]
    party_wish = asked.of_party(list(party)).wish(group, overruled_reason)
    changed = transfers.exchange_party(session, booking_id, held.run_id, party_wish, actor, now,
                                       late=asked.late)  # fmt: skip
    mine = changed.members[0]
    return Booked(mine.booking_id, mine.state, mine.queue_no)


def _party(session: Session, booking_id: int) -> dict[int, int]:
    """By person, the live bookings of all who go together with this one, its own person first."""
    party_id = select(Booking.party_id).where(Booking.id == booking_id).scalar_subquery()
    run_id = select(Booking.bookable_id).where(Booking.id == booking_id).scalar_subquery()
    rows = session.execute(
        select(Booking.id, Booking.person_id)
        .where(Booking.party_id == party_id, Booking.bookable_id == run_id, Booking.state.in_(LIVE))
        .order_by(Booking.id != booking_id, Booking.id)
    ).all()
    found = {row.person_id: row.id for row in rows}
    return found if booking_id in found.values() else {}


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
