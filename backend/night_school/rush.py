"""Signing up in a rush: a batch of sign-ups is read at once, judged one by one, written at once.

The same rules judge them in the same order as in `service.enrol`, which answers whoever needs more
than a place or a no: a line to join, an offer to pass on, a token that is not good.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from backend.booking import each, rules
from backend.booking import service as booking
from backend.booking.errors import Full
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
        resident, question = found
        try:
            judged = _judge(sign_ups[number], resident, question)
        except Refusal as refusal:
            answers[number] = refusal
            continue
        if isinstance(judged, Wish):
            wishes[number] = judged, Actor(account_id=resident.account_id)
        else:
            answers[number] = judged
    if wishes:
        booked = each.book_each(session, list(wishes.values()), now)
        for number, answer in zip(wishes, booked, strict=True):
            answers[number] = answer
    return answers


def _judge(sign_up: SignUp, resident: Resident, question: facts.Question) -> Booked | Wish | None:
    """The earlier booking under the same key, a wish to fulfil, or None for who joins the line.

    Raises the refusals of the rules, and Full.
    """
    sign_up.admit(resident)
    wish = sign_up.asked.wish()
    if question.replay is not None:
        return booking.replayed(question.replay, wish)
    rules.check(question.facts)
    if not question.is_full:
        return wish
    if not wish.wait:
        raise Full()
    return None
