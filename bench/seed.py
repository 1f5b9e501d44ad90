"""Rows to drive against: residents who are signed in, and runs that every rule has to look at."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Table, func, insert, select, text

import backend.models  # noqa: F401 - fills the metadata
from backend.booking.models import Bookable
from backend.db import Model, db, table_of
from backend.night_school.models import (
    Course,
    CourseCategory,
    CourseRun,
    Lesson,
    RunHour,
    Teacher,
    Term,
)
from backend.people.models import AccessToken, Account, Person
from backend.people.tokens import token_hash
from backend.places.models import Place, PlaceKind

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Resident:
    """Somebody who is signed in."""

    person_id: int
    token: str


@dataclass(frozen=True, slots=True)
class Town:
    """What runs are made from: the place residents must live in, communities, one course."""

    district_id: int
    communities: Sequence[int]
    course_id: int
    term_id: int
    teacher_id: int


def create_tables(connection: Connection) -> None:
    """All tables, straight from the metadata."""
    db.metadata.create_all(connection)


def _add(connection: Connection, model: type[Model], rows: Sequence[Row]) -> list[int]:
    return _into(connection, table_of(model), rows)


def _into(connection: Connection, table: Table, rows: Sequence[Row]) -> list[int]:
    found = connection.execute(
        insert(table).returning(table.c.id, sort_by_parameter_order=True), rows
    )
    return list(found.scalars())


def _places(
    connection: Connection, kind: PlaceKind, parents: Sequence[int | None], paths: dict[int, str]
) -> list[int]:
    first = 1 + (connection.execute(select(func.max(Place.id))).scalar() or 0)
    ids = list(range(first, first + len(parents)))
    rows = []
    for row_id, parent in zip(ids, parents, strict=True):
        paths[row_id] = f"{paths[parent] if parent else '/'}{row_id}/"
        rows.append(
            {"id": row_id, "kind": kind, "parent_id": parent, "path": paths[row_id],
             "code": f"{kind}-{row_id}", "name": f"第{row_id}号{kind}"}
        )  # fmt: skip
    connection.execute(insert(table_of(Place)), rows)
    return ids


def town(connection: Connection) -> Town:
    """One district of 12 streets with a community each, a course, a term, a teacher."""
    paths: dict[int, str] = {}
    (district,) = _places(connection, PlaceKind.DISTRICT, [None], paths)
    streets = _places(connection, PlaceKind.STREET, [district] * 12, paths)
    communities = _places(connection, PlaceKind.COMMUNITY, streets, paths)
    category = {"code": "music", "name": "音乐", "name_en": "Music", "sort": 1}
    (category_id,) = _add(connection, CourseCategory, [category])
    course = {
        "code": "voice", "category_id": category_id, "title": "声乐基础", "picture": "music.svg",
        "summary": "零基础也能学,跟着老师唱好一首歌",
    }  # fmt: skip
    (course_id,) = _add(connection, Course, [course])
    term = {"name": "本学期", "starts_on": date(2020, 1, 1), "ends_on": date(2090, 1, 1)}
    (term_id,) = _add(connection, Term, [term])
    (teacher_id,) = _add(connection, Teacher, [{"name": "陈国栋", "organisation": "区文化馆"}])
    return Town(district, communities, course_id, term_id, teacher_id)


def residents(connection: Connection, where: Town, count: int, now: datetime) -> list[Resident]:
    """`count` grown-ups who live in the district, each with an account and a token."""
    people = [
        {
            "name": f"居民{number}", "birth_date": date(1950 + number % 50, 2, 1),
            "home_place_id": where.communities[number % len(where.communities)], "created_at": now,
        }
        for number in range(count)
    ]  # fmt: skip
    person_ids = _add(connection, Person, people)
    accounts = [{"person_id": person_id, "created_at": now} for person_id in person_ids]
    account_ids = _add(connection, Account, accounts)
    tokens = [secrets.token_urlsafe(32) for _ in account_ids]
    connection.execute(
        insert(table_of(AccessToken)),
        [
            {"token_hash": token_hash(token), "account_id": account_id, "created_at": now,
             "expires_at": now + timedelta(days=30)}
            for token, account_id in zip(tokens, account_ids, strict=True)
        ],
    )  # fmt: skip
    return [Resident(*one) for one in zip(person_ids, tokens, strict=True)]


def runs(
    connection: Connection, where: Town, count: int, now: datetime, *, capacity: int,
    taken: Sequence[int] = (0,), lessons: int = 0,
) -> list[int]:  # fmt: skip
    """`count` published, open runs with an age span and a limit to residents of the district."""
    first = now + timedelta(days=10)
    bookables = [
        {
            "kind": "course_run", "title": "声乐基础",
            "place_id": where.communities[number % len(where.communities)],
            "starts_at": first + timedelta(hours=number), "ends_at": first + timedelta(days=90),
            "capacity": capacity, "taken": taken[number % len(taken)],
            "opens_at": now - timedelta(days=1), "closes_at": first, "cancel_until": first,
            "promote_until": first, "published_at": now - timedelta(days=2),
        }
        for number in range(count)
    ]  # fmt: skip
    run_ids = _add(connection, Bookable, bookables)
    connection.execute(
        insert(table_of(CourseRun)),
        [
            {
                "id": run_id, "course_id": where.course_id, "term_id": where.term_id,
                "teacher_id": where.teacher_id, "price_fen": 0, "audience": "everyone",
                "min_age": 16, "max_age": 100, "home_place_id": where.district_id,
                "weekday": run_id % 7, "from_minute": 1140,
            }
            for run_id in run_ids
        ],
    )  # fmt: skip
    connection.execute(
        insert(table_of(RunHour)),
        [
            {"run_id": run_id, "weekday": run_id % 7, "from_minute": 1140, "minutes": 90}
            for run_id in run_ids
        ],
    )
    meetings = [
        {
            "run_id": run_id, "number": number + 1, "starts_at": first + timedelta(weeks=number),
            "ends_at": first + timedelta(weeks=number, minutes=90),
        }
        for run_id in run_ids
        for number in range(lessons)
    ]  # fmt: skip
    if meetings:
        connection.execute(insert(table_of(Lesson)), meetings)
    return run_ids


def settle(connection: Connection) -> None:
    """Let the planner know what is there, as autovacuum would a minute later."""
    connection.execute(text("ANALYZE"))
