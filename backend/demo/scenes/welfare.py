"""The last lunch: two did not open to their meal and were found; one is out tomorrow."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import insert, select

from backend import clock
from backend.booking.service import Actor
from backend.canteen import calendar, planning
from backend.canteen.items import Planned
from backend.canteen.kitchen import closing
from backend.canteen.models import Canteen, Dish, Meal, MenuItem, Mode
from backend.canteen.ordering import service as ordering
from backend.canteen.ordering.asked import Wanted
from backend.canteen.serving import missing
from backend.canteen.welfare import absent, service
from backend.canteen.welfare.models import Answer, Food, GridWorker, Outcome, Step
from backend.canteen.welfare.service import Ending, Tried
from backend.db import table_of
from backend.demo.people import Resident
from backend.demo.scenes.ground import OWN_CENTRE, Ground

_MENU = ("一荤两素套餐", "清炒时蔬")
_WORKERS = (("何建华", "第一网格，1 到 6 号楼"), ("邵红梅", "第二网格，7 到 12 号楼"))
_KNOCKED = 11 * 60 + 20


def play(ground: Ground) -> None:
    """A courier rings the desk twice; the worker goes up the ladder until both are found."""
    own = ground.centre(OWN_CENTRE)
    ground.session.execute(
        insert(table_of(GridWorker)),
        [
            {"place_id": place_id, "name": name, "about": about, "phone": f"13957{number:03}866"}
            for number, place_id in enumerate(_communities(ground), 10)
            for name, about in (_WORKERS[number % len(_WORKERS)],)
        ],
    )
    is_old = ground.aged(75)
    eaters = [one for one in ground.residents if one.home.id == own.id and is_old(one)][-4:]
    meal_id, (first, second) = _lunch(ground, eaters[:2])
    me = ground.staff("worker").staff_id
    with ground.when(first[1]) as at:
        _not_in(ground, first[0], me, at)
    with ground.when(second[1] + timedelta(minutes=8)) as at:
        _in_hospital(ground, second[0], me, at)
    with ground.when(first[1] + timedelta(hours=4)) as at:
        missing.mark(ground.session, meal_id, at)
    tomorrow = ground.today + timedelta(days=1)
    absent.announce(ground.session, eaters[2].id, tomorrow, Actor(staff_id=me), ground.now)


def _communities(ground: Ground) -> list[int]:
    """Those of the canteen's street."""
    near = ground.near(OWN_CENTRE)
    return sorted({one.home.id for one in ground.residents if near(one)})


def _not_in(ground: Ground, booking_id: int, me: int, at: datetime) -> None:
    """At the market; the grid worker knew."""
    case = _opened(ground, booking_id, me, at)
    _tried(ground, case, me, Step.CALL, Answer.NOBODY, at + timedelta(minutes=2))
    _tried(ground, case, me, Step.GRID, Answer.FOUND, at + timedelta(minutes=11), "在菜场碰到了")
    ending = Ending(outcome=Outcome.AWAY, food=Food.NEIGHBOUR, food_with="502 室钱阿姨")
    service.close(ground.session, case, ending, staff_id=me, now=at + timedelta(minutes=14))


def _in_hospital(ground: Ground, booking_id: int, me: int, at: datetime) -> None:
    """The family knew."""
    case = _opened(ground, booking_id, me, at)
    _tried(ground, case, me, Step.CALL, Answer.NOBODY, at + timedelta(minutes=3), "关机")
    _tried(ground, case, me, Step.NEIGHBOUR, Answer.NOBODY, at + timedelta(minutes=12))
    _tried(ground, case, me, Step.FAMILY, Answer.HEARD, at + timedelta(minutes=21), "昨晚住院")
    ending = Ending(outcome=Outcome.HOSPITAL, food=Food.TAKEN_BACK)
    service.close(ground.session, case, ending, staff_id=me, now=at + timedelta(minutes=24))
    service.add(
        ground.session, case, "儿子来电话，周五出院。", staff_id=me, now=at + timedelta(hours=3)
    )  # fmt: skip


def _opened(ground: Ground, booking_id: int, me: int, at: datetime) -> int:
    case = service.open_case(
        ground.session, booking_id, staff_id=me, at=at, key=f"demo-{booking_id}", now=at
    )  # fmt: skip
    assert case is not None
    return case


def _tried(
    ground: Ground, case: int, me: int, step: Step, answer: Answer, at: datetime,
    note: str | None = None,
) -> None:  # fmt: skip
    key = f"demo-{case}-{step}"
    tried = Tried(step=step, answer=answer, at=at, key=key, note=note)
    service.raise_due(ground.session, case, at)
    service.log(ground.session, case, tried, staff_id=me, now=at)


def _lunch(ground: Ground, eaters: Sequence[Resident]) -> tuple[int, list[tuple[int, datetime]]]:
    """Their orders of the last serving day's lunch, and when somebody stood at the door."""
    own, worker = ground.centre(OWN_CENTRE), ground.staff("worker")
    found = ground.session.scalars(select(Canteen.id).where(Canteen.place_id == own.id)).one()
    canteen = planning.access_canteen(ground.session, worker, found)
    first = ground.today - planning.WEEK
    serving = calendar.of_canteen(ground.session, canteen, first, ground.today)
    days = (ground.today - timedelta(days=number) for number in range(1, 7))
    day = next(one for one in days if serving.serves(one))
    known = select(Dish.name, Dish.id).where(Dish.canteen_id == canteen.id)
    dishes = {row.name: row.id for row in ground.session.execute(known)}
    closes = serving.closes(day, 1, 16 * 60)
    with ground.when(closes - timedelta(days=2)) as at:
        menu = [Planned(dish_id=dishes[name]) for name in _MENU]
        meal_id = planning.set_menu(
            ground.session, worker, canteen.id, day, Meal.LUNCH, menu, at
        )  # fmt: skip
        planning.publish(ground.session, worker, canteen.id, day, None, at)
    item_id = ground.session.scalars(
        select(MenuItem.id).where(
            MenuItem.meal_service_id == meal_id, MenuItem.dish_id == dishes[_MENU[0]]
        )
    ).one()
    orders = []
    with ground.when(closes - timedelta(hours=20)) as at:
        for number, one in enumerate(eaters):
            wanted = Wanted(
                meal_service_id=meal_id, person_id=one.id, dishes=[(item_id, 1)],
                mode=Mode.DELIVERY, address=f"{number + 3}号楼1单元{number + 4}01室",
            )  # fmt: skip
            clerk = Actor(staff_id=ground.staff("clerk").staff_id)
            booking_id = ordering.order_for(ground.session, clerk, wanted, at).booking_id
            orders.append((booking_id, clock.at_minute(day, _KNOCKED)))
    with ground.when(closes + timedelta(seconds=20)) as at:
        closing.close(ground.session, meal_id, at)
    return int(meal_id), orders
