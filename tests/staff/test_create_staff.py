"""`xingfu create-staff`: the first account of an installation."""

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from backend import clock
from backend.commands.create_staff import create_staff
from backend.db import db, transaction
from backend.places.models import Place
from backend.staff import passwords
from backend.staff.models import Staff, StaffRole


@pytest.fixture
def run(own_app, monkeypatch: pytest.MonkeyPatch):
    """Runs the command against a database of its own, which has a street and a community."""
    with own_app.app_context(), transaction() as session:
        street = Place(kind="street", path="/1/", code="XF01", name="和平街道")
        session.add(street)
        session.flush()
        session.add(
            Place(
                kind="community", parent_id=street.id, path="/1/2/", code="XF0101", name="春晖社区"
            )
        )
    monkeypatch.setenv("DATABASE_URL", own_app.config["SQLALCHEMY_DATABASE_URI"])
    monkeypatch.setenv("LOG_LEVEL", "warning")

    def invoke(*arguments: str) -> Result:
        return CliRunner().invoke(create_staff, arguments)

    return invoke


def test_it_prints_a_password_that_fits(run, own_app) -> None:
    result = run("Zhou.Hui", "周慧", "--role", "manager", "--place", "XF01")
    assert result.exit_code == 0, result.output
    assert "zhou.hui" in result.output
    password = result.output.split("One-time password:")[1].split()[0]
    with own_app.app_context():
        someone = db.session.scalars(select(Staff)).one()
        assert passwords.fits(password, someone.password_hash)
        assert someone.must_change_password
        assert someone.created_at <= clock.now()
        assert db.session.scalars(select(StaffRole.role)).all() == ["manager"]


NONSENSE = [
    ("x", "周慧", "--place", "XF01"),
    ("zhou", "", "--place", "XF01"),
    ("zhou", "周" * 41, "--place", "XF01"),
    ("zhou", "周\x07慧", "--place", "XF01"),
    ("zhou", "周慧", "--place", "nowhere"),
    ("zhou", "周慧", "--place", "XF01", "--role", "worker"),
    ("zhou", "周慧", "--place", "XF01", "--role", "emperor"),
    ("zhou", "周慧"),
]


def test_nonsense_is_refused_with_a_sentence(run, own_app) -> None:
    for arguments in NONSENSE:
        result = run(*arguments)
        assert result.exit_code != 0, arguments
        assert "Error" in result.output
        assert "Traceback" not in result.output
    with own_app.app_context():
        assert not db.session.scalars(select(Staff)).all()


def test_a_name_is_taken_once(run) -> None:
    assert run("zhou", "周慧", "--place", "XF01").exit_code == 0
    assert run("zhou", "周蕙", "--place", "XF01").exit_code == 1


def test_the_first_one_makes_the_district(own_app, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", own_app.config["SQLALCHEMY_DATABASE_URI"])
    monkeypatch.setenv("LOG_LEVEL", "warning")
    arguments = ("zhou", "周慧敏", "--place", "XF", "--new-district", "幸福区")
    assert CliRunner().invoke(create_staff, arguments).exit_code == 0
    with own_app.app_context():
        district = db.session.scalars(select(Place)).one()
        assert (district.kind, district.code, district.path) == (
            "district",
            "XF",
            f"/{district.id}/",
        )
        assert db.session.scalars(select(StaffRole.place_id)).all() == [district.id]
