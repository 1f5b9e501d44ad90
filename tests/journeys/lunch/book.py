"""What all chapters have in hand: where it happens, and what this test has counted itself."""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import select

from backend.booking.models import Booking
from backend.canteen.ordering.models import MealOrder
from tests.journeys.lunch.district import Eater, Town
from tests.journeys.term.world import World


@dataclass
class Lunch:
    """One meal; the order of each eater by their number."""

    world: World
    meal_id: int = 0
    items: dict[str, int] = field(default_factory=dict)
    orders: dict[int, int] = field(default_factory=dict)
    codes: dict[int, str] = field(default_factory=dict)
    whose: dict[int, Eater] = field(default_factory=dict)
    """The eater of each order."""
    till: Counter[str] = field(default_factory=Counter)
    """Fen that each member of staff has taken in cash, less what they have paid out."""
    spent: Counter[int] = field(default_factory=Counter)
    """Fen that went from somebody's account otherwise than for this meal."""
    door: set[int] = field(default_factory=set)
    counter: set[int] = field(default_factory=set)
    """Who got their meal at the door, who at the counter."""
    unsent: set[int] = field(default_factory=set)
    """Who has theirs, as only a phone without a battery knows."""
    cancelled: set[int] = field(default_factory=set)
    """Who gave it back once it was cooked."""
    refunded: set[int] = field(default_factory=set)
    """Who ate, and had the price back."""

    @property
    def town(self) -> Town:
        """Where it is eaten."""
        town: Town = self.world.district
        return town

    @property
    def pictures(self) -> Path:
        """Where screenshots are put, to be looked at."""
        return self.world.folder

    def look_up_orders(self) -> None:
        """Whose order is which; the code that each reads on their phone."""
        by_person = {one.person_id: one for one in self.town.eaters}
        for row in self.world.rows(
            select(Booking.id, Booking.person_id, Booking.short_code)
            .join(MealOrder, MealOrder.booking_id == Booking.id)
            .where(Booking.bookable_id == self.meal_id)
        ):
            one = self.whose[row.id] = by_person[row.person_id]
            self.orders[one.number], self.codes[one.number] = row.id, row.short_code
