"""A lunch with orders to bring to two estates, and somebody who dispatches them."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from backend.booking.models import Booking
from backend.canteen.delivery import planning
from backend.canteen.delivery.models import BuildingFacts, DeliveryRun, DeliveryStop
from backend.canteen.kitchen import closing
from backend.canteen.models import Mode
from backend.canteen.ordering.models import MealOrder
from backend.people.models import Person
from backend.places.models import Place, PlaceKind
from backend.staff.access import Scope, SignedInStaff
from backend.staff.models import Role
from tests.canteen.kitchens import AFTER, CUTOFF, Cooked, cooked
from tests.factories import Make


@dataclass
class Brought:
    """The meal, and 翠园小区 with buildings 1 to 3, 锦绣苑 with none in the tree."""

    lunch: Cooked
    session: Session
    cuiyuan: Place
    jinxiu: Place
    buildings: dict[int, Place]

    def order(self, address: str | None, name: str = "王秀英", **given: Any) -> Booking:
        """Somebody's order that is to be brought there; `person` if it is somebody known."""
        who = given.pop("person", None) or self.lunch.make.person(name)
        fee_fen = given.pop("fee_fen", 0)
        order = self.lunch.order(who, {"清炒时蔬": 1}, Mode.DELIVERY, address, **given)
        if fee_fen:
            costs = {"fee_fen": fee_fen, "pays_fen": 400 + fee_fen}
            found = update(MealOrder).where(MealOrder.booking_id == order.id)
            self.session.execute(found.values(**costs))
            self.lunch.pays(who, order, 400 + fee_fen)
        return order

    def facts(self, place: Place, **given: Any) -> None:
        """What couriers know of it."""
        self.lunch.make.add(BuildingFacts(place_id=place.id, **given))
        self.session.commit()

    def plan(self) -> int:
        """Orders close, and runs are planned."""
        closing.close(self.session, self.lunch.id, CUTOFF)
        planned = planning.plan(self.session, self.lunch.id, AFTER)
        self.session.commit()
        return planned

    def runs(self) -> list[DeliveryRun]:
        self.session.expire_all()
        return list(self.session.scalars(select(DeliveryRun).order_by(DeliveryRun.number)))

    def walked(self) -> list[list[int]]:
        """The orders of each run, in the order of its stops."""
        found = select(DeliveryStop.booking_id).order_by(DeliveryStop.seq)
        return [
            list(self.session.scalars(found.where(DeliveryStop.run_id == run.id)))
            for run in self.runs()
        ]

    def stop(self, booking: Booking) -> DeliveryStop:
        self.session.expire_all()
        found = select(DeliveryStop).where(DeliveryStop.booking_id == booking.id)
        return self.session.scalars(found).one()

    def dispatcher(self) -> SignedInStaff:
        """The clerk of the canteen's place."""
        place = self.session.get_one(Place, self.lunch.canteen.place_id)
        someone = self.lunch.make.staff(Role.CLERK, place)
        scope = Scope(Role.CLERK, place.id, place.path, place.name)
        return SignedInStaff(someone.id, someone.name, (scope,))

    def resident(self, name: str, home: Place) -> Person:
        return self.lunch.make.person(name, home_place_id=home.id)


def brought(make: Make, session: Session) -> Brought:
    """A lunch with one dish, and where it can be brought to."""
    lunch = cooked(make, session)
    lunch.dish("清炒时蔬", 400)
    here = make.once("community", make.place)
    cuiyuan = make.place(PlaceKind.ESTATE, here)
    jinxiu = make.place(PlaceKind.ESTATE, here, name="锦绣苑")
    buildings = {n: make.place(PlaceKind.BUILDING, cuiyuan, name=f"{n}号楼") for n in (1, 2, 3)}
    session.commit()
    return Brought(lunch, session, cuiyuan, jinxiu, buildings)
