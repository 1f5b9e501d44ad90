"""`xingfu rotate-keys`: a new key in front, everything under it, the old one dropped."""

import base64

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from sqlalchemy import select, text

from backend import clock
from backend.app import create_app
from backend.cli import main
from backend.config import load
from backend.db import db
from backend.night_school.models import Teacher
from backend.people import rotation
from backend.people.crypto import DecryptionFailed
from backend.people.models import Person
from tests import databases
from tests.factories import Make
from tests.settings import ENVIRON


def key(name: str) -> str:
    return f"{name}:{base64.b64encode(name.ljust(32).encode()).decode()}"


OLD, BOTH, NEW = key("old"), f"{key('new')},{key('old')}", key("new")


class Site:
    """A database that applications with different keys work on."""

    def __init__(self, app: Flask) -> None:
        with app.app_context():
            url = db.engine.url.render_as_string(hide_password=False)
        self.env = ENVIRON | {"DATABASE_URL": url}

    def rotate(self, keys: str) -> Result:
        return CliRunner().invoke(main, ["rotate-keys"], env=self.env | {"DATA_KEYS": keys})

    def under(self, keys: str) -> Flask:
        return create_app(load(self.env | {"DATA_KEYS": keys}))

    def read(self, keys: str) -> list[tuple[str | None, str | None]]:
        """Phone and address of everybody."""
        app = self.under(keys)
        try:
            with app.app_context():
                rows = db.session.execute(select(Person.phone, Person.address).order_by(Person.id))
                return [tuple(row) for row in rows]
        finally:
            databases.dispose(app)


@pytest.fixture
def site(own_app: Flask, now: object) -> Site:
    site = Site(own_app)
    app = site.under(OLD)
    with app.app_context():
        make = Make(now)
        make.person("王秀英", phone="13812345678", address="3号楼201")
        make.person("李建国", phone="13900001111")
        make.person("张桂兰")
        make.teacher("陈国栋", phone="13700002222")
    databases.dispose(app)
    return site


PLAIN = [("13812345678", "3号楼201"), ("13900001111", None), (None, None)]


def test_the_old_key_can_be_dropped_afterwards(site: Site) -> None:
    with pytest.raises(DecryptionFailed):
        site.read(NEW)
    done = site.rotate(BOTH)
    assert done.exit_code == 0, done.output
    assert "person: 2 rows" in done.output
    assert "teacher: 1 rows" in done.output
    assert "No value needs old" in done.output
    assert site.read(NEW) == PLAIN
    app = site.under(NEW)
    with app.app_context():
        assert db.session.scalar(select(Teacher.phone)) == "13700002222"
    databases.dispose(app)


def test_doing_it_again_finds_nothing_to_do(site: Site) -> None:
    site.rotate(BOTH)
    again = site.rotate(BOTH)
    assert again.exit_code == 0
    assert "person: 0 rows" in again.output
    assert site.read(NEW) == PLAIN


def test_it_goes_on_where_it_was_stopped(site: Site) -> None:
    app = site.under(BOTH)
    with app.app_context():
        [people] = [one for one in rotation.sealed_tables() if one.table.name == "person"]
        assert rotation.count_old(people) == 2
        batches = rotation.rotate(people, batch=1)
        assert next(batches) == 1
        batches.close()  # as if the process had been ended here
        assert rotation.count_old(people) == 1
    databases.dispose(app)
    assert site.read(BOTH) == PLAIN
    assert "person: 1 rows" in site.rotate(BOTH).output
    assert site.read(NEW) == PLAIN


def test_what_is_written_meanwhile_stands_under_the_new_key(site: Site) -> None:
    app = site.under(BOTH)
    with app.app_context():
        Make(None).add(Person(name="赵敏", phone="13600003333", created_at=clock.now()))
        [people] = [one for one in rotation.sealed_tables() if one.table.name == "person"]
        assert rotation.count_old(people) == 2
    databases.dispose(app)


def test_a_missing_key_is_named_and_nothing_is_lost(site: Site) -> None:
    failed = site.rotate(NEW)
    assert failed.exit_code == 1
    assert "no key named 'old'" in failed.output
    assert site.read(OLD) == PLAIN


def test_every_encrypted_column_is_found(app: Flask) -> None:
    found = {
        f"{one.table.name}.{column.name}"
        for one in rotation.sealed_tables()
        for column in one.columns
    }
    assert found >= {"person.phone", "person.address", "person.id_number", "teacher.phone"}


def test_what_is_stored_is_not_readable(site: Site) -> None:
    app = site.under(OLD)
    with app.app_context():
        stored = db.session.scalars(text("SELECT phone FROM person WHERE phone IS NOT NULL")).all()
    databases.dispose(app)
    assert all(value.startswith("old:") and "138" not in value[:8] for value in stored)
