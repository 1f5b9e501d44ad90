"""A canteen and the estates around it, before the first order.

These are rows: that a canteen, a building, a dish, a member of staff or a resident exists is
nobody's story here.
"""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import product

from flask import Flask
from sqlalchemy import insert

from backend.canteen.delivery.models import BuildingFacts, DeliverySetting
from backend.canteen.eaters.models import Diet, Texture
from backend.canteen.models import Mode
from backend.db import db
from backend.people import crypto
from backend.people.models import AccessToken, Account, Person
from backend.people.tokens import token_hash
from backend.places.models import PlaceKind
from backend.staff import passwords
from backend.staff.models import Role
from tests.factories import Make
from tests.journeys.term.district import PASSWORD

DAY = date(2026, 3, 12)
EATERS, BROUGHT, AT_GATE, PICKED_UP = 1500, 700, 60, 300
COURIERS = 22
BAGS = 36
"""What goes onto a courier's tricycle: a building of three stairs with twelve flats each."""
FEE = 100
MENU = {"红烧豆腐套餐": 1200, "清炒时蔬套餐": 1000, "白灼虾套餐": 1600, "小米粥": 410}
ALLERGIC = 6
"""Eats shrimps (the 6 of 4n + 2) and must not; it is meant all the same."""
GATE = "东门岗亭旁"

_SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
_FIRST, _SECOND = "秀桂玉淑建国志德春美", "英兰芳珍华强明霞"
"""20 by 10 by 8: 1,600 names, and no two alike, since labels bear no number."""


@dataclass(frozen=True, slots=True)
class Eater:
    """The n-th of those who eat: how, what, where; who they are, and what their phone signs in
    with.
    """

    number: int
    name: str
    phone: str
    born: date
    address: str | None
    person_id: int = 0
    token: str = ""

    @property
    def mode(self) -> Mode:
        """How they eat."""
        if self.number < BROUGHT + AT_GATE:
            return Mode.DELIVERY
        return Mode.PICK_UP if self.number < BROUGHT + AT_GATE + PICKED_UP else Mode.DINE_IN

    @property
    def dish(self) -> str:
        """Everybody eats one dish of the menu."""
        return list(MENU)[self.number % len(MENU)]

    @property
    def portions(self) -> int:
        """Every 25th eats for two."""
        return 2 if self.number % 25 == 9 else 1

    @property
    def stands(self) -> bool:
        """Every fifth has a standing order; for two nobody has."""
        return self.number % 5 == 0

    @property
    def soft(self) -> bool:
        """Every tenth has it soft."""
        return self.number % 10 == 0

    @property
    def special(self) -> bool:
        """Theirs is not served as the others' are."""
        return self.soft or self.number == ALLERGIC

    @property
    def subsidy_fen(self) -> int:
        """A quarter of one portion's price, half up, at most three yuan."""
        return min((MENU[self.dish] + 2) // 4, 300)

    @property
    def pays_fen(self) -> int:
        """The rest, and the fee where it is brought."""
        fee = FEE if self.mode is Mode.DELIVERY else 0
        return MENU[self.dish] * self.portions - self.subsidy_fen + fee


@dataclass(frozen=True, slots=True)
class Town:
    """The ids of what is there, and who eats."""

    community: int
    canteen: int
    dishes: dict[str, int]
    eaters: list[Eater]
    walk_ins: list[Eater]


def settle(app: Flask, now: datetime) -> Town:
    """Write it all down as it stands on Wednesday morning."""
    with app.app_context():
        make = Make(now)
        here = make.once("community", make.place)
        canteen = make.canteen(here, delivery_fen=FEE)
        make.add(DeliverySetting(canteen_id=canteen.id, bag_capacity=BAGS))
        make.subsidy(here)
        homes = [*_flats(make), *_at_the_gate(make)]
        dishes = {
            name: make.dish(
                canteen, name=name, list_fen=fen, ingredients=name, traits=["soft"], is_set=True,
                allergens=["crustaceans"] if "虾" in name else [],
            ).id
            for name, fen in MENU.items()
        }  # fmt: skip
        _staff(make)
        everybody = _people(now, here.id, list(_drafts(homes)))
        town = Town(here.id, canteen.id, dishes, everybody[:EATERS], everybody[EATERS:])
        db.session.execute(insert(Diet), list(_diets(town.eaters, now)))
        db.session.commit()
        return town


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
    make.add(BuildingFacts(place_id=estate.id, drop_from=10, drop_point=GATE))
    return [f"康乐里{number}号楼{number}01室" for number in range(1, AT_GATE + 1)]


def _staff(make: Make) -> None:
    """By the usernames they sign in with."""
    same = passwords.hash_password(PASSWORD)
    for username, name, role in (
        ("lin", "林晓燕", Role.CLERK), ("wang", "王敏", Role.WORKER), ("guo", "郭大厨", Role.COOK),
        ("sun", "孙调度", Role.DISPATCHER), ("xu", "许阿芳", Role.COUNTER),
        ("tang", "唐宁", Role.COUNTER), ("qian", "钱会计", Role.ACCOUNTANT),
    ):  # fmt: skip
        make.staff(role, name=name, username=username, password_hash=same)
    for number in range(1, COURIERS + 1):
        username = f"courier{number}"
        make.staff(Role.COURIER, name=f"志愿者{number}", username=username, password_hash=same)


def _drafts(homes: list[str]) -> Iterator[Eater]:
    """1,500 who order, and three who come by."""
    names = ("".join(one) for one in product(_SURNAMES, _FIRST, _SECOND))
    for number in range(EATERS + 3):
        yield Eater(
            number, next(names), f"1380000{number:04d}", date(1940 + number % 25, 5, 1),
            homes[number] if number < len(homes) else None,
        )  # fmt: skip


def _people(now: datetime, home: int, drafts: list[Eater]) -> list[Eater]:
    """Persons with an account and a token each, in one go."""
    people = [
        Person(
            name=one.name, birth_date=one.born, home_place_id=home, address=one.address,
            phone=one.phone, phone_hash=crypto.phone_hash(one.phone),
            last_four_hash=crypto.last_four_hash(one.phone), created_at=now,
        )
        for one in drafts
    ]  # fmt: skip
    db.session.add_all(people)
    db.session.flush()
    accounts = [Account(person_id=one.id, created_at=now) for one in people]
    db.session.add_all(accounts)
    db.session.flush()
    tokens = [secrets.token_urlsafe(32) for _ in people]
    values = [
        {"token_hash": token_hash(token), "account_id": account.id, "created_at": now,
         "expires_at": now + timedelta(days=200)}
        for token, account in zip(tokens, accounts, strict=True)
    ]  # fmt: skip
    db.session.execute(insert(AccessToken), values)
    return [
        Eater(one.number, one.name, one.phone, one.born, one.address, person.id, token)
        for one, person, token in zip(drafts, people, tokens, strict=True)
    ]


def _diets(eaters: list[Eater], now: datetime) -> Iterator[dict[str, object]]:
    for one in eaters:
        if one.special:
            yield {
                "person_id": one.person_id, "changed_at": now, "avoids": [], "traits": [],
                "allergens": ["crustaceans"] if one.number == ALLERGIC else [],
                "texture": Texture.SOFT if one.soft else Texture.NORMAL,
            }  # fmt: skip
