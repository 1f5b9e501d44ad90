"""A meal with orders to cook from, in a few lines; made without the canteen's own verbs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import count
from typing import Any

from sqlalchemy.orm import Session

from backend import clock
from backend.booking.models import Bookable, Booking, State
from backend.booking.service import Actor
from backend.canteen.accounts import ledger
from backend.canteen.accounts.ledger import Credit
from backend.canteen.accounts.models import EntryKind
from backend.canteen.eaters.models import Diet
from backend.canteen.models import Canteen, MealService, MenuItem, Mode
from backend.canteen.ordering.models import MealLine, MealOrder
from backend.people.models import Person
from tests.factories import Make

DAY = date(2026, 3, 12)
CUTOFF = clock.at_minute(date(2026, 3, 11), 960)
AFTER = CUTOFF + timedelta(seconds=1)
_numbers = count(1)


@dataclass
class Cooked:
    """Lunch of the day after `now`: orders close at 16:00."""

    make: Make
    session: Session
    canteen: Canteen
    service: MealService
    items: dict[str, MenuItem] = field(default_factory=dict)

    @property
    def id(self) -> int:
        return self.service.id

    def dish(self, name: str, list_fen: int = 800, **given: Any) -> MenuItem:
        """A dish on the menu; nothing in it that anybody could mind."""
        plan = {"allergens": [], "traits": [], "ingredients": name}
        dish = self.make.dish(self.canteen, name=name, list_fen=list_fen, **plan | given)
        item = MenuItem(meal_service_id=self.id, dish_id=dish.id, list_fen=list_fen)
        self.items[name] = self.make.add(item)
        return item

    def order(
        self, person: Person, dishes: Mapping[str, int], mode: str = Mode.DINE_IN,
        address: str | None = None, **given: Any,
    ) -> Booking:  # fmt: skip
        """A confirmed order at list prices, its money held if the person has any."""
        number = next(_numbers)
        booking = self.make.add(
            Booking(
                **{"bookable_id": self.id, "person_id": person.id, "state": State.CONFIRMED,
                   "starts_at": self.service.starts_at, "ends_at": self.service.ends_at,
                   "code": f"kitchen-{number}", "short_code": "123456", "created_at": self.make.now,
                   "once_key": f"meal:{self.id}", "cancel_until": self.service.closes_at} | given
            )
        )  # fmt: skip
        lines = [(self.items[name], portions) for name, portions in dishes.items()]
        fen = sum(item.list_fen * portions for item, portions in lines)
        nothing = {"discount_fen": 0, "subsidy_fen": 0}
        sums = {"list_fen": fen, "pays_fen": fen, "fee_fen": 0} | nothing
        self.make.add(MealOrder(booking_id=booking.id, mode=mode, address=address, **sums))
        for item, portions in lines:
            cost = item.list_fen * portions
            self.make.add(
                MealLine(
                    booking_id=booking.id, menu_item_id=item.id, portions=portions,
                    list_fen=cost, pays_fen=cost, **nothing,
                )
            )  # fmt: skip
            item.taken += portions
        self.service.taken += 1
        self.session.commit()
        return booking

    def pays(self, person: Person, booking: Booking, fen: int, **credit: Any) -> None:
        """Money comes in for it and is held."""
        kind = EntryKind.GRANT if "grant" in credit else EntryKind.TOP_UP
        paid = Credit(person_id=person.id, kind=kind, fen=fen, key=f"k{next(_numbers)}", **credit)
        ledger.credit(self.session, paid, Actor(), self.make.now)
        ledger.hold(self.session, person.id, booking.id, fen, DAY, self.make.now)
        self.session.commit()

    def diet(self, person: Person, **given: Any) -> Diet:
        """What somebody must not have."""
        row = self.make.add(Diet(person_id=person.id, changed_at=self.make.now, **given))
        self.session.commit()
        return row

    def stands(self) -> Bookable:
        """The meal as the database has it now."""
        self.session.expire_all()
        return self.session.get_one(MealService, self.id)


def cooked(make: Make, session: Session, **given: Any) -> Cooked:
    """A published meal without dishes yet."""
    canteen = make.once("canteen", make.canteen)
    plan = {
        "canteen_id": canteen.id, "day": DAY, "meal": "lunch", "title": "午餐",
        "place_id": canteen.place_id, "starts_at": clock.at_minute(DAY, 660),
        "ends_at": clock.at_minute(DAY, 750), "published_at": make.now - timedelta(days=3),
        "opens_at": make.now - timedelta(days=3), "closes_at": CUTOFF, "cancel_until": CUTOFF,
        "promote_until": CUTOFF,
    }  # fmt: skip
    service = make.add(MealService(**plan | given))
    session.commit()
    return Cooked(make, session, canteen, service)
