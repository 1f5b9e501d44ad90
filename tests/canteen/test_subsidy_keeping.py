"""Subsidy rules as staff keep them: drafted, published for good, followed by the next version."""

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.exc import DBAPIError

from backend.canteen.pricing import keeping, listing
from backend.canteen.pricing.check import CHECKS
from backend.canteen.pricing.errors import BeginsInPast, NothingDrafted, PayerAbove, RuleStops
from backend.canteen.pricing.facts import rules_for
from backend.canteen.pricing.keeping import Terms
from backend.canteen.pricing.models import SubsidyRule, SubsidyVersion
from backend.canteen.pricing.rules import Part, Payer
from backend.checking import run
from backend.db import db
from backend.errors import Invalid, NotFound
from backend.places.models import Place
from backend.staff.models import AuditEntry
from tests.console import me_of
from tests.factories import Make

TODAY = date(2026, 3, 11)
QUARTER = Terms(
    starts_on=date(2026, 4, 1), min_age=60, meals=["lunch", "dinner"],
    parts=[Part(percent=2500, cap_fen=300, payers={Payer.STREET: 2, Payer.COMMUNITY: 1})],
)  # fmt: skip


@pytest.fixture
def here(make: Make) -> Place:
    return make.once("community", make.place)


@pytest.fixture
def street_manager(make: Make, here):
    return me_of(make.staff("manager", make.once("street", make.place), name="周慧"))


def actions(session) -> list[str]:
    return list(session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))


def test_a_version_holds_from_its_day_on_once_it_is_published(
    session, now, here, street_manager
) -> None:
    me = street_manager
    rule_id = keeping.create(session, me, here.id, "长者助餐", QUARTER)
    assert rules_for(session, here.path, date(2026, 4, 1)) == []
    keeping.publish(session, me, rule_id, now)
    assert rules_for(session, here.path, date(2026, 3, 31)) == []
    [rule] = rules_for(session, here.path, date(2026, 4, 1))
    assert (rule.name, rule.parts) == ("长者助餐", list(QUARTER.parts))
    later = replace(QUARTER, starts_on=date(2026, 5, 1), min_age=65)
    keeping.set_draft(session, me, rule_id, replace(later, min_age=70))
    keeping.set_draft(session, me, rule_id, later)
    assert [one.version for one in session.scalars(select(SubsidyVersion))] == [1, 2]
    keeping.publish(session, me, rule_id, now)
    ages = [rules_for(session, here.path, date(2026, month, 1))[0].min_age for month in (4, 5)]
    assert ages == [60, 65]
    assert actions(session) == [
        "subsidy.create", "subsidy.publish", "subsidy.draft", "subsidy.draft", "subsidy.publish",
    ]  # fmt: skip
    with pytest.raises(NothingDrafted):
        keeping.publish(session, me, rule_id, now)


def test_no_database_lets_a_published_version_change(make: Make, session) -> None:
    kept = make.subsidy()
    for statement in (update(SubsidyVersion).values(min_age=1), delete(SubsidyVersion)):
        with pytest.raises(DBAPIError), session.begin_nested():
            session.execute(statement.where(SubsidyVersion.id == kept.id))
    assert session.scalar(select(SubsidyVersion.min_age)) is None


def test_a_draft_is_thrown_away_with_a_rule_that_has_nothing_else(
    session, now, here, street_manager
) -> None:
    rule_id = keeping.create(session, street_manager, here.id, "长者助餐", QUARTER)
    assert not keeping.discard(session, street_manager, rule_id)
    assert session.scalars(select(SubsidyRule)).all() == []
    rule_id = keeping.create(session, street_manager, here.id, "长者助餐", QUARTER)
    keeping.publish(session, street_manager, rule_id, now)
    keeping.set_draft(session, street_manager, rule_id, QUARTER)
    assert keeping.discard(session, street_manager, rule_id)
    with pytest.raises(NothingDrafted):
        keeping.discard(session, street_manager, rule_id)


def test_a_rule_stops_on_its_last_day(session, now, here, street_manager) -> None:
    me = street_manager
    rule_id = keeping.create(session, me, here.id, "长者助餐", replace(QUARTER, starts_on=TODAY))
    keeping.publish(session, me, rule_id, now)
    keeping.stop(session, me, rule_id, date(2026, 3, 31), now)
    found = [len(rules_for(session, here.path, date(2026, *day))) for day in ((3, 31), (4, 1))]
    assert found == [1, 0]
    keeping.set_draft(session, me, rule_id, QUARTER)
    with pytest.raises(RuleStops):
        keeping.publish(session, me, rule_id, now)
    with pytest.raises(Invalid):
        keeping.stop(session, me, rule_id, date(2026, 3, 10), now)
    keeping.stop(session, me, rule_id, None, now)
    assert len(rules_for(session, here.path, date(2026, 4, 1))) == 1


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"ends_on": date(2026, 3, 31)}, "ends_on"),
        ({"max_age": 59}, "max_age"),
        ({"home_place_id": 2**40}, "home_place_id"),
    ],
)
def test_what_cannot_be_said(session, here, street_manager, change, field) -> None:
    with pytest.raises(Invalid) as refused:
        keeping.create(session, street_manager, here.id, "规则", replace(QUARTER, **change))
    assert list(refused.value.errors) == [field]


def test_a_version_does_not_begin_in_the_past(session, now, here, street_manager) -> None:
    terms = replace(QUARTER, starts_on=date(2026, 3, 10))
    rule_id = keeping.create(session, street_manager, here.id, "规则", terms)
    with pytest.raises(BeginsInPast):
        keeping.publish(session, street_manager, rule_id, now)


def test_everybody_decides_on_money_of_their_own_level(make: Make, session, now, here) -> None:
    district = make.once("district", make.place)
    boss, own = (me_of(make.staff("manager", at, name=at.name)) for at in (district, here))
    city = replace(QUARTER, parts=[Part(fixed_fen=500, payers={Payer.CITY: 1})])
    with pytest.raises(PayerAbove) as refused:
        keeping.create(session, own, here.id, "规则", city)
    assert "社区" in str(refused.value)
    with pytest.raises(Invalid):
        keeping.create(session, own, district.id, "规则", QUARTER)
    rule_id = keeping.create(session, boss, here.id, "规则", city)
    with pytest.raises(PayerAbove):
        keeping.publish(session, own, rule_id, now)
    wide = keeping.create(session, boss, district.id, "全区", city)
    with pytest.raises(NotFound):
        keeping.access_rule(session, own, wide)
    listed = {one["name"]: one["may_set"] for one in listing.list_rules(session, own, TODAY)}
    assert listed == {"全区": False, "规则": True}
    elsewhere = me_of(make.staff("manager", make.place(name="滨江社区"), name="林静"))
    assert [one["name"] for one in listing.list_rules(session, elsewhere, TODAY)] == ["全区"]
    with pytest.raises(NotFound):
        listing.get_rule(session, elsewhere, rule_id, TODAY)


def test_what_each_version_is_today(make: Make, session, street_manager) -> None:
    first = make.subsidy(starts_on=date(2026, 1, 1))
    for version, starts, given in (
        (2, date(2026, 3, 1), {}), (3, date(2026, 6, 1), {}), (4, date(2026, 5, 1), {}),
        (5, date(2026, 7, 1), {"published_at": None}),
    ):  # fmt: skip
        make.subsidy(rule_id=first.rule_id, version=version, starts_on=starts, **given)
    rule = listing.get_rule(session, street_manager, first.rule_id, TODAY)
    assert [(one["version"], one["stage"]) for one in rule["versions"]] == [
        (5, "draft"), (4, "coming"), (3, "replaced"), (2, "in_force"), (1, "replaced"),
    ]  # fmt: skip
    assert rule["shown"]["version"] == 2
    db.session.execute(update(SubsidyRule).values(ends_on=date(2026, 3, 10)))
    rule = listing.get_rule(session, street_manager, first.rule_id, TODAY)
    assert rule["versions"][3]["stage"] == "over"


def test_a_rule_in_words(make: Make, session, here, street_manager) -> None:
    make.subsidy(
        home_place_id=here.id, min_age=60, max_age=79, categories=["veteran", "low_income"],
        meals=["dinner", "lunch"], modes=["dine_in"],
        parts=[
            {"percent": 1250, "cap_fen": 350, "day_meals": 2, "payers": {"city": 1}},
            {"fixed_fen": 100, "min_spend_fen": 1200, "week_fen": 550,
             "payers": {"street": 2, "district": 3}},
        ],
    )  # fmt: skip
    [rule] = listing.list_rules(session, street_manager, TODAY)
    assert rule["shown"]["says"] == [
        "补给：60 到 79 周岁，住在春晖社区，有证明：低保、低收入 或 优抚对象。",
        "餐次：午餐、晚餐；堂食。",
        "补原价的 12.50%，每餐最多 3.50 元，每天最多 2 餐；市级出。",
        "补 1 元，满 12 元才补，每周最多 5.50 元；区级、街道按 3 : 2 分担。",
        "同一个菜订两份，只补一份。",
    ]


def test_the_audit_knows_a_subsidy_without_published_rule(make: Make, session, now) -> None:
    def broken() -> set[str]:
        return {one.check.name for one in run(session.connection(), CHECKS, now) if one.rows}

    order = make.subsidised_meal(make.person(), make.subsidy(), TODAY, {(0, "city"): 300})
    assert broken() == set()
    for version_id in (None, make.subsidy(published_at=None).id):
        order.subsidy_version_id = version_id
        session.flush()
        assert broken() == {"subsidies-have-their-rule"}
