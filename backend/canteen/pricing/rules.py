"""Subsidy rules as data: for whom, for which meals, how much of what, and who pays it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

WHOLE = 10_000
"""All of something, in hundredths of a percent."""


class Payer(StrEnum):
    """The layers that pay subsidies, the widest first."""

    CITY = "city"
    DISTRICT = "district"
    STREET = "street"
    COMMUNITY = "community"


class Why(StrEnum):
    """What became of a rule for one person and meal."""

    APPLIED = "applied"
    LESS = "less"  # another rule gives more
    NOT_IN_FORCE = "not_in_force"
    MEAL = "meal"
    MODE = "mode"
    AGE = "age"
    RESIDENCE = "residence"
    CATEGORY = "category"
    MIN_SPEND = "min_spend"
    USED_UP = "used_up"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A sum (`fixed_fen`) or a share of the base (`percent`, hundredths of a percent) per meal.

    From a base of `min_spend_fen` on, up to `cap_fen` per meal and to what a day and a week (from
    Monday) allow, in fen and in meals. `payers`: who pays it, by weight.
    """

    fixed_fen: int = 0
    percent: int = 0
    min_spend_fen: int = 0
    cap_fen: int | None = None
    day_fen: int | None = None
    week_fen: int | None = None
    day_meals: int | None = None
    week_meals: int | None = None
    payers: Mapping[Payer, int]

    @property
    def is_limited(self) -> bool:
        """Whether it depends on what somebody had on other meals."""
        limits = (self.day_fen, self.week_fen, self.day_meals, self.week_meals)
        return any(most is not None for most in limits)

    def amount(self, base_fen: int) -> int:
        """What the part gives on a base before limits of day and week, rounded once, half up."""
        if base_fen < self.min_spend_fen:
            return 0
        amount = self.fixed_fen + (2 * base_fen * self.percent + WHOLE) // (2 * WHOLE)
        return amount if self.cap_fen is None else min(amount, self.cap_fen)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One version of a rule, in force for meals from `starts_on` up to and with `ends_on`.

    `categories`: one of these has to be proven for the day. `meals` and `modes`: empty stands for
    all. `home_path`: whoever lives there. `on_list`: the base is the list price, else the price
    after discount. `second_portion`: a second portion of the same dish is subsidised, too.
    `version_id`: the row the version is kept in.
    """

    id: int
    version_id: int | None = None
    version: int
    name: str
    starts_on: date
    ends_on: date | None = None
    min_age: int | None = None
    max_age: int | None = None
    home_path: str | None = None
    categories: frozenset[str] = frozenset()
    meals: frozenset[str] = frozenset()
    modes: frozenset[str] = frozenset()
    on_list: bool = True
    second_portion: bool = False
    parts: Sequence[Part]


@dataclass(frozen=True, slots=True, kw_only=True)
class Eater:
    """Who eats, as rules ask of them on the day of the meal; `age` None: it is not known."""

    age: int | None
    home_path: str | None
    categories: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Serving:
    """The meal that is priced: which day, breakfast, lunch or dinner, eaten where."""

    day: date
    meal: str
    mode: str


@dataclass(frozen=True, slots=True)
class Used:
    """What somebody had of one part on other meals of the day, and of the week, that day's too."""

    day_fen: int = 0
    day_meals: int = 0
    week_fen: int = 0
    week_meals: int = 0

    def left(self, part: Part) -> int | None:
        """The most that is left for one more meal, in fen; None: there is no limit."""
        for most, had in (
            (part.day_meals, self.day_meals),
            (part.week_meals, self.week_meals),
        ):
            if most is not None and had >= most:
                return 0
        sums = ((part.day_fen, self.day_fen), (part.week_fen, self.week_fen))
        left = [max(most - had, 0) for most, had in sums if most is not None]
        return min(left, default=None)


NOTHING_USED = Used()


def why_not(rule: Rule, eater: Eater, serving: Serving) -> Why | None:
    """Why the rule is not for this person and meal; None: it is."""
    if serving.day < rule.starts_on or (rule.ends_on is not None and serving.day > rule.ends_on):
        return Why.NOT_IN_FORCE
    if rule.meals and serving.meal not in rule.meals:
        return Why.MEAL
    if rule.modes and serving.mode not in rule.modes:
        return Why.MODE
    if not _fits_age(rule, eater.age):
        return Why.AGE
    if rule.home_path is not None and not (eater.home_path or "").startswith(rule.home_path):
        return Why.RESIDENCE
    if rule.categories and not rule.categories & eater.categories:
        return Why.CATEGORY
    return None


def _fits_age(rule: Rule, age: int | None) -> bool:
    if rule.min_age is None and rule.max_age is None:
        return True
    if age is None:
        return False
    return (rule.min_age or 0) <= age and (rule.max_age is None or age <= rule.max_age)
