"""Makers of canteens and what they cook, for `tests.factories.Make`."""

from datetime import date, datetime, timedelta
from itertools import count
from typing import Any

from backend import clock
from backend.booking.models import Booking, State
from backend.canteen.delivery.models import (
    BuildingFacts,
    CourierSkill,
    DeliverySetting,
    Skill,
)
from backend.canteen.eaters.models import Category, PersonCategory
from backend.canteen.models import (
    Canteen,
    CanteenDay,
    CanteenMeal,
    Dish,
    Meal,
    MealService,
    MenuItem,
    Mode,
)
from backend.canteen.ordering.models import MealLine, MealOrder, MealShare
from backend.canteen.pricing.models import SubsidyRule, SubsidyVersion
from backend.people.models import Person
from backend.places.models import Place, PlaceKind

_numbers = count(1)


class CanteenMakers:
    """What `Make` can make of a canteen."""

    add: Any
    once: Any
    now: datetime
    place: Any
    staff: Any

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

    def delivery_papers(self) -> None:
        """A canteen's setting, what is known of an estate, and a courier's health certificate."""
        self.add(DeliverySetting(canteen_id=self.once("canteen", self.canteen).id))
        estate = self.once("estate", lambda: self.place(PlaceKind.ESTATE))
        self.add(BuildingFacts(place_id=estate.id, drop_from=3, drop_point="东门岗亭旁"))
        courier = self.staff("courier", name="何志愿")
        self.add(CourierSkill(staff_id=courier.id, skill=Skill.HEALTH))

    def subsidy(self, place: Place | None = None, **given: Any) -> SubsidyVersion:
        """A quarter of the price up to three yuan, the city pays; version 1, in force.

        `rule_id` adds a version to a rule; `name` names a new one.
        """
        place = place or self.once("community", self.place)
        if "rule_id" not in given:
            name = given.pop("name", "长者助餐")
            rule = SubsidyRule(place_id=place.id, code=f"s{next(_numbers)}", name=name)
            given["rule_id"] = self.add(rule).id
        plan = {
            "version": 1, "starts_on": date(2026, 1, 1), "published_at": self.now,
            "parts": [{"percent": 2500, "cap_fen": 300, "payers": {"city": 1}}],
        }  # fmt: skip
        return self.add(SubsidyVersion(**plan | given))

    def person_category(self, person: Person, **given: Any) -> PersonCategory:
        """Living alone, since the beginning of the year, with no end."""
        plan = {
            "category": Category.LIVING_ALONE, "starts_on": date(2026, 1, 1), "proof": "居委会证明",
            "noted_at": self.now,
        }  # fmt: skip
        if "staff_id" not in given:
            given["staff_id"] = self.once("noting staff", lambda: self.staff(name="陈敏")).id
        return self.add(PersonCategory(**{"person_id": person.id} | plan | given))

    def subsidised_meal(
        self, person: Person, version: SubsidyVersion, day: date,
        shares: dict[tuple[int, str], int], meal: str = Meal.LUNCH, state: str = State.CONFIRMED,
        canteen: Canteen | None = None,
    ) -> MealOrder:  # fmt: skip
        """An order of one dish for 20 yuan, with what each part and payer gives, in fen."""
        canteen = canteen or self.once("canteen", self.canteen)
        starts_at = clock.at_minute(day, {"breakfast": 420, "lunch": 660, "dinner": 1020}[meal])
        times = {"starts_at": starts_at, "ends_at": starts_at + timedelta(hours=1)}
        served = self.once(
            f"meal {canteen.id} {day} {meal}",
            lambda: self.add(
                MealService(
                    canteen_id=canteen.id, day=day, meal=meal, title="午餐",
                    place_id=canteen.place_id, closes_at=starts_at - timedelta(days=1), **times,
                )
            ),
        )  # fmt: skip
        dish = self.add(Dish(canteen_id=canteen.id, name=f"菜{next(_numbers)}", list_fen=2000))
        item = self.add(MenuItem(meal_service_id=served.id, dish_id=dish.id, list_fen=2000))
        code = f"meal-{next(_numbers)}"
        booking = Booking(
            bookable_id=served.id, person_id=person.id, state=state, code=code,
            short_code="123456", created_at=self.now, **times,
        )  # fmt: skip
        fen = sum(shares.values())
        sums = {"list_fen": 2000, "discount_fen": 0, "subsidy_fen": fen, "pays_fen": 2000 - fen}
        order = self.add(
            MealOrder(
                booking_id=self.add(booking).id, mode=Mode.DINE_IN, fee_fen=0,
                subsidy_version_id=version.id, **sums,
            )
        )  # fmt: skip
        line = MealLine(booking_id=booking.id, menu_item_id=item.id, portions=1, **sums)
        line_id = self.add(line).id
        for (part, payer), given in shares.items():
            self.add(MealShare(line_id=line_id, part=part, payer=payer, fen=given))
        return order
