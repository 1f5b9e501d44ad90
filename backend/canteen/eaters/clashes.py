"""What speaks against a dish for somebody: asked before an order, and again of what is cooked."""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.canteen.eaters.models import Diet, Texture
from backend.canteen.models import Allergen, Dish, Trait
from backend.db import AnyRow, table_of

NEVER_WITHOUT = frozenset({Trait.HALAL, Trait.VEGETARIAN})
"""Traits that somebody does not eat without; the others are a question of health and taste."""


class Against(StrEnum):
    """What about the dish speaks against it."""

    ALLERGEN = "allergen"
    AVOIDED = "avoided"
    TRAIT = "trait"
    UNKNOWN = "unknown"  # nobody has written down what is in it


@dataclass(frozen=True, slots=True)
class Profile:
    """What somebody must not eat and needs; `texture` and `note` are for the kitchen."""

    allergens: tuple[str, ...] = ()
    avoids: tuple[str, ...] = ()
    traits: tuple[str, ...] = ()
    texture: str = Texture.NORMAL
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Clash:
    """One thing that speaks against a dish: `what` is the allergen, ingredient or trait."""

    against: Against
    what: str

    @property
    def must_confirm(self) -> bool:
        """Whether somebody has to say that it is meant; else it is a hint, to be shown only."""
        if self.against == Against.TRAIT:
            return self.what in NEVER_WITHOUT
        return self.against != Against.UNKNOWN


def clashes(diet: Profile | None, dish: Dish | AnyRow) -> list[Clash]:
    """What speaks against the dish, the gravest first; nobody's diet clashes with nothing.

    `dish`: anything with `name`, `ingredients`, `allergens` and `traits`. A dish that may have an
    ingredient in its name alone counts as having it.
    """
    if diet is None:
        return []
    told = _plain(f"{dish.name} {dish.ingredients or ''}")
    found = [Clash(Against.ALLERGEN, one) for one in diet.allergens if one in dish.allergens]
    found += [Clash(Against.AVOIDED, one) for one in diet.avoids if _plain(one) in told]
    found += [Clash(Against.TRAIT, one) for one in diet.traits if one not in dish.traits]
    asks = diet.avoids or (diet.allergens and not dish.allergens)
    if asks and not dish.ingredients:
        found.append(Clash(Against.UNKNOWN, "ingredients"))
    return sorted(found, key=lambda one: not one.must_confirm)


def diets_of(session: Session, person_ids: Iterable[int]) -> dict[int, Profile]:
    """The diets of those who have one on file: one read."""
    diet = table_of(Diet)
    rows = session.execute(select(diet).where(diet.c.person_id.in_(list(person_ids))))
    return {row.person_id: profile_of(row) for row in rows}


def profile_of(row: AnyRow) -> Profile:
    """A row of the table as the rules read it, what is listed in the order of the lists."""
    return Profile(
        in_order(Allergen, row.allergens), tuple(row.avoids), in_order(Trait, row.traits),
        row.texture, row.note,
    )  # fmt: skip


def in_order(listed: type[Allergen | Trait], chosen: Sequence[str]) -> tuple[str, ...]:
    """What is chosen of a list, each once, in the list's order."""
    return tuple(str(one) for one in listed if one in chosen)


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()
