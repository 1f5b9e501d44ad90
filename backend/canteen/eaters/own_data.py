"""What the canteen knows of somebody: what they must not eat, what their price depends on."""

from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.canteen.eaters import diets
from backend.canteen.eaters.models import Category, Departure, Leaving, PersonCategory, Texture
from backend.canteen.eaters.wording import CATEGORIES, LEAVING, TEXTURES
from backend.canteen.models import Allergen, Trait
from backend.canteen.wording import ALLERGENS, TRAITS
from backend.people.own_data import Section, tells
from backend.people.queries import Resident


@tells
def diet_told(session: Session, me: Resident, now: datetime) -> Section:
    """My diet."""
    section = Section(_("饮食情况"))
    diet = diets.get(session, me.person_id)
    between = _("、")
    section.add(_("过敏"), between.join(str(ALLERGENS[Allergen(one)]) for one in diet.allergens))
    section.add(_("忌口"), between.join(diet.avoids))
    section.add(_("饮食需要"), between.join(str(TRAITS[Trait(one)]) for one in diet.traits))
    if diet.texture != Texture.NORMAL:
        section.add(_("软硬"), TEXTURES[Texture(diet.texture)])
    section.add(_("给厨房的话"), diet.note)
    return section


@tells
def categories_told(session: Session, me: Resident, now: datetime) -> Section:
    """Circumstances that staff have seen proof of, the newest first."""
    section = Section(_("补贴身份"))
    rows = session.scalars(
        select(PersonCategory)
        .where(PersonCategory.person_id == me.person_id)
        .order_by(PersonCategory.id.desc())
    )
    for row in rows:
        until = row.ends_on or _("长期")
        ended = _("（已取消）") if row.ended_at else ""
        section.add(
            str(CATEGORIES[Category(row.category)]),
            f"{row.starts_on} – {until} {row.proof}{ended}",
        )
    return section


@tells
def departure_told(session: Session, me: Resident, now: datetime) -> Section:
    """That staff noted I am not here any more."""
    section = Section(_("去世或迁出登记"))
    row = session.get(Departure, me.person_id)
    if row is not None:
        section.add(str(LEAVING[Leaving(row.kind)]), row.left_on)
    return section
