"""The one transaction, its second tries, and what the two databases promise alike."""

import threading
from datetime import UTC, datetime, timedelta, timezone

import pytest
from flask import Flask
from sqlalchemy import CheckConstraint, select, text
from sqlalchemy.exc import IntegrityError, OperationalError, StatementError

from backend.db import RunAgain, db, transaction, transactional
from backend.people.models import Person
from backend.places.models import Place

NOW = datetime(2026, 3, 11, 4, 0, tzinfo=UTC)


def names() -> list[str]:
    db.session.rollback()
    return list(db.session.scalars(select(Person.name).order_by(Person.id)))


def add(name: str) -> None:
    db.session.add(Person(name=name, created_at=NOW))
    db.session.flush()


def test_everything_is_written_or_nothing(app: Flask) -> None:
    with transaction():
        add("王秀英")
    with pytest.raises(ZeroDivisionError), transaction():
        _fail_after("李建国")
    assert names() == ["王秀英"]


def _fail_after(name: str) -> None:
    add(name)
    raise ZeroDivisionError


def test_transactions_do_not_nest(app: Flask) -> None:
    with transaction():
        add("王秀英")
        with pytest.raises(RuntimeError, match="only doors"), transaction():
            pass
    assert names() == ["王秀英"]


def test_one_that_failed_does_not_stand_in_the_way_of_the_next(app: Flask) -> None:
    with pytest.raises(IntegrityError), transaction() as session:
        session.add(Place(kind="castle", name="-", code="-", path="/1/"))
    with transaction():
        add("王秀英")
    assert names() == ["王秀英"]


def test_what_was_read_before_is_read_afresh_inside(own_app: Flask) -> None:
    with own_app.app_context():
        assert names() == []
        db.session.execute(select(Person.id))  # a read is under way
        somebody_else = threading.Thread(target=_write_elsewhere, args=(own_app, "王秀英"))
        somebody_else.start()
        somebody_else.join()
        with transaction() as session:
            assert session.scalars(select(Person.name)).all() == ["王秀英"]


def _write_elsewhere(app: Flask, name: str) -> None:
    with app.app_context(), transaction():
        add(name)


def test_a_verb_may_ask_to_run_again_after_something_that_stays(app: Flask) -> None:
    tries = []

    @transactional
    def verb() -> str:
        tries.append(names_inside())
        add("too early")
        if len(tries) == 1:
            raise RunAgain(lambda: add("first"))
        return "done"

    assert verb() == "done"
    assert tries == [[], ["first"]]
    assert names() == ["first", "too early"]


def names_inside() -> list[str]:
    return list(db.session.scalars(select(Person.name).order_by(Person.id)))


def test_what_was_done_first_stays_though_the_verb_is_refused(app: Flask) -> None:
    tries = []

    @transactional
    def verb() -> None:
        tries.append(1)
        if len(tries) == 1:
            raise RunAgain(lambda: add("first"))
        add("refused")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        verb()
    assert names() == ["first"]


def test_a_verb_does_not_run_for_ever(app: Flask) -> None:
    tries = []

    @transactional
    def verb() -> None:
        tries.append(1)
        raise RunAgain()

    with pytest.raises(RunAgain):
        verb()
    assert len(tries) == 4


class Deadlock(Exception):
    sqlstate = "40P01"


def test_what_the_database_asks_for_is_tried_again(app: Flask) -> None:
    tries = []

    @transactional
    def verb() -> str:
        tries.append(1)
        add("王秀英")
        if len(tries) < 3:
            raise OperationalError("update", {}, Deadlock())
        return "done"

    assert verb() == "done"
    assert names() == ["王秀英"]


def test_other_faults_of_the_database_are_not_tried_again(app: Flask) -> None:
    tries = []

    @transactional
    def verb() -> None:
        tries.append(1)
        db.session.execute(text("SELECT nothing FROM nowhere"))

    with pytest.raises(Exception, match="nowhere"):
        verb()
    assert len(tries) == 1


def test_writers_queue_and_none_is_lost(own_app: Flask) -> None:
    """Eight threads, each reading a count and writing it back one higher, twenty times."""
    with own_app.app_context():
        with transaction():
            add("0")

        @transactional
        def count_up() -> None:
            query = select(Person).with_for_update()
            person = db.session.scalars(query).one()
            person.name = str(int(person.name) + 1)

        def work() -> None:
            with own_app.app_context():
                for _ in range(20):
                    count_up()

        threads = [threading.Thread(target=work) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert names() == ["160"]


def test_moments_come_back_aware_in_utc(app: Flask) -> None:
    shanghai = timezone(timedelta(hours=8))
    with transaction() as session:
        session.add(Person(name="王秀英", created_at=NOW.astimezone(shanghai)))
    db.session.expire_all()
    read = db.session.scalar(select(Person.created_at))
    assert read == NOW
    assert read.utcoffset() == timedelta()


def test_a_moment_without_a_zone_is_not_written(app: Flask) -> None:
    with pytest.raises(StatementError, match="aware"), transaction() as session:
        session.add(Person(name="王秀英", created_at=NOW.replace(tzinfo=None)))


def test_foreign_keys_are_kept(app: Flask) -> None:
    with pytest.raises(IntegrityError), transaction() as session:
        session.add(Person(name="王秀英", home_place_id=987654, created_at=NOW))


@pytest.mark.parametrize("dialect", ["sqlite"])
def test_sqlite_is_durable_and_lets_readers_read(own_app: Flask) -> None:
    with own_app.app_context(), db.engine.connect() as connection:
        for pragma, value in (("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1)):
            assert connection.exec_driver_sql(f"PRAGMA {pragma}").scalar() == value


def test_every_constraint_has_a_name() -> None:
    """So that a later migration can change it, on both databases."""
    nameless = [
        f"{table.name}: {constraint}"
        for table in db.metadata.sorted_tables
        for constraint in table.constraints
        if not constraint.name and (not isinstance(constraint, CheckConstraint))
    ]
    assert nameless == []
