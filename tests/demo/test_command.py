"""`xingfu demo-data`: loads once, says so the second time, keeps away from other people's data."""

import json

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select

from backend.cli import main
from backend.db import db
from backend.demo.places import DISTRICT_CODE
from backend.people.models import Person
from backend.places.models import Place
from backend.wechat.standin.residents import Residents
from tests.conftest import NOON
from tests.settings import ENVIRON


@pytest.fixture
def xingfu(own_app, tmp_path, phones):
    """Run `xingfu demo-data` on a database of its own; answers click's result."""

    def run(*arguments: str, **environ: str):
        settings = own_app.extensions["settings"]
        known = ENVIRON | {
            "DATABASE_URL": settings.database_url,
            "STATIC_DIR": str(tmp_path / "pictures"),
        }
        command = ["demo-data", "--phones", str(phones), *arguments]
        return CliRunner().invoke(main, command, env=known | environ)

    return run


def people(app) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(Person))


def test_it_loads_once_and_again_only_when_told(xingfu, own_app, phones, tmp_path) -> None:
    first = xingfu()
    assert first.exit_code == 0, first.output
    assert "password" in first.output
    assert people(own_app) == 6000
    assert (tmp_path / "pictures" / "voice.svg").exists()
    assert len(Residents(phones).all()) == len(json.loads(phones.read_text())) > 3900

    phones.unlink()
    with own_app.app_context():
        db.session.add(Person(name="演示时登记的", created_at=NOON))
        db.session.commit()
    second = xingfu()
    assert "there already" in second.output
    assert people(own_app) == 6001
    assert phones.exists()

    assert xingfu("--replace").exit_code == 0
    assert people(own_app) == 6000


@pytest.mark.parametrize("arguments", [(), ("--replace",)])
def test_it_keeps_away_from_other_peoples_data(xingfu, own_app, arguments) -> None:
    with own_app.app_context():
        db.session.add(Person(name="王秀英", created_at=NOON))
        db.session.commit()
    refused = xingfu(*arguments)
    assert refused.exit_code == 1
    assert "not the demo's" in refused.output
    assert people(own_app) == 1


def test_it_refuses_in_production(xingfu, own_app) -> None:
    with own_app.app_context():
        db.session.add(Place(kind="district", path="/1/", code=DISTRICT_CODE, name="安和区"))
        db.session.commit()
    secrets = {"SECRET_KEY": "a" * 32, "LOOKUP_KEY": "b" * 32, "WX_SECRET": "c"}
    refused = xingfu(
        "--replace", APP_ENV="production", PUBLIC_URL="https://xingfu.example",
        WX_API_BASE="https://api.weixin.qq.com",
        DATA_KEYS="k:MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=", **secrets,
    )  # fmt: skip
    assert refused.exit_code == 1
    assert "never loaded in production" in refused.output


def test_without_tables_it_says_what_to_do(tmp_path) -> None:
    environ = ENVIRON | {"DATABASE_URL": f"sqlite:///{tmp_path / 'empty.db'}"}
    refused = CliRunner().invoke(main, ["demo-data"], env=environ)
    assert refused.exit_code == 1
    assert "xingfu migrate" in refused.output
