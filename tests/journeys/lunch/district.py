"""A canteen and the estates around it: 1,500 people with money, every tenth on a diet."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from flask import Flask
from sqlalchemy import insert, select

from backend.booking.service import Actor
from backend.canteen import planning
from backend.canteen.accounts import ledger
from backend.canteen.accounts.ledger import Credit
from backend.canteen.accounts.models import EntryKind
from backend.canteen.delivery.models import BuildingFacts, DeliverySetting
from backend.canteen.eaters.models import Diet, Texture
from backend.canteen.items import Planned
from backend.canteen.models import Canteen, Meal, MenuItem, Mode
from backend.db import db, transaction
from backend.places.models import PlaceKind
from backend.scheduler import JOBS, run_job
from backend.staff.access import Scope, SignedInStaff
from backend.staff.models import Role, Staff
from tests.booking.crowd import Member, crowd
from tests.factories import Make

EVE = datetime(2026, 3, 11, 4, tzinfo=UTC)
"""Wednesday noon: orders are open until four."""
DAY = date(2026, 3, 12)
EATERS, BROUGHT, AT_POINT, PICKED_UP = 1500, 700, 60, 300
PAID_IN = 5000
MENU = {"红烧豆腐": 800, "清炒时蔬": 400, "白灼虾": 1200, "小米粥": 200}
PLATES = (("红烧豆腐", "清炒时蔬"), ("白灼虾",), ("红烧豆腐", "小米粥"), ("清炒时蔬", "小米粥"))
"""Who is the n-th of the crowd eats the n-th of these, over and over."""


@dataclass(frozen=True, slots=True)
class Town:
    """Whom the lunch is for, and who makes it happen; `homes` has an address for who is at home."""

    app: Flask
    canteen: Canteen
    meal_id: int
    items: dict[str, int]
    eaters: Sequence[Member]
    homes: Sequence[str]
    staff: dict[str, Sequence[Staff]]

    def mode(self, number: int) -> Mode:
        """How the n-th of the crowd eats."""
        if number < BROUGHT + AT_POINT:
            return Mode.DELIVERY
        return Mode.PICK_UP if number < BROUGHT + AT_POINT + PICKED_UP else Mode.DINE_IN

    def plate(self, number: int) -> Sequence[str]:
        return PLATES[number % len(PLATES)]

    def work(self, *jobs: str) -> None:
        """The scheduler runs these."""
        for job in JOBS:
            if job.name in jobs:
                assert run_job(self.app, job)


def opened(app: Flask) -> Town:
    """Everything as it stands on Wednesday at noon."""
    make = Make(EVE)
    here = make.once("community", make.place)
    canteen = make.canteen(here, delivery_fen=100)
    make.add(DeliverySetting(canteen_id=canteen.id, bag_capacity=20))
    make.subsidy(here)
    homes = [*_flats(make), *_at_the_gate(make)]
    dishes = [
        make.dish(canteen, name=name, list_fen=fen, ingredients=name,
                  allergens=["crustaceans"] if name == "白灼虾" else [], traits=[])
        for name, fen in MENU.items()
    ]  # fmt: skip
    manager = make.staff(Role.MANAGER, here, name="周主任")
    me = SignedInStaff(
        manager.id, manager.name, (Scope(Role.MANAGER, here.id, here.path, here.name),)
    )
    eaters = crowd(EATERS, EVE)
    with transaction() as session:
        plan = [Planned(dish_id=one.id) for one in dishes]
        meal_id = planning.set_menu(session, me, canteen.id, DAY, Meal.LUNCH, plan, EVE)
        planning.publish(session, me, canteen.id, DAY, None, EVE)
        session.execute(insert(Diet), [
            {"person_id": one.person_id, "changed_at": EVE, "allergens": [], "avoids": [],
             "traits": [], "texture": Texture.SOFT if number % 20 else Texture.NORMAL}
            for number, one in enumerate(eaters) if number % 10 == 0
        ])  # fmt: skip
        for number, one in enumerate(eaters):
            paid = Credit(
                person_id=one.person_id, kind=EntryKind.TOP_UP, fen=PAID_IN, key=f"in:{number}"
            )
            ledger.credit(session, paid, Actor(), EVE)
    found = select(MenuItem.id).where(MenuItem.meal_service_id == meal_id).order_by(MenuItem.id)
    items = dict(zip(MENU, db.session.scalars(found), strict=True))
    staff = {
        role: [make.staff(role, here, name=f"{name}{n}") for n in range(1, count + 1)]
        for role, name, count in (
            (Role.DISPATCHER, "调度", 1), (Role.COURIER, "志愿者", 12), (Role.COUNTER, "窗口", 1),
            (Role.ACCOUNTANT, "会计", 1), (Role.WORKER, "网格", 1),
        )
    }  # fmt: skip
    return Town(app, canteen, meal_id, items, eaters, homes, staff | {Role.MANAGER: [manager]})


def _flats(make: Make) -> list[str]:
    """Flats of two estates, one of them with lifts."""
    homes = []
    for name, buildings, has_lift in (("翠园小区", 12, False), ("锦绣苑", 8, True)):
        estate = make.place(PlaceKind.ESTATE, name=name)
        for number in range(1, buildings + 1):
            building = make.place(PlaceKind.BUILDING, estate, name=f"{number}号楼")
            make.add(BuildingFacts(place_id=building.id, has_lift=has_lift, turn=number))
            homes += [
                f"{name}{number}号楼{unit}单元{floor}0{flat}室"
                for unit in (1, 2, 3) for floor in range(1, 7) for flat in (1, 2)
            ]  # fmt: skip
    return homes[:BROUGHT]


def _at_the_gate(make: Make) -> list[str]:
    """An estate whose bags go to one point."""
    estate = make.place(PlaceKind.ESTATE, name="康乐里")
    make.add(BuildingFacts(place_id=estate.id, drop_from=10, drop_point="东门岗亭旁"))
    return [f"康乐里{number}号楼{number}01室" for number in range(1, AT_POINT + 1)]
