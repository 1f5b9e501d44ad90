"""Signing up in a rush: a batch of sign-ups is read at once, judged one by one, written at once.

The same rules judge them in the same order as in `service.enrol`. Whoever needs more than a place
that is there (a line to join, an offer to pass on, a sign-in that fails) is left to it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from backend.booking import each, rules
from backend.booking import service as booking
from backend.booking.service import Actor, Booked, Wish
from backend.errors import Refusal
from backend.night_school import facts
from backend.night_school.service import Enrolment
from backend.people.queries import Resident


@dataclass(frozen=True, slots=True)
class SignUp:
    """Who calls, by the hash of the token, and what for; `admit` counts the call or refuses it."""

    token_hash: str
    asked: Enrolment
    admit: Callable[[Resident], None]


def enrol_each(
    session: Session, sign_ups: Sequence[SignUp], now: datetime
) -> list[Booked | Refusal | None]:
    """What becomes of each: a booking or a refusal, or None for those `service.enrol` has to see.

    One read and one write, which commits by itself. PostgreSQL only.
    """
    callers = [
        facts.Caller(one.token_hash, one.asked.run_id, one.asked.person_id,
                     one.asked.idempotency_key)
        for one in sign_ups
    ]  # fmt: skip
    answers: list[Booked | Refusal | None] = [None] * len(sign_ups)
    wishes: dict[int, tuple[Wish, Actor]] = {}
    for number, found in enumerate(facts.for_each(session, callers, now)):
        if found is None:
            continue
        try:
            answers[number] = _earlier(sign_ups[number], *found)
        except Refusal as refusal:
            answers[number] = refusal
        if answers[number] is None:
            wish = sign_ups[number].asked.wish()
            wishes[number] = wish, Actor(account_id=found[0].account_id)
    if wishes:
        booked = each.book_each(session, list(wishes.values()), now)
        for number, answer in zip(wishes, booked, strict=True):
            answers[number] = answer
    return answers


def _earlier(sign_up: SignUp, resident: Resident, question: facts.Question) -> Booked | None:
    """The earlier booking under the same key; None: book it. Raises what `service.enrol` would."""
    sign_up.admit(resident)
    if question.replay is not None:
        return booking.replayed(question.replay, sign_up.asked.wish())
    rules.check(question.facts)
    return None
