"""Where the canteen brings its meals: three estates, one of them served at a point by its gate."""

from sqlalchemy import select

from backend.canteen.delivery.models import (
    BuildingFacts,
    CourierSkill,
    DeliverySetting,
    Skill,
)
from backend.canteen.models import Canteen
from backend.demo.scenes.ground import OWN_CENTRE, Ground
from backend.places.models import Place, PlaceKind

_BUILDINGS = 4
_FROM_ORDERS, _POINT = 5, "东门岗亭旁"


def know(ground: Ground) -> None:
    """Bags in a run, lifts, the turn of estates, where one is served, who has which papers."""
    session, own = ground.session, ground.centre(OWN_CENTRE)
    canteen_id = session.scalars(select(Canteen.id).where(Canteen.place_id == own.id)).one()
    near, next_, far = _estates(ground)
    known = [
        DeliverySetting(canteen_id=canteen_id, bag_capacity=6, skill=Skill.HEALTH),
        BuildingFacts(place_id=near.id, turn=1),
        BuildingFacts(place_id=next_.id, turn=2),
        BuildingFacts(place_id=far.id, turn=3, drop_from=_FROM_ORDERS, drop_point=_POINT),
        BuildingFacts(place_id=_building(ground, near, 2).id, has_lift=True),
        *(
            CourierSkill(staff_id=ground.staff(name).staff_id, skill=Skill.HEALTH)
            for name in ("courier", "dispatcher")
        ),
    ]
    session.add_all(known)
    session.flush()


def address(ground: Ground, number: int) -> str:
    """Where the number-th of those who have their meal brought lives; few in the far estate."""
    near, next_, far = _estates(ground)
    estate = far if number % 6 == 5 else (near, next_)[number % 2]
    building, floor = number % _BUILDINGS + 1, number * 5 % 6 + 1
    return f"{estate.name}{building}号楼{number % 2 + 1}单元{floor}0{number % 3 + 1}室"


def _estates(ground: Ground) -> list[Place]:
    """The three of the canteen's street that come first."""
    street = ground.centre(OWN_CENTRE).path.rsplit("/", 2)[0]
    rows = ground.session.scalars(
        select(Place)
        .where(Place.kind == PlaceKind.ESTATE, Place.path.startswith(f"{street}/"))
        .order_by(Place.id)
        .limit(3)
    ).all()
    return list(rows)


def _building(ground: Ground, estate: Place, number: int) -> Place:
    return ground.session.scalars(
        select(Place).where(Place.parent_id == estate.id, Place.name == f"{number}号楼")
    ).one()
