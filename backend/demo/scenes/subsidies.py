"""Subsidy rules of the shapes that districts have published, and papers that some of them ask for.

A quarter of the price up to 3 yuan for lunch and dinner; 11, 9 or 7 yuan on a meal of 12 by tier,
split over three payers; a percentage by age, with a yuan on top once a day from 10 yuan on.
"""

from dataclasses import replace
from datetime import timedelta
from itertools import islice

from sqlalchemy import insert

from backend.canteen.eaters.models import Category, PersonCategory
from backend.canteen.models import Meal
from backend.canteen.pricing import keeping
from backend.canteen.pricing.keeping import Terms
from backend.canteen.pricing.rules import Part, Payer
from backend.db import table_of
from backend.demo.scenes.ground import OWN_CENTRE, Ground

QUARTER = Part(percent=2500, cap_fen=300, payers={Payer.CITY: 1})
TIERS: tuple[tuple[str, int, tuple[int, int, int], dict[str, object]], ...] = (
    # name, fen, parts of city, district and street, for whom
    ("特困助餐（一档）", 1100, (5, 4, 2),
     {"categories": [Category.LOW_INCOME, Category.LOST_CHILD]}),
    ("困难助餐（二档）", 900, (4, 3, 2),
     {"categories": [Category.DISABLED, Category.VETERAN]}),
    ("高龄独居助餐（三档）", 700, (3, 2, 2),
     {"categories": [Category.LIVING_ALONE], "min_age": 80}),
)  # fmt: skip
BY_AGE = (("本社区 70 岁以上助餐", 70, 79, 1500), ("本社区 80 岁以上助餐", 80, None, 2000))
ON_TOP = Part(fixed_fen=100, min_spend_fen=1000, day_meals=1, payers={Payer.COMMUNITY: 1})
AGO = timedelta(days=30)


def play(ground: Ground) -> None:
    """The manager published them a month ago, and drafts a better one; papers come to the desk."""
    start = ground.today - AGO
    district = ground.district.id
    quarter = Terms(starts_on=start, min_age=60, meals=[Meal.LUNCH, Meal.DINNER], parts=[QUARTER])
    first = _publish(ground, district, "长者助餐", quarter)
    for name, fen, weights, whom in TIERS:
        payers = dict(zip((Payer.CITY, Payer.DISTRICT, Payer.STREET), weights, strict=True))
        part = Part(fixed_fen=fen, min_spend_fen=1200, payers=payers)
        _publish(ground, district, name, Terms(starts_on=start, parts=[part], **whom))  # type: ignore[arg-type]
    own = ground.centre(OWN_CENTRE).id
    for name, least, most, percent in BY_AGE:
        parts = [Part(percent=percent, payers={Payer.STREET: 1}), ON_TOP]
        terms = Terms(starts_on=start, min_age=least, max_age=most, home_place_id=own, parts=parts)
        _publish(ground, own, name, terms)
    better = replace(quarter, starts_on=ground.today + AGO, parts=[replace(QUARTER, cap_fen=400)])
    keeping.set_draft(ground.session, ground.staff("manager"), first, better)
    _papers(ground)


def _publish(ground: Ground, place_id: int, name: str, terms: Terms) -> int:
    me = ground.staff("manager")
    with ground.when(ground.now - AGO) as at:
        rule_id = keeping.create(ground.session, me, place_id, name, terms)
        keeping.publish(ground.session, me, rule_id, at)
    return rule_id


def _papers(ground: Ground) -> None:
    """One of each kind for old people of the community; the first runs out soon."""
    own = ground.centre(OWN_CENTRE).id
    old = (one for one in ground.residents if one.home.id == own and one.age(ground.today) >= 65)
    pairs = zip(islice(old, len(Category)), Category, strict=True)
    noted_at = ground.now - AGO
    ground.session.execute(
        insert(table_of(PersonCategory)),
        [
            {"person_id": one.id, "category": category, "proof": f"证明 2026-{number:04}",
             "starts_on": ground.today - AGO, "noted_at": noted_at,
             "ends_on": None if number > 101 else ground.today + timedelta(days=20),
             "staff_id": ground.staff("worker").staff_id}
            for number, (one, category) in enumerate(pairs, 101)
        ],
    )  # fmt: skip
