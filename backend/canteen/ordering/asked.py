"""What somebody wants to eat, and what is looked at before it is ordered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from backend.canteen.eaters.clashes import Clash, clashes, profile_of
from backend.canteen.eaters.wording import said
from backend.db import AnyRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Dishes of one meal for one person: (menu item, portions) each.

    `pays_fen`: the total that was shown; None leaves it open. No address stands for the eater's
    home, no `phone` for their own. `despite_diet`: it is meant, though their diet is against it.
    """

    meal_service_id: int
    person_id: int
    dishes: Sequence[tuple[int, int]]
    mode: str
    pays_fen: int | None = None
    address: str | None = None
    phone: str | None = None
    note: str | None = None
    despite_diet: bool = False
    idempotency_key: str | None = None
    idempotency_hash: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """An order as the rules look at it.

    `meal` and `eater` as `facts` read them; `items` by id, those on the menu; `had`: portions in
    the order that is amended, by item; `address`: where a meal would be brought.
    """

    now: datetime
    wanted: Wanted
    meal: AnyRow
    eater: AnyRow
    items: Mapping[int, AnyRow]
    had: Mapping[int, int]
    address: str | None

    def clashes(self) -> dict[int, list[Clash]]:
        """What of the eater's diet speaks against the dishes, by item; those with nothing not."""
        diet = None if self.eater.texture is None else profile_of(self.eater)
        found = ((one, clashes(diet, self.items[one])) for one, _portions in self.wanted.dishes)
        return {item_id: listed for item_id, listed in found if listed}

    def to_confirm(self) -> list[str]:
        """The clashes that somebody has to say are meant, in words, with the dish."""
        return [
            f"{self.items[item_id].name}{said(clash)}"
            for item_id, listed in self.clashes().items()
            for clash in listed
            if clash.must_confirm
        ]
