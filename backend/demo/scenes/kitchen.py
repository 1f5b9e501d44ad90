"""A lunch past its cut-off: its sheet is fixed, its papers lie ready, and things changed since.

Some of those who eat it eat dinner there, too: whose lunch is not taken stands red at it.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import insert, select, update

from backend.booking import service as booking
from backend.booking.service import Actor
from backend.canteen import calendar, planning
from backend.canteen.delivery import planning as runs
from backend.canteen.eaters.models import Diet, Texture
from backend.canteen.items import Planned
from backend.canteen.kitchen import alarms, closing, papers
from backend.canteen.models import Allergen, Canteen, Dish, Meal, MenuItem, Mode, Trait
from backend.canteen.ordering import service as ordering
from backend.canteen.ordering.asked import Wanted
from backend.canteen.ordering.models import MealOrder
from backend.db import AnyRow, table_of
from backend.demo.people import Resident
from backend.demo.scenes import deliveries
from backend.demo.scenes.ground import OWN_CENTRE, Ground

EATERS = 26
_MENU = ("一荤两素套餐", "清蒸鲈鱼", "番茄炒蛋", "清炒时蔬", "冬瓜虾仁汤")
_PLATES = (("一荤两素套餐",), ("清蒸鲈鱼", "清炒时蔬"), ("番茄炒蛋", "冬瓜虾仁汤"))
_DINNER = ("杂粮粥", "番茄炒蛋")
DINERS = slice(5, 11)
"""Which of them; of the first it was noted by mistake that he had fetched his lunch."""
_MODES = (Mode.DELIVERY, Mode.DINE_IN, Mode.DELIVERY, Mode.PICK_UP)
_DIETS: tuple[dict[str, object], ...] = (
    {"allergens": [Allergen.CRUSTACEANS]},
    {"texture": Texture.MINCED},
    {"allergens": [Allergen.CRUSTACEANS]},
    {"traits": [Trait.LOW_SALT]},
    {"avoids": ["姜"], "texture": Texture.SOFT},
    {"texture": Texture.MINCED},
)


def play(ground: Ground) -> None:
    """Neighbours order at the desk; orders close; one is given back, one diet comes to light."""
    own = ground.centre(OWN_CENTRE)
    found = ground.session.scalars(select(Canteen.id).where(Canteen.place_id == own.id)).one()
    canteen = planning.access_canteen(ground.session, ground.staff("worker"), found)
    meal_id, closes = _served(ground, canteen, Meal.LUNCH, _MENU)
    dinner_id, _closes = _served(ground, canteen, Meal.DINNER, _DINNER)
    near, old = ground.near(OWN_CENTRE), ground.aged(60)
    # From next door: those of the community itself have standing orders.
    eaters = [one for one in ground.residents if near(one) and old(one) and one.home.id != own.id][
        :EATERS
    ]
    ids = [
        _order(ground, meal_id, one, at, closes, _PLATES[at % len(_PLATES)])
        for at, one in enumerate(eaters)
    ]
    for number, one in enumerate(eaters[DINERS], DINERS.start):
        _order(ground, dinner_id, one, number, closes, _DINNER)
    ground.session.execute(
        update(MealOrder).where(MealOrder.booking_id == ids[8]).values(address=None)
    )
    _close(ground, closes + timedelta(seconds=20))
    _close(ground, ground.now)  # what nobody ordered, and would be found without a sheet
    with ground.when(min(closes + timedelta(hours=1), ground.now)) as at:
        clerk = Actor(staff_id=ground.staff("clerk").staff_id)
        booking.cancel(ground.session, ids[12], clerk, at, "住院了")
        _diet(ground, eaters[13], {"allergens": [Allergen.FISH]}, at)
        alarms.raise_for(ground.session, meal_id, at)


def _close(ground: Ground, at: datetime) -> None:
    """As the scheduler does it."""
    with ground.when(at):
        for meal_id in closing.due(ground.session, at):
            closing.close(ground.session, meal_id, at)
            runs.plan(ground.session, meal_id, at)
            drawn = papers.draw(ground.session, meal_id)
            closing.keep_papers(ground.session, meal_id, drawn, at)


def _served(
    ground: Ground, canteen: AnyRow, meal: Meal, names: Sequence[str]
) -> tuple[int, datetime]:  # fmt: skip
    """The first from today on: its orders closed the serving day before. (meal, then)."""
    first, last = ground.today, ground.today + planning.WEEK
    serving = calendar.of_canteen(ground.session, canteen, first, last)
    days = (first + timedelta(days=number) for number in range(planning.WEEK.days))
    day = next(one for one in days if serving.serves(one))
    closes = serving.closes(day, 1, 16 * 60)
    known = select(Dish.name, Dish.id).where(Dish.canteen_id == canteen.id)
    dishes = {row.name: row.id for row in ground.session.execute(known)}
    worker = ground.staff("worker")
    with ground.when(closes - timedelta(days=2)) as at:
        menu = [Planned(dish_id=dishes[name]) for name in names]
        ident = planning.set_menu(ground.session, worker, canteen.id, day, meal, menu, at)
        planning.publish(ground.session, worker, canteen.id, day, None, at)
    return ident, closes


def _order(
    ground: Ground, meal_id: int, eater: Resident, number: int, closes: datetime,
    plate: Sequence[str],
) -> int:  # fmt: skip
    items = ground.session.execute(
        select(Dish.name, MenuItem.id)
        .join(MenuItem, MenuItem.dish_id == Dish.id)
        .where(MenuItem.meal_service_id == meal_id)
    )
    on_menu = {row.name: row.id for row in items}
    mode = _MODES[number % len(_MODES)]
    with ground.when(closes - timedelta(hours=30, minutes=-7 * number)) as at:
        if number < len(_DIETS) and plate != _DINNER:
            _diet(ground, eater, _DIETS[number], at)
        wanted = Wanted(
            meal_service_id=meal_id, person_id=eater.id, mode=mode, despite_diet=True,
            dishes=[(on_menu[name], 1) for name in plate],
            address=deliveries.address(ground, number // 2) if mode == Mode.DELIVERY else None,
        )  # fmt: skip
        clerk = Actor(staff_id=ground.staff("clerk").staff_id)
        return ordering.order_for(ground.session, clerk, wanted, at).booking_id


def _diet(ground: Ground, eater: Resident, what: dict[str, object], at: datetime) -> None:
    ground.session.execute(insert(table_of(Diet)).values(person_id=eater.id, changed_at=at, **what))
