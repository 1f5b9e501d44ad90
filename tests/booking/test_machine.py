"""Residents and staff at one class, in any order: as it opens, and with places kept."""

from datetime import datetime, timedelta

from hypothesis.stateful import run_state_machine_as_test
from sqlalchemy import update

from backend.booking.models import Bookable
from backend.db import db
from tests.booking.machine import BOUNDED, ClassMachine
from tests.factories import Make


def test_any_order_of_verbs_keeps_what_must_hold(make: Make, now: datetime) -> None:
    class Class(ClassMachine):
        """Two places for everybody."""

        people = tuple(make.person(f"居民{number}").id for number in range(8))
        accounts = tuple(make.resident(f"账户{number}").account.id for number in range(2))

        def __init__(self) -> None:
            self.make = make
            super().__init__()

    class ClassWithKeptPlaces(Class):
        """The same where places are kept from the beginning."""

        def begins(self) -> tuple[int, datetime]:
            run_id, at = super().begins()
            db.session.execute(
                update(Bookable)
                .where(Bookable.id == run_id)
                .values(
                    capacity=4, kept=2, kept_until=now + timedelta(hours=30),
                    next_expiry_at=now + timedelta(hours=30),
                )
            )  # fmt: skip
            db.session.commit()
            return run_id, at

    run_state_machine_as_test(Class, settings=BOUNDED)
    run_state_machine_as_test(ClassWithKeptPlaces, settings=BOUNDED)
