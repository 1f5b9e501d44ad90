"""Subsidised meals that were eaten, in a few lines; made without the canteen's own verbs."""

from datetime import date
from itertools import count

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from backend.booking.models import Booking, State
from backend.booking.service import Actor
from backend.canteen.accounts import ledger
from backend.canteen.accounts.ledger import Credit
from backend.canteen.accounts.models import EntryKind
from backend.canteen.models import Canteen
from backend.canteen.pricing.models import SubsidyVersion
from backend.canteen.serving.models import MealServed, Proof, Way
from backend.people.models import Person
from tests.factories import Make

_keys = count(1)
GIVEN = {(0, "city"): 200, (0, "street"): 101}


class Eaten:
    """Meals at one canteen."""

    def __init__(self, make: Make, session: Session, canteen: Canteen | None = None) -> None:
        self.make, self.session = make, session
        self.canteen = canteen or make.once("canteen", make.canteen)
        self.staff_id = make.once("counter staff", lambda: make.staff(name="林芳")).id

    def order(
        self, person: Person, version: SubsidyVersion, day: date, *,
        shares: dict[tuple[int, str], int] | None = None, meal: str = "lunch", eaten: bool = True,
    ) -> int:  # fmt: skip
        """An order, served unless told otherwise; its booking's id."""
        made = self.make.subsidised_meal(
            person, version, day, shares or GIVEN, meal, canteen=self.canteen
        )
        if eaten:
            self.serve(made.booking_id)
        self.session.commit()
        return made.booking_id

    def serve(self, booking_id: int) -> None:
        """It was handed over."""
        now = self.make.now
        self.make.add(
            MealServed(
                booking_id=booking_id, way=Way.COUNTER, proof=Proof.CODE, at=now, recorded_at=now,
                staff_id=self.staff_id, key=f"eaten-{next(_keys)}",
            )
        )  # fmt: skip
        self._set(booking_id, State.ATTENDED)

    def served(self) -> list[int]:
        """The orders that were handed over."""
        found = select(MealServed.booking_id).where(MealServed.undone_at.is_(None))
        return list(self.session.scalars(found.order_by(MealServed.booking_id)))

    def undo(self, booking_id: int) -> None:
        """It was not."""
        self.session.execute(
            update(MealServed)
            .where(MealServed.booking_id == booking_id, MealServed.undone_at.is_(None))
            .values(undone_at=self.make.now, undone_by_id=self.staff_id, undone_reason="点错了")
        )
        self._set(booking_id, State.CONFIRMED)

    def cancel(self, booking_id: int) -> None:
        """The order ends after all."""
        self._set(booking_id, State.CANCELLED)

    def _set(self, booking_id: int, state: State) -> None:
        self.session.execute(update(Booking).where(Booking.id == booking_id).values(state=state))
        self.session.commit()


def three_lunches(make: Make, session: Session) -> Eaten:
    """Two lunches of February were eaten, a third nobody came for; all three are paid."""
    found, version, wang = Eaten(make, session), make.subsidy(), make.person()
    paid = Credit(person_id=wang.id, kind=EntryKind.TOP_UP, fen=9000, key="three")
    ledger.credit(session, paid, Actor(), make.now)
    for number in (10, 11, 12):
        day = date(2026, 2, number)
        ident = found.order(wang, version, day, eaten=number < 12)
        ledger.hold(session, wang.id, ident, 1699, day, make.now)
        ledger.charge(session, [ident], make.now)
    session.commit()
    return found
