"""Statements put straight to PostgreSQL's driver: they stay prepared, and fail as others do."""

from contextlib import suppress

import pytest
from flask import Flask
from sqlalchemy import bindparam, select, text
from sqlalchemy.exc import DBAPIError

from backend.db import Prepared, db, hold, reading, table_of, transaction, unseen
from backend.places.models import Place

_place = table_of(Place)
_BY_CODE = Prepared(select(_place.c.id, _place.c.name).where(_place.c.code == bindparam("code")))


_ATOM = text(
    "WITH place AS (INSERT INTO place (kind, path, code, name)"
    " VALUES ('district', '/' || :name, :name, :name) RETURNING id)"
    " INSERT INTO atom (place_id, name) SELECT id, :name FROM place"
)


@pytest.fixture
def dialect() -> str:
    return "postgresql"


def in_driver() -> int:
    """How many statements the database holds ready for this connection."""
    return db.session.execute(
        text("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%place.code%'")
    ).scalar_one()


def ask(times: int = 1) -> None:
    for _ in range(times):
        assert _BY_CODE.first(db.session(), {"code": "nowhere"}) is None


def test_it_is_planned_once(own_app: Flask) -> None:
    with own_app.app_context(), transaction():
        ask(8)
        assert in_driver() == 1


def test_one_plan_does_for_every_value(own_app: Flask) -> None:
    """A constant stands in the text; a parameter that is unseen gives no reason to plan anew."""
    below = _place.c.id < unseen("id", _place.c.id.type)
    few = Prepared(select(_place.c.id).where(_place.c.kind == "estate", below))
    plans = text(
        "SELECT generic_plans FROM pg_prepared_statements WHERE custom_plans = 5"
        " AND position('place.kind = ' || quote_literal('estate') IN statement) > 0"
    )
    with own_app.app_context(), transaction() as session:
        for number in range(20):
            few.all(session, {"id": number})
        assert session.execute(plans).scalar_one() >= 10


def test_what_follows_hold_is_written_together(own_app: Flask) -> None:
    with own_app.app_context():
        _fail_after_writing("alone", held=False)
        _fail_after_writing("together", held=True)
        with transaction() as session:
            names = session.execute(text("SELECT name FROM atom"))
            assert names.scalars().all() == ["alone"]


def _fail_after_writing(name: str, *, held: bool) -> None:
    with suppress(ZeroDivisionError), transaction(one_write=True) as session:
        ask()
        if held:
            hold(session)
        session.execute(_ATOM, {"name": name})
        raise ZeroDivisionError


def test_a_failure_rolls_back_and_the_next_is_fine(own_app: Flask) -> None:
    with own_app.app_context():
        for _ in range(2):
            with pytest.raises(DBAPIError), transaction() as session:
                session.execute(text("INSERT INTO term (name) VALUES ('half')"))
        with transaction() as session:
            assert session.execute(text("SELECT count(*) FROM term")).scalar_one() == 0


def test_the_driver_s_errors_are_sqlalchemy_s(own_app: Flask) -> None:
    with own_app.app_context(), pytest.raises(DBAPIError), transaction():
        _BY_CODE.first(db.session(), {"code": "nul\x00"})


def test_a_reader_holds_no_transaction(own_app: Flask) -> None:
    with own_app.app_context():
        session = reading()
        ask()
        state = "SELECT state FROM pg_stat_activity WHERE pid = :pid"
        pid = session.execute(text("SELECT pg_backend_pid()")).scalar_one()
        with db.engine.connect() as other:
            assert other.execute(text(state), {"pid": pid}).scalar_one() == "idle"
        with transaction():
            assert db.session.connection().get_isolation_level() == "READ COMMITTED"
