"""The rules of a slot. Each is one function that raises one refusal; their order is the order of
answers, and the same tuple serves booking, changing, "why can't I?" and the desk.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from backend import clock
from backend.booking.rules import age_on
from backend.errors import Refusal
from backend.market.errors import (
    AgeUnknown,
    BooksLater,
    ForNeighbours,
    MarketCancelled,
    NotThisAge,
    OnceADay,
    SlotBegun,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the rules look at: a stall, a moment at it, and a person."""

    now: datetime
    starts_at: datetime
    books_from: datetime
    cancelled_at: datetime | None
    min_age: int | None
    max_age: int | None
    home_place_id: int | None
    birth_date: date | None
    home_path: str | None
    live_booking_id: int | None


Rule = Callable[[Asked], None]


def takes_place(asked: Asked) -> None:
    """Nothing is booked on what will not take place."""
    if asked.cancelled_at is not None:
        raise MarketCancelled()


def is_once_a_day(asked: Asked) -> None:
    """One live booking per person, service and day."""
    if asked.live_booking_id is not None:
        raise OnceADay(booking_id=asked.live_booking_id)


def has_not_begun(asked: Asked) -> None:
    """Exactly as it begins is too late."""
    if asked.now >= asked.starts_at:
        raise SlotBegun()


def is_of_age(asked: Asked) -> None:
    """Whole years on the day of the market, both limits included."""
    if asked.min_age is None and asked.max_age is None:
        return
    if asked.birth_date is None:
        raise AgeUnknown()
    age = age_on(asked.birth_date, clock.today(asked.starts_at))
    if not serves(age, asked.min_age, asked.max_age):
        raise NotThisAge(min_age=asked.min_age, max_age=asked.max_age)


def serves(age: int, min_age: int | None, max_age: int | None) -> bool:
    """Whether an age is within the limits; None sets none."""
    return (min_age is None or age >= min_age) and (max_age is None or age <= max_age)


def lives_here(asked: Asked) -> None:
    """Some stalls are for those who live in a place and all below it."""
    if asked.home_place_id is not None and f"/{asked.home_place_id}/" not in (
        asked.home_path or ""
    ):
        raise ForNeighbours()


def is_open(asked: Asked) -> None:
    """From the moment on that staff have set; exactly at it is open."""
    if asked.now < asked.books_from:
        raise BooksLater(asked.books_from, asked.now)


RULES: tuple[Rule, ...] = (
    takes_place, is_once_a_day, has_not_begun, is_of_age, lives_here, is_open,
)  # fmt: skip


DESK_MAY_OVERRULE = frozenset({is_of_age, lives_here, is_open})
"""What staff may set aside, with a reason that the history keeps."""


def check(asked: Asked, *, overruled: bool = False) -> None:
    """Raise the first refusal; with `overruled`, only of rules the desk may not set aside."""
    for rule in RULES:
        if not (overruled and rule in DESK_MAY_OVERRULE):
            rule(asked)


def reasons(asked: Asked, rules: Iterable[Rule] = RULES) -> list[Refusal]:
    """Every refusal that applies, in the order of the rules."""
    found = []
    for rule in rules:
        try:
            rule(asked)
        except Refusal as refusal:
            found.append(refusal)
    return found
