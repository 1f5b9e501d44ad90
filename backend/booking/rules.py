"""The rules of booking. Each is one function that raises one refusal; their order is the order of
answers, and the same tuple serves sign-up, preview, "why can't I?" and the desk.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from backend import clock
from backend.booking.errors import (
    AlreadyBooked,
    BirthDateUnknown,
    Cancelled,
    Closed,
    CourseNeeded,
    Drawn,
    EnoughThisTerm,
    LivesElsewhere,
    MissedOften,
    NeighboursFirst,
    NotYetOpen,
    OncePerYear,
    TooOld,
    TooYoung,
)
from backend.errors import NotFound, Refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the rules look at: one bookable, one person, one moment. Ages are whole years."""

    now: datetime
    bookable_id: int
    title: str
    starts_at: datetime
    published_at: datetime | None
    cancelled_at: datetime | None
    opens_at: datetime | None
    closes_at: datetime | None
    min_age: int | None = None
    max_age: int | None = None
    home_place_id: int | None = None  # the place residents must live in
    priority_place_id: int | None = None  # whose residents come first until `priority_until`
    priority_until: datetime | None = None
    birth_date: date | None
    home_path: str | None
    live_booking_id: int | None
    needed: str | None = None  # what has to have been attended before, and was not
    again_at: datetime | None = None  # when another one of the same begins, within a year
    most: int | None = None  # live bookings a person may have in the term
    in_term: int = 0  # those the person has
    comes_from: datetime | None = None  # who stayed away often may book again from then on
    draw_id: int | None = None  # places are drawn: apply between `apply_from` and `apply_until`
    apply_from: datetime | None = None
    apply_until: datetime | None = None


Rule = Callable[[Facts], None]


def age_on(birth_date: date, day: date) -> int:
    """Whole years lived on `day`; a birthday on 29 February counts from 1 March."""
    before_birthday = (day.month, day.day) < (birth_date.month, birth_date.day)
    return day.year - birth_date.year - before_birthday


def is_published(facts: Facts) -> None:
    """What staff have not published does not exist for residents."""
    if facts.published_at is None or facts.published_at > facts.now:
        raise NotFound()


def is_not_cancelled(facts: Facts) -> None:
    """Nothing is booked on what will not take place."""
    if facts.cancelled_at is not None:
        raise Cancelled()


def is_not_booked_yet(facts: Facts) -> None:
    """One live booking per person and thing."""
    if facts.live_booking_id is not None:
        raise AlreadyBooked(booking_id=facts.live_booking_id)


def is_first_come(facts: Facts) -> None:
    """Where places are drawn, nobody is served for coming first."""
    if facts.draw_id is not None and facts.apply_from and facts.apply_until:
        raise Drawn(facts.draw_id, facts.apply_from, facts.apply_until, facts.now)


def is_of_group(facts: Facts, least: int | None, place_id: int | None) -> bool:
    """Whether the person is known to be `least` years old on the day that counts, and to live in
    the place or below it; either may not matter.
    """
    old_enough = least is None or (facts.birth_date is not None and _age(facts) >= least)
    return old_enough and (place_id is None or _lives_in(facts, place_id))


def is_old_enough(facts: Facts) -> None:
    """The least age, on the later of today and the first meeting."""
    if facts.min_age is not None and _age(facts) < facts.min_age:
        raise TooYoung(min_age=facts.min_age)


def is_young_enough(facts: Facts) -> None:
    """The greatest age, on the later of today and the first meeting."""
    if facts.max_age is not None and _age(facts) > facts.max_age:
        raise TooOld(max_age=facts.max_age)


def lives_here(facts: Facts) -> None:
    """Some runs are kept for the residents of a place and all below it."""
    if facts.home_place_id is not None and not _lives_in(facts, facts.home_place_id):
        raise LivesElsewhere()


def has_attended_before(facts: Facts) -> None:
    """Some courses build on another: who signs up has been there for at least half of it."""
    if facts.needed is not None:
        raise CourseNeeded(course=facts.needed)


def is_not_the_same_again(facts: Facts) -> None:
    """Some courses are given once a year, so that more people come to them."""
    if facts.again_at is not None:
        raise OncePerYear(starts_at=facts.again_at)


def has_not_enough_yet(facts: Facts) -> None:
    """At most so many live bookings per person and term."""
    if facts.most is not None and facts.in_term >= facts.most:
        raise EnoughThisTerm(most=facts.most)


def has_not_missed_often(facts: Facts) -> None:
    """Who stayed away often waits until that has faded; exactly at `comes_from` they may."""
    if facts.comes_from is not None and facts.now < facts.comes_from:
        raise MissedOften(facts.comes_from, facts.closes_at, facts.now)


def is_their_turn(facts: Facts) -> None:
    """For a while after the opening the residents of a place and all below it come first.

    Exactly at `priority_until` everybody may.
    """
    place_id, until = facts.priority_place_id, facts.priority_until
    if place_id is None or until is None or facts.now >= until:
        return
    if not _lives_in(facts, place_id):
        raise NeighboursFirst(until, facts.now)


def is_open(facts: Facts) -> None:
    """From `opens_at` on; exactly at it is open."""
    if facts.opens_at is not None and facts.now < facts.opens_at:
        raise NotYetOpen(opens_at=facts.opens_at)


def is_not_closed(facts: Facts) -> None:
    """Up to `closes_at`; exactly at it is closed."""
    if facts.closes_at is not None and facts.now >= facts.closes_at:
        raise Closed(closes_at=facts.closes_at)


def _lives_in(facts: Facts, place_id: int) -> bool:
    """Whether the home lies in the place: a path is the chain of ids from the top."""
    return f"/{place_id}/" in (facts.home_path or "")


def _age(facts: Facts) -> int:
    if facts.birth_date is None:
        raise BirthDateUnknown()
    return age_on(facts.birth_date, max(clock.today(facts.now), clock.today(facts.starts_at)))


RULES: tuple[Rule, ...] = (
    is_published,
    is_not_cancelled,
    is_not_booked_yet,
    is_first_come,
    is_not_closed,
    is_old_enough,
    is_young_enough,
    lives_here,
    has_attended_before,
    is_not_the_same_again,
    has_not_enough_yet,
    has_not_missed_often,
    is_their_turn,
    is_open,
)

DESK_MAY_OVERRULE = frozenset(
    {
        is_not_closed, is_old_enough, is_young_enough, lives_here, has_attended_before,
        is_not_the_same_again, has_not_enough_yet, has_not_missed_often, is_their_turn, is_open,
    }
)  # fmt: skip
"""What staff may set aside, with a reason that the history keeps."""


def check(facts: Facts, *, rules: Iterable[Rule] = RULES, overruled: bool = False) -> None:
    """Raise the first refusal; with `overruled`, only of rules the desk may not set aside."""
    for rule in rules:
        if not (overruled and rule in DESK_MAY_OVERRULE):
            rule(facts)


def reasons(facts: Facts, *, rules: Iterable[Rule] = RULES) -> list[Refusal]:
    """Every refusal that applies, in the order of the rules."""
    found: list[Refusal] = []
    for rule in rules:
        try:
            rule(facts)
        except Refusal as refusal:
            if type(refusal) not in {type(earlier) for earlier in found}:
                found.append(refusal)
    return found
