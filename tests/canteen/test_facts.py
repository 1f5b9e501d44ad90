"""What a price depends on, as the tables say it: rules in force, the eater, what they had."""

from datetime import date, datetime, timedelta

import pytest

from backend import clock
from backend.booking.models import State
from backend.canteen.pricing.facts import eater_of, rules_for, used_by
from backend.canteen.pricing.rules import Part, Payer, Used
from backend.errors import NotFound
from tests.factories import Make

DAY = date(2026, 3, 11)  # a Wednesday
LIMITED = [{"percent": 2500, "day_fen": 300, "payers": {"street": 2, "city": 1}}]


def test_rules_hold_at_the_canteens_of_their_place(make: Make, session) -> None:
    community = make.once("community", make.place)
    district, street = make.once("district", make.place), make.once("street", make.place)
    here = [make.subsidy(place).rule_id for place in (district, street, community)]
    make.subsidy(make.place(name="滨江社区"))
    make.subsidy(make.place("estate", community))
    make.subsidy(community, published_at=None)
    assert [rule.id for rule in rules_for(session, community.path, DAY)] == here


def test_of_a_rule_the_newest_version_that_has_begun_counts(make: Make, session) -> None:
    place = make.once("community", make.place)
    rule_id = make.subsidy(starts_on=date(2026, 3, 1)).rule_id
    for version, starts, ends, published in (
        (2, date(2026, 3, 11), date(2026, 3, 20), make.now), (3, date(2026, 3, 5), None, None),
    ):  # fmt: skip
        make.subsidy(
            rule_id=rule_id, version=version, starts_on=starts, ends_on=ends,
            published_at=published,
        )  # fmt: skip

    def in_force(day: int) -> list[int]:
        return [one.version for one in rules_for(session, place.path, date(2026, 3, day))]

    assert [in_force(1), in_force(10), in_force(11), in_force(20)] == [[1], [1], [2], [2]]
    assert in_force(21) == []  # version 2 has ended, and version 1 does not come back
    assert rules_for(session, place.path, date(2026, 2, 28)) == []


def test_a_rule_is_read_as_the_engine_reckons_with_it(make: Make, session, statements) -> None:
    place = make.once("community", make.place)
    kept = make.subsidy(
        name="孝老补贴", min_age=70, home_place_id=place.id, categories=["veteran"],
        meals=["lunch"], modes=["dine_in"], on_list=False, second_portion=True, parts=LIMITED,
    )  # fmt: skip
    statements.clear()
    [rule] = rules_for(session, place.path, DAY)
    assert len(statements) == 1
    assert (rule.id, rule.version_id, rule.name) == (kept.rule_id, kept.id, "孝老补贴")
    assert (rule.home_path, rule.categories, rule.meals) == (place.path, {"veteran"}, {"lunch"})
    assert (rule.modes, rule.on_list, rule.second_portion) == ({"dine_in"}, False, True)
    assert rule.parts == [
        Part(percent=2500, day_fen=300, payers={Payer.CITY: 1, Payer.STREET: 2})
    ]  # fmt: skip
    assert list(rule.parts[0].payers) == [Payer.CITY, Payer.STREET]


@pytest.mark.parametrize(
    ("proof", "counts"),
    [
        ({}, True),
        ({"starts_on": DAY, "ends_on": DAY}, True),
        ({"starts_on": DAY + timedelta(days=1)}, False),
        ({"ends_on": DAY - timedelta(days=1)}, False),
        ({"ended_at": clock.at_minute(DAY, 600)}, False),
        ({"ended_at": clock.at_minute(DAY + timedelta(days=1))}, True),
    ],
)
def test_a_category_counts_while_it_is_proven(make: Make, session, proof, counts) -> None:
    person = make.person(birth_date=date(1950, 3, 11))
    make.person_category(person, **proof)
    eater = eater_of(session, person.id, DAY)
    assert (eater.age, eater.home_path) == (76, None)
    assert eater.categories == ({"living_alone"} if counts else set())


def test_who_eats(make: Make, session, statements) -> None:
    home = make.place("estate")
    person = make.person(birth_date=None, home_place_id=home.id)
    make.person_category(person)
    make.person_category(person, category="veteran")
    statements.clear()
    eater = eater_of(session, person.id, DAY)
    assert (eater.age, eater.home_path) == (None, home.path)
    assert eater.categories == {"living_alone", "veteran"}
    assert len(statements) == 1
    with pytest.raises(NotFound):
        eater_of(session, person.id + 1, DAY)


def test_what_somebody_had_this_day_and_week(make: Make, session, statements) -> None:
    wang, li = make.person(), make.person("李建国")
    subsidy = make.subsidy(parts=[*LIMITED, *LIMITED])
    newer = make.subsidy(rule_id=subsidy.rule_id, version=2, parts=LIMITED, starts_on=DAY)
    other = make.subsidy(name="另一条")

    def meal(day: date, shares, version=subsidy, person=wang, **given) -> int:
        return make.subsidised_meal(person, version, day, shares, **given).booking_id

    today = meal(DAY, {(0, "city"): 40, (0, "street"): 60, (1, "city"): 7})
    meal(DAY, {(0, "city"): 50}, meal="dinner", state=State.MISSED)
    meal(DAY - timedelta(days=2), {(0, "city"): 200})  # Monday
    meal(DAY + timedelta(days=4), {(0, "city"): 100}, version=newer)  # Sunday, of the new version
    for day, given in (
        (DAY, {"state": State.CANCELLED, "meal": "breakfast"}), (DAY, {"version": other}),
        (DAY, {"person": li}), (DAY - timedelta(days=3), {}), (DAY + timedelta(days=5), {}),
    ):  # fmt: skip
        meal(day, {(0, "city"): 999}, **given)
    rules = rules_for(session, make.once("community", make.place).path, DAY)
    statements.clear()
    rule = subsidy.rule_id
    assert used_by(session, wang.id, DAY, rules) == {
        (rule, 0): Used(150, 2, 450, 4), (rule, 1): Used(7, 1, 7, 1),
    }  # fmt: skip
    assert len(statements) == 1
    left_out = used_by(session, wang.id, DAY, rules, leaving=today)
    assert left_out == {(rule, 0): Used(50, 1, 350, 3)}


def test_rules_without_limits_need_no_read(make: Make, session, statements) -> None:
    wang = make.person()
    make.subsidised_meal(wang, make.subsidy(), DAY, {(0, "city"): 300})
    rules = rules_for(session, make.once("community", make.place).path, DAY)
    statements.clear()
    assert used_by(session, wang.id, DAY, rules) == {}
    assert statements == []


def test_a_day_is_the_residents_day(make: Make, session, now: datetime) -> None:
    """Breakfast at seven here is the evening before in UTC."""
    wang, subsidy = make.person(), make.subsidy(parts=LIMITED)
    make.subsidised_meal(wang, subsidy, date(2026, 3, 9), {(0, "city"): 9}, meal="breakfast")
    rules = rules_for(session, make.once("community", make.place).path, DAY)
    monday = used_by(session, wang.id, date(2026, 3, 9), rules)
    assert monday == {(subsidy.rule_id, 0): Used(9, 1, 9, 1)}
