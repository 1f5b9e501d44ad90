"""What speaks against a dish for somebody: rules in a table."""

from types import SimpleNamespace

import pytest

from backend.canteen.eaters.clashes import Profile, clashes
from backend.canteen.eaters.wording import all_said

DISHES = {
    "pork": ("红烧肉", "五花肉、冰糖、酱油", ["soy"], ["soft"]),
    "cake": ("核桃糕", "面粉、核桃、Cheese", ["gluten", "nuts", "milk"], []),
    "greens": ("清炒时蔬", "当季青菜", [], ["low_salt", "vegetarian", "halal"]),
    "unknown": ("今日例汤", None, [], []),
    "carp": ("香菜鲤鱼", None, ["fish"], []),
}


@pytest.mark.parametrize(
    ("diet", "dish", "said", "confirm"),
    [
        ({}, "pork", "", False),
        ({"allergens": ("soy",)}, "pork", "含大豆（过敏）", True),
        ({"allergens": ("fish",)}, "pork", "", False),
        ({"allergens": ("gluten", "nuts")}, "cake", "含麸质谷物（过敏）；含坚果（过敏）", True),
        ({"avoids": ("五花肉",)}, "pork", "有五花肉（忌口）", True),
        ({"avoids": ("冰",)}, "pork", "有冰（忌口）", True),
        ({"avoids": ("ＣＨＥＥＳＥ",)}, "cake", "有ＣＨＥＥＳＥ（忌口）", True),
        ({"avoids": ("羊肉",)}, "pork", "", False),
        ({"traits": ("halal",)}, "pork", "不是清真", True),
        ({"traits": ("vegetarian",)}, "pork", "不是素食", True),
        ({"traits": ("halal", "vegetarian", "low_salt")}, "greens", "", False),
        ({"traits": ("low_sugar",)}, "pork", "没有标注少糖", False),
        ({"traits": ("low_salt", "halal")}, "pork", "不是清真；没有标注少盐", True),
        ({"allergens": ("nuts",)}, "unknown", "配料没有登记，请向食堂核实", False),
        ({"avoids": ("香菜",)}, "unknown", "配料没有登记，请向食堂核实", False),
        ({"traits": ("soft",)}, "unknown", "没有标注软烂", False),
        ({"allergens": ("nuts",)}, "carp", "", False),
        ({"avoids": ("香菜",)}, "carp", "有香菜（忌口）；配料没有登记，请向食堂核实", True),
        ({"texture": "minced", "note": "假牙"}, "pork", "", False),
    ],
)
def test_what_speaks_against_a_dish(app, diet, dish, said, confirm) -> None:
    name, ingredients, allergens, traits = DISHES[dish]
    eaten = SimpleNamespace(name=name, ingredients=ingredients, allergens=allergens, traits=traits)
    found = clashes(Profile(**diet), eaten)
    with app.test_request_context():
        assert all_said(found) == said
    assert any(one.must_confirm for one in found) is confirm


def test_without_a_diet_nothing_clashes() -> None:
    name, ingredients, allergens, traits = DISHES["cake"]
    eaten = SimpleNamespace(name=name, ingredients=ingredients, allergens=allergens, traits=traits)
    assert clashes(None, eaten) == []
