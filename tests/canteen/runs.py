"""A run on its way to people's doors, in a few lines; made without the verbs of delivery."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import count
from typing import Any

from sqlalchemy.orm import Session

from backend import clock
from backend.booking.models import Booking
from backend.canteen.delivery.models import DeliveryRun, DeliveryStop
from backend.canteen.models import Mode
from backend.people.models import Account, Person
from backend.places.models import PlaceKind
from backend.staff.access import Scope, SignedInStaff
from backend.staff.models import Role, Staff
from tests.canteen.kitchens import Cooked, cooked
from tests.factories import Make

TODAY = date(2026, 3, 11)
_codes, _numbers = count(200000), count(1)


@dataclass
class Carried:
    """Lunch of today, being brought: runs with their stops, and couriers."""

    make: Make
    session: Session
    meal: Cooked
    stops: dict[str, DeliveryStop] = field(default_factory=dict)
    bookings: dict[str, Booking] = field(default_factory=dict)

    def staff(self, role: Role = Role.COURIER, name: str = "赵师傅") -> Staff:
        """Somebody of the canteen's community."""
        return self.make.staff(role, self.make.once("community", self.make.place), name=name)

    def me(self, someone: Staff, role: Role = Role.COURIER) -> SignedInStaff:
        """The same, signed in."""
        place = self.make.once("community", self.make.place)
        scope = Scope(role, place.id, place.path, place.name)
        return SignedInStaff(someone.id, someone.name, (scope,))

    def run(self, courier: Staff | None = None, *names: str, **given: Any) -> DeliveryRun:
        """A run that is out if somebody has it, with a stop for each name."""
        now = self.make.now
        plan: dict[str, Any] = {
            "meal_service_id": self.meal.id, "number": next(_numbers), "name": "翠园小区 3号楼",
            "leaves_at": now - timedelta(minutes=30), "changed_at": now - timedelta(hours=20),
        }  # fmt: skip
        if courier is not None:
            began = now - timedelta(minutes=40)
            plan |= {"courier_id": courier.id, "claimed_at": began,
                     "out_at": now - timedelta(minutes=30), "boxes_out": 2}  # fmt: skip
        run = self.make.add(DeliveryRun(**plan | given))
        for name in names:
            self.stop(run, self.make.person(name, phone=f"138{next(_codes):08d}"))
        self.session.commit()
        return run

    def stop(
        self, run: DeliveryRun, person: Person, account: Account | None = None, **given: Any
    ) -> DeliveryStop:  # fmt: skip
        """One more stop of the run, on its own floor; `account` has ordered it."""
        booking = self.meal.order(
            person, {"清炒时蔬": 1}, Mode.DELIVERY, "翠园小区3号楼2单元501室",
            short_code=str(next(_codes)), account_id=account and account.id,
        )  # fmt: skip
        seq = len([one for one in self.stops.values() if one.run_id == run.id]) + 1
        estate = self.make.once("estate", lambda: self.make.place(PlaceKind.ESTATE))
        plan = {
            "meal_service_id": self.meal.id, "run_id": run.id, "booking_id": booking.id,
            "seq": seq, "place_id": estate.id, "building": "3", "unit": "2", "floor": 7 - seq,
            "flat": f"{7 - seq}01",
        }  # fmt: skip
        stop = self.make.add(DeliveryStop(**plan | given))
        self.stops[person.name], self.bookings[person.name] = stop, booking
        self.session.commit()
        return stop


def carried(make: Make, session: Session, day: date = TODAY) -> Carried:
    """A lunch of today; nobody carries it yet."""
    closed = clock.at_minute(day - timedelta(days=1), 960)
    meal = cooked(
        make, session, day=day, starts_at=clock.at_minute(day, 660),
        ends_at=clock.at_minute(day, 750), closes_at=closed, cancel_until=closed,
        promote_until=closed,
    )  # fmt: skip
    meal.dish("清炒时蔬", 400)
    return Carried(make, session, meal)
