"""Subsidies in words, for staff: who gets what on which meals, and who pays it."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _

from backend.canteen.eaters.wording import CATEGORIES
from backend.canteen.pricing.rules import Eater, Part, Payer, Rule, Used, Why
from backend.canteen.wording import MEALS, MODES
from backend.money import in_yuan

PAYERS = {
    Payer.CITY: _("市级"),
    Payer.DISTRICT: _("区级"),
    Payer.STREET: _("街道"),
    Payer.COMMUNITY: _("社区"),
}
WHY = {
    Why.APPLIED: _("用这一条"),
    Why.LESS: _("能用，但补得少"),
    Why.NOT_IN_FORCE: _("这一天不生效"),
    Why.MEAL: _("不补这一餐"),
    Why.MODE: _("不补这种用餐方式"),
    Why.AGE: _("年龄不符"),
    Why.RESIDENCE: _("住处不符"),
    Why.CATEGORY: _("没有证明"),
    Why.MIN_SPEND: _("没到最低消费"),
    Why.USED_UP: _("额度已用完"),
}


def sentences(rule: Rule, home: str | None) -> list[str]:
    """What the rule says, a sentence each; `home` is the name of where one has to live."""
    return [
        who(rule, home), when(rule), *(amount(part, on_list=rule.on_list) for part in rule.parts),
        gettext("同一个菜订两份，第二份也补。") if rule.second_portion
        else gettext("同一个菜订两份，只补一份。"),
    ]  # fmt: skip


def who(rule: Rule, home: str | None) -> str:
    """For whom it is."""
    asked = [ages(rule), gettext("住在%(home)s", home=home) if home else ""]
    if rule.categories:
        asked.append(gettext("有证明：%(one)s", one=either(rule.categories, CATEGORIES)))
    found = gettext("，").join(one for one in asked if one)
    return str(gettext("补给：%(who)s。", who=found or gettext("所有人")))


def ages(rule: Rule) -> str:
    """60 to 69 years old; nothing where anybody is."""
    if rule.min_age is not None and rule.max_age is not None:
        return str(gettext("%(low)s 到 %(high)s 周岁", low=rule.min_age, high=rule.max_age))
    if rule.min_age is not None:
        return str(gettext("满 %(low)s 周岁", low=rule.min_age))
    if rule.max_age is not None:
        return str(gettext("不超过 %(high)s 周岁", high=rule.max_age))
    return ""


def when(rule: Rule) -> str:
    """For which meals, eaten how."""
    meals = listed(rule.meals, MEALS) or gettext("每一餐")
    modes = listed(rule.modes, MODES) or gettext("堂食、自取、送餐都行")
    return str(gettext("餐次：%(meals)s；%(modes)s。", meals=meals, modes=modes))


def amount(part: Part, *, on_list: bool) -> str:
    """How much a part gives, within which limits, and who pays it."""
    if part.percent:
        base = gettext("原价") if on_list else gettext("优惠后的价")
        said = [gettext("补%(base)s的 %(percent)s%%", base=base, percent=in_yuan(part.percent))]
    else:
        said = [gettext("补 %(yuan)s 元", yuan=in_yuan(part.fixed_fen))]
    if part.min_spend_fen:
        said.append(gettext("满 %(yuan)s 元才补", yuan=in_yuan(part.min_spend_fen)))
    said += limits(part)
    what = gettext("，").join(said)
    return str(gettext("%(what)s；%(payers)s。", what=what, payers=paid_by(part)))


def limits(part: Part) -> list[str]:
    """The most of a meal, a day and a week."""
    said = (
        (part.cap_fen, gettext("每餐最多 %(most)s 元")),
        (part.day_fen, gettext("每天最多 %(most)s 元")),
        (part.week_fen, gettext("每周最多 %(most)s 元")),
    )
    found = [text % {"most": in_yuan(most)} for most, text in said if most is not None]
    if part.day_meals is not None:
        found.append(gettext("每天最多 %(most)s 餐", most=part.day_meals))
    if part.week_meals is not None:
        found.append(gettext("每周最多 %(most)s 餐", most=part.week_meals))
    return found


def paid_by(part: Part) -> str:
    """The city alone, or the city, district and street at 5 : 3 : 2."""
    names = listed(part.payers, PAYERS)
    if len(part.payers) == 1:
        return str(gettext("%(payer)s出", payer=names))
    weights = " : ".join(str(part.payers[payer]) for payer in Payer if payer in part.payers)
    return str(gettext("%(payers)s按 %(weights)s 分担", payers=names, weights=weights))


def listed(chosen: Collection[Any], words: Mapping[Any, Any]) -> str:
    """The words of what was chosen, in their own order."""
    return str(gettext("、").join(str(text) for one, text in words.items() if one in chosen))


def either(chosen: Iterable[Any], words: Mapping[Any, Any]) -> str:
    """The same, where one of them is enough; each may itself be two words."""
    known = frozenset(chosen)
    return str(gettext(" 或 ").join(str(text) for one, text in words.items() if one in known))


def reason(rule: Rule, home: str | None, eater: Eater, why: Why) -> str:
    """Why the rule is (not) the one that applies, with what it asks and what is true."""
    if why is Why.NOT_IN_FORCE:
        if rule.ends_on is None:
            return str(gettext("%(day)s 起生效。", day=rule.starts_on))
        return str(
            gettext("只在 %(first)s 至 %(last)s 生效。", first=rule.starts_on, last=rule.ends_on)
        )
    if why is Why.AGE:
        if eater.age is None:
            return str(gettext("没有登记出生日期；规则要%(ages)s。", ages=ages(rule)))
        return str(gettext("当天 %(age)s 周岁；规则要%(ages)s。", age=eater.age, ages=ages(rule)))
    if why is Why.RESIDENCE:
        if eater.home_path is None:
            return str(gettext("没有登记小区；规则要住在%(home)s。", home=home))
        return str(gettext("不住在%(home)s。", home=home))
    if why is Why.CATEGORY:
        asked = either(rule.categories, CATEGORIES)
        return str(gettext("当天没有有效的证明：%(asked)s。", asked=asked))
    if why is Why.MIN_SPEND:
        least = in_yuan(min(part.min_spend_fen for part in rule.parts))
        return str(gettext("这一餐没满 %(least)s 元。", least=least))
    return str(_PLAIN[why])


_PLAIN = {
    Why.APPLIED: _("能用的规则里，这一条补得最多。"),
    Why.LESS: _("另一条补得更多，或一样多而排在前面；只用一条，不叠加。"),
    Why.MEAL: _("规则里没有这一餐。"),
    Why.MODE: _("规则里没有这种用餐方式。"),
    Why.USED_UP: _("这一天或这一周能补的已经补完。"),
}


def had(part: Part, used: Used) -> str:
    """What somebody had of a part that has limits of day or week."""
    most = gettext("，").join(limits(part))
    if not used.week_meals:
        return str(gettext("这一周别的餐还没有补过；%(limits)s。", limits=most))
    return str(
        gettext(
            "这一天别的餐已补 %(day)s 元（%(day_meals)s 餐），"
            "这一周已补 %(week)s 元（%(week_meals)s 餐）；%(limits)s。",
            day=in_yuan(used.day_fen), day_meals=used.day_meals, week=in_yuan(used.week_fen),
            week_meals=used.week_meals, limits=most,
        )
    )  # fmt: skip
