"""Taking numbers in a rush: a batch of calls is read at once, judged one by one, written at once.

The same rules judge them as in `numbers.take`, which answers whoever needs more than a number or a
no: who has booked, or whose token is not good.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from backend.errors import Refusal
from backend.market import giving, number_facts, numbers, outlook
from backend.market.errors import MaybeInVain
from backend.market.number_facts import Caller, Wish
from backend.market.numbers import Taken
from backend.people.queries import Resident


@dataclass(frozen=True, slots=True)
class Take:
    """Who calls, by the hash of the token, and what for; `admit` counts the call or refuses it."""

    token_hash: str
    wish: Wish
    admit: Callable[[Resident], None]


def take_each(
    session: Session, calls: Sequence[Take], now: datetime
) -> list[Taken | Refusal | None]:
    """What becomes of each: a number or a refusal, or None for those `numbers.take` has to see.

    One read and one write, which commits by itself; two reads more for each line that has to be
    looked at. PostgreSQL only.
    """
    answers: list[Taken | Refusal | None] = [None] * len(calls)
    asked: dict[int, dict[str, int]] = {}
    met: set[tuple[int, int]] = set()
    callers = [Caller(one.token_hash, one.wish) for one in calls]
    in_vain: dict[int, datetime | None] = {}
    for number, found in enumerate(number_facts.for_each(session, callers, now)):
        if found is None:
            continue
        me, facts = found
        call = calls[number]
        who = call.wish.stall_id, call.wish.person_id
        try:
            call.admit(me)
            answers[number] = numbers.judge(call.wish, facts, now)
            if answers[number] is None and numbers.needs_a_look(call.wish, facts):
                if facts.id not in in_vain:
                    in_vain[facts.id] = outlook.in_vain(session, facts, now)
                if (at := in_vain[facts.id]) is not None:
                    raise MaybeInVain.at(at, facts, now)
        except Refusal as refusal:
            answers[number] = refusal
        if answers[number] is None and facts.booking_id is None and who not in met:
            met.add(who)
            asked[number] = {
                "stall_id": who[0], "person_id": who[1], "account_id": me.account_id,
            }  # fmt: skip
    if asked:
        given = giving.give(session, list(asked.values()), now)
        for number, one in zip(asked, given, strict=True):
            answers[number] = one and Taken(*one)
    return answers
