"""Makers of canteens and what they cook, for `tests.factories.Make`."""

from datetime import date
from typing import Any

from backend.canteen.models import Canteen, CanteenDay, CanteenMeal, Dish, Meal, Mode
from backend.places.models import Place


class CanteenMakers:
    """What `Make` can make of a canteen."""

    add: Any
    once: Any
    place: Any

    def canteen(self, place: Place | None = None, **given: Any) -> Canteen:
        """A canteen that serves lunch from Monday to Friday; orders close at 16:00 the day before.

        `code` and everything else of the canteen's row can be given.
        """
        place = place or self.once("community", self.place)
        plan = {"code": f"c{place.id}", "name": "春晖社区食堂", "weekdays": [0, 1, 2, 3, 4]}
        row = self.add(Canteen(**{"place_id": place.id} | plan | given))
        self.canteen_meal(row)
        return row

    def canteen_meal(self, canteen: Canteen, **given: Any) -> CanteenMeal:
        """Lunch from 11 to 12:30, at home, too."""
        plan = {
            "meal": Meal.LUNCH, "from_minute": 660, "until_minute": 750, "cutoff_days": 1,
            "cutoff_minute": 960, "most": 2, "modes": list(Mode),
        }  # fmt: skip
        return self.add(CanteenMeal(**{"canteen_id": canteen.id} | plan | given))

    def canteen_day(self, canteen: Canteen, **given: Any) -> CanteenDay:
        """A typhoon."""
        plan = {"day": date(2026, 3, 12), "serves": False, "reason": "台风停餐"}
        return self.add(CanteenDay(**{"canteen_id": canteen.id} | plan | given))

    def dish(self, canteen: Canteen | None = None, **given: Any) -> Dish:
        """A dish for eight yuan."""
        canteen = canteen or self.once("canteen", self.canteen)
        plan = {"name": "红烧豆腐", "list_fen": 800, "allergens": ["soy"], "traits": ["soft"]}
        return self.add(Dish(**{"canteen_id": canteen.id} | plan | given))
