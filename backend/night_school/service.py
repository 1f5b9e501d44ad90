"""The night school's verbs for residents and the desk: enrol alone or together."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from backend.booking import parties, rules
from backend.booking import service as booking
from backend.booking.parties import Party, PartyWish
from backend.booking.rules import Facts
from backend.booking.service import Actor, Booked, Wish
from backend.errors import Refusal
from backend.night_school import facts
from backend.people.queries import Resident


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolment:
    """Who is to be enrolled in what. `wait`: join the waiting list where the run is full.

    `offer_before`: whoever waits wants an offer only before this moment.
    """

    run_id: int
    person_id: int
    wait: bool = False
    offer_before: datetime | None = None
    idempotency_key: str | None = None
    idempotency_hash: str | None = None

    def wish(self, overruled_reason: str | None = None, *, in_group: bool = False) -> Wish:
        return Wish(
            bookable_id=self.run_id,
            person_id=self.person_id,
            in_group=in_group,
            once_key=facts.once_key(self.run_id),
            wait=self.wait,
            offer_before=self.offer_before,
            overruled_reason=overruled_reason,
            idempotency_key=self.idempotency_key,
            idempotency_hash=self.idempotency_hash,
        )


def enrol(session: Session, resident: Resident, asked: Enrolment, now: datetime) -> Booked:
    """Sign up oneself or somebody of the household: two reads at most, one write.

    The same Idempotency-Key answers with the first booking. Raises the refusals of the rules,
    Full, and NotFound for people the account may not act for.
    """
    question = facts.for_account(
        session, asked.run_id, asked.person_id, resident.account_id, resident.person_id,
        asked.idempotency_key, now,
    )  # fmt: skip
    if question.replay is not None:
        return booking.replayed(question.replay, asked.wish())
    rules.check(question.facts)
    wish = asked.wish(in_group=question.in_group)
    return booking.book(session, wish, Actor(account_id=resident.account_id), now)


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyEnrolment:
    """Who are to be enrolled together in what. `wait`: join the waiting list together.

    `offer_before`: they want an offer only before this moment.
    """

    run_id: int
    person_ids: Sequence[int]
    wait: bool = False
    offer_before: datetime | None = None
    idempotency_key: str | None = None
    idempotency_hash: str | None = None

    def wish(
        self, in_group: Collection[int] = (), overruled_reason: str | None = None
    ) -> PartyWish:
        return PartyWish(
            bookable_id=self.run_id,
            person_ids=self.person_ids,
            in_group=in_group,
            once_key=facts.once_key(self.run_id),
            wait=self.wait,
            offer_before=self.offer_before,
            overruled_reason=overruled_reason,
            idempotency_key=self.idempotency_key,
            idempotency_hash=self.idempotency_hash,
        )


def enrol_party(
    session: Session, resident: Resident, asked: PartyEnrolment, now: datetime
) -> Party:
    """Sign up people of one's household who go together: all of them, or nobody.

    The same Idempotency-Key answers with the first party. Raises what `enrol` does, with the
    `person_id` whom a rule is against, and PlacesTooFew, PartyTooLarge.
    """
    questions = {  # in the order of their ids, in which their rows are locked where rules count
        person_id: facts.for_account(
            session, asked.run_id, person_id, resident.account_id, resident.person_id,
            asked.idempotency_key, now,
        )
        for person_id in sorted(asked.person_ids)
    }  # fmt: skip
    # Each is a read of its own: a first try that ends in between shows in the later ones alone.
    for question in questions.values():
        if question.replay is not None:
            return parties.replayed(session, question.replay, asked.wish())
    check_each({person_id: questions[person_id].facts for person_id in asked.person_ids})
    group = [person_id for person_id, question in questions.items() if question.in_group]
    return parties.book(session, asked.wish(group), Actor(account_id=resident.account_id), now)


def check_each(known: Mapping[int, Facts], *, overruled: bool = False) -> None:
    """Raise the first refusal of a rule against one of several people, with their `person_id`."""
    for person_id, one in known.items():
        try:
            rules.check(one, overruled=overruled)
        except Refusal as refusal:
            refusal.data["person_id"] = person_id
            raise


def enrol_at_desk(
    session: Session,
    staff_id: int,
    asked: Enrolment,
    now: datetime,
    *,
    overruled_reason: str | None = None,
) -> Booked:
    """Staff sign somebody up; with a reason they may set age, residence and dates aside.

    Capacity, the line and "once" hold for the desk as for everybody.
    """
    question = facts.for_staff(session, asked.run_id, asked.person_id, now)
    rules.check(question.facts, overruled=overruled_reason is not None)
    wish = asked.wish(overruled_reason, in_group=question.in_group)
    return booking.book(session, wish, Actor(staff_id=staff_id), now)
