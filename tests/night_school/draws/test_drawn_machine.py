"""What happens after a draw, in any order: places given back go down the drawn order."""

from datetime import datetime, timedelta

from hypothesis import settings
from hypothesis.stateful import initialize, multiple, run_state_machine_as_test
from sqlalchemy import select

from backend.booking.models import Booking
from backend.db import db
from tests.booking.machine import BOUNDED, ClassMachine
from tests.factories import Make
from tests.night_school.draws.drawing import Drawing


def test_any_order_after_a_draw_keeps_what_must_hold(make: Make, now: datetime) -> None:
    residents = [make.resident(f"居民{number}") for number in range(8)]
    guardian = residents[0]
    make.consent(guardian.account, residents[1].person)

    class DrawnClass(ClassMachine):
        """Three places; six people applied, two of them together, two come later."""

        people = tuple(who.person.id for who in residents)
        accounts = tuple(who.account.id for who in residents[:2])

        def __init__(self) -> None:
            self.make = make
            super().__init__()

        def begins(self) -> tuple[int, datetime]:
            drawing = Drawing(make)
            run = drawing.run(3, cancel_until=None)
            drawing.open(run)
            both = [who.person for who in residents[:2]]
            drawing.apply(guardian, run, people=both, together=True)
            for who in residents[2:6]:
                drawing.apply(who, run)
            drawing.close()
            drawing.conduct()
            return run.id, drawing.drawn_at + timedelta(minutes=1)

        @initialize(target=ClassMachine.bookings)
        def they_were_drawn(self) -> object:
            drawn = select(Booking.id).where(Booking.bookable_id == self.run_id)
            return multiple(*db.session.scalars(drawn))

    fewer = settings(BOUNDED, max_examples=8)  # each draws anew
    run_state_machine_as_test(DrawnClass, settings=fewer)
