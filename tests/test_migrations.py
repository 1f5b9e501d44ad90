"""Migrations: numbered, both directions, and equal to the models on both databases."""

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.orm import Session

from backend import migrating
from backend.db import db
from backend.night_school.models import Course, CourseCategory, CourseRun, Lesson, Term
from backend.places.models import Place
from tests import databases, settings

VERSIONS = Path(migrating.SCRIPTS) / "versions"


@pytest.fixture
def empty(dialect, request, tmp_path_factory):
    """Settings of an empty database."""
    url = databases.new_database(dialect, request, tmp_path_factory)
    return settings.for_tests(database_url=url)


@pytest.fixture
def engine(empty):
    engine = create_engine(empty.database_url)
    yield engine
    engine.dispose()


def guards(engine) -> list[str]:
    """What refuses overlap: a constraint on PostgreSQL, triggers on SQLite."""
    query = {
        "postgresql": "SELECT conname FROM pg_constraint WHERE contype = 'x' ORDER BY 1",
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger' ORDER BY name",
    }[engine.dialect.name]
    with engine.connect() as connection:
        return list(connection.execute(text(query)).scalars())


# PostgreSQL's own indexes over expressions are compared there.
@pytest.mark.filterwarnings("ignore:autogenerate skipping metadata-specified:UserWarning")
def test_up_equals_the_models(empty, engine) -> None:
    migrating.migrate(empty)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, db.metadata) == []
    assert guards(engine) == (
        ["ex_occupancy_overlap", "ex_term_overlap"]
        if engine.dialect.name == "postgresql"
        else [
            "tr_ledger_entry_kept_delete", "tr_ledger_entry_kept_update",
            *(
                f"tr_meal_claim{table}_kept_{verb}"
                for table in ("_day", "", "_line")
                for verb in ("delete", "update")
            ),
            "tr_occupancy_overlap_insert", "tr_occupancy_overlap_update",
            "tr_subsidy_version_kept_delete", "tr_subsidy_version_kept_update",
            "tr_term_overlap_insert", "tr_term_overlap_update",
        ]
    )  # fmt: skip


def test_down_leaves_nothing_and_up_works_again(empty, engine) -> None:
    migrating.migrate(empty)
    migrating.migrate(empty, "base")
    assert set(inspect(engine).get_table_names()) == {"alembic_version"}
    assert migrating.current_revision(empty) is None
    migrating.migrate(empty)
    assert migrating.current_revision(empty) == head()


def head() -> str | None:
    return ScriptDirectory.from_config(
        migrating.alembic_config(settings.for_tests())
    ).get_current_head()


def test_each_has_the_next_number() -> None:
    names = sorted(path.name for path in VERSIONS.glob("[0-9]*.py"))
    assert [name[:4] for name in names] == [f"{n:04d}" for n in range(1, len(names) + 1)]
    assert all(re.fullmatch(r"\d{4}_[a-z_]+\.py", name) for name in names)
    assert head() == names[-1][:4]


def test_what_is_there_stays_there(empty, engine) -> None:
    """SQLite alters a table by copying and dropping it: nothing that hangs on its rows may go."""
    migrating.migrate(empty)
    with Session(engine) as session:
        make_a_class(session)
        session.commit()
    migrating.migrate(empty, "0002")
    migrating.migrate(empty)
    with engine.connect() as connection:
        counts = [
            connection.scalar(text(f"SELECT count(*) FROM {name}"))
            for name in ("bookable", "course_run", "lesson")
        ]
    assert counts == [1, 1, 2]


def make_a_class(session: Session) -> None:
    """A run of two lessons, with all it hangs on."""
    now = datetime(2026, 3, 11, 4, 0, tzinfo=UTC)
    place = Place(kind="district", path="/1/", code="d", name="幸福区")
    category = CourseCategory(code="music", name="音乐", name_en="Music")
    term = Term(name="2026年春季", starts_on=date(2026, 3, 1), ends_on=date(2026, 7, 1))
    session.add_all([place, category, term])
    session.flush()
    course = Course(code="choir", category_id=category.id, title="合唱", summary="一起唱")
    session.add(course)
    session.flush()
    run = CourseRun(
        title="合唱", place_id=place.id, starts_at=now, ends_at=now + timedelta(days=7),
        course_id=course.id, term_id=term.id, weekday=2, from_minute=1140,
    )  # fmt: skip
    session.add(run)
    session.flush()
    for number in (1, 2):
        starts_at = now + timedelta(days=number)
        session.add(
            Lesson(run_id=run.id, number=number, starts_at=starts_at,
                   ends_at=starts_at + timedelta(hours=1))
        )  # fmt: skip
