"""A district's draw in a database: classes, applicants and wishes, as `large_list` has them."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, insert, text

from backend.booking.models import Bookable
from backend.db import table_of
from backend.night_school.draws import seed as secrets
from backend.night_school.draws.models import Draw, DrawApplication, DrawWish
from backend.night_school.models import CourseRun, Lesson
from backend.people.models import Account, Person
from bench import seed

NOW = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
"""The window has ended, the number is known in a day."""

DRAW = 1

_FRAME = (
    """
    INSERT INTO place (id, kind, parent_id, path, code, name) VALUES
        (1, 'district', NULL, '/1/', 'd', '幸福区'), (2, 'street', 1, '/1/2/', 's', '春风街道')
    """,
    """
    INSERT INTO place (id, kind, parent_id, path, code, name)
    SELECT 100 + n, 'community', 2, '/1/2/' || 100 + n || '/', 'c' || n, n || '号社区'
    FROM generate_series(0, 155) n
    """,
    "INSERT INTO course_category (id, code, name, name_en, sort) VALUES (1, 'k', '类', 'Kind', 1)",
    """
    INSERT INTO course (id, code, category_id, title, summary)
    SELECT n, 'k' || n, 1, n || '号课程', '零基础也能学' FROM generate_series(0, 35) n
    """,
    """
    INSERT INTO term (id, name, starts_on, ends_on, most_per_person)
    VALUES (1, '春季学期', '2026-03-01', '2026-07-01', 3)
    """,
)


def write(connection: Connection, entries: dict[str, Any]) -> None:
    """Everything up to a draw whose list is still to be fixed; every run has rules to look at."""
    seed.create_tables(connection)
    for statement in _FRAME:
        connection.execute(text(statement))
    _write_draw(connection)
    _write_runs(connection, entries["runs"])
    _write_applicants(connection, entries["applications"])
    seed.settle(connection)


def _write_draw(connection: Connection) -> None:
    secret = "11" * 32
    connection.execute(
        insert(table_of(Draw)),
        {
            "id": DRAW, "term_id": 1, "place_id": 1, "title": "春季热门班摇号",
            "number_name": "双色球第2026031期", "number_at": NOW + timedelta(days=1),
            "opens_at": NOW - timedelta(days=3), "closes_at": NOW, "created_at": NOW,
            "most_places": 2, "secret": secret, "commitment": secrets.commitment(secret),
            "committed_at": NOW - timedelta(days=5), "published_at": NOW - timedelta(days=4),
        },
    )  # fmt: skip


def _write_runs(connection: Connection, runs: list[dict[str, Any]]) -> None:
    lessons = [
        {
            "run_id": run["id"], "number": number,
            "starts_at": NOW + timedelta(days=7, seconds=start),
            "ends_at": NOW + timedelta(days=7, seconds=end),
        }
        for run in runs
        for number, (start, end) in enumerate(run["lessons"], 1)
    ]  # fmt: skip
    first = {one["run_id"]: one["starts_at"] for one in reversed(lessons)}
    connection.execute(
        insert(table_of(Bookable)),
        [
            {
                "id": run["id"], "kind": "course_run", "title": run["title"],
                "place_id": 100 + run["id"] % 156, "starts_at": first[run["id"]],
                "ends_at": first[run["id"]] + timedelta(days=80), "capacity": run["places"],
                "opens_at": NOW, "published_at": NOW - timedelta(days=10),
                "cancel_until": first[run["id"]], "promote_until": first[run["id"]],
            }
            for run in runs
        ],
    )  # fmt: skip
    connection.execute(
        insert(table_of(CourseRun)),
        [
            {
                "id": run["id"], "course_id": run["id"] % 36, "term_id": 1, "audience": "everyone",
                "weekday": 1, "from_minute": 1140, "mode": "draw", "draw_id": DRAW,
                "apply_from": NOW - timedelta(days=3), "apply_until": NOW,
                "min_age": 18, "home_place_id": 1,
            }
            for run in runs
        ],
    )  # fmt: skip
    connection.execute(insert(table_of(Lesson)), lessons)


def _write_applicants(connection: Connection, applications: list[dict[str, Any]]) -> None:
    numbered = list(enumerate(applications, 1))
    people = [
        {
            "id": n, "name": f"居民{n}", "birth_date": date(1950 + n % 50, 1, 1),
            "home_place_id": 100 + n % 156, "created_at": NOW,
        }
        for n, _ in numbered
    ]  # fmt: skip
    connection.execute(insert(table_of(Person)), people)
    connection.execute(
        insert(table_of(Account)),
        [{"id": n, "person_id": n, "language": "zh", "created_at": NOW} for n, _ in numbered],
    )
    connection.execute(
        insert(table_of(DrawApplication)),
        [
            {
                "id": n, "draw_id": DRAW, "person_id": n, "account_id": n, "code": one["code"],
                "together": one["together"], "most": one["most"], "applied_at": NOW,
            }
            for n, one in numbered
        ],
    )  # fmt: skip
    connection.execute(
        insert(table_of(DrawWish)),
        [
            {"application_id": n, "rank": rank, "run_id": wish["run"]}
            for n, one in numbered
            for rank, wish in enumerate(one["wishes"], 1)
        ],
    )
