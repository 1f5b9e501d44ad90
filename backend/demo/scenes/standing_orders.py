"""Standing orders at the worker's own canteen: most are made, some lack money, one is paused."""

from datetime import timedelta

from sqlalchemy import select

from backend.booking.service import Actor
from backend.canteen.eaters import diets
from backend.canteen.eaters.clashes import Profile
from backend.canteen.models import Canteen, Dish, Meal, Mode
from backend.canteen.repeating import service
from backend.canteen.repeating.models import Otherwise, Rest
from backend.canteen.repeating.service import Plan
from backend.demo.scenes.ground import OWN_CENTRE, Ground

_WEEKDAYS = ((0, 1, 2, 3, 4), (0, 2, 4), (1, 3))
_AVOIDS_FISH, _IN_HOSPITAL = 2, 5


def play(ground: Ground) -> None:
    """The worker writes them down on the telephone, one by one."""
    session, now = ground.session, ground.now
    actor = Actor(staff_id=ground.staff("worker").staff_id)
    own = ground.centre(OWN_CENTRE)
    canteen_id = session.scalars(select(Canteen.id).where(Canteen.place_id == own.id)).one()
    fish = session.scalars(
        select(Dish.id).where(Dish.canteen_id == canteen_id, Dish.name == "清蒸鲈鱼")
    ).one()
    is_old = ground.aged(60)
    people = [one for one in ground.residents if one.home.id == own.id and is_old(one)][:12]
    for number, one in enumerate(people):
        if number == _AVOIDS_FISH:
            diet = Profile(allergens=("fish",), avoids=("香菜",), texture="soft", note="假牙")
            diets.write(session, one.id, diet, now)
        plan = Plan(
            person_id=one.id, canteen_id=canteen_id, meal=Meal.LUNCH,
            weekdays=_WEEKDAYS[number % len(_WEEKDAYS)],
            dish_ids=[fish] if number in (1, _AVOIDS_FISH) else [], portions=1,
            otherwise=Otherwise.NOTHING if number == _AVOIDS_FISH else Otherwise.SET,
            mode=Mode.DINE_IN, since=ground.today,
        )  # fmt: skip
        service.set_up(session, plan, actor, now)
        if number == _IN_HOSPITAL:
            ahead = ground.today + timedelta(days=2)
            service.pause(session, one.id, ahead, None, Rest.HOSPITAL, actor, now)
