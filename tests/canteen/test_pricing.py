"""What a meal costs: rules of the published shapes in a table, and sums that always tie out."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.canteen.pricing.engine import Priced, Wanted, price
from backend.canteen.pricing.rules import Eater, Part, Payer, Rule, Serving, Used, Why
from backend.canteen.pricing.sharing import share

DAY = date(2026, 3, 11)
LUNCH = Serving(day=DAY, meal="lunch", mode="dine_in")
WANG = Eater(age=76, home_path="/1/2/3/", categories=frozenset())
CITY = {Payer.CITY: 1}

QUARTER = Rule(
    id=1, version=1, name="四分之一", starts_on=date(2026, 1, 1), min_age=60,
    meals=frozenset({"lunch", "dinner"}), parts=[Part(percent=2500, cap_fen=300, payers=CITY)],
)  # fmt: skip
TIER = Rule(
    id=2, version=1, name="特困老人", starts_on=date(2026, 1, 1), categories=frozenset({"poor"}),
    parts=[
        Part(fixed_fen=1100, min_spend_fen=1200,
             payers={Payer.CITY: 5, Payer.DISTRICT: 3, Payer.STREET: 2})
    ],
)  # fmt: skip
BY_AGE = Rule(
    id=3, version=1, name="按年龄", starts_on=date(2026, 1, 1), min_age=70,
    parts=[
        Part(percent=1500, payers={Payer.DISTRICT: 1}),
        Part(fixed_fen=100, min_spend_fen=1000, day_meals=1, payers={Payer.STREET: 1}),
    ],
)  # fmt: skip


def meal(*prices: int, portions: int = 1, discount_fen: int = 0) -> list[Wanted]:
    return [Wanted(at, portions, fen, discount_fen) for at, fen in enumerate(prices, 1)]


def priced(wanted, rules=(QUARTER,), eater=WANG, serving=LUNCH, used=None) -> Priced:
    return price(wanted, eater, serving, rules, used or {})


@pytest.mark.parametrize(
    ("prices", "given"),
    [((1000,), 250), ((1200,), 300), ((2000,), 300), ((400, 600), 250), ((1,), 0), ((2,), 1)],
)
def test_a_quarter_up_to_three_yuan(prices, given) -> None:
    assert sum(prices) - priced(meal(*prices)).pays_fen == given


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"eater": replace(WANG, age=59)}, Why.AGE),
        ({"eater": replace(WANG, age=None)}, Why.AGE),
        ({"serving": replace(LUNCH, meal="breakfast")}, Why.MEAL),
        ({"serving": replace(LUNCH, day=date(2025, 12, 31))}, Why.NOT_IN_FORCE),
        ({"rules": [replace(QUARTER, ends_on=date(2026, 3, 10))]}, Why.NOT_IN_FORCE),
        ({"rules": [replace(QUARTER, modes=frozenset({"delivery"}))]}, Why.MODE),
        ({"rules": [replace(QUARTER, home_path="/1/9/")]}, Why.RESIDENCE),
        ({"rules": [replace(QUARTER, home_path="/1/2/")]}, Why.APPLIED),
        ({"rules": [replace(QUARTER, ends_on=DAY)]}, Why.APPLIED),
        ({"rules": [TIER]}, Why.CATEGORY),
        ({"rules": [replace(TIER, categories=frozenset())]}, Why.MIN_SPEND),
    ],
)
def test_why_a_rule_applies_or_not(change, why) -> None:
    found = priced(meal(1000), **change)
    [tried] = found.tried
    assert (tried.why, found.rule is None) == (why, why is not Why.APPLIED)


def test_a_tier_is_split_over_three_payers() -> None:
    poor = replace(WANG, categories=frozenset({"poor"}))
    found = priced(meal(1200), [QUARTER, TIER], poor)
    [line] = found.lines
    assert {one.payer: one.fen for one in line.shares} == {
        Payer.CITY: 550, Payer.DISTRICT: 330, Payer.STREET: 220,
    }  # fmt: skip
    assert line.pays_fen == 100
    assert [(one.rule.id, one.why, one.fen) for one in found.tried] == [
        (1, Why.LESS, 300), (2, Why.APPLIED, 1100),
    ]  # fmt: skip


def test_the_sum_above_a_minimum_is_given_once_a_day() -> None:
    assert priced(meal(1000), [BY_AGE]).pays_fen == 1000 - 150 - 100
    assert priced(meal(999), [BY_AGE]).pays_fen == 999 - 150
    had = {(3, 1): Used(day_fen=100, day_meals=1, week_fen=100, week_meals=1)}
    assert priced(meal(1000), [BY_AGE], used=had).pays_fen == 1000 - 150


def test_what_a_day_and_a_week_allow() -> None:
    week = replace(QUARTER, parts=[Part(percent=2500, day_fen=500, week_fen=1000, payers=CITY)])
    for used, left in (
        (Used(), 500),
        (Used(day_fen=350, week_fen=350), 150),
        (Used(week_fen=900), 100),
        (Used(week_fen=1200), 0),
    ):
        found = priced(meal(3000), [week], used={(1, 0): used})
        assert 3000 - found.pays_fen == left
        assert found.tried[0].why is (Why.APPLIED if left else Why.USED_UP)


def test_a_second_portion_is_subsidised_where_the_rule_says_so() -> None:
    open_ended = replace(QUARTER, parts=[Part(percent=2500, payers=CITY)])
    assert priced(meal(800, portions=2), [open_ended]).pays_fen == 1600 - 200
    both = replace(open_ended, second_portion=True)
    assert priced(meal(800, portions=2), [both]).pays_fen == 1600 - 400


def test_the_base_is_the_list_price_or_what_is_left_of_it() -> None:
    dear = meal(1000, discount_fen=200)
    assert priced(dear).pays_fen == 800 - 250
    assert priced(dear, [replace(QUARTER, on_list=False)]).pays_fen == 800 - 200
    assert priced(meal(1000, discount_fen=900)).pays_fen == 0


_weights = st.lists(st.integers(0, 5000), min_size=1, max_size=6).filter(any)


@given(st.data(), _weights)
def test_dealing_out_loses_nothing(data, weights) -> None:
    fen = data.draw(st.integers(0, sum(weights)))
    dealt = share(fen, weights)
    assert sum(dealt) == fen
    assert all(0 <= one <= most for one, most in zip(dealt, weights, strict=True))


_payers = st.dictionaries(st.sampled_from(Payer), st.integers(1, 100), min_size=1)
_limit = st.none() | st.integers(0, 2000)
_parts = st.builds(
    Part, fixed_fen=st.integers(0, 1500), percent=st.integers(0, 10_000),
    min_spend_fen=st.integers(0, 2000), cap_fen=_limit, day_fen=_limit, week_fen=_limit,
    day_meals=st.none() | st.integers(0, 3), week_meals=st.none() | st.integers(0, 9),
    payers=_payers,
)  # fmt: skip
_rules = st.lists(
    st.builds(
        Rule, id=st.integers(1, 9), version=st.just(1), name=st.just("规则"),
        starts_on=st.just(date(2026, 1, 1)), min_age=st.none() | st.integers(50, 90),
        on_list=st.booleans(), second_portion=st.booleans(),
        parts=st.lists(_parts, min_size=1, max_size=3),
    ),
    max_size=4, unique_by=lambda rule: rule.id,
)  # fmt: skip
_wanted = st.lists(
    st.integers(1, 4000).flatmap(
        lambda fen: st.builds(
            Wanted, st.integers(1, 99), st.integers(1, 4), st.just(fen), st.integers(0, fen)
        )
    ),
    min_size=1, max_size=5,
)  # fmt: skip
_used = st.dictionaries(
    st.tuples(st.integers(1, 9), st.integers(0, 2)),
    st.builds(
        Used, st.integers(0, 900), st.integers(0, 2), st.integers(0, 3000), st.integers(0, 9)
    ),
)


@settings(max_examples=1000)
@given(_wanted, _rules, _used)
def test_every_line_ties_out(wanted, rules, used) -> None:
    found = priced(wanted, rules, used=used)
    for line, asked in zip(found.lines, wanted, strict=True):
        given = sum(one.fen for one in line.shares)
        assert line.list_fen == line.discount_fen + given + line.pays_fen
        assert line.list_fen == asked.portions * asked.list_fen
        assert line.pays_fen >= 0
        assert all(one.fen > 0 for one in line.shares)
    total = sum(one.fen for line in found.lines for one in line.shares)
    assert total == max((one.fen for one in found.tried), default=0)
    if found.rule is None:
        assert total == 0
        return
    for number, part in enumerate(found.rule.parts):
        shares = [one for line in found.lines for one in line.shares if one.part == number]
        amount = sum(one.fen for one in shares)
        limits = [part.cap_fen, used.get((found.rule.id, number), Used()).left(part)]
        assert all(amount <= most for most in limits if most is not None)
        by_payer = [sum(s.fen for s in shares if s.payer is payer) for payer in part.payers]
        assert by_payer == share(amount, list(part.payers.values()))
