"""Meals handed over, in a line each."""

from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend import clock
from backend.booking.models import Booking
from backend.canteen.serving import service
from backend.canteen.serving.models import MealServed, Proof, Way
from backend.canteen.serving.service import Served
from tests.canteen.kitchens import DAY

NOON = clock.at_minute(DAY, 720)
"""During lunch."""


@dataclass
class Counter:
    """Somebody who hands meals over."""

    session: Session
    staff_id: int
    keys: Any = field(default_factory=lambda: count(1))

    def serve(self, booking: Booking, now: datetime = NOON, **given: Any) -> Served:
        """At the counter, by a code, unless something else is given."""
        plan = {
            "way": Way.COUNTER, "proof": Proof.CODE, "at": now, "now": now,
            "key": f"key-{next(self.keys)}", "staff_id": self.staff_id,
        }  # fmt: skip
        done = service.serve(self.session, booking.id, **plan | given)
        self.session.commit()
        return done

    def undo(self, served_id: int, now: datetime = NOON) -> None:
        """It was a mistake."""
        service.undo(
            self.session, served_id, staff_id=self.staff_id, reason="点错了", now=now
        )  # fmt: skip
        self.session.commit()

    def state(self, booking: Booking) -> str:
        """As the database has it now."""
        return self.session.scalars(select(Booking.state).where(Booking.id == booking.id)).one()

    def rows(self) -> list[MealServed]:
        """What was handed over, mistakes and all."""
        self.session.expire_all()
        return list(self.session.scalars(select(MealServed).order_by(MealServed.id)))
