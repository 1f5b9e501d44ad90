"""The kitchen's words: what a portion needs, short enough for a label."""

from collections.abc import Iterable

from flask_babel import gettext
from flask_babel import lazy_gettext as _

from backend.canteen.eaters.clashes import Against
from backend.canteen.eaters.models import Texture
from backend.canteen.eaters.wording import TEXTURES
from backend.canteen.models import Allergen, Trait
from backend.canteen.wording import ALLERGENS, TRAITS

_UNKNOWN = _("配料待核实")


def mark(name: str) -> str:
    """A mark of a line, as the cook reads it."""
    against, _colon, what = name.partition(":")
    if against == Against.ALLERGEN:
        return str(gettext("过敏 %(what)s", what=ALLERGENS[Allergen(what)]))
    if against == Against.AVOIDED:
        return str(gettext("忌 %(what)s", what=what))
    if against == Against.TRAIT:
        return str(gettext("要 %(what)s", what=TRAITS[Trait(what)]))
    return str(_UNKNOWN)


def needs(texture: str, marks: Iterable[str]) -> str:
    """All that a portion needs: its clashes, and how it is cut."""
    said = [mark(one) for one in marks]
    if texture != Texture.NORMAL:
        said.append(str(TEXTURES[Texture(texture)]))
    return " · ".join(said)
