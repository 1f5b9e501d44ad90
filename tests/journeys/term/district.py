"""The district before the term: rooms, courses, staff, and neighbours who have a sign-in.

These are rows: that a place, a room, a member of staff or a neighbour exists is nobody's story
here. Twelve more neighbours come by the door, with WeChat's code and their phone.
"""

import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice, product

from flask import Flask

from backend.db import db, table_of
from backend.people.models import AccessToken, Account, Person
from backend.people.tokens import token_hash
from backend.staff import passwords
from backend.staff.models import Role
from tests.factories import Make

PASSWORD = "红枣-小米-清粥-2026"
ROWS = 488
BY_THE_DOOR = 12
"""Together 500 neighbours who sign in on a phone of their own."""

_SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
_GIVEN = (
    "秀兰建国桂英国强玉梅志明淑珍卫东凤霞德明春梅永康美玲文斌雪琴"
    "少华丽娟家兴慧敏长青晓燕保平翠萍立新红梅"
)
"""20 by 25, two characters each: five hundred names, and no two alike."""


@dataclass(frozen=True)
class Neighbour:
    """Somebody with a phone: who they are, and what their phone signs in with."""

    name: str
    born: int
    person_id: int
    token: str
    openid: str = ""
    phone: str = ""


@dataclass(frozen=True)
class District:
    """The ids of what is there."""

    community: int
    rooms: dict[str, int]
    courses: dict[str, int]
    teachers: dict[str, int]
    neighbours: list[Neighbour]


def settle(app: Flask, now: datetime) -> District:
    """Write it all down as it stands before the term."""
    with app.app_context():
        make = Make(now)
        here = make.once("community", make.place)
        next_door = make.place(name="梅园社区")
        return District(
            community=here.id,
            rooms={name: make.room(here, name=name).id for name in ("201教室", "202教室")},
            courses={
                title: make.course(title).id
                for title in ("书法入门", "声乐基础", "国画入门", "太极养生", "防火讲座")
            },
            teachers=_staff(make),
            neighbours=_neighbours(now, [here.id] * 4 + [next_door.id]),
        )


def _staff(make: Make) -> dict[str, int]:
    """Zhou manages the district, Wang works here, Chen teaches and Li stands in."""
    same = passwords.hash_password(PASSWORD)
    top = make.once("district", make.place)
    make.staff(Role.MANAGER, top, name="周慧", username="zhou", password_hash=same)
    make.staff(Role.WORKER, name="王敏", username="wang", password_hash=same)
    teachers = {}
    for username, name in (("chen", "陈国栋"), ("li", "李雪梅")):
        sign_in = make.staff(Role.TEACHER, name=name, username=username, password_hash=same)
        teachers[name] = make.teacher(name, staff_id=sign_in.id).id
    return teachers


def _neighbours(now: datetime, homes: list[int]) -> list[Neighbour]:
    """People of 30 to 79 with an account and a token each, in one go."""
    given = [_GIVEN[at : at + 2] for at in range(0, len(_GIVEN), 2)]
    names = [a + b for a, b in islice(product(_SURNAMES, given), ROWS)]
    tokens = [secrets.token_urlsafe(32) for _ in names]
    people = [
        Person(
            name=name, birth_date=date(_born(number), 1 + number % 12, 1),
            home_place_id=homes[number % len(homes)], created_at=now,
        )
        for number, name in enumerate(names)
    ]  # fmt: skip
    db.session.add_all(people)
    db.session.flush()
    accounts = [Account(person_id=one.id, created_at=now) for one in people]
    db.session.add_all(accounts)
    db.session.flush()
    until = now + timedelta(days=200)
    db.session.execute(
        table_of(AccessToken).insert(),
        [
            {
                "token_hash": token_hash(token), "account_id": account.id, "created_at": now,
                "expires_at": until,
            }
            for token, account in zip(tokens, accounts, strict=True)
        ],
    )  # fmt: skip
    made = [
        Neighbour(person.name, _born(number), person.id, token)
        for number, (person, token) in enumerate(zip(people, tokens, strict=True))
    ]
    db.session.commit()
    return made


def _born(number: int) -> int:
    return 1947 + number % 50
