"""Pricing one person's meal: every rule is looked at, the best one applies, none is stacked.

The whole meal is reckoned first and rounded once; what comes out is dealt out to payers and lines,
so that each line satisfies list = discount + subsidies + what the resident pays.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter

from backend.canteen.pricing.rules import (
    NOTHING_USED,
    Eater,
    Payer,
    Rule,
    Serving,
    Used,
    Why,
    why_not,
)
from backend.canteen.pricing.sharing import share


@dataclass(frozen=True, slots=True)
class Wanted:
    """So many portions of a dish at a price and a discount per portion, in fen."""

    item_id: int
    portions: int
    list_fen: int
    discount_fen: int = 0

    def due(self, portions: int) -> int:
        """What so many portions cost before subsidies."""
        return portions * (self.list_fen - self.discount_fen)


@dataclass(frozen=True, slots=True)
class Share:
    """What one payer gives towards a line, by which part of the rule."""

    part: int
    payer: Payer
    fen: int


@dataclass(frozen=True, slots=True)
class Line:
    """A line as it is stored: sums of all its portions, in fen."""

    item_id: int
    portions: int
    list_fen: int
    discount_fen: int
    pays_fen: int
    shares: tuple[Share, ...] = ()


@dataclass(frozen=True, slots=True)
class Tried:
    """What became of one rule: the fen it would give, and why it is not the one that applies."""

    rule: Rule
    why: Why
    fen: int = 0


@dataclass(frozen=True, slots=True)
class Priced:
    """The lines of a meal, the rule that applies, if any, and what became of each."""

    lines: tuple[Line, ...]
    rule: Rule | None
    tried: tuple[Tried, ...]

    @property
    def pays_fen(self) -> int:
        """What the resident pays for all lines."""
        return sum(line.pays_fen for line in self.lines)


UsedParts = Mapping[tuple[int, int], Used]
"""What somebody had before, by rule and number of the part."""


def price(
    wanted: Sequence[Wanted], eater: Eater, serving: Serving, rules: Sequence[Rule],
    used: UsedParts,
) -> Priced:  # fmt: skip
    """The meal's lines with the rule that gives most; of equals the first by id."""
    tried = [_try(rule, wanted, eater, serving, used) for rule in sorted(rules, key=_BY_ID)]
    giving = [one for one in tried if one.why is Why.APPLIED]
    best = max(giving, key=attrgetter("fen"), default=None)
    told = [replace(one, why=Why.LESS) if one in giving and one is not best else one
            for one in tried]  # fmt: skip
    rule = best.rule if best else None
    return Priced(_lines(wanted, rule, used), rule, tuple(told))


Given = Mapping[tuple[int, Payer], int]
"""What each layer gives towards a meal, by part of the rule, in fen."""


def given_for(
    eaten: Sequence[Wanted], rule: Rule, mode: str, given: Given
) -> tuple[int, dict[tuple[int, Payer], int]]:  # fmt: skip
    """What the rule gives for what was eaten in the end, in all and by layer.

    Of no part more than it gave for what was ordered, which kept to the limits of day and week; of
    no layer more than it gave.
    """
    if rule.modes and mode not in rule.modes:
        return 0, {}
    base = _base(rule, eaten)
    open_fen = sum(one.due(_counted(rule, one)) for one in eaten)
    whole, found = 0, {}
    for number, part in enumerate(rule.parts):
        most = sum(fen for (of, _payer), fen in given.items() if of == number)
        amount = min(part.amount(base), open_fen, most)
        open_fen -= amount
        whole += amount
        shares = share(amount, list(part.payers.values()))
        for payer, fen in zip(part.payers, shares, strict=True):
            found[number, payer] = min(fen, given.get((number, payer), 0))
    return whole, found


_BY_ID = attrgetter("id")


def _try(
    rule: Rule, wanted: Sequence[Wanted], eater: Eater, serving: Serving, used: UsedParts
) -> Tried:
    if why := why_not(rule, eater, serving):
        return Tried(rule, why)
    if fen := sum(_amounts(rule, wanted, used)):
        return Tried(rule, Why.APPLIED, fen)
    base = _base(rule, wanted)
    is_small = all(not part.amount(base) for part in rule.parts)
    return Tried(rule, Why.MIN_SPEND if is_small else Why.USED_UP)


def _counted(rule: Rule, one: Wanted) -> int:
    """How many portions of a line the rule looks at."""
    return one.portions if rule.second_portion else min(one.portions, 1)


def _base(rule: Rule, wanted: Sequence[Wanted]) -> int:
    if rule.on_list:
        return sum(_counted(rule, one) * one.list_fen for one in wanted)
    return sum(one.due(_counted(rule, one)) for one in wanted)


def _amounts(rule: Rule, wanted: Sequence[Wanted], used: UsedParts) -> list[int]:
    """What each part gives; together never more than what the portions cost."""
    base = _base(rule, wanted)
    open_fen = sum(one.due(_counted(rule, one)) for one in wanted)
    amounts = []
    for number, part in enumerate(rule.parts):
        left = used.get((rule.id, number), NOTHING_USED).left(part)
        amount = min(part.amount(base), open_fen, *([] if left is None else [left]))
        open_fen -= amount
        amounts.append(amount)
    return amounts


def _lines(wanted: Sequence[Wanted], rule: Rule | None, used: UsedParts) -> tuple[Line, ...]:
    shares: list[list[Share]] = [[] for _ in wanted]
    if rule is not None:
        open_fen = [one.due(_counted(rule, one)) for one in wanted]
        for number, amount in enumerate(_amounts(rule, wanted, used)):
            parts = _dealt(amount, rule.parts[number].payers, open_fen)
            for at, dealt in enumerate(parts):
                shares[at] += [Share(number, payer, fen) for payer, fen in dealt.items() if fen]
                open_fen[at] -= sum(dealt.values())
    return tuple(
        Line(
            one.item_id, one.portions, one.portions * one.list_fen,
            one.portions * one.discount_fen,
            one.due(one.portions) - sum(given.fen for given in mine), tuple(mine),
        )
        for one, mine in zip(wanted, shares, strict=True)
    )  # fmt: skip


def _dealt(
    amount: int, payers: Mapping[Payer, int], open_fen: Sequence[int]
) -> list[dict[Payer, int]]:
    """For each line what each payer gives: lines add up to their share, payers to theirs."""
    of_lines = share(amount, open_fen)
    dealt: list[dict[Payer, int]] = [{} for _ in open_fen]
    for payer, fen in zip(payers, share(amount, list(payers.values())), strict=True):
        for at, given in enumerate(share(fen, of_lines)):
            dealt[at][payer] = given
            of_lines[at] -= given
    return dealt
