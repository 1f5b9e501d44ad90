"""Subsidy rules in the console: typed as yuan and percent, drafted, published, stopped."""

import pytest
from sqlalchemy import select

from backend.canteen.pricing.models import SubsidyVersion
from backend.db import db
from tests.console import Console, text_of
from tests.factories import Make


@pytest.fixture
def manager(console: Console, make: Make) -> Console:
    """Of the district."""
    make.once("community", make.place)
    return console.as_(make.staff("manager", make.once("district", make.place)))


def rule_form(make: Make, **given):
    place = make.once("district", make.place)
    return {
        "name": "长者助餐", "place_id": str(place.id), "starts_on": "2026-04-01", "min_age": "60",
        "meals": ["lunch", "dinner"], "base": "list", "percent_1": "25%", "cap_1": "3",
        "city_1": "1",
    } | given  # fmt: skip


def test_a_rule_from_draft_to_stop(manager: Console, make: Make) -> None:
    assert "还没有补贴规则" in text_of(manager.get("/subsidies"))
    assert 'name="percent_1"' in manager.get("/subsidies/new").text
    made = manager.post("/subsidies/new", rule_form(make), follow_redirects=True)
    page = text_of(made)
    for words in (
        "草稿已保存", "第 1 版", "2026-04-01 起", "补给：满 60 周岁。", "餐次：午餐、晚餐",
        "补原价的 25%，每餐最多 3 元；市级出。", "发布以后这一版不能再改",
    ):  # fmt: skip
        assert words in page
    path = made.request.path.removeprefix("/admin")
    shown = text_of(manager.post(f"{path}/publish", follow_redirects=True))
    assert "已发布。已经订好的餐价格不变。" in shown
    assert "还没生效" in shown
    again = manager.post(f"{path}/publish")
    assert (again.status_code, "没有要发布的草稿" in text_of(again)) == (409, True)
    form = manager.get(f"{path}/draft").text
    for field in ('name="percent_1" type="text" value="25"', 'name="cap_1" type="text" value="3"',
                  'name="city_1" type="number" value="1"', 'value="lunch" checked',
                  'name="starts_on" type="date" value=""'):  # fmt: skip
        assert field in form
    two = rule_form(
        make, starts_on="2026-06-01", percent_1="", fixed_1="11", least_1="12", cap_1="",
        city_1="5", district_1="3", street_1="2", percent_2="12.5", district_2="1",
    )  # fmt: skip
    drafted = text_of(manager.post(f"{path}/draft", two, follow_redirects=True))
    assert "补 11 元，满 12 元才补；市级、区级、街道按 5 : 3 : 2 分担。" in drafted
    assert "补原价的 12.50%；区级出。" in drafted
    assert 'value="12.50"' in manager.get(f"{path}/draft").text
    assert "草稿已删除" in text_of(manager.post(f"{path}/discard", follow_redirects=True))
    stopped = manager.post(f"{path}/stop", {"ends_on": "2026-12-31"}, follow_redirects=True)
    assert "到 2026-12-31 停用" in text_of(stopped)
    late = manager.post(f"{path}/stop", {"ends_on": "2026-03-10"})
    assert (late.status_code, "请填写今天或以后的日期" in text_of(late)) == (422, True)
    listed = text_of(manager.get("/subsidies"))
    assert "第 1 版" in listed


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("cap_1", "9.999", "请填写金额"),
        ("cap_1", "-5", "请填写金额"),
        ("cap_1", "1e9", "请填写金额"),
        ("cap_1", "NaN", "请填写金额"),
        ("cap_1", "９", "请填写金额"),
        ("percent_1", "101", "请填写 100 以内的百分比"),
        ("percent_1", "0", "请填写补多少元，或百分之几"),
        ("fixed_1", "5", "固定金额和百分比只填一个"),
        ("city_1", "0", "请填写由谁出"),
        ("city_1", "-1", "请填写 0 到 10000 之间的整数"),
        ("day_meals_1", "0", "请填写 1 到 21 之间的整数"),
        ("fixed_2", "5", "请填写由谁出"),
        ("starts_on", "2026-02-30", "请填写正确的日期"),
        ("ends_on", "2026-03-31", "结束日期不能早于生效日期"),
        ("max_age", "59", "最大年龄不能小于最小年龄"),
        ("place_id", "999999", "请选择您辖区内的地方"),
        ("categories", "rich", "请选择列出的一项"),
    ],
)
def test_what_is_typed_wrong_is_told_at_its_field(
    manager: Console, make: Make, field, typed, said
) -> None:
    answer = manager.post("/subsidies/new", rule_form(make, **{field: typed}))
    assert (answer.status_code, said in text_of(answer)) == (422, True)
    assert "field-error" in answer.text
    assert 'value="25%"' in answer.text or field == "percent_1"
    assert db.session.scalars(select(SubsidyVersion)).all() == []


def test_rules_of_above_are_read_and_only_managers_change(console: Console, make: Make) -> None:
    make.once("community", make.place)
    wide = make.subsidy(make.once("district", make.place), name="全区助餐")
    clerk = console.as_(make.staff("clerk", name="吴丽"))
    page = text_of(clerk.get(f"/subsidies/{wide.rule_id}"))
    assert "全区助餐" in page
    assert "起草新的一版" not in page
    assert "停用这条规则" not in page
    assert clerk.get("/subsidies/new").status_code == 403
    own = console.as_(make.staff("manager", name="周慧"))
    assert "起草新的一版" not in text_of(own.get(f"/subsidies/{wide.rule_id}"))
    for verb in ("draft", "publish", "discard", "stop"):
        asked = rule_form(make, ends_on="2026-12-31")
        assert own.post(f"/subsidies/{wide.rule_id}/{verb}", asked).status_code == 404
        assert clerk.post(f"/subsidies/{wide.rule_id}/{verb}", asked).status_code == 403
    money = own.post(
        "/subsidies/new", rule_form(make, place_id=make.once("community", make.place).id)
    )
    assert (money.status_code, "您能定的是社区出的补贴" in text_of(money)) == (409, True)
    mine = make.subsidy(make.place(name="滨江社区"))
    assert own.get(f"/subsidies/{mine.rule_id}").status_code == 404
    teacher = console.as_(make.staff("teacher", name="陈国栋"))
    assert teacher.get("/subsidies").status_code == 403
