"""Standing orders at the worker's own canteen: most are made, some lack money, one is paused.

Who has a phone, or family with one, has set them up there; for the others the worker did.
"""

from datetime import timedelta

from sqlalchemy import select

from backend.booking.service import Actor
from backend.canteen.eaters import diets
from backend.canteen.eaters.clashes import Profile
from backend.canteen.models import Canteen, Dish, Meal, Mode
from backend.canteen.repeating import service
from backend.canteen.repeating.models import Otherwise, Rest
from backend.canteen.repeating.service import Plan
from backend.demo.people import Resident
from backend.demo.scenes.ground import OWN_CENTRE, Ground

_WEEKDAYS = ((0, 1, 2, 3, 4), (0, 2, 4), (1, 3))
_AVOIDS_FISH, _IN_HOSPITAL = 2, 5


def play(ground: Ground) -> None:
    """They are set up one by one; somebody is in hospital, a daughter takes her father along."""
    session, now = ground.session, ground.now
    worker = Actor(staff_id=ground.staff("worker").staff_id)
    own = ground.centre(OWN_CENTRE)
    canteen_id = session.scalars(select(Canteen.id).where(Canteen.place_id == own.id)).one()
    fish = session.scalars(
        select(Dish.id).where(Dish.canteen_id == canteen_id, Dish.name == "清蒸鲈鱼")
    ).one()
    is_old = ground.aged(60)
    people = [one for one in ground.residents if one.home.id == own.id and is_old(one)][:12]
    away: list[Resident] = []
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
        family = ground.family_of(one)
        account_id = family.account_id if family else one.account_id
        actor = Actor(account_id=account_id) if account_id else worker
        service.set_up(session, plan, actor, now)
        ahead = ground.today + timedelta(days=2)
        if number == _IN_HOSPITAL:
            service.pause(session, one.id, ahead, None, Rest.HOSPITAL, worker, now)
        elif family and one.account_id and not away:
            away.append(one)
            until = ahead + timedelta(days=2)
            service.pause(session, one.id, ahead, until, Rest.AWAY, actor, now)
