"""Words for those who eat: textures, circumstances, and what speaks against a dish."""

from collections.abc import Iterable

from flask_babel import lazy_gettext as _

from backend.canteen.eaters.clashes import Against, Clash
from backend.canteen.eaters.models import Category, Leaving, Texture
from backend.canteen.models import Allergen, Trait
from backend.canteen.wording import ALLERGENS, TRAITS

TEXTURES = {
    Texture.NORMAL: _("正常"),
    Texture.SOFT: _("软一些"),
    Texture.MINCED: _("切碎"),
    Texture.PUREED: _("打成糊"),
}
CATEGORIES = {
    Category.LOW_INCOME: _("低保、低收入"),
    Category.DISABLED: _("残疾"),
    Category.LIVING_ALONE: _("独居、空巢"),
    Category.LOST_CHILD: _("计划生育特殊家庭"),
    Category.VETERAN: _("优抚对象"),
}

LEAVING = {Leaving.DECEASED: _("已去世"), Leaving.MOVED: _("已迁出")}


def said(clash: Clash) -> str:
    """One clash, as it stands beside a dish."""
    if clash.against == Against.UNKNOWN:
        return str(_("配料没有登记，请向食堂核实"))
    if clash.against == Against.AVOIDED:
        return str(_("有%(what)s（忌口）", what=clash.what))
    if clash.against == Against.ALLERGEN:
        return str(_("含%(what)s（过敏）", what=ALLERGENS[Allergen(clash.what)]))
    word = TRAITS[Trait(clash.what)]
    return str(
        _("不是%(what)s", what=word) if clash.must_confirm else _("没有标注%(what)s", what=word)
    )


def all_said(found: Iterable[Clash]) -> str:
    """Several, in one line."""
    return str(_("；")).join(said(one) for one in found)
