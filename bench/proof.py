"""The proof, read from the database after the rush: every place sold once, nothing lost."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from backend.booking.models import HELD, Bookable, Booking, BookingEvent, State
from backend.reminders.models import Reminder


@dataclass(frozen=True, slots=True)
class Proof:
    """What the database holds for some bookables; `wrong` is empty where every promise was kept."""

    capacity: int
    sold: int
    waiting: int
    wrong: tuple[str, ...]

    def __str__(self) -> str:
        line = f", {self.waiting} waiting" if self.waiting else ""
        verdict = "; ".join(self.wrong[:3]) or "ok"
        return f"sold {self.sold} of {self.capacity}{line}: {verdict}"


def prove(
    connection: Connection, bookable_ids: Collection[int], *, answered: int, sold_out: bool = True
) -> Proof:
    """Hold `bookable_ids` against their bookings; `answered` sign-ups were told they are in.

    With `sold_out`, as many asked as there are places, so every place must be sold.
    """
    held = {state.value for state in HELD}
    rows = connection.execute(
        select(Booking.id, Booking.bookable_id, Booking.person_id, Booking.state, Booking.queue_no)
        .where(Booking.bookable_id.in_(bookable_ids))
    ).all()  # fmt: skip
    places = connection.execute(
        select(
            Bookable.id, Bookable.capacity, Bookable.overbooked, Bookable.taken, Bookable.waiting
        ).where(Bookable.id.in_(bookable_ids))
    ).all()
    wrong = []
    for place in places:
        mine = [row for row in rows if row.bookable_id == place.id]
        sold = sum(row.state in held for row in mine)
        queue = sorted(row.queue_no for row in mine if row.state == State.WAITING)
        if sold > (place.capacity or 0) + place.overbooked:
            wrong.append(f"{place.id} is oversold: {sold} of {place.capacity}")
        elif sold_out and sold < (place.capacity or 0):
            wrong.append(f"{place.id} has places left: {sold} of {place.capacity}")
        if sold != place.taken:
            wrong.append(f"{place.id} counts {place.taken} taken, {sold} are")
        if queue != list(range(1, place.waiting + 1)):
            wrong.append(f"{place.id} has a line of {place.waiting} with the numbers {queue}")
        if len({row.person_id for row in mine}) != len(mine):
            wrong.append(f"{place.id} has somebody twice")
    if len(rows) != answered:
        wrong.append(f"{answered} were told they are in, {len(rows)} are")
    for model, what in ((BookingEvent, "history"), (Reminder, "reminders")):
        found = connection.execute(
            select(func.count(), func.count(model.booking_id.distinct()))
            .join(Booking, Booking.id == model.booking_id)
            .where(Booking.bookable_id.in_(bookable_ids))
        ).one()
        if tuple(found) != (len(rows), len(rows)):
            wrong.append(f"{what}: {found[0]} rows for {found[1]} of {len(rows)} bookings")
    return Proof(
        capacity=sum(place.capacity or 0 for place in places),
        sold=sum(row.state in held for row in rows),
        waiting=sum(place.waiting for place in places),
        wrong=tuple(wrong),
    )
