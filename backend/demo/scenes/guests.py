"""Guests at the counter: a couple on a walk, and a sale that was a mistake."""

from datetime import timedelta

from sqlalchemy import select

from backend.booking.models import Bookable
from backend.canteen.guests import service
from backend.canteen.guests.service import GuestWish
from backend.canteen.models import MenuItem
from backend.demo.scenes.ground import Ground

COME = timedelta(minutes=25)
"""After the meal has begun."""


def come(ground: Ground, meal_id: int) -> None:
    """Two people eat of the first dish; a third changes their mind. Not before they are there."""
    meal = ground.session.get_one(Bookable, meal_id)
    if meal.starts_at + 2 * COME > ground.now:
        return
    item = ground.session.scalars(
        select(MenuItem).where(MenuItem.meal_service_id == meal_id).order_by(MenuItem.id).limit(1)
    ).one()
    counter = ground.staff("counter")
    for people, minutes in ((2, 0), (1, 4)):
        with ground.when(meal.starts_at + COME + timedelta(minutes=minutes)) as at:
            wish = GuestWish(
                dishes=[(item.id, people)], people=people, pays_fen=people * item.list_fen,
                key=f"demo-{meal_id}-{people}",
            )  # fmt: skip
            sale_id = service.sell(ground.session, counter, meal_id, wish, at)
    with ground.when(at + timedelta(minutes=3)) as later:
        service.take_back(ground.session, counter, sale_id, "客人临时有事，不吃了", later)
